"""The pace at which messages go to IB (CON-7, I-13).

A strict sliding window: in no span of `window` seconds, wherever it begins, are more than `rate` messages let through.
IB answers a breach with error 100 and hangs up at the third, so the promise is "never", not "on average". Where the
window is full, the lanes decide who is next: cancels, then orders, then control, then data; within a lane, who came
first. A wait that is cancelled gives its place up and costs nothing.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from dataclasses import dataclass

from ironbridge.errors import InvalidSettings
from ironbridge.interfaces import Clock, Lane

RATE = 48
"""Messages a second: IB allows 50; two are left for what its own count adds."""
WINDOW = 1.02
"""Seconds: IB's window is one; the rest is room for messages that bunch up on the way. 48 in 1.02 s are 47 a second."""
SMALLEST_SLEEP = 0.001
"""Seconds: rounding must not make the pump spin when a slot is a nanosecond away."""


@dataclass(slots=True, eq=False)
class _Slot:
    """One message that was let through. `at` is infinite until its sender runs on and writes it."""

    at: float = math.inf


@dataclass(slots=True, order=True)
class _Waiter:
    lane: Lane
    order: int
    turn: asyncio.Future[_Slot]


@dataclass(frozen=True, slots=True)
class PaceStatus:
    """What the pace looks like now."""

    rate: int
    window: float
    used: int
    """Messages in the present window."""
    waiting: tuple[tuple[Lane, int], ...]
    eta: float
    """Seconds until a message asked for at this moment in the last lane would go."""
    admitted: int
    """Since the start."""


class SlidingWindowPacer:
    """Admits messages; see the module.

    Parameters:
        clock: measures the window.
        rate: messages in one window.
        window: its length in seconds.

    Raises:
        InvalidSettings: a rate below one, or a window that is not positive.
    """

    def __init__(self, clock: Clock, rate: int = RATE, window: float = WINDOW) -> None:
        if rate < 1 or not window > 0:
            raise InvalidSettings(f"{rate} messages in {window} s is no pace.", next_step="Give at least 1 a second.")
        self._clock = clock
        self._rate = rate
        self._window = window
        self._slots: deque[_Slot] = deque()
        self._waiting: list[_Waiter] = []
        self._count = 0
        self._pump: asyncio.Task[None] | None = None

    async def admit(self, lane: Lane) -> None:
        """Return when one message of this lane may be sent; the caller sends it before it awaits anything else."""
        self._count += 1
        if not self._waiting and self._free():
            self._slots.append(_Slot(self._clock.monotonic()))
            return
        waiter = _Waiter(lane, self._count, asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiting, waiter)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="pace")
        try:
            slot = await waiter.turn
        except asyncio.CancelledError:
            self._give_up(waiter)
            raise
        # Stamped here and not when the turn was given: the loop may have been busy in between, and what counts is when
        # the bytes go.
        slot.at = self._clock.monotonic()

    def status(self) -> PaceStatus:
        self._forget()
        lanes = [waiter.lane for waiter in self._waiting]
        return PaceStatus(
            rate=self._rate,
            window=self._window,
            used=len(self._slots),
            waiting=tuple((lane, lanes.count(lane)) for lane in Lane),
            eta=self.eta(Lane.DATA),
            admitted=self._count - len(self._waiting),
        )

    def eta(self, lane: Lane) -> float:
        """Seconds until a message asked for at this moment in this lane would go, if nothing of a higher lane comes."""
        self._forget()
        ahead = sum(waiter.lane <= lane for waiter in self._waiting)
        position = ahead - (self._rate - len(self._slots))
        if position < 0:
            return 0.0
        now = self._clock.monotonic()
        rounds, index = divmod(position, self._rate)
        at = self._slots[index].at if index < len(self._slots) else now
        return max(min(at, now) + (rounds + 1) * self._window - now, 0.0)

    async def _run(self) -> None:
        """Give turns as slots come free. Lives while somebody waits."""
        while self._waiting:
            if self._free():
                waiter = heapq.heappop(self._waiting)
                slot = _Slot()
                self._slots.append(slot)
                waiter.turn.set_result(slot)
            else:
                await self._clock.sleep(max(self._until_free(), SMALLEST_SLEEP))

    def _give_up(self, waiter: _Waiter) -> None:
        if waiter.turn.done() and not waiter.turn.cancelled():
            # Cancelled after its turn had come: the message is not sent, the slot goes to the next.
            self._slots.remove(waiter.turn.result())
        elif waiter in self._waiting:
            self._waiting.remove(waiter)
            heapq.heapify(self._waiting)
        if not self._waiting and self._pump is not None:
            # Forgotten at once, not when it has ended: who asks in between must get a pump that lives.
            self._pump.cancel()
            self._pump = None

    def _free(self) -> bool:
        self._forget()
        return len(self._slots) < self._rate

    def _forget(self) -> None:
        """Drop what has left the window; a slot stays behind an older one that has not been stamped yet."""
        edge = self._clock.monotonic() - self._window
        while self._slots and self._slots[0].at <= edge:
            self._slots.popleft()

    def _until_free(self) -> float:
        oldest = self._slots[0].at
        return SMALLEST_SLEEP if math.isinf(oldest) else oldest + self._window - self._clock.monotonic()

    def __repr__(self) -> str:
        return f"<SlidingWindowPacer {len(self._slots)}/{self._rate} in {self._window} s, {len(self._waiting)} wait>"
