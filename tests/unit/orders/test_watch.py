"""Answers that are due: each after the time that counted when it began to be awaited."""

from __future__ import annotations

import asyncio

from ironbridge.orders.watch import AnswerWatch
from ironbridge.testing.clock import ManualClock


async def test_another_time_counts_for_what_is_awaited_from_then_on():
    clock, seconds, overdue = ManualClock(), [10.0], []
    watch = AnswerWatch(clock, lambda: seconds[0], overdue.append)
    running = asyncio.create_task(watch.run())
    watch.add("patient")
    await clock.settle()
    seconds[0] = 1.0
    watch.add("hasty")
    watch.add("as hasty")
    await clock.advance(0.9)
    assert overdue == []
    await clock.advance(0.2)
    assert overdue == ["hasty", "as hasty"], "though the watch was waiting for the first"
    await clock.advance(9)
    assert overdue == ["hasty", "as hasty", "patient"]
    running.cancel()
    await asyncio.wait({running})
