"""The pace of historical requests, judged by the very counter that the strict gateway uses."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ironbridge.domain.pacing import HistoryAsk, Limit
from ironbridge.errors import InvalidSettings
from ironbridge.paper.history_pace import HistoryPace as GatewaysCount
from ironbridge.session import HistoryPace, Limits
from ironbridge.testing.clock import ManualClock


def ask(contract=1, content=0, kind="TRADES", *, short=True):
    return HistoryAsk(contract, "SMART", kind, content, short)


class Desk:
    """Sends requests, each answered after `seconds`, and lets the gateway's own count judge when they went."""

    def __init__(self, clock, pace, window=60):
        self.clock, self.pace = clock, pace
        self.sent = []
        self.tasks = []
        self.broken = []
        self.open = self.most_open = 0
        self._count = GatewaysCount(window)

    def send(self, wanted, seconds=0.1, queue=0.0):
        async def go():
            async with self.pace.turn(wanted) as place:
                if queue:
                    await self.clock.sleep(queue)  # its message waits among the others
                place.sent()
                now = self.clock.monotonic()
                self.sent.append((now, wanted))
                key = (wanted.contract, wanted.exchange, wanted.kind)
                broken = self._count.violated(now, (*key, wanted.content), key, weight=wanted.weight)
                if broken and wanted.short:
                    self.broken.append((now, wanted))
                self.open += 1
                self.most_open = max(self.most_open, self.open)
                try:
                    await self.clock.sleep(seconds)
                finally:
                    self.open -= 1

        self.tasks.append(asyncio.create_task(go()))
        return self.tasks[-1]

    async def finish(self, seconds):
        await self.clock.advance(seconds)
        async with asyncio.timeout(5):
            await asyncio.gather(*self.tasks)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def desk(clock):
    return Desk(clock, HistoryPace(clock))


async def test_sixty_go_at_once_and_the_next_when_the_window_has_room(desk, clock):
    for number in range(70):
        desk.send(ask(number))
    await clock.advance(1)
    assert len(desk.sent) == 60
    await clock.advance(598)
    assert len(desk.sent) == 60
    await desk.finish(5)
    assert len(desk.sent) == 70
    assert desk.broken == []


async def test_bid_and_ask_count_twice(desk, clock):
    for number in range(40):
        desk.send(ask(number, kind="BID_ASK"))
    await clock.advance(1)
    assert len(desk.sent) == 30
    await desk.finish(700)
    assert desk.broken == []


async def test_five_for_one_contract_in_two_seconds_and_others_pass(desk, clock):
    for number in range(11):
        desk.send(ask(1, number))
    other = desk.send(ask(2))
    await clock.settle()
    assert [wanted.contract for _, wanted in desk.sent] == [1] * 5 + [2]
    await clock.advance(2.6)
    assert len(desk.sent) == 11
    await desk.finish(10)
    assert other.done()
    assert desk.broken == []


async def test_twins_are_fifteen_seconds_apart(desk, clock):
    for _ in range(3):
        desk.send(ask(1, "the same"))
    await desk.finish(40)
    times = [at for at, _ in desk.sent]
    assert times == pytest.approx([0, 15.5, 31])
    assert desk.broken == []


async def test_fifty_are_open_at_one_time(desk, clock):
    for number in range(55):
        desk.send(ask(number), seconds=30)
    await clock.advance(29)
    assert (len(desk.sent), desk.pace.uses()[2].used) == (50, 50)
    await desk.finish(60)
    assert desk.most_open == 50


async def test_what_waits_among_the_messages_counts_from_when_it_goes(desk, clock):
    for number in range(5):
        desk.send(ask(1, number), queue=1.9)
    await clock.settle()
    for number in range(5, 10):
        desk.send(ask(1, number))
    await desk.finish(20)
    assert desk.broken == []
    assert desk.sent[5][0] >= 1.9 + 2


async def test_a_double_request_is_not_starved_by_single_ones(clock):
    pace = HistoryPace(clock, Limits(history=3))
    desk = Desk(clock, pace, window=3)
    for number in range(2):
        desk.send(ask(number))
        await clock.advance(10)
    desk.send(ask(7, kind="BID_ASK"))
    for number in range(10, 16):
        desk.send(ask(number))
    await clock.advance(591)
    assert [wanted.contract for _, wanted in desk.sent][2] == 7
    await desk.finish(3000)
    assert desk.broken == []


