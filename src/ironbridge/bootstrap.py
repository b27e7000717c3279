"""Settings to parts: the only module that names concrete ones.

`open_bridge` is the one place where an engine is put together and taken apart, for the library, the service and the
tests alike. Things are entered in the order in which they need each other and left in the opposite one: home folder,
embedded gateway, database, services, session.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from ironbridge.bridge import Bridge, Topics, options_of, route_of
from ironbridge.bus import MemoryTopic
from ironbridge.contracts import Resolver
from ironbridge.data_sessions import DataDesk
from ironbridge.domain.alerts import Alert
from ironbridge.domain.audit import ENGINE, Act, Deed, acting
from ironbridge.domain.gateways import ORDERS
from ironbridge.domain.instrument import Instrument
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.market import Quote
from ironbridge.domain.pacing import PacingStatus
from ironbridge.domain.risk import RiskEvent, RiskLimits, RiskPolicy
from ironbridge.domain.session import SessionChanged, SessionState
from ironbridge.errors import IronbridgeError, StorageError
from ironbridge.home import enter_home
from ironbridge.ib import IbGateway
from ironbridge.interfaces import AuditLog, Clock
from ironbridge.marketdata import MarketData, PairQuotes
from ironbridge.orders import CodeDesk, OrderHands, OrderOptions, OrderService, OrderUpdate
from ironbridge.paper import PaperGateway
from ironbridge.portfolio import AccountLookout, Portfolio, PortfolioChanged, Thresholds
from ironbridge.profiles import Credentials, Profiles
from ironbridge.risk import KillSwitchKeeper, LossWatch, RiskDesk, RiskGate
from ironbridge.session import Governor, SessionHealth, Supervisor, SupervisorOptions, SystemClock
from ironbridge.session.calendar import calendar_of
from ironbridge.session.chronicle import Chronicle
from ironbridge.session.lookout import Lookout
from ironbridge.session.pool import KeptSession, SessionPool
from ironbridge.settings import Settings
from ironbridge.sharing import Following, joined, paper_of, yield_when_lost
from ironbridge.store import (
    Anchor,
    AnchorKeeper,
    Database,
    SqlAudit,
    SqlCodeRules,
    SqlConnectionLog,
    SqlContractCache,
    SqlExecutions,
    SqlJournal,
    SqlLeases,
    SqlProfiles,
    SqlRiskStore,
    SqlSettings,
    Vault,
)
from ironbridge.store.anchor import FILE as ANCHOR_FILE
from ironbridge.store.vault import KEY_FILE
from ironbridge.tuning import NamedAccount, Tuning, limits_of

DATABASE_FILE = "ironbridge.db"
IN_FLIGHT = frozenset({OrderState.INTENDED, OrderState.SENT, OrderState.CANCELLING})
"""Orders that wait for an answer of the very gateway that they went to."""
RISK_QUOTE_SECONDS = 3.0
"""How long an order without a price of its own waits for a quote: one that is watched has it at once."""


@asynccontextmanager
async def open_bridge(
    settings: Settings, *, program: str = "a Python program", await_ready: bool = True
) -> AsyncIterator[Bridge]:
    """An engine for the length of the block.

    Parameters:
        settings: see `ironbridge.settings`.
        program: who this is, in words for another program that wants the same home.
        await_ready: enter the block only when the session is READY, and raise where it cannot be made. Otherwise enter
            at once; the supervisor connects, unless `auto_connect` or `active` is off, and goes on trying.

    Raises:
        ConnectFailed: no session could be made and `await_ready` is set.
        HomeInUse: another process on this home owns the client id.
        StorageError: the home or its database cannot be used.
    """
    async with AsyncExitStack() as stack:
        home = _home(settings, stack)
        presence = stack.enter_context(enter_home(home))
        clock = SystemClock()

        database = Database.at(home / DATABASE_FILE)
        await database.open()
        stack.push_async_callback(database.close)
        audit = await _audit(database, home, clock, program, stack)
        store = SqlSettings(database)
        given, kept = settings, await store.load()
        profiles = Profiles(SqlProfiles(database), audit, clock, given, kept)
        settings = await profiles.open()

        paper = await paper_of(settings, home, program, stack) if settings.embedded else None
        if isinstance(paper, int):
            profiles = Profiles(SqlProfiles(database), audit, clock, joined(given, paper), kept)
            settings, paper = await profiles.open(), None
        # Two sets of ids: what is written is fenced by the order session's alone.
        leases, data_leases = (SqlLeases(database, presence, program, clock) for _ in range(2))
        await leases.hold(settings.client_id)
        for each in (leases, data_leases):
            await each.start()
            stack.push_async_callback(each.stop)
        credentials = Credentials(Vault(database, home / KEY_FILE), SqlProfiles(database), audit, clock)
        bridge, desk = _assemble(profiles, credentials, database, store, audit, leases, data_leases, clock, paper)
        yield_when_lost(leases, data_leases, bridge, stack)
        await bridge.risk.start(_fixed_limits(settings))
        stack.push_async_callback(bridge.risk.stop)
        await bridge.codes.open()
        await bridge.orders.start()
        stack.push_async_callback(bridge.orders.stop)
        await bridge.market.start()
        stack.push_async_callback(bridge.market.stop)
        await bridge.portfolio.start(bridge.orders.list())
        stack.push_async_callback(bridge.portfolio.stop)
        await _look_after(bridge, stack)
        bridge.sessions.start()
        stack.push_async_callback(bridge.sessions.stop)
        desk.start(bridge.sessions)
        stack.push_async_callback(desk.stop)
        following = asyncio.create_task(Following(bridge).run(), name="profiles of others")
        stack.push_async_callback(_end, following)
        if await_ready:
            await bridge.connect()
            await bridge.session.until(SessionState.READY, settings.connection_timeout + settings.request_timeout)
        elif settings.auto_connect and settings.active:
            connecting = asyncio.create_task(_connect(bridge), name="first connect")
            stack.push_async_callback(_end, connecting)
        yield bridge


async def _audit(database: Database, home: Path, clock: Clock, program: str, stack: AsyncExitStack) -> SqlAudit:
    """The audit log, with its head kept beside the database, and the engine's start and end in it."""
    anchor = Anchor(home / ANCHOR_FILE)
    audit = SqlAudit(database, clock, anchor)
    keeper = AnchorKeeper(audit, anchor, clock)
    await audit.record(Act(Deed.ENGINE_STARTED, program, f"process {os.getpid()}, version {version('ironbridge')}"))
    keeper.start()
    stack.push_async_callback(keeper.stop)
    stack.push_async_callback(_record_end, audit, program)
    return audit


