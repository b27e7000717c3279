"""A time limit measured by a `Clock`, so that it holds under a clock that a test or the paper gateway sets."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from ironbridge.interfaces import Clock

T = TypeVar("T")


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`.

    Raises:
        TimeoutError: it has not ended after `seconds`; it is cancelled and has ended when this is raised.
    """
    doing = asyncio.create_task(work)
    alarm = asyncio.create_task(clock.sleep(seconds))
    try:
        await asyncio.wait({doing, alarm}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise TimeoutError(f"It took longer than {seconds:g} s.")
    finally:
        doing.cancel()
        alarm.cancel()
        await asyncio.wait({doing, alarm})
