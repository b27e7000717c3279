"""A time-out that follows the clock that was passed in, so that a manual clock can show it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

from ironbridge.interfaces import Clock

T = TypeVar("T")


async def before(clock: Clock, seconds: float, work: Coroutine[object, object, T], late: Callable[[], T]) -> T:
    """The result of `work`, or where it has not come within `seconds` of `clock`, what `late` returns or raises.

    `late` is called while the work still stands where it was; the work is cancelled and has ended before this returns.
    """
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else late()
    finally:
        timer.cancel()
        task.cancel()
        await asyncio.gather(task, timer, return_exceptions=True)
