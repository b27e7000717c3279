"""Settings to running parts: what can change while they run is changed here, and only here.

`profiles.effects` says of each setting when a change counts; a test holds that table against what this does. Parts take
a change for what comes next: a wait that is under way, a line that is open and a session that is held stay as they are.
"""

from __future__ import annotations

from ironbridge.bridge import options_of, route_of
from ironbridge.domain.gateways import ORDERS
from ironbridge.ib import IbGateway
from ironbridge.marketdata import MarketData
from ironbridge.paper import PaperGateway
from ironbridge.session import Governor, Limits
from ironbridge.session.pool import SessionPool
from ironbridge.settings import Settings


class Tuning:
    """Hands changed settings to the parts.

    Parameters:
        sessions: are kept by other times and limits at once; the order session goes elsewhere from the next connect on.
        gateway: asks by other time-outs, and for another kind of market data for the next line.
        pacing: lets through by other limits.
        market: calls a stream stale by another bound, and opens another number of lines.
        paper: the embedded gateway, where the settings may mean it.
    """

    def __init__(
        self,
        sessions: SessionPool,
        gateway: IbGateway,
        pacing: Governor,
        market: MarketData,
        paper: PaperGateway | None,
    ) -> None:
        self._sessions = sessions
        self._gateway = gateway
        self._pacing = pacing
        self._market = market
        self._paper = paper

    def apply(self, _before: Settings, after: Settings) -> None:
        """Use these settings from now on, as far as running parts can."""
        orders = self._sessions[ORDERS]
        self._sessions.configure(options_of(after, orders.options), after)
        orders.retarget(route_of(after, self._paper), after.account, after.live_account)
        self._gateway.configure(
            request_timeout=after.request_timeout,
            connect_timeout=after.connection_timeout,
            market_data_type=after.market_data_type,
        )
        self._pacing.configure(limits_of(after))
        self._market.configure(stale_after=after.stale_after, line_limit=after.market_data_lines)


def limits_of(settings: Settings) -> Limits:
    """The limits of the account, as the settings have them."""
    return Limits(
        messages=settings.messages_per_second,
        history=settings.history_requests,
        history_open=settings.history_open,
        lines=settings.market_data_lines,
        depth=settings.depth_streams,
        tick_by_tick=settings.tick_by_tick_streams,
    )
