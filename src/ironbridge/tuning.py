"""Settings to running parts: what can change while they run is changed here, and only here.

`profiles.effects` says of each setting when a change counts; a test holds that table against what this does. Parts take
a change for what comes next: a wait that is under way, a line that is open and a session that is held stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from ironbridge.bridge import options_of, route_of
from ironbridge.domain.gateways import ORDERS
from ironbridge.ib import IbGateway
from ironbridge.marketdata import MarketData
from ironbridge.orders import OrderService
from ironbridge.paper import PaperGateway
from ironbridge.session import Governor, Limits, Supervisor
from ironbridge.session.pool import SessionPool
from ironbridge.settings import Settings


class Tuning:
    """Hands changed settings to the parts.

    Parameters:
        sessions: are kept by other times and limits at once; the order session goes elsewhere from the next connect on.
        gateway: asks by other time-outs, and for another kind of market data for the next line.
        pacing: lets through by other limits.
        market: calls a stream stale by another bound, and opens another number of lines.
        service: asks the broker how orders stand at another interval.
        paper: the embedded gateway, where the settings may mean it.
        data: called to look whether there are to be other data sessions.
    """

    def __init__(
        self,
        sessions: SessionPool,
        gateway: IbGateway,
        pacing: Governor,
        market: MarketData,
        service: OrderService,
        paper: PaperGateway | None,
        data: Callable[[], None] = lambda: None,
    ) -> None:
        self._sessions = sessions
        self._gateway = gateway
        self._pacing = pacing
        self._market = market
        self._service = service
        self._paper = paper
        self._data = data

    def apply(self, _before: Settings, after: Settings) -> None:
        """Use these settings from now on, as far as running parts can."""
        orders = self._sessions[ORDERS]
        self._sessions.configure(options_of(after, orders.options), after)
        nowhere = after.host is None and self._paper is None
        if after.client_id == orders.client_id and not nowhere:
            # Another client id must first be owned: the next connect that somebody asks for sees to it.
            orders.retarget(route_of(after, self._paper), after.account, after.live_account)
        self._gateway.configure(
            request_timeout=after.request_timeout,
            connect_timeout=after.connection_timeout,
            market_data_type=after.market_data_type,
        )
        self._pacing.configure(limits_of(after))
        self._service.reconciling.configure(after.reconcile_interval)
        self._market.configure(stale_after=after.stale_after, line_limit=after.market_data_lines)
        self._data()


class NamedAccount:
    """The account of orders that name none: the one that the settings named when the present session was made.

    A change of the account counts from the next connect on, as that of the gateway does: an order must not go to an
    account of the profile that is only meant for later. It is a `interfaces.Synchroniser`, the first of all.

    Parameters:
        session: told the account by its settings.
        settings: those in force.
    """

    def __init__(self, session: Supervisor, settings: Callable[[], Settings]) -> None:
        self._session = session
        self._settings = settings
        self._info = session.info
        self._account = settings().account

    def __call__(self) -> str | None:
        return self._account

    async def synchronise(self) -> None:
        """Where the session is a new one, take its account."""
        if self._session.info is not self._info:
            self._info = self._session.info
            self._account = None if self._settings().account is None else self._session.account

    def interrupted(self, reason: str) -> None:
        """Nothing changes before there is another session."""


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
