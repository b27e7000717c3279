"""Faults and commands at random, over a real socket: the session always comes back, alone, and leaves nothing open."""

from __future__ import annotations

import asyncio
import random

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.domain.session import TRANSITIONS, Endpoint, SessionState
from ironbridge.ib import IbGateway
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
    SlowHandshake,
    Swallow,
)
from ironbridge.session import SlidingWindowPacer, Supervisor, SupervisorOptions, SystemClock

ENDS = ("OpenOrderEnd", "PositionEnd", "ExecDetailsEnd", "CompletedOrdersEnd", "CurrentTime", "NextValidId")
FAULTS = (
    Drop(), Drop(linger=0.05), Hang(), Resume(), LoseUpstream(), RestoreUpstream(), RestoreUpstream(data_lost=True),
    Refuse(), BreakFarm(), MendFarm(), NotLoggedIn(), SlowHandshake(0.1), *(Swallow(end) for end in ENDS),
)  # fmt: skip
FAST = SupervisorOptions(
    backoff_base=0.01,
    backoff_cap=0.05,
    client_id_cap=0.05,
    breaker_cooldown=0.05,
    heartbeat_interval=0.05,
    heartbeat_timeout=0.1,
)


class Everything:
    """A service that asks for all that a reconciliation needs."""

    def __init__(self, broker):
        self._broker = broker

    async def synchronise(self):
        for ask in ("open_orders", "positions", "executions", "completed_orders"):
            await getattr(self._broker, ask)()

    def interrupted(self, reason):
        pass


@pytest.mark.parametrize("seed", range(3))
async def test_a_session_survives(seed):
    dice = random.Random(seed)
    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    async with PaperGateway(port=0, seed=1, step=0.01) as paper:
        clock = SystemClock()
        broker = IbGateway(SlidingWindowPacer(clock, 480), clock, request_timeout=0.15, connect_timeout=0.15)
        changes = MemoryTopic("session")
        session = Supervisor(
            broker, Endpoint("127.0.0.1", paper.port, 3), clock, changes,
            synchronisers=[Everything(broker)], options=FAST,
        )  # fmt: skip
        session.start()
        before = len(asyncio.all_tasks())
        with changes.subscribe(1_000_000) as moves:
            for _ in range(12):
                await _strike(dice, session, paper)
                for mend in (Resume(), RestoreUpstream(), MendFarm()):
                    paper.faults.inject(mend)
                await asyncio.gather(session.connect(), return_exceptions=True)
                await session.until(SessionState.READY, 5)
                assert len(paper.clients) <= 1
            await session.disconnect()
            assert len(asyncio.all_tasks()) == before
            assert not broker.connected
            changes.close()
            async for move in moves:
                assert move.after is move.before or move.after in TRANSITIONS[move.before]
        await session.stop()
    assert problems == []


async def _strike(dice, session, paper):
    commands = []
    for _ in range(dice.randrange(1, 8)):
        if dice.random() < 0.6:
            paper.faults.inject(dice.choice(FAULTS))
        else:
            command = dice.choice((session.connect, session.disconnect, session.reconnect))
            commands.append(asyncio.create_task(command()))
            await asyncio.wait(commands[-1:], timeout=dice.random() * 0.1)
            if dice.random() < 0.2:
                commands[-1].cancel()
        assert len(paper.clients) <= 1
    await asyncio.gather(*commands, return_exceptions=True)