async def test_long_bars_are_counted_but_not_held_up(desk, clock):
    for number in range(100):
        desk.send(ask(1, number, short=False), seconds=0.01)
    desk.send(ask(1, 0, short=False))
    await clock.advance(1)
    assert len(desk.sent) == 101
    short = desk.send(ask(2))
    await clock.advance(500)
    assert not short.done(), "IB has counted the long ones"
    await desk.finish(200)
    assert desk.broken == []


async def test_a_wait_that_is_given_up_costs_nothing(clock):
    pace = HistoryPace(clock, Limits(history=2))
    desk = Desk(clock, pace, window=2)
    given_up = [desk.send(ask(number), queue=5) for number in range(2)]
    waits = desk.send(ask(3))
    await clock.settle()
    for task in given_up:
        task.cancel()
    await clock.settle()
    assert [wanted.contract for _, wanted in desk.sent] == [3], "two had their place and were never sent"
    last = desk.send(ask(4))
    gone = desk.send(ask(5))
    await clock.settle()
    gone.cancel()
    await clock.advance(1)
    assert (waits.done(), last.done()) == (True, True)
    assert pace.uses()[0].waiting == 0


async def test_nothing_is_left_behind_when_the_last_gives_up(clock):
    pace = HistoryPace(clock, Limits(history_open=1))
    before = asyncio.all_tasks()
    async with pace.turn(ask(1)):
        waiting = asyncio.create_task(pace.turn(ask(2)).__aenter__())
        await clock.settle()
        waiting.cancel()
        await clock.settle()
        assert asyncio.all_tasks() == before
    assert pace.uses()[2].used == 0


async def test_ibs_complaint_is_a_pause(desk, clock):
    desk.pace.violated("Historical data request pacing violation")
    desk.send(ask(1))
    desk.send(ask(2, short=False))
    await clock.advance(14.9)
    assert desk.sent == []
    await desk.finish(1)
    assert desk.pace.violations == 1


async def test_the_use_and_the_wait_can_be_seen(desk, clock):
    for number in range(63):
        desk.send(ask(number))
    await clock.advance(100)
    history, _, _ = desk.pace.uses()
    assert (history.limit, history.used, history.allowed, history.waiting) == (Limit.HISTORY, 60, 60, 3)
    assert history.eta == pytest.approx(500.5)
    await desk.finish(600)


@pytest.mark.parametrize("limits", ({"history": 1}, {"history_open": 0}, {"lines": 0}, {"messages": -1}))
def test_a_limit_that_lets_nothing_through(limits):
    with pytest.raises(InvalidSettings):
        Limits(**limits)


moves = st.lists(
    st.one_of(
        st.tuples(
            st.just("ask"),
            st.tuples(
                st.integers(1, 3), st.integers(0, 3), st.sampled_from(("TRADES", "BID_ASK")), st.booleans(),
                st.floats(0, 3), st.floats(0, 40),
            ),
        ),
        st.tuples(st.just("cancel"), st.integers(0, 40)),
        st.tuples(st.just("advance"), st.floats(0, 20)),
    ),
    max_size=60,
)  # fmt: skip


SOON = ("ask", (1, 0, "TRADES", False, 0.0, 0.0))
LATER = ("ask", (1, 0, "TRADES", False, 0.0, 1.0))
GIVEN_UP_AS_A_PLACE_COMES_FREE = [
    SOON, LATER, LATER, LATER, SOON, ("advance", 0.0), SOON, ("cancel", 1), SOON, SOON, ("cancel", 4),
]  # fmt: skip
"""The wait of one is cancelled in the same turn of the loop in which a place comes free for it."""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=moves, window=st.integers(2, 12), places=st.integers(1, 4))
@example(plan=GIVEN_UP_AS_A_PLACE_COMES_FREE, window=2, places=3)
def test_no_limit_is_ever_broken(plan, window, places):
    async def scenario():
        clock = ManualClock()
        desk = Desk(clock, HistoryPace(clock, Limits(history=window, history_open=places)), window)
        for what, value in plan:
            if what == "ask":
                contract, content, kind, short, queue, seconds = value
                desk.send(ask(contract, (content, short), kind, short=short), seconds, queue)
            elif what == "cancel" and desk.tasks:
                desk.tasks[value % len(desk.tasks)].cancel()
            elif what == "advance":
                await clock.advance(value)
        await clock.advance(700 * (len(desk.tasks) + 1))
        async with asyncio.timeout(5):
            done = await asyncio.gather(*desk.tasks, return_exceptions=True)
        assert all(result is None or isinstance(result, asyncio.CancelledError) for result in done)
        assert desk.broken == []
        assert desk.most_open <= places
        assert desk.pace.uses()[2].used == 0

    asyncio.run(scenario())
