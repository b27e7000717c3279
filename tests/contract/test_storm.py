"""Faults and commands at random, over a real socket: the session always comes back, alone, and knows everything.

Three hundred sequences here; ``STORMS=10000 pytest tests/contract/test_storm.py`` runs ten thousand. Each has a
seed of its own, which a failure names; one gateway and one session live through all sequences of a batch. Judged at
every single change: the state table; that no two sockets of ours are open; that every hello comes with our one client
id; that READY follows a synchronisation which was complete on the very link that is held, and found the one order that
rests at the gateway.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from decimal import Decimal

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.domain.instrument import Stock
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.domain.risk import RiskLimits, RiskPolicy
from ironbridge.domain.session import TRANSITIONS, Endpoint, SessionState
from ironbridge.ib import IbGateway
from ironbridge.ib.link import Link
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import (
    BreakFarm,
    Drop,
    Hang,
    LoseUpstream,
    MendFarm,
    NotLoggedIn,
    Refuse,
    RestoreUpstream,
    Resume,
    SendBytes,
    SlowHandshake,
    Swallow,
)
from ironbridge.risk import RiskGate
from ironbridge.session import SlidingWindowPacer, Supervisor, SupervisorOptions, SystemClock
from ironbridge.testing.standins import KnownFacts

S = SessionState
STORMS = int(os.environ.get("STORMS", "300"))
BATCH = 50
SECONDS = float(os.environ.get("STORM_SECONDS", "inf"))
"""Begin no further sequence after so long."""

CLIENT = 3
ENDS = ("OpenOrderEnd", "PositionEnd", "ExecDetailsEnd", "CompletedOrdersEnd", "CurrentTime", "NextValidId")
GARBAGE = (
    "00000004393939" + "00",  # a message that there is not
    "0000000435000000",  # an open order of no fields
    "7fffffff",  # a length that cannot be
)
FAULTS = (
    Drop(), Drop(linger=0.05), Hang(), Resume(), LoseUpstream(), RestoreUpstream(), RestoreUpstream(data_lost=True),
    Refuse(), BreakFarm(), MendFarm(), NotLoggedIn(), SlowHandshake(0.05), *(Swallow(end) for end in ENDS),
    *(SendBytes(data) for data in GARBAGE),
)  # fmt: skip
FAST = SupervisorOptions(
    backoff_base=0.005,
    backoff_cap=0.02,
    client_id_cap=0.02,
    breaker_cooldown=0.02,
    heartbeat_interval=0.03,
    heartbeat_timeout=0.08,
    doubt_interval=0.0,
)


class Everything:
    """A service that asks for all that a reconciliation needs, and knows one order that must be found."""

    def __init__(self, broker):
        self._broker = broker
        self.complete = False
        self.expects = 0
        self.wrong = []

    async def synchronise(self):
        self.complete = False
        opened = await self._broker.open_orders()
        if len(opened) < self.expects:
            self.wrong.append(f"{len(opened)} open orders were taken for a whole answer")
        for ask in ("positions", "executions", "completed_orders"):
            await getattr(self._broker, ask)()
        self.complete = True

    def interrupted(self, reason):
        self.complete = False


class Witness:
    """Takes the place of the session's topic, and judges each change as it happens."""

    def __init__(self, service):
        self._service = service
        self.session = None
        self.moves = 0
        self.last = S.DISCONNECTED
        self.wrong = []

    def publish(self, change):
        self.moves += 1
        if change.before is not self.last:
            self.wrong.append(f"{change} does not follow {self.last}")
        if change.after is not change.before and change.after not in TRANSITIONS[change.before]:
            self.wrong.append(f"{change} is not in the table")
        self.last = change.after
        status = self.session.status()
        trades = change.after is S.READY or (change.after is S.DEGRADED and status.upstream)
        if trades and not (self._service.complete and status.upstream):
            self.wrong.append(f"{change} without a complete synchronisation")
        if status.endpoint.client_id != CLIENT:
            self.wrong.append(f"{change} as client {status.endpoint.client_id}")

    def subscribe(self, limit=10_000):
        return MemoryTopic("nobody").subscribe(limit)


@pytest.fixture
def sockets(monkeypatch):
    """Every socket of ours, watched as it opens: the one before must be gone."""
    links, doubled = [], []
    open_one = Link.connection_made

    def connection_made(link, transport):
        doubled.extend(other for other in links if not other._gone.is_set())
        links[:] = [link]
        open_one(link, transport)

    monkeypatch.setattr(Link, "connection_made", connection_made)
    return doubled


async def strike(dice, session, paper):
    """A handful of faults and commands, some of which are given up half-way."""
    commands = []
    for _ in range(dice.randrange(1, 6)):
        if dice.random() < 0.6:
            paper.faults.inject(dice.choice(FAULTS))
        else:
            command = dice.choice((session.connect, session.disconnect, session.reconnect))
            commands.append(asyncio.create_task(command()))
        await asyncio.sleep(dice.random() * 0.008)
        if commands and dice.random() < 0.2:
            commands[-1].cancel()
    if dice.random() < 0.15:
        # Long enough for a heartbeat to be missed and a request to time out.
        await asyncio.sleep(dice.random() * 0.2)
    for mend in (Resume(), RestoreUpstream(), MendFarm()):
        paper.faults.inject(mend)
    await asyncio.gather(*commands, return_exceptions=True)


async def rest_an_order(broker, session):
    """One order far from the market, of this client: every complete answer holds it."""
    (contract,) = await broker.contracts(Stock("AAPL"))
    gate = RiskGate(RiskPolicy.of(RiskLimits(Decimal(10), None)), SystemClock(), KnownFacts())
    request = OrderRequest("storm", contract.instrument, buy(1).limit("1.00"), "DU1000001")
    await broker.place(gate.check(request, contract, None), session.info.next_order_id)


@pytest.mark.timeout(0 if STORMS > 300 else 240)
@pytest.mark.parametrize("first", range(0, STORMS, BATCH))
async def test_a_session_survives(first, sockets):
    if time.monotonic() - BEGUN > SECONDS:
        pytest.skip("the time for storms is up")
    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    async with PaperGateway(port=0, seed=1, accounts=("DU1000001",), step=0.01) as paper:
        clock = SystemClock()
        broker = IbGateway(SlidingWindowPacer(clock, 5000), clock, request_timeout=0.1, connect_timeout=0.1)
        service = Everything(broker)
        witness = Witness(service)
        session = Supervisor(
            broker, Endpoint("127.0.0.1", paper.port, CLIENT), clock, witness, synchronisers=[service], options=FAST
        )
        witness.session = session
        session.start()
        before = len(asyncio.all_tasks())
        await session.connect()
        await session.until(S.READY, 5)
        await rest_an_order(broker, session)
        async with asyncio.timeout(10):
            while not paper.venue.orders():  # noqa: ASYNC110 - the venue tells nobody but its clients
                await asyncio.sleep(0.001)
        service.expects = 1
        for seed in range(first, min(first + BATCH, STORMS)):
            await strike(random.Random(seed), session, paper)
            paper.faults.clear()
            await asyncio.gather(session.connect(), return_exceptions=True)
            await session.until(S.READY, 10)
            assert (witness.wrong, service.wrong, sockets, problems) == ([], [], [], []), f"seed {seed}"
            assert paper.clients == (CLIENT,), f"seed {seed}"
        assert witness.moves > BATCH
        await session.disconnect()
        assert len(asyncio.all_tasks()) == before
        assert not broker.connected
        await session.stop()


BEGUN = time.monotonic()
