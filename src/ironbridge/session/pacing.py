"""The pace at which messages go to IB (CON-7, I-13).

A strict sliding window: in no span of `window` seconds, wherever it begins, are more than `rate` messages let through.
IB answers a breach with error 100 and hangs up at the third, so the promise is "never", not "on average". Where there
is no room, the lanes decide who is next: cancels, then orders, then control, then data; within a lane, who came first.
A wait that is cancelled gives its place up and costs nothing.

IB counts when it reads, not when we send. Messages that are held up on the way and then come with the next would be a
breach there that was none here, the more so the closer they went out together. So a bunch is let go at once only after
a pause; under steady load messages go at even gaps, where a delay of 60 ms does no harm; and a bunch counts as sent a
little later than it was. And where this program itself was held up as it wrote, by a loaded machine or a long step of
its own, what it had written counts from when it went on: a gateway on the same machine, or in the same program, read it
no sooner. If IB complains all the same, the pace is slowed down.

A bunch serves a few messages and costs many: what comes after it waits `BUNCH_DELAY` longer. So where more are foreseen
than one window takes, as when a hundred streams are restored, they go at even gaps from the first.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ironbridge.domain.pacing import LaneQueue, Limit, LimitUse
from ironbridge.errors import InvalidSettings
from ironbridge.interfaces import Clock, Lane

RATE = 48
"""Messages a second: IB allows 50; two are left for what its own count adds."""
WINDOW = 1.02
"""Seconds: IB's window is one; the rest is room for messages that bunch up on the way. 48 in 1.02 s are 47 a second."""
BUNCH_DELAY = 0.25
"""Seconds by which a bunch may be held up on the way and still not meet its successors. With 0.1 a strict gateway on an
overloaded machine complained once."""
HELD_UP = 0.02
"""Seconds, a gap at IB's limit: a loop that takes longer to come round has been held up."""
MARGIN = 2
"""Messages fewer than IB's own limit, once IB has named it."""
SMALLEST_SLEEP = 0.001
"""Seconds: rounding must not make the pump spin when a slot is a nanosecond away."""

_LIMIT = re.compile(r"max=(\d+)")


@dataclass(slots=True, eq=False)
class _Slot:
    """One message that was let through. `at` is infinite until it is written and the loop has come round."""

    bunched: bool
    """It goes on the heels of the one before."""
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
    violations: int
    """How often IB has complained (error 100)."""


def _nothing() -> None:
    pass


