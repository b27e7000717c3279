"""Settings to a session for market data: with a link, a pace and a look-out that are its own (CON-8)."""

from __future__ import annotations

from dataclasses import replace

from ironbridge.bridge import Topics, options_of
from ironbridge.bus import MemoryTopic
from ironbridge.domain.gateways import DataGateway
from ironbridge.domain.pacing import PacingStatus
from ironbridge.domain.session import Endpoint
from ironbridge.ib import IbDataLink
from ironbridge.interfaces import Clock
from ironbridge.marketdata import MarketData
from ironbridge.session import Governor, Limits, Supervisor, SupervisorOptions
from ironbridge.session.lookout import Lookout
from ironbridge.session.pool import AlertsOf, KeptSession
from ironbridge.session.watch import Watch
from ironbridge.settings import Settings
from ironbridge.tuning import limits_of


def data_session(
    name: str, gateway: DataGateway, settings: Settings, clock: Clock, topics: Topics, market: MarketData
) -> KeptSession:
    """A session for market data, with all that is its own; `market` sends lines over it.

    Parameters:
        name: of the session.
        gateway: where, as whom, and for what.
        settings: all else.
        clock: time.
        topics: where its moves and alerts go.
        market: what its lines are for.
    """
    alerts = AlertsOf(name, topics.alerts)
    limits = _limits(gateway, settings)
    pacing = Governor(clock, limits, MemoryTopic[PacingStatus](f"pacing of {name}"), alerts)
    link = IbDataLink(
        pacing.messages,
        clock,
        connect_timeout=settings.connection_timeout,
        request_timeout=settings.request_timeout,
        market_data_type=settings.market_data_type,
    )
    lines = market.add_session(name, link, limits.lines, gateway.kinds)
    supervisor = Supervisor(
        link,
        Endpoint(gateway.address.host, gateway.address.port, gateway.client_id),
        clock,
        changes=topics.sessions,
        synchronisers=(lines,),
        options=options_of(settings, SupervisorOptions()),
        name=name,
        carries_orders=False,
    )
    pacing.follow(lambda: market.lines_in(name))

    def apply(after: Settings) -> None:
        link.configure(
            request_timeout=after.request_timeout,
            connect_timeout=after.connection_timeout,
            market_data_type=after.market_data_type,
        )
        pacing.configure(_limits(gateway, after))
        lines.allow(_limits(gateway, after).lines)

    lookout = Lookout(
        supervisor.standing,
        topics.sessions,
        supervisor.expected,
        clock,
        alerts,
        Watch(effect="its market data is missing"),
    )
    return KeptSession(supervisor, pacing, lookout, gateway.kinds, apply)


def _limits(gateway: DataGateway, settings: Settings) -> Limits:
    limits = limits_of(settings)
    return limits if gateway.lines is None else replace(limits, lines=gateway.lines)
