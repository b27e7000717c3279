"""The heartbeat and the deadline under it, on a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ironbridge.errors import NotConnected, RequestTimeout
from ironbridge.session.deadline import within
from ironbridge.session.heartbeat import Heartbeat
from ironbridge.session.status import SupervisorOptions
from ironbridge.testing.clock import ManualClock


class Answering:
    """The one request of a broker that a heartbeat makes, answered as the test says."""

    def __init__(self, clock, answers):
        self.clock = clock
        self.answers = list(answers)
        self.asked = 0

    async def server_time(self):
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else 0.0
        if isinstance(answer, Exception):
            raise answer
        await self.clock.sleep(answer)
        return self.clock.now().replace(microsecond=0)


def beating(*answers, **options):
    clock = ManualClock()
    broker = Answering(clock, answers)
    heartbeat = Heartbeat(broker, clock)
    task = asyncio.create_task(heartbeat.run(lambda: SupervisorOptions(**options)))
    return clock, broker, heartbeat, task


async def test_it_beats_at_its_interval_and_measures():
    clock, broker, heartbeat, task = beating(0.25, 0.25, heartbeat_interval=30)
    await clock.advance(29.9)
    assert broker.asked == 0
    await clock.advance(31)
    assert broker.asked == 2
    assert (heartbeat.count, heartbeat.missed, heartbeat.round_trip_ms) == (2, 0, 250.0)
    assert heartbeat.last is not None
    task.cancel()


async def test_silence_is_found_within_its_time_out():
    clock, _, heartbeat, task = beating(10_000.0, heartbeat_interval=30, heartbeat_timeout=10)
    await clock.advance(39.9)
    assert not task.done()
    await clock.advance(0.2)
    assert "did not answer a heartbeat within 10 s" in await task
    assert heartbeat.missed == 1


async def test_the_brokers_own_time_out_is_a_missed_beat():
    clock, _, _, task = beating(RequestTimeout("no"), heartbeat_interval=30)
    await clock.advance(30)
    assert "did not answer" in await task


async def test_an_end_of_the_link_is_no_missed_beat():
    clock, broker, heartbeat, task = beating(NotConnected("no link"), 0.0, heartbeat_interval=30)
    await clock.advance(61)
    assert (broker.asked, heartbeat.missed, heartbeat.count) == (2, 0, 1)
    assert not task.done()
    task.cancel()


@pytest.mark.parametrize(("ahead", "skew"), ((0.0, 0.0), (-0.9, 0.0), (5.0, 5.0), (-5.0, -4.0)))
async def test_skew_allows_for_whole_seconds(ahead, skew):
    clock, broker, heartbeat, task = beating(heartbeat_interval=1)

    async def tell():
        return clock.now() + timedelta(seconds=ahead)

    broker.server_time = tell
    await clock.advance(1)
    assert heartbeat.clock_skew == pytest.approx(skew)
    task.cancel()


async def test_the_interval_can_be_changed_while_it_beats():
    clock = ManualClock()
    options = SupervisorOptions(heartbeat_interval=30)
    broker = Answering(clock, ())
    task = asyncio.create_task(Heartbeat(broker, clock).run(lambda: options))
    await clock.advance(30)
    options = SupervisorOptions(heartbeat_interval=1)
    await clock.advance(30)
    await clock.advance(5)
    assert broker.asked == 7
    task.cancel()


async def test_a_deadline_that_holds_and_one_that_does_not():
    clock = ManualClock()

    async def work():
        await clock.sleep(5)
        return "done"

    good = asyncio.create_task(within(clock, 10, work()))
    late = asyncio.create_task(within(clock, 3, work()))
    await clock.advance(6)
    assert await good == "done"
    with pytest.raises(TimeoutError):
        await late
    assert clock.sleepers == 0


async def test_a_deadline_passes_on_errors_and_cancellation():
    clock = ManualClock()

    async def fail():
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await within(clock, 10, fail())

    async def never():
        await asyncio.Event().wait()

    waiting = asyncio.create_task(within(clock, 10, never()))
    await clock.settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert clock.sleepers == 0
