"""Answers that are due: an order that was sent, or whose cancel was, must be heard of within a set time (I-11)."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from typing import Any

from ironbridge.interfaces import Clock


class AnswerWatch:
    """Calls when an answer is overdue.

    Parameters:
        clock: measures the time.
        seconds: tells how long an answer may take; asked for each.
        overdue: called with the key when that long has passed; it decides whether the answer has come.
    """

    def __init__(self, clock: Clock, seconds: Callable[[], float], overdue: Callable[[str], None]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._overdue = overdue
        self._due: list[tuple[float, int, str]] = []
        """A heap: the first that is due stands first, and of those due together the one that was added first."""
        self._count = 0
        self._sooner = asyncio.Event()
        """Set when something is due before all else that was."""

    def add(self, key: str) -> None:
        """An answer about this order is awaited from now on."""
        self._count += 1
        due = self._clock.monotonic() + self._seconds(), self._count, key
        heapq.heappush(self._due, due)
        if self._due[0] is due:
            self._sooner.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            self._sooner.clear()
            if not self._due:
                await self._sooner.wait()
                continue
            moment, _, key = self._due[0]
            wait = moment - self._clock.monotonic()
            if wait > 0:
                await self._first_of(self._clock.sleep(wait), self._sooner.wait())
            else:
                heapq.heappop(self._due)
                self._overdue(key)

    async def _first_of(self, *waits: Coroutine[Any, Any, object]) -> None:
        tasks = [asyncio.ensure_future(each) for each in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
