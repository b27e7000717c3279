"""Time moves only when a test says so, and wakes sleepers at their moment."""

import asyncio
from datetime import timedelta

import pytest

from ironbridge.testing.clock import START, ManualClock


async def test_now_and_monotonic_move_together_and_only_by_hand() -> None:
    clock = ManualClock()
    assert (clock.now(), clock.monotonic()) == (START, 0.0)
    await clock.advance(90)
    assert (clock.now(), clock.monotonic()) == (START + timedelta(seconds=90), 90.0)


async def test_one_advance_wakes_every_sleep_at_its_own_moment() -> None:
    clock = ManualClock()
    woken: list[tuple[str, float]] = []

    async def tick(name: str, period: float, times: int) -> None:
        for _ in range(times):
            await clock.sleep(period)
            woken.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(tick("two", 2, 3))
        tasks.create_task(tick("three", 3, 2))
        await clock.until_sleeping(2)
        await clock.advance(6)
        assert woken == [("two", 2.0), ("three", 3.0), ("two", 4.0), ("three", 6.0), ("two", 6.0)]


async def test_a_cancelled_sleep_is_forgotten() -> None:
    clock = ManualClock()
    sleeper = asyncio.ensure_future(clock.sleep(5))
    await clock.until_sleeping()
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    assert clock.sleepers == 0
    await clock.advance(10)
    assert clock.monotonic() == 10.0


async def test_a_sleep_of_nothing_needs_no_advance() -> None:
    clock = ManualClock()
    await clock.sleep(0)
    assert clock.monotonic() == 0.0


async def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="-1"):
        await ManualClock().advance(-1)
