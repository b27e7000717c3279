"""The pace: never more than the rate in any window, lanes by rank, waits that can be given up."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ironbridge.errors import InvalidSettings
from ironbridge.interfaces import Lane
from ironbridge.session.pacing import BUNCH_DELAY, SlidingWindowPacer
from ironbridge.testing.clock import ManualClock


def most_in_a_window(times, window):
    """The largest number of sends in any half-open window of this length."""
    return max((sum(start <= at < start + window for at in times) for start in times), default=0)


class Sender:
    """Sends messages and notes when and in which order they went."""

    def __init__(self, pacer, clock):
        self.pacer, self.clock = pacer, clock
        self.sent = []
        self.tasks = []

    def send(self, lane, name=None):
        async def go():
            await self.pacer.admit(lane)
            self.sent.append((self.clock.monotonic(), name if name is not None else lane))

        self.tasks.append(asyncio.create_task(go()))
        return self.tasks[-1]

    async def finish(self):
        await asyncio.gather(*self.tasks)


async def test_a_bunch_goes_at_once_and_the_rest_at_even_gaps():
    clock = ManualClock()
    sender = Sender(SlidingWindowPacer(clock, rate=5, window=1.0), clock)
    for _ in range(12):
        sender.send(Lane.DATA)
    await clock.settle()
    assert len(sender.sent) == 5
    await clock.advance(0.99)
    assert len(sender.sent) == 5
    await clock.advance(5)
    await sender.finish()
    times = [at for at, _ in sender.sent]
    assert most_in_a_window(times, 1.0) == 5
    gaps = [later - earlier for earlier, later in pairwise(times[5:])]
    assert min(gaps) >= 0.15 - 1e-9


async def test_a_bunch_may_be_held_up_on_the_way():
    clock = ManualClock()
    sender = Sender(SlidingWindowPacer(clock), clock)
    for _ in range(300):
        sender.send(Lane.DATA)
    await clock.advance(10)
    await sender.finish()
    times = [at for at, _ in sender.sent]
    late = [BUNCH_DELAY if at == 0 else at for at in times]
    assert most_in_a_window(late, 1.0) <= 50, "though all of the first came with the next"
    for stop in range(1, 6):
        held_up = [stop if stop - 0.05 <= at < stop else at for at in times]
        assert most_in_a_window(held_up, 1.0) <= 50, "though a twentieth of a second came at once"


async def test_after_a_pause_a_bunch_goes_at_once_again():
    clock = ManualClock()
    sender = Sender(SlidingWindowPacer(clock, rate=5, window=1.0), clock)
    for _ in range(7):
        sender.send(Lane.DATA)
    await clock.advance(10)
    sender.sent.clear()
    for _ in range(5):
        sender.send(Lane.DATA)
    await clock.settle()
    assert len(sender.sent) == 5


@pytest.mark.parametrize("before", (0, 8))
async def test_many_that_are_foreseen_go_at_even_gaps_from_the_first(before):
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock)
    sender = Sender(pacer, clock)
    for _ in range(before):
        sender.send(Lane.CONTROL)
    await clock.settle()
    pacer.foresee(110)
    for _ in range(110):
        sender.send(Lane.DATA)
    await clock.advance(10)
    await sender.finish()
    times = [at for at, _ in sender.sent]
    assert min(later - earlier for earlier, later in pairwise(times[before:])) >= 0.015
    # As one bunch and the rest after it they take a quarter of a second more.
    assert times[-1] <= (before + 110) * 1.02 / 48 + (BUNCH_DELAY if before else 0.05)
    assert most_in_a_window(times, 1.0) <= 48
    for stop in (0.5, 1, 1.5, 2):
        held_up = [stop if stop - 0.05 <= at < stop else at for at in times]
        assert most_in_a_window(held_up, 1.0) <= 50, "though a twentieth of a second came at once"


async def test_few_that_are_foreseen_go_as_a_bunch_and_a_bunch_goes_again_when_the_many_are_over():
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock)
    sender = Sender(pacer, clock)
    pacer.foresee(40)
    for _ in range(40):
        sender.send(Lane.DATA)
    await clock.settle()
    assert len(sender.sent) == 40
    await clock.advance(5)
    pacer.foresee(1000)
    await clock.advance(1000 * 1.02 / 48 + 1)
    for _ in range(40):
        sender.send(Lane.DATA)
    await clock.settle()
    assert len(sender.sent) == 80, "what was foreseen and never came holds nobody up for longer"


async def test_ibs_complaint_pauses_and_slows():
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock, rate=48, window=1.0)
    sender = Sender(pacer, clock)
    pacer.violated("Max rate of messages per second has been exceeded:max=25 rec=26 (1)")
    sender.send(Lane.CANCEL)
    await clock.advance(0.99)
    assert sender.sent == []
    await clock.advance(0.02)
    assert len(sender.sent) == 1
    assert (pacer.status().rate, pacer.status().violations) == (23, 1)
    for _ in range(1000):
        pacer.violated("in other words")
    assert pacer.status().rate == 1


async def test_lanes_go_by_rank_and_then_by_turn():
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock, rate=1, window=1.0)
    sender = Sender(pacer, clock)
    await pacer.admit(Lane.DATA)
    for lane, name in (
        (Lane.DATA, "d1"),
        (Lane.CONTROL, "c1"),
        (Lane.ORDER, "o1"),
        (Lane.DATA, "d2"),
        (Lane.CANCEL, "x1"),
        (Lane.ORDER, "o2"),
    ):
        sender.send(lane, name)
    await clock.advance(10)
    await sender.finish()
    assert [name for _, name in sender.sent] == ["x1", "o1", "o2", "c1", "d1", "d2"]


async def test_a_wait_that_is_given_up_costs_nothing():
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock, rate=1, window=1.0)
    sender = Sender(pacer, clock)
    await pacer.admit(Lane.DATA)
    given_up = sender.send(Lane.CANCEL, "given up")
    sender.send(Lane.DATA, "kept")
    await clock.settle()
    given_up.cancel()
    await clock.advance(1.01)
    assert [name for _, name in sender.sent] == ["kept"]
    assert pacer.status().waiting == ((Lane.CANCEL, 0), (Lane.ORDER, 0), (Lane.CONTROL, 0), (Lane.DATA, 0))


async def test_a_turn_that_is_given_up_after_it_came_is_free_again():
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock, rate=4, window=1.0)
    sender = Sender(pacer, clock)
    pacer.violated("max=6")  # a pause, after which all who wait get their turn in one moment
    victims = []

    async def first():
        await pacer.admit(Lane.DATA)
        victims[0].cancel()  # whose turn has come too, and which has not run on yet

    leader = asyncio.create_task(first())
    await clock.settle()
    victims.append(sender.send(Lane.DATA, "given up"))
    sender.send(Lane.DATA, "next")
    await clock.advance(1.01)
    await leader
    assert victims[0].cancelled()
    assert sender.sent == [(pytest.approx(1.0, abs=0.01), "next")]
    assert pacer.status().used == 2


async def test_nothing_is_left_behind_when_the_last_gives_up():
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock, rate=1)
    await pacer.admit(Lane.DATA)
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(pacer.admit(Lane.DATA))
    await clock.settle()
    waiting.cancel()
    await clock.settle()
    assert asyncio.all_tasks() == before


async def test_who_asks_in_the_moment_in_which_the_last_gives_up_is_served():
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock, rate=1, window=1.0)
    sender = Sender(pacer, clock)
    await pacer.admit(Lane.DATA)
    given_up = sender.send(Lane.DATA, "given up")
    await clock.settle()
    given_up.cancel()
    sender.send(Lane.ORDER, "after")
    await clock.advance(1.01)
    assert [name for _, name in sender.sent] == ["after"]


async def test_the_queue_and_its_end_can_be_seen():
    clock = ManualClock()
    pacer = SlidingWindowPacer(clock, rate=10, window=1.0)
    sender = Sender(pacer, clock)
    assert pacer.eta(Lane.DATA) == 0
    for _ in range(25):
        sender.send(Lane.DATA)
    await clock.settle()
    status = pacer.status()
    assert (status.used, dict(status.waiting)[Lane.DATA], status.admitted) == (10, 15, 10)
    assert status.eta == pacer.eta(Lane.DATA)
    assert pacer.eta(Lane.CANCEL) == pytest.approx(1.0)
    promised = pacer.eta(Lane.DATA)
    last = sender.send(Lane.DATA, "last")
    await clock.advance(5)
    await last
    assert sender.sent[-1] == (pytest.approx(promised, abs=0.6), "last")
    await sender.finish()


@pytest.mark.parametrize(("rate", "window"), ((0, 1.0), (-1, 1.0), (5, 0.0), (5, float("nan"))))
def test_a_pace_that_is_none(rate, window):
    with pytest.raises(InvalidSettings):
        SlidingWindowPacer(ManualClock(), rate, window)


moves = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from(list(Lane))),
        st.tuples(st.just("cancel"), st.integers(0, 40)),
        st.tuples(st.just("advance"), st.floats(0, 1.5)),
        st.tuples(st.just("foresee"), st.integers(0, 20)),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rate=st.integers(1, 7), plan=moves)
def test_no_window_ever_holds_more_than_the_rate(rate, plan):
    async def scenario():
        clock = ManualClock()
        pacer = SlidingWindowPacer(clock, rate=rate, window=1.0)
        sender = Sender(pacer, clock)
        for what, value in plan:
            if what == "send":
                sender.send(value)
            elif what == "cancel" and sender.tasks:
                sender.tasks[value % len(sender.tasks)].cancel()
            elif what == "advance":
                await clock.advance(value)
            elif what == "foresee":
                pacer.foresee(value)
        await clock.advance(2 * len(sender.tasks) / rate + 5)
        async with asyncio.timeout(5):
            done = await asyncio.gather(*sender.tasks, return_exceptions=True)
        assert all(result is None or isinstance(result, asyncio.CancelledError) for result in done)
        assert len(sender.sent) == sum(result is None for result in done)
        assert most_in_a_window([at for at, _ in sender.sent], 1.0) <= rate

    asyncio.run(scenario())


async def test_the_pace_is_used_to_the_full():
    clock = ManualClock()
    sender = Sender(SlidingWindowPacer(clock), clock)
    for _ in range(1500):
        sender.send(Lane.DATA)
    await clock.advance(40)
    await sender.finish()
    times = [at for at, _ in sender.sent]
    assert most_in_a_window(times, 1.0) <= 48
    steady = [at for at in times if at > 5]
    assert (len(steady) - 1) / (steady[-1] - steady[0]) >= 46.5
