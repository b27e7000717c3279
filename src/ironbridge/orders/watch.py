"""Answers that are due: an order that was sent, or whose cancel was, must be heard of within a set time (I-11)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from ironbridge.interfaces import Clock


class AnswerWatch:
    """Calls when an answer is overdue.

    Parameters:
        clock: measures the time.
        seconds: how long an answer may take.
        overdue: called with the key when that long has passed; it decides whether the answer has come.
    """

    def __init__(self, clock: Clock, seconds: float, overdue: Callable[[str], None]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._overdue = overdue
        # The time is the same for all, so that the first to be added is the first to be due.
        self._due: deque[tuple[float, str]] = deque()
        self._added = asyncio.Event()

    def add(self, key: str) -> None:
        """An answer about this order is awaited from now on."""
        self._due.append((self._clock.monotonic() + self._seconds, key))
        self._added.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            while not self._due:
                self._added.clear()
                await self._added.wait()
            moment, key = self._due[0]
            wait = moment - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            else:
                self._due.popleft()
                self._overdue(key)
