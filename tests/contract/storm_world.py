"""What the storm rages over: a gateway behind four doors, an order session with a backup, two sessions for market data.

Everything is real but the gateway: the supervisors, the links, the lines. What may never be so is noted in `wrong` at
the moment at which it is so: by the witness of each session's moves, by the service that catches up, and by the doors,
which look at the machine's own list of sockets when somebody comes in.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tests.adversity.doors import Door

from ironbridge.bus import MemoryTopic
from ironbridge.domain.instrument import Stock
from ironbridge.domain.market import Quality
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.domain.risk import RiskLimits, RiskPolicy
from ironbridge.domain.session import TRANSITIONS, Endpoint, Route, SessionState
from ironbridge.ib import IbDataLink, IbGateway
from ironbridge.marketdata import LineState, MarketData
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import MendFarm, RestoreUpstream, Resume
from ironbridge.risk import RiskGate
from ironbridge.session import SlidingWindowPacer, Supervisor, SupervisorOptions, SystemClock
from ironbridge.testing.standins import KnownFacts

S = SessionState
CLIENT = 3
DATA = {"first": 11, "second": 12}
LINES = 3
"""Of each data session: one that dies leaves more than the other can take."""
SYMBOLS = ("AAPL", "MSFT", "TSLA", "NVDA")
OPEN_FILES = Path("/proc/self/fd")
FAST = SupervisorOptions(
    backoff_base=0.005,
    backoff_cap=0.02,
    client_id_cap=0.02,
    breaker_limit=2,
    breaker_cooldown=0.02,
    heartbeat_interval=0.03,
    heartbeat_timeout=0.08,
    doubt_interval=0.0,
    steady_after=0.02,
)


def sockets_to(ports: set[int]) -> list[str]:
    """This process's connections to these ports, by what the kernel knows of each of its sockets."""
    found = []
    for entry in OPEN_FILES.iterdir():
        with suppress(OSError):
            if not entry.readlink().name.startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(int(entry.name))) as each:
                peer = each.getpeername()
                if isinstance(peer, tuple) and peer[1] in ports:
                    found.append(f"{each.getsockname()} to {peer}")
    return found


class Everything:
    """A service that asks for all that a reconciliation needs, and knows one order that must be found."""

    def __init__(self, broker, wrong):
        self._broker = broker
        self._wrong = wrong
        self.complete = False
        self.expects = 0

    async def synchronise(self):
        self.complete = False
        opened = await self._broker.open_orders()
        if len(opened) < self.expects:
            self._wrong.append(f"{len(opened)} open orders were taken for a whole answer")
        for ask in ("positions", "executions", "completed_orders"):
            await getattr(self._broker, ask)()
        self.complete = True

    def interrupted(self, reason):
        self.complete = False


class Witness:
    """Takes the place of a session's topic, and judges each change as it happens."""

    def __init__(self, client_id, complete, wrong):
        self._client_id = client_id
        self._complete = complete
        self._wrong = wrong
        self.session = None
        self.moves = 0
        self.last = S.DISCONNECTED

    def publish(self, change):
        self.moves += 1
        if change.before is not self.last:
            self._wrong.append(f"{change} does not follow {self.last}")
        if change.after is not change.before and change.after not in TRANSITIONS[change.before]:
            self._wrong.append(f"{change} is not in the table")
        self.last = change.after
        status = self.session.status()
        trades = change.after is S.READY or (change.after is S.DEGRADED and status.upstream)
        if trades and not (self._complete() and status.upstream):
            self._wrong.append(f"{change} without a complete synchronisation")
        if status.endpoint.client_id != self._client_id or change.session != self.session.name:
            self._wrong.append(f"{change} as client {status.endpoint.client_id}")

    def subscribe(self, limit=10_000):
        return MemoryTopic("nobody").subscribe(limit)