class SlidingWindowPacer:
    """Admits messages; see the module.

    Parameters:
        clock: measures the window.
        rate: messages in one window.
        window: its length in seconds.
        changed: called when a message is let through or begins to wait.

    Raises:
        InvalidSettings: a rate below one, or a window that is not positive.
    """

    def __init__(
        self, clock: Clock, rate: int = RATE, window: float = WINDOW, changed: Callable[[], None] = _nothing
    ) -> None:
        if rate < 1 or not window > 0:
            raise InvalidSettings(f"{rate} messages in {window} s is no pace.", next_step="Give at least 1 a second.")
        self._clock = clock
        self._rate = self._told = rate
        self._window = window
        self._changed = changed
        self._slots: deque[_Slot] = deque()
        self._before: deque[float] = deque()
        """When the messages of the window before the present one went."""
        self._last = self._due = -math.inf
        self._held_until = self._even_until = -math.inf
        self._violations = 0
        self._waiting: list[_Waiter] = []
        self._count = 0
        self._pump: asyncio.Task[None] | None = None

    async def admit(self, lane: Lane) -> None:
        """Return when one message of this lane may be sent; the caller sends it before it awaits anything else."""
        self._count += 1
        self._changed()
        if not self._waiting and self._wait() <= 0:
            self._stamp(self._take_slot())
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
        self._stamp(slot)

    def configure(self, rate: int) -> None:
        """Use another rate from now on; what IB's complaints had slowed down is forgotten.

        Raises:
            InvalidSettings: a rate below one.
        """
        if rate < 1:
            raise InvalidSettings(f"{rate} messages in {self._window} s is no pace.", next_step="Give at least 1.")
        if rate != self._told:
            self._told = self._rate = rate
            self._changed()

    def violated(self, text: str) -> None:
        """IB said that the pace was too fast: pause for a window, then go slower.

        Parameters:
            text: IB's words, which name its limit ("max=50 rec=51").
        """
        self._violations += 1
        self._held_until = self._clock.monotonic() + self._window
        named = _LIMIT.search(text)
        limit = int(named[1]) - MARGIN if named else self._rate
        slower = self._rate - max(self._rate // 10, 1)
        self._rate = max(min(limit, slower), 1)
        self._changed()

    def foresee(self, messages: int) -> None:
        """See `interfaces.Pacer`."""
        if messages > self._rate:
            self._even_until = self._clock.monotonic() + messages * self._gap

    def status(self) -> PaceStatus:
        self._forget(self._clock.monotonic())
        lanes = [waiter.lane for waiter in self._waiting]
        return PaceStatus(
            rate=self._rate,
            window=self._window,
            used=len(self._slots),
            waiting=tuple((lane, lanes.count(lane)) for lane in Lane),
            eta=self.eta(Lane.DATA),
            admitted=self.admitted,
            violations=self._violations,
        )

    def uses(self) -> tuple[LimitUse, ...]:
        """How much of the pace is used now."""
        self._forget(self._clock.monotonic())
        return (
            LimitUse(
                Limit.MESSAGES, len(self._slots), self._rate, self._window, len(self._waiting), self.eta(Lane.DATA)
            ),
        )

    def queues(self) -> tuple[LaneQueue, ...]:
        """What waits in each lane, the first lane first."""
        lanes = [waiter.lane for waiter in self._waiting]
        return tuple(LaneQueue(lane.name.lower(), lanes.count(lane), self.eta(lane)) for lane in Lane)

    @property
    def admitted(self) -> int:
        """Messages since the start."""
        return self._count - len(self._waiting)

    @property
    def violations(self) -> int:
        """How often IB has complained (error 100)."""
        return self._violations

    def eta(self, lane: Lane) -> float:
        """Seconds until a message asked for at this moment in this lane would go, if nothing of a higher lane comes."""
        ahead = sum(waiter.lane <= lane for waiter in self._waiting)
        return max(self._wait(), 0.0) + ahead * self._gap

    async def _run(self) -> None:
        """Give turns as slots come free. Lives while somebody waits."""
        while self._waiting:
            wait = self._wait()
            if wait <= 0:
                waiter = heapq.heappop(self._waiting)
                if waiter.turn.done():
                    continue  # cancelled, and its owner has not run on yet
                waiter.turn.set_result(self._take_slot())
            else:
                await self._clock.sleep(max(wait, SMALLEST_SLEEP))

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

    @property
    def _gap(self) -> float:
        return self._window / self._rate

    def _take_slot(self) -> _Slot:
        now = self._clock.monotonic()
        slot = _Slot(bunched=now - self._last < self._gap / 2)
        self._slots.append(slot)
        self._last = now
        # Gaps are kept from when a message was due, not from when a late timer let it go: lateness must not add up.
        self._due = min(max(self._due, now - self._gap / 4), now) + self._gap
        return slot

    def _stamp(self, slot: _Slot) -> None:
        """The message of this slot goes now."""
        written = self._last = self._clock.monotonic()
        loop = asyncio.get_running_loop()
        # Not the next pass but the one after: in the next one the loop looks at its sockets only after what is ready.
        loop.call_soon(loop.call_soon, self._passed, slot, written)

    def _passed(self, slot: _Slot, written: float) -> None:
        """The loop has come round since the message was written; it counts from now if that took long."""
        now = self._clock.monotonic()
        read = now if now - written > HELD_UP else written
        slot.at = read + BUNCH_DELAY if slot.bunched else read

    def _wait(self) -> float:
        """Seconds until the next message may go; zero or less where it may go now."""
        now = self._clock.monotonic()
        self._forget(now)
        wait = self._held_until - now
        if len(self._slots) >= self._rate:
            oldest = self._slots[0].at
            wait = max(wait, SMALLEST_SLEEP if math.isinf(oldest) else oldest + self._window - now)
        if now < self._even_until or len(self._slots) + len(self._before) >= self._rate:
            # No pause lately that a bunch could make up for, or more to come than a bunch would help.
            wait = max(wait, self._due - now)
        return wait

    def _forget(self, now: float) -> None:
        """Drop what has left its window; a slot stays behind an older one that has not been stamped yet."""
        while self._slots and self._slots[0].at <= now - self._window:
            self._before.append(self._slots.popleft().at)
        while self._before and self._before[0] <= now - 2 * self._window:
            self._before.popleft()

    def __repr__(self) -> str:
        return f"<SlidingWindowPacer {len(self._slots)}/{self._rate} in {self._window} s, {len(self._waiting)} wait>"