async def _record_end(audit: SqlAudit, program: str) -> None:
    # Where the log cannot be written at the end, the end comes all the same.
    with suppress(StorageError):
        await audit.record(Act(Deed.ENGINE_STOPPED, program, f"process {os.getpid()}"))


@asynccontextmanager
async def open_audit(home: Path) -> AsyncIterator[AuditLog]:
    """The audit log of a home, whether or not an engine runs on it.

    Raises:
        StorageError: there is none in that home, or it cannot be read.
    """
    path = home / DATABASE_FILE
    if not path.exists():
        raise StorageError(
            f"There is no audit log in {home}: nothing has run there yet.",
            next_step="Name the home folder that you mean: --home or IRONBRIDGE_HOME.",
        )
    database = Database.at(path)
    await database.open()
    try:
        yield SqlAudit(database, SystemClock(), Anchor(home / ANCHOR_FILE))
    finally:
        await database.close()


@asynccontextmanager
async def open_profiles(settings: Settings) -> AsyncIterator[tuple[Profiles, Credentials]]:
    """The profiles and logins of a home without an engine. They are not opened: what is damaged can be mended.

    Parameters:
        settings: of the sources that are nearer than the database; they name the home.

    Raises:
        StorageError: the home or its database cannot be used.
    """
    home, clock = settings.home, SystemClock()
    with enter_home(home):
        database = Database.at(home / DATABASE_FILE)
        await database.open()
        try:
            audit = SqlAudit(database, clock, Anchor(home / ANCHOR_FILE))
            store = SqlProfiles(database)
            profiles = Profiles(store, audit, clock, settings, await SqlSettings(database).load())
            yield profiles, Credentials(Vault(database, home / KEY_FILE), store, audit, clock)
        finally:
            await database.close()


async def _look_after(bridge: Bridge, stack: AsyncExitStack) -> None:
    """Keep what happens to the session, and raise alerts where a person is needed."""
    bridge.session.calendar = lambda: calendar_of(bridge.settings)
    chronicle = Chronicle((bridge.topics.session, bridge.topics.sessions), bridge.topics.alerts, bridge.log)
    chronicle.start()
    stack.push_async_callback(chronicle.stop)
    thresholds = partial(_thresholds, bridge)
    accounts = AccountLookout(bridge.portfolio, thresholds, bridge.clock, bridge.topics.alerts)
    accounts.start()
    stack.push_async_callback(accounts.stop)


def _thresholds(bridge: Bridge) -> Thresholds:
    """From where on a person is told of an account, by the settings of the moment."""
    settings = bridge.settings
    return Thresholds(
        settings.alert_cushion,
        settings.alert_excess_liquidity,
        settings.alert_change,
        settings.alert_position_change,
        timedelta(seconds=settings.alert_window),
    )


async def _connect(bridge: Bridge) -> None:
    # A failure is in the session's status and is retried by the supervisor: here there is nobody to tell.
    with acting(ENGINE), suppress(IronbridgeError):
        await bridge.connect()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _home(settings: Settings, stack: AsyncExitStack) -> Path:
    # An embedded gateway that nobody asked to keep is a new world each time: so is its journal.
    if settings.embedded and "home" not in settings.explicit:
        return Path(stack.enter_context(TemporaryDirectory(prefix="ironbridge-")))
    return settings.home