class World:
    """All of it; entered once for many storms."""

    def __init__(self):
        self.wrong = []
        self.paper = PaperGateway(port=0, seed=1, accounts=("DU1000001",), step=0.03)
        self.witnesses = []
        self.tasks_before = 0

    async def begin(self):
        self._stack = AsyncExitStack()
        enter = self._stack.enter_async_context
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.wrong.append(context))
        paper = await enter(self.paper)
        self.doors = {name: await enter(Door(paper.port)) for name in ("primary", "backup", *DATA)}
        self._watch_door({self.doors["primary"], self.doors["backup"]})
        for name in DATA:
            self._watch_door({self.doors[name]})
        clock = SystemClock()
        self.broker = IbGateway(SlidingWindowPacer(clock, 5000), clock, request_timeout=0.1, connect_timeout=0.1)
        self.service = Everything(self.broker, self.wrong)
        endpoints = [Endpoint("127.0.0.1", self.doors[name].port, CLIENT) for name in ("primary", "backup")]
        orders = self._supervise(
            self.broker, Route(endpoints[0], (endpoints[1],)), CLIENT, lambda: self.service.complete, [self.service],
            account="DU1000001",
        )  # fmt: skip
        self.sessions = {"orders": orders}
        await orders.connect()
        await orders.until(S.READY, 10)
        contracts = {symbol: (await self.broker.contracts(Stock(symbol)))[0] for symbol in SYMBOLS}

        async def resolve(instrument):
            return contracts[instrument.symbol]

        self.market = MarketData(self.broker, resolve, clock, line_limit=LINES, linger=0.05, watch_every=0.02)
        orders.add_synchroniser(self.market)
        for name, client_id in DATA.items():
            link = IbDataLink(SlidingWindowPacer(clock, 5000), clock, request_timeout=0.1, connect_timeout=0.1)
            lines = self.market.add_session(name, link, LINES, frozenset())
            endpoint = Endpoint("127.0.0.1", self.doors[name].port, client_id)
            self.sessions[name] = self._supervise(link, endpoint, client_id, lambda: True, [lines], name=name)
        await self.market.start()
        await self._rest_an_order(contracts["AAPL"])
        self.stream = await enter(self.market.subscribe(*(Stock(symbol) for symbol in SYMBOLS)))
        await self.calm()
        self.tasks_before = len(asyncio.all_tasks())

    async def end(self):
        for session in self.sessions.values():
            await session.stop()
        await self.market.stop()
        await self._stack.aclose()

    def _watch_door(self, doors):
        ports = {door.port for door in doors}

        def entered():
            if len(found := sockets_to(ports)) > 1:
                self.wrong.append(f"more than one socket of one session is open: {found}")

        for door in doors:
            door.on_enter = entered

    def _supervise(self, link, route, client_id, complete, synchronisers, name="orders", account=None):
        witness = Witness(client_id, complete, self.wrong)
        session = Supervisor(
            link, route, SystemClock(), witness, synchronisers=synchronisers, options=FAST, name=name,
            account=account, carries_orders=name == "orders",
        )  # fmt: skip
        witness.session = session
        self.witnesses.append(witness)
        session.start()
        return session

    async def _rest_an_order(self, contract):
        """One order far from the market, of the order session's client: every complete answer holds it."""
        gate = RiskGate(RiskPolicy.of(RiskLimits(Decimal(10), None)), SystemClock(), KnownFacts())
        request = OrderRequest("storm", contract.instrument, buy(1).limit("1.00"), "DU1000001")
        session = self.sessions["orders"]
        await self.broker.place(gate.check(request, contract, None), session.info.next_order_id)
        async with asyncio.timeout(10):
            while not self.paper.venue.orders():  # noqa: ASYNC110 - the venue tells nobody but its clients
                await asyncio.sleep(0.001)
        self.service.expects = 1

    async def calm(self):
        """Mend everything; return when all is as it should be, in the time that this may take."""
        for mend in (Resume(), RestoreUpstream(), MendFarm()):
            self.paper.faults.inject(mend)
        self.paper.faults.clear()
        for door in self.doors.values():
            await door.open()
        for session in self.sessions.values():
            session.configure(replace(FAST, failback=session.options.failback))
        await asyncio.gather(*(session.connect() for session in self.sessions.values()), return_exceptions=True)
        for session in self.sessions.values():
            await session.until(S.READY, 20)
        before = {each.instrument: each.sequence for each in self.market.watching()}
        async with asyncio.timeout(20):
            while not self._as_it_should_be(before):  # noqa: ASYNC110 - the gateway's clients and the lines tell nobody
                await asyncio.sleep(0.005)

    def _as_it_should_be(self, before):
        watching = self.market.watching()
        return (
            sorted(self.paper.clients) == sorted((CLIENT, *DATA.values()))
            and all(session.state is S.READY for session in self.sessions.values())
            and len(watching) == len(SYMBOLS)
            and all(each.state is LineState.OPEN and each.quality is Quality.GOOD for each in watching)
            and all(each.sequence > before[each.instrument] for each in watching if each.instrument in before)
        )

    def check(self):
        """What must be so after each storm, besides what was noted meanwhile."""
        wrong = list(self.wrong)
        wrong += [f"{each} goes over the order session" for each in self.market.watching() if each.session == "orders"]
        wrong += [f"{name} has too many lines" for name in DATA if self.market.lines_in(name) > LINES]
        if len(self.paper.venue.orders()) != 1:
            wrong.append(f"{len(self.paper.venue.orders())} orders are at the venue")
        return wrong
