"""A clock that stands still until a test moves it.

Owns the time that a test sees: `now()` and `monotonic()` move together and only in `advance`, and whoever sleeps on the
clock wakes at exactly the moment it asked for, in order, however far one call advances. No test has to wait.
"""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

SETTLE_PASSES = 20
"""Turns of the loop that `advance` gives to those it has woken before time moves on: enough for a chain of awaits."""

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
"""A Monday, at the opening of the New York session."""


class ManualClock:
    """An `ironbridge.interfaces.Clock` driven by hand.

    Parameters:
        start: the moment that it shows until it is advanced; aware.
    """

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = 0
        self._joined = asyncio.Event()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Return once the clock has been advanced by `seconds`; at zero or less, after one turn of the loop."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self._order += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, self._order, future))
        self._joined.set()
        await future

    @property
    def sleepers(self) -> int:
        """How many wait for time to pass."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def until_sleeping(self, count: int = 1) -> None:
        """Return once at least `count` callers sleep on this clock, so that an advance will reach them."""
        while self.sleepers < count:
            self._joined.clear()
            await self._joined.wait()

    async def advance(self, seconds: float) -> None:
        """Move time on, stopping at each moment that somebody waits for, and let what was woken run.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"A clock cannot be advanced by {seconds} s.")
        target = self._elapsed + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            deadline, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self._elapsed = max(self._elapsed, deadline)
            future.set_result(None)
            if not self._sleepers or self._sleepers[0][0] > deadline:
                await self.settle()
        self._elapsed = max(self._elapsed, target)
        await self.settle()

    async def settle(self) -> None:
        """Let everything that can run at this moment run; no time passes."""
        for _ in range(SETTLE_PASSES):
            await asyncio.sleep(0)

    def __repr__(self) -> str:
        return f"<ManualClock {self.now().isoformat()}, {self.sleepers} asleep>"
