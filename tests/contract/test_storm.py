"""Faults and commands at random, over real sockets: every session always comes back, alone, and knows everything.

A hundred sequences here; ``scripts/storm`` runs ten thousand, in several processes, and sums up what they did.
Hypothesis invents them: faults of the gateway, of the primary, of the backup and of the data sessions' gateways; people
who connect, disconnect, reconnect, ask for the primary and give up half-way; pauses in which heartbeats are missed and
requests time out. Judged at every single change: the state table; that no two sockets of one session are open; that
each session comes with its one client id, wherever it goes; that READY follows a synchronisation which was complete on
the very link that is held, and found the one order that rests at the gateway. After each sequence: everybody READY,
every subscription streaming in a data session and none in the order session, no task left.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from tests.contract.storm_world import DATA, OPEN_FILES, World

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

STORMS = int(os.environ.get("STORMS", "100"))
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
DOORS = st.sampled_from(("primary", "backup", *DATA))
SESSIONS = st.sampled_from(("orders", "orders", *DATA))
SHORT = st.floats(0, 0.008)

runner = asyncio.Runner()
world: World | None = None
figures = {"sequences": 0, "steps": 0, "moves": 0, "failovers": 0}


class Storm(RuleBasedStateMachine):
    """One sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[asyncio.Task[None]] = []

    def let(self, seconds: float) -> None:
        figures["steps"] += 1
        runner.run(asyncio.sleep(seconds))

    @rule(fault=st.sampled_from(FAULTS), pause=SHORT)
    def the_gateway_fails(self, fault, pause):
        async def happen():
            world.paper.faults.inject(fault)

        runner.run(happen())
        self.let(pause)

    @rule(door=DOORS, pause=SHORT, how=st.sampled_from(("drop", "freeze", "open", "shut", "open")))
    def a_door_moves_for_a_moment(self, door, how, pause):
        self.a_door_moves(door, how, pause)

    def a_door_moves(self, door, how, pause):
        async def move():
            done = getattr(world.doors[door], how)()
            if done is not None:
                await done

        runner.run(move())
        self.let(pause)

    @rule(
        door=st.sampled_from(("primary", "primary", "backup", *DATA)), how=st.sampled_from(("shut", "freeze", "drop")),
        pause=st.floats(0.02, 0.15),
    )  # fmt: skip
    def a_gateway_dies(self, door, how, pause):
        """Long enough for its session to go to another, or its lines."""
        self.a_door_moves(door, how, pause)

    @rule(
        name=SESSIONS, pause=SHORT, impatient=st.integers(0, 4),
        verb=st.sampled_from(("connect", "disconnect", "reconnect", "fail_back")),
    )  # fmt: skip
    def a_person_commands(self, name, verb, pause, impatient):
        async def command():
            self.commands.append(asyncio.create_task(getattr(world.sessions[name], verb)()))

        runner.run(command())
        self.let(pause)
        if impatient == 0:
            self.commands[-1].cancel()

    @rule(failback=st.sampled_from(("reconnect", "asked")))
    def the_way_back_is_set(self, failback):
        session = world.sessions["orders"]
        session.configure(replace(session.options, failback=failback))

    @rule(pause=st.floats(0, 0.12))
    def time_passes(self, pause):
        """Long enough for a heartbeat to be missed and a request to time out."""
        self.let(pause)

    def teardown(self) -> None:
        async def end():
            world.paper.faults.clear()
            await world.calm()
            await asyncio.wait_for(asyncio.gather(*self.commands, return_exceptions=True), 20)
            await world.calm()  # a command of the storm may have been the last word

        runner.run(end())
        figures["sequences"] += 1
        assert world.check() == []


async def tasks_left() -> int:
    """How many tasks there are once those that end by themselves have ended."""
    for _ in range(200):
        if len(asyncio.all_tasks()) <= world.tasks_before:
            break
        await asyncio.sleep(0.02)
    return len(asyncio.all_tasks())


@pytest.mark.timeout(0 if STORMS > 100 else 240)
@pytest.mark.skipif(not OPEN_FILES.exists(), reason="counts the sockets of /proc/self/fd")
def test_the_sessions_survive_any_sequence():
    global runner, world
    runner, world = asyncio.Runner(), World()
    begun = time.monotonic()
    with runner:
        runner.run(world.begin())
        try:
            run_state_machine_as_test(
                Storm,
                settings=settings(
                    max_examples=STORMS,
                    stateful_step_count=8,
                    deadline=None,
                    database=None,
                    phases=(Phase.explicit, Phase.generate),  # sockets and time do not shrink
                    suppress_health_check=list(HealthCheck),
                    print_blob=True,
                ),
            )
        finally:
            figures["moves"] = sum(witness.moves for witness in world.witnesses)
            figures["failovers"] = world.sessions["orders"].health().moves
            sys.stderr.write(f"\nstorm: {figures}, {time.monotonic() - begun:.0f} s\n")
            left = runner.run(tasks_left())
            runner.run(world.end())
    assert left <= world.tasks_before
    assert figures["moves"] > figures["sequences"]
