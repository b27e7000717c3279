"""The use of every limit: shown as it changes, told once when it nears its end."""

from __future__ import annotations

import asyncio

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.domain.pacing import HistoryAsk, Limit
from ironbridge.errors import LineLimitReached
from ironbridge.interfaces import Lane
from ironbridge.session import LIMITS, Governor, LimitedStreams, Limits
from ironbridge.testing.clock import ManualClock


class Watched:
    """A governor, and what it tells."""

    def __init__(self, **limits):
        self.clock = ManualClock()
        changes, near = MemoryTopic("pacing"), MemoryTopic("near")
        self.changes, self.near = changes.subscribe(), near.subscribe()
        self.governor = Governor(self.clock, Limits(**limits), changes, near)
        self.lines = 0
        self.governor.follow(lambda: self.lines)
        self.governor.usage.start()

    async def told(self, subscription):
        found = []
        await self.clock.settle()
        while subscription._backlog:
            found.append(await anext(subscription))
        return found

    async def load(self, messages):
        await asyncio.gather(*(self.governor.messages.admit(Lane.DATA) for _ in range(messages)))


@pytest.fixture
async def watched():
    made = Watched(messages=10)
    yield made
    await made.governor.usage.stop()


async def test_every_limit_of_ib_is_shown_with_its_source(watched):
    shown = {use.limit for use in watched.governor.usage.status().limits}
    assert shown | {Limit.HISTORY_IDENTICAL} == set(Limit) == set(LIMITS), "an identical request is spaced, not counted"
    assert all(rule.source and rule.code for rule in LIMITS.values())


async def test_a_warning_comes_once_an_episode(watched):
    await watched.load(7)
    assert await watched.told(watched.near) == []
    await watched.load(1)
    await watched.clock.advance(0.5)
    (warning,) = await watched.told(watched.near)
    assert (warning.kind, warning.severity) == ("limit-near", "warning")
    assert warning.text == "8 of 10 in 1.02 s are used of the limit on messages."
    for _ in range(20):
        await watched.clock.advance(3)
        await watched.load(9)
    assert await watched.told(watched.near) == [], "it has not been calm for a minute"
    await watched.clock.advance(65)
    await watched.load(9)
    assert len(await watched.told(watched.near)) == 1


async def test_a_use_that_stays_is_one_episode(watched):
    watched.lines = 85
    await watched.load(1)
    await watched.clock.advance(0.5)
    (warning,) = await watched.told(watched.near)
    assert warning.text == "85 of 100 are used of the limit on market-data lines."
    for _ in range(5):
        await watched.clock.advance(100)
        await watched.load(1)
    assert await watched.told(watched.near) == []


async def test_the_queue_is_told_as_it_grows_and_empties(watched):
    tasks = [asyncio.create_task(watched.governor.messages.admit(Lane.DATA)) for _ in range(25)]
    await watched.clock.advance(0.5)
    busy = (await watched.told(watched.changes))[-1]
    (data,) = [lane for lane in busy.lanes if lane.lane == "data"]
    assert data.waiting == 15
    assert data.eta > 1
    assert Limit.MESSAGES in busy.near
    await watched.clock.advance(10)
    await asyncio.gather(*tasks)
    calm = (await watched.told(watched.changes))[-1]
    assert (calm.limits[0].used, calm.limits[0].waiting, calm.admitted) == (0, 0, 25)


async def test_at_rest_nothing_is_looked_at(watched):
    await watched.load(3)
    await watched.clock.advance(5)
    await watched.told(watched.changes)
    assert watched.clock.sleepers == 0


async def test_the_ten_minute_window_is_followed_until_it_is_empty(watched):
    async with watched.governor.history.turn(HistoryAsk(1, "SMART", "TRADES", 0)) as place:
        place.sent()
    await watched.clock.advance(300)
    assert (await watched.told(watched.changes))[-1].limits[1].used == 1
    await watched.clock.advance(320)
    assert (await watched.told(watched.changes))[-1].limits[1].used == 0
    assert watched.clock.sleepers == 0


async def test_one_stream_too_many_is_refused_before_anything_is_sent(watched):
    depth = watched.governor.depth
    for book in "abc":
        await depth.take(book)
    with pytest.raises(LineLimitReached, match="All 3 depth streams"):
        await depth.take("d")
    depth.release("b")
    depth.release("never taken")
    await depth.take("d")
    assert depth.uses()[0].used == 3


async def test_tick_by_tick_is_asked_for_every_fifteen_seconds():
    clock = ManualClock()
    streams = LimitedStreams(Limit.TICK_BY_TICK, 5, clock, 15.0)
    taken = []

    async def take(instrument):
        await streams.take(instrument)
        taken.append((clock.monotonic(), instrument))

    tasks = [asyncio.create_task(take(name)) for name in ("a", "a", "b", "a")]
    await clock.settle()
    assert taken == [(0, "a"), (0, "b")]
    tasks[3].cancel()
    await clock.advance(40)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert taken[2:] == [(15.5, "a")]
    assert streams.uses()[0].used == 3, "the one that was given up has no place"