async def _quote_for_risk(market: MarketData, instrument: Instrument) -> Quote | None:
    """A quote to judge an order by; None where there is none in time, and then the gate decides without."""
    try:
        return await market.quote(instrument, RISK_QUOTE_SECONDS)
    except IronbridgeError:
        return market.last(instrument)


def _risk(
    database: Database,
    audit: SqlAudit,
    gate: RiskGate,
    hands: OrderHands,
    portfolio: Portfolio,
    clock: Clock,
    topics: Topics,
) -> RiskDesk:
    store = SqlRiskStore(database)
    switch = KillSwitchKeeper(store, audit, hands.cancel_everything, clock, topics.risk, topics.alerts)
    losses = LossWatch(store, audit, portfolio, hands, clock, topics.portfolio, topics.risk, topics.alerts)
    return RiskDesk(gate, switch, losses, store, audit, portfolio, clock, topics.risk)


def _fixed_limits(settings: Settings) -> dict[str, object]:
    """Limits for all orders that an argument or the environment names outright."""
    given = {"max_quantity": "max_order_quantity", "max_notional": "max_order_notional"}
    return {limit: getattr(settings, name) for limit, name in given.items() if name in settings.explicit}


def _assemble(
    profiles: Profiles,
    credentials: Credentials,
    database: Database,
    store: SqlSettings,
    audit: SqlAudit,
    leases: SqlLeases,
    data_leases: SqlLeases,
    clock: Clock,
    paper: PaperGateway | None,
) -> tuple[Bridge, DataDesk]:
    settings = profiles.settings
    topics = Topics(
        session=MemoryTopic[SessionChanged]("session"),
        sessions=MemoryTopic[SessionChanged]("sessions"),
        orders=MemoryTopic[OrderUpdate]("orders"),
        portfolio=MemoryTopic[PortfolioChanged]("portfolio"),
        alerts=MemoryTopic[Alert]("alerts"),
        heartbeats=MemoryTopic[SessionHealth]("heartbeats"),
        pacing=MemoryTopic[PacingStatus]("pacing"),
        risk=MemoryTopic[RiskEvent]("risk"),
    )
    pacing = Governor(clock, limits_of(settings), topics.pacing, topics.alerts)
    gateway = IbGateway(
        pacing.messages,
        clock,
        connect_timeout=settings.connection_timeout,
        request_timeout=settings.request_timeout,
        market_data_type=settings.market_data_type,
    )
    session = Supervisor(
        gateway,
        route_of(settings, paper),
        clock,
        changes=topics.session,
        live_account=settings.live_account,
        account=settings.account,
        options=options_of(settings, SupervisorOptions()),
        measured=topics.heartbeats,
        alerts=topics.alerts,
    )
    contracts = Resolver(gateway, SqlContractCache(database), clock)
    market = MarketData(
        gateway,
        contracts.identify,
        clock,
        stale_after=settings.stale_after,
        line_limit=settings.market_data_lines,
        alerts=topics.alerts,
    )
    pacing.follow(lambda: market.lines_in(ORDERS))
    desk = DataDesk(lambda: profiles.settings, clock, topics, market, data_leases)
    sessions = SessionPool(
        KeptSession(session, pacing, Lookout(session.standing, topics.session, session.expected, clock, topics.alerts)),
        desk.begin(),
    )
    portfolio = Portfolio(
        gateway,
        session,
        clock,
        topics.portfolio,
        store=SqlExecutions(database),
        quotes=PairQuotes(market),
        alerts=topics.alerts,
    )
    limits = RiskLimits(settings.max_order_quantity, settings.max_order_notional)
    gate = RiskGate(RiskPolicy.of(limits), clock, portfolio)
    codes = CodeDesk(SqlCodeRules(database), audit, topics.alerts, clock)
    account = NamedAccount(session, lambda: profiles.settings)
    orders = OrderService(
        gateway,
        SqlJournal(database, clock, leases),
        session,
        gate,
        contracts.resolve,
        partial(_quote_for_risk, market),
        clock,
        topics.orders,
        OrderOptions(
            account=account,
            answer_seconds=lambda: profiles.settings.answer_timeout,
            reconcile_seconds=settings.reconcile_interval,
        ),
        audit=audit,
        codes=codes.codes,
        elsewhere=lambda client_id: leases.elsewhere(client_id) is not None,
    )
    session.watch_orders(lambda: sum(order.state in IN_FLIGHT for order in orders.list(open_only=True)))
    for service in (account, orders, portfolio, market):
        session.add_synchroniser(service)
    profiles.applied = Tuning(sessions, gateway, pacing, market, orders, paper, desk.follow).apply
    bridge = Bridge(
        profiles,
        store,
        credentials=credentials,
        sessions=sessions,
        contracts=contracts,
        market=market,
        orders=orders,
        risk=_risk(database, audit, gate, OrderHands(orders, gateway), portfolio, clock, topics),
        portfolio=portfolio,
        topics=topics,
        pacing=pacing,
        log=SqlConnectionLog(database),
        audit=audit,
        leases=leases,
        codes=codes,
        clock=clock,
        paper=paper,
    )
    return bridge, desk
