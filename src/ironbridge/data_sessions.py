"""Settings to sessions for market data, at the start and while they run (CON-8).

Each has a link, a pace and a look-out that are its own. `DataDesk` owns that there are exactly those of the settings: a
change takes away what is no more there, and brings what is new; a session of which nothing has changed is not touched.
The client id of each is leased to this process as the order session's is (I-19): while another process on the home has
it, the session waits for it as it does where a gateway says so (CON-4).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from ironbridge.bridge import Leases, Topics, options_of
from ironbridge.domain.gateways import ORDERS, DataGateway, named
from ironbridge.domain.reports import BrokerReport
from ironbridge.domain.session import Endpoint, SessionInfo, SessionState
from ironbridge.errors import ClientIdInUse, HomeInUse, IronbridgeError, StorageError
from ironbridge.ib import IbDataLink
from ironbridge.interfaces import Clock, Link
from ironbridge.marketdata import MarketData
from ironbridge.session import Governor, Limits, Supervisor, SupervisorOptions
from ironbridge.session.calendar import calendar_of
from ironbridge.session.lookout import Lookout
from ironbridge.session.pool import AlertsOf, KeptSession, SessionPool
from ironbridge.session.watch import Watch
from ironbridge.settings import Settings
from ironbridge.tuning import limits_of

_log = logging.getLogger(__name__)


class OwnedLink:
    """A link that is opened only under a client id that this process owns: `interfaces.Link`.

    Parameters:
        link: the link itself.
        leases: the ids of this process.
    """

    def __init__(self, link: Link, leases: Leases) -> None:
        self._link = link
        self._leases = leases

    @property
    def connected(self) -> bool:
        return self._link.connected

    async def connect(self, endpoint: Endpoint) -> SessionInfo:
        """Own the client id, then open the session.

        Raises:
            ClientIdInUse: another process on the home owns it, and lives.
            ConnectFailed: as the link raises it.
        """
        try:
            await self._leases.hold(endpoint.client_id)
        except HomeInUse as error:
            raise ClientIdInUse(error.message, next_step=error.next_step) from error
        return await self._link.connect(endpoint)

    async def disconnect(self) -> None:
        await self._link.disconnect()

    def listen(self, listener: Callable[[BrokerReport], None]) -> Callable[[], None]:
        return self._link.listen(listener)

    async def server_time(self) -> datetime:
        return await self._link.server_time()


class DataDesk:
    """The data sessions of one engine.

    Parameters:
        settings: those in force.
        clock: time.
        topics: where moves, alerts and the use of limits go.
        market: what their lines are for.
        leases: the client ids of the data sessions of this process.
    """

    def __init__(
        self, settings: Callable[[], Settings], clock: Clock, topics: Topics, market: MarketData, leases: Leases
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._topics = topics
        self._market = market
        self._leases = leases
        self._made: dict[str, DataGateway] = {}
        self._changed = asyncio.Event()
        self._ending = False
        self._task: asyncio.Task[None] | None = None
        self._connecting: set[asyncio.Task[None]] = set()

    def begin(self) -> list[KeptSession]:
        """The sessions of the settings, for the start."""
        return [self._make(name, gateway) for name, gateway in named(self._settings().data_sessions).items()]

    def start(self, sessions: SessionPool) -> None:
        """Begin to follow the settings."""
        self._task = asyncio.create_task(self._run(sessions), name="data sessions")

    async def stop(self) -> None:
        """Follow them no more; the sessions stay as they are."""
        self._ending = True
        self._changed.set()
        if self._task is not None:
            await self._task  # a session that is being ended is ended first
        for each in self._connecting:
            each.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)

    def follow(self) -> None:
        """The settings have changed."""
        if dict(named(self._settings().data_sessions)) != self._made:
            self._changed.set()

    async def _run(self, sessions: SessionPool) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._ending:
                return
            try:
                await self._arrange(sessions, named(self._settings().data_sessions))
            except Exception:
                # Who comes next must find somebody: one change that went wrong is told, and the next one is followed.
                _log.exception("the data sessions could not be made those of the settings")

    async def _arrange(self, sessions: SessionPool, wanted: Mapping[str, DataGateway]) -> None:
        for name in [name for name, gateway in self._made.items() if wanted.get(name) != gateway]:
            del self._made[name]
            await sessions.remove(name)
        with suppress(StorageError):  # what is held too long is let go of with the next change, or at the end
            await self._leases.keep_only(*(gateway.client_id for gateway in self._made.values()))
        fresh = [name for name in wanted if name not in self._made]
        for name in fresh:
            sessions.add(self._make(name, wanted[name]))
        if sessions[ORDERS].state in {SessionState.DISCONNECTED, SessionState.FAILED}:
            return  # a person connects them all
        for name in fresh:
            connecting = asyncio.create_task(_connect(sessions[name]), name=f"first connect of {name}")
            self._connecting.add(connecting)
            connecting.add_done_callback(self._connecting.discard)

    def _make(self, name: str, gateway: DataGateway) -> KeptSession:
        self._made[name] = gateway
        settings = self._settings()
        alerts = AlertsOf(name, self._topics.alerts)
        limits = _limits(gateway, settings)
        pacing = Governor(self._clock, limits, self._topics.pacing, alerts, name)
        link = IbDataLink(
            pacing.messages,
            self._clock,
            connect_timeout=settings.connection_timeout,
            request_timeout=settings.request_timeout,
            market_data_type=settings.market_data_type,
        )
        lines = self._market.add_session(name, link, limits.lines, gateway.kinds)
        supervisor = Supervisor(
            OwnedLink(link, self._leases),
            Endpoint(gateway.address.host, gateway.address.port, gateway.client_id),
            self._clock,
            changes=self._topics.sessions,
            synchronisers=(lines,),
            options=options_of(settings, SupervisorOptions()),
            alerts=alerts,
            name=name,
            carries_orders=False,
        )
        supervisor.calendar = lambda: calendar_of(self._settings(), gateway.restart)
        pacing.follow(lambda: self._market.lines_in(name))

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
            self._topics.sessions,
            supervisor.expected,
            self._clock,
            alerts,
            Watch(effect="its market data is missing"),
        )
        return KeptSession(supervisor, pacing, lookout, gateway.kinds, apply, lines.withdraw)


async def _connect(supervisor: Supervisor) -> None:
    # What fails is in the session's own status, and is tried again by its supervisor.
    with suppress(IronbridgeError):
        await supervisor.connect()


def _limits(gateway: DataGateway, settings: Settings) -> Limits:
    limits = limits_of(settings)
    return limits if gateway.lines is None else replace(limits, lines=gateway.lines)
