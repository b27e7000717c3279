"""The facade: one engine, with its services as attributes.

Every way in (library, REST, console, adapters) holds a `Bridge` and nothing deeper. It owns nothing but the change of
settings at run time; its parts are made and ended by `bootstrap`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ironbridge.contracts import Resolver
from ironbridge.domain.alerts import Alert
from ironbridge.domain.audit import Act, Deed
from ironbridge.domain.diagnosis import Diagnosis
from ironbridge.domain.gateways import ORDERS
from ironbridge.domain.pacing import PacingStatus
from ironbridge.domain.profile import Profile
from ironbridge.domain.risk import RiskEvent
from ironbridge.domain.session import Endpoint, Route, SessionChanged, SessionState
from ironbridge.errors import ConnectFailed, InvalidSettings, StorageError
from ironbridge.interfaces import AuditLog, Clock, Topic
from ironbridge.marketdata import MarketData
from ironbridge.ops.examination import examine
from ironbridge.ops.probe import probe
from ironbridge.orders import CodeDesk, OrderService, OrderUpdate
from ironbridge.paper import PaperGateway
from ironbridge.portfolio import Portfolio, PortfolioChanged
from ironbridge.profiles import PROFILE_FIELDS, Credentials, Profiles
from ironbridge.risk import RiskDesk
from ironbridge.session import Governor, SessionHealth, SupervisorOptions
from ironbridge.session.chronicle import ConnectionLog
from ironbridge.session.doctor import Wanted, diagnose
from ironbridge.session.pool import SessionPool
from ironbridge.settings import Settings

FIXED_AT_START = frozenset({"home", "live_account", "http_host", "http_port", "paper_port", "paper_account"})
"""Settings that a running service does not take from anybody: where it is, and which live account is armed."""


class NoGateway(ConnectFailed):
    """No gateway is named, and none of our own runs. Nothing was tried, and the session is as it was."""

    slug = "no-gateway"
    retryable = False


class SettingsStore(Protocol):
    """Where settings that were changed at run time are kept."""

    async def load(self) -> Mapping[str, Any]: ...

    async def save(self, values: Mapping[str, Any], also: Callable[[Any], object] | None = None) -> None: ...


class Leases(Protocol):
    """The client ids that this process owns among those of its home."""

    async def hold(self, client_id: int) -> None:
        """Own it, or raise `HomeInUse`."""
        ...

    async def keep_only(self, *client_ids: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Topics:
    """What the services publish.

    Parameters:
        session: moves of the order session.
        sessions: moves of the data sessions.
        orders: changes of orders.
        portfolio: changes of positions and account.
        alerts: what a person should know of now.
        heartbeats: what was measured at each heartbeat.
        pacing: how much of IB's limits is used.
        risk: refusals, changed limits, moves of the kill switch, daily losses.
    """

    session: Topic[SessionChanged]
    sessions: Topic[SessionChanged]
    orders: Topic[OrderUpdate]
    portfolio: Topic[PortfolioChanged]
    alerts: Topic[Alert]
    heartbeats: Topic[SessionHealth]
    pacing: Topic[PacingStatus]
    risk: Topic[RiskEvent]


class Bridge:
    """An open connection to a broker, with everything that Ironbridge does on it.

    Attributes:
        session: the order session: state of the connection; connect, disconnect, reconnect.
        sessions: it and the sessions for market data, each by its name.
        contracts: what an instrument is at the broker.
        market: quotes and their streams.
        orders: submit, follow and cancel orders.
        risk: the limits that every order must pass, the kill switch, daily losses.
        portfolio: positions and account.
        topics: what the services publish.
        pacing: the pace at which IB is spoken to, and how much of IB's limits is used.
        log: what has happened to the connection.
        audit: who did what, when and why.
        codes: what IB's codes mean, and the owner's own rules about them.
        profiles: named sets of settings, and which of them is in use.
        credentials: logins of gateways, encrypted.
        clock: the time that the engine goes by.
        paper: the embedded paper gateway, None where another gateway was named.
    """

    def __init__(
        self,
        profiles: Profiles,
        store: SettingsStore,
        *,
        credentials: Credentials,
        sessions: SessionPool,
        contracts: Resolver,
        market: MarketData,
        orders: OrderService,
        risk: RiskDesk,
        portfolio: Portfolio,
        topics: Topics,
        pacing: Governor,
        log: ConnectionLog,
        audit: AuditLog,
        leases: Leases,
        codes: CodeDesk,
        clock: Clock,
        paper: PaperGateway | None,
    ) -> None:
        self.profiles = profiles
        profiles.in_session = self.made_the_session
        self.credentials = credentials
        self._store = store
        self.sessions = sessions
        self.session = sessions[ORDERS]
        self.contracts = contracts
        self.market = market
        self.orders = orders
        self.risk = risk
        self.portfolio = portfolio
        self.topics = topics
        self.pacing = pacing
        self.log = log
        self.audit = audit
        self.codes = codes
        self._leases = leases
        self.clock = clock
        self.paper = paper

    @property
    def settings(self) -> Settings:
        """The settings, each with its source. Those that say who the session is with count from the next connect on."""
        return self.profiles.settings

    async def change_settings(self, changes: Mapping[str, Any]) -> Settings:
        """Change settings of the current profile, and those that no profile holds, and keep the change.

        Parameters:
            changes: fields of `Settings` by name; `profiles.effect_of` says when each counts.

        Raises:
            InvalidSettings: nothing was changed; `live_account`, which arms an account, is given at the start alone.
            SettingFixed: a nearer source sets it; nothing was changed.
            StorageError: nothing was changed.
        """
        fixed = sorted(FIXED_AT_START & set(changes))
        if fixed:
            raise InvalidSettings(
                f"{', '.join(fixed)} cannot be changed while Ironbridge runs.",
                next_step="Give it as an argument, in the environment or in ironbridge.toml, and start again.",
            )
        settings = self.settings.updated(changes)
        if of_profile := {name: value for name, value in changes.items() if name in PROFILE_FIELDS}:
            await self.profiles.change(self.profiles.current.name, of_profile)
        if apart := sorted(changes.keys() - of_profile.keys()):
            before, kept = self.settings.model_dump(mode="json"), settings.model_dump(mode="json")
            details = {name: {"before": before[name], "after": kept[name]} for name in apart}
            changed = Act(Deed.SETTINGS_CHANGED, ", ".join(apart), details=details)
            await self._store.save({name: kept[name] for name in apart}, self.audit.recording(changed))
            self.profiles.take_kept({name: kept[name] for name in apart})
        return self.settings

    async def connect(self, session: str | None = None) -> None:
        """Connect to the gateways of the settings; where a session is up already, it stays.

        Parameters:
            session: the one that is meant; None for all. Data sessions are then tried once and never fail the call.

        Raises:
            ConnectFailed: the attempt failed, and why; more attempts follow by themselves unless `retryable` is False.
            SessionNotFound: none has that name.
        """
        await self._open(session, again=False)

    async def reconnect(self, session: str | None = None) -> None:
        """End the session, if there is one, and connect to the gateways of the settings; as `connect`."""
        await self._open(session, again=True)

    async def _open(self, session: str | None, *, again: bool) -> None:
        manner = "anew" if again else ""
        if session not in (None, ORDERS):
            kept = self.sessions[session]
            await self.audit.record(Act(Deed.SESSION_CONNECT, f"{session}, {kept.status().endpoint}", manner))
            await (kept.reconnect() if again else kept.connect())
            return
        if self.settings.host is None and self.paper is None:
            why = "The settings name no gateway, and the built-in paper gateway is begun only as the program starts."
            raise NoGateway(why, next_step="Set host to your gateway's; or start again, and a paper gateway is begun.")
        route = route_of(self.settings, self.paper)
        await self.audit.record(Act(Deed.SESSION_CONNECT, str(route), manner))
        data: asyncio.Task[None] | None = None
        if session is None:
            act = self.sessions.reconnect_data if again else self.sessions.connect_data
            data = asyncio.create_task(act(self.settings.request_timeout), name="data sessions")
        try:
            async with self._owned(route.primary.client_id):
                self.session.retarget(route, self.settings.account, self.settings.live_account)
                await (self.session.reconnect(route) if again else self.session.connect(route))
        finally:
            if data is not None:
                await data

    async def disconnect(self, session: str | None = None) -> None:
        """End the session, or all where none is named, and stay disconnected. Orders at the broker stay as they are.

        Raises:
            SessionNotFound: none has that name.
        """
        kept = self.sessions[session or ORDERS]
        # What takes risk away is not held up by a log that cannot be written.
        with suppress(StorageError):
            await self.audit.record(Act(Deed.SESSION_DISCONNECT, str(kept.status().endpoint)))
        await kept.disconnect()
        if session is None:
            await self.sessions.disconnect_data()

    async def fail_back(self, *, force: bool = False) -> None:
        """Take a session that is at a backup back to the primary; where it is there already, nothing is done.

        Parameters:
            force: though orders wait for their answers: they are reconciled at the primary.

        Raises:
            OrdersInFlight: orders wait for their answers and `force` is not set; the session stays where it is.
            ConnectFailed: nothing answers at the primary, and the session stays where it is; or it answered and could
                not be entered, and the session has gone on to where it could.
        """
        primary, here = self.session.status().gateways[0].endpoint, self.session.status().endpoint
        if here != primary:
            found = await probe(primary.host, primary.port, timeout=self.settings.connection_timeout)
            if not found.ok:
                detail = next((step.detail for step in found.steps if not step.ok), "")
                raise ConnectFailed(
                    f"The primary {primary} does not answer, so the session stays at {here}. {detail}".rstrip(),
                    next_step=found.next_step,
                )
        await self.audit.record(Act(Deed.SESSION_CONNECT, str(primary), "back to the primary"))
        await self.session.fail_back(force=force)

    @asynccontextmanager
    async def _owned(self, client_id: int) -> AsyncIterator[None]:
        """Own the client id before anything is sent under it; let the one before go where it is used no more."""
        await self._leases.hold(client_id)
        try:
            yield
        finally:
            await self._leases.keep_only(self.session.client_id)

    async def monitor(self, *, on: bool, interval: float | None = None) -> None:
        """Begin or end the heartbeats of all sessions (CON-6); they run from the start on.

        While they are ended a gateway that hangs behind an open socket is not found until something is asked of it.

        Parameters:
            on: whether they are to run.
            interval: seconds between two of them, kept as the setting heartbeat_interval.

        Raises:
            InvalidSettings: an interval that cannot be meant, or that a nearer source sets; nothing was changed.
        """
        if interval is not None:
            await self.change_settings({"heartbeat_interval": interval})
        await self.audit.record(Act(MONITOR_STARTED if on else MONITOR_STOPPED, "heartbeat"))
        for each in self.sessions:
            beat = each.supervisor.heartbeat
            (beat.resume if on else beat.pause)()

    async def diagnose(self) -> Diagnosis:
        """Examine the gateway of the settings, and say what is wrong and what to do; changes nothing (CON-10)."""
        status, endpoint = self.session.status(), endpoint_of(self.settings, self.paper)
        ours = status.endpoint == endpoint and status.server_version is not None
        return await diagnosis_of(self.settings, endpoint, id_is_ours=ours)

    async def test_connection(
        self, changes: Mapping[str, Any] | None = None, *, profile: str | None = None
    ) -> Diagnosis:
        """Examine the gateway of settings that need not be saved; changes nothing and disturbs no session.

        It never comes under the client id of a session of ours: where the settings name that one, the questions go
        under another, and whether the id is free is not told (`Examined.id_tried`). It ends within `TEST_SECONDS`.

        Parameters:
            changes: settings by name, over those of the profile.
            profile: whose settings to begin with; None for those in force.

        Raises:
            InvalidSettings: a value that cannot be meant.
            ProfileNotFound: there is no such profile.
        """
        base = self.settings if profile is None else self.profiles.settings_of(await self.profiles.get(profile))
        # One gateway is examined: what stands beside it must not keep it from being named.
        wanted = {"backups": (), "data_sessions": (), **(changes or {})}
        if base.host is None and "port" in wanted:
            wanted.setdefault("host", "127.0.0.1")  # as everywhere, a port alone means this machine
        settings = base.updated(wanted)
        status, endpoint = self.session.status(), endpoint_of(settings, self.paper)
        ours = {each.endpoint.client_id for each in status.gateways} | {status.endpoint.client_id}
        ours |= {each.client_id for each in self.settings.data_sessions}
        named = settings.host is not None or self.paper is not None
        return await diagnosis_of(settings, endpoint, id_is_ours=endpoint.client_id in ours, named=named)

    def made_the_session(self, profile: Profile) -> bool:
        """Whether the present session is with the gateway of this profile, be it still the current one or not."""
        status = self.session.status()
        if status.state in {SessionState.DISCONNECTED, SessionState.FAILED}:
            return False
        primary = status.gateways[0].endpoint
        if profile.current or primary == endpoint_of(self.settings, self.paper):
            return profile.current and primary == endpoint_of(self.settings, self.paper)
        try:
            return primary == endpoint_of(self.profiles.settings_of(profile), self.paper)
        except InvalidSettings:
            return False

    def __repr__(self) -> str:
        return f"<Bridge {self.session.state.name} {endpoint_of(self.settings, self.paper)}>"


def endpoint_of(settings: Settings, paper: PaperGateway | None) -> Endpoint:
    """Where the session goes: to the named gateway, else to the embedded one."""
    if settings.host is None and paper is not None:
        return Endpoint("127.0.0.1", paper.port, settings.client_id)
    return Endpoint(settings.host or "127.0.0.1", settings.port, settings.client_id)


def route_of(settings: Settings, paper: PaperGateway | None) -> Route:
    """Where the session goes, and where else while that cannot be had."""
    return Route(
        endpoint_of(settings, paper),
        tuple(Endpoint(each.host, each.port, settings.client_id) for each in settings.backups),
    )


def options_of(settings: Settings, present: SupervisorOptions) -> SupervisorOptions:
    """How the session is kept by these settings; what they do not speak of stays as it is."""
    return replace(
        present,
        heartbeat_interval=settings.heartbeat_interval,
        retry_attempts=settings.retry_attempts,
        breaker_limit=settings.breaker_failures,
        breaker_cooldown=settings.breaker_cooldown,
        failback=settings.failback,
    )


MONITOR_STARTED, MONITOR_STOPPED = "monitor.started", "monitor.stopped"

EXAMINATION_SECONDS = 8.0
"""The longest that one step of an examination may take."""
TEST_SECONDS = 30.0
"""The longest that a whole examination may take: less than what a caller of the service waits."""


async def diagnosis_of(settings: Settings, endpoint: Endpoint, *, id_is_ours: bool, named: bool = True) -> Diagnosis:
    """Examine a gateway by these settings, whether or not an engine runs.

    Parameters:
        settings: what is wanted of it.
        endpoint: where it is.
        id_is_ours: our own session holds the client id, so that another is used.
        named: whether the settings name a gateway.
    """
    examined = await examine(
        endpoint.host,
        endpoint.port,
        endpoint.client_id,
        timeout=min(settings.connection_timeout, EXAMINATION_SECONDS),
        within=TEST_SECONDS,
        market_data_type=settings.market_data_type,
        id_is_ours=id_is_ours,
    )
    return diagnose(examined, Wanted(settings.account, settings.live_account, settings.market_data_type, named))
