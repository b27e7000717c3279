"""The pace of requests for the past (CON-7, I-13): IB's windows kept strictly, so that no 162 ever comes.

Four rules hold at once: so many in ten minutes, five for one contract, exchange and kind in two seconds, none the same
within fifteen, so many unanswered at one time. A request has its place from `turn` to the end of the block, which is
when its answer is there; it counts from `sent`, called as the bytes go, since what waits for its turn among the
messages must not count as long gone when it arrives. A block that ends unsent has cost nothing.

The longest waiting goes first. Who waits for his own contract or for a twin lets others pass; who waits for the shared
windows lets nobody pass, else a stream of single requests would starve a double one. Bars of a minute and more are
counted but hold nobody up: IB has lifted its windows for them, not the bound on unanswered ones.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ironbridge.domain.pacing import HistoryAsk, Limit, LimitUse
from ironbridge.interfaces import Clock
from ironbridge.session.deadline import within
from ironbridge.session.limits import LIMITS, TRANSIT, Limits

_WINDOW, _CONTRACT, _IDENTICAL = LIMITS[Limit.HISTORY], LIMITS[Limit.HISTORY_CONTRACT], LIMITS[Limit.HISTORY_IDENTICAL]
WINDOW = (_WINDOW.seconds or 0.0) + TRANSIT
CONTRACT_WINDOW = (_CONTRACT.seconds or 0.0) + TRANSIT
IDENTICAL_WINDOW = (_IDENTICAL.seconds or 0.0) + TRANSIT
PENALTY = 15.0
"""Seconds of silence after IB has complained: other programs of the same user share its count."""


def _nothing() -> None:
    pass


class _Place:
    """One request that was let through. `at` is infinite until its bytes go."""

    __slots__ = ("_pace", "ask", "at")

    def __init__(self, pace: HistoryPace, ask: HistoryAsk) -> None:
        self._pace = pace
        self.ask = ask
        self.at = math.inf

    def sent(self) -> None:
        """Its bytes go now."""
        self._pace.stamp(self)


@dataclass(slots=True, eq=False)
class _Waiter:
    ask: HistoryAsk
    turn: asyncio.Future[_Place]


class HistoryPace:
    """`interfaces.HistoryPacer`; see the module.

    Parameters:
        clock: measures the windows.
        limits: of the account.
        changed: called when the use or the queue has changed.
    """

    def __init__(self, clock: Clock, limits: Limits | None = None, changed: Callable[[], None] = _nothing) -> None:
        self._clock = clock
        self._limits = limits or Limits()
        self._changed = changed
        self._places: deque[_Place] = deque()
        """What may still count, in the order in which it was let through."""
        self._open = 0
        self._waiting: list[_Waiter] = []
        self._held_until = -math.inf
        self._news = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self.violations = 0

    @asynccontextmanager
    async def turn(self, ask: HistoryAsk) -> AsyncIterator[_Place]:
        """See `interfaces.HistoryPacer.turn`."""
        place = await self._admit(ask)
        try:
            yield place
        finally:
            self._release(place)

    def configure(self, limits: Limits) -> None:
        """Keep other limits from now on."""
        self._limits = limits
        self._news.set()
        self._changed()

    def stamp(self, place: _Place) -> None:
        place.at = self._clock.monotonic()
        self._news.set()

    def violated(self, text: str) -> None:
        """IB said that the pace was too fast: nothing goes for a while."""
        del text  # IB names no number in it
        self.violations += 1
        self._held_until = self._clock.monotonic() + PENALTY
        self._changed()

    def uses(self) -> tuple[LimitUse, ...]:
        """How much of each limit is used now."""
        now = self._clock.monotonic()
        self._forget(now)
        contracts: dict[Hashable, int] = {}
        for place in self._within(CONTRACT_WINDOW, now):
            key = _contract_of(place.ask)
            contracts[key] = contracts.get(key, 0) + 1
        waiting, weight = len(self._waiting), self._weight(now)
        return (
            LimitUse(Limit.HISTORY, weight, self._limits.history, _WINDOW.seconds, waiting, self._eta(now)),
            LimitUse(Limit.HISTORY_CONTRACT, max(contracts.values(), default=0), _CONTRACT.count, _CONTRACT.seconds),
            LimitUse(Limit.HISTORY_OPEN, self._open, self._limits.history_open, None),
        )

    async def _admit(self, ask: HistoryAsk) -> _Place:
        waiter = _Waiter(ask, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._give_turns()
        if not waiter.turn.done() and (self._pump is None or self._pump.done()):
            self._pump = asyncio.create_task(self._run(), name="history pace")
        try:
            return await waiter.turn
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                self._news.set()
            elif not waiter.turn.cancelled():
                self._release(waiter.turn.result())
            raise

    def _release(self, place: _Place) -> None:
        """The answer is there, or will not be waited for; what was never sent does not count."""
        self._open -= 1
        if math.isinf(place.at):
            self._places.remove(place)
        self._news.set()
        self._changed()

    async def _run(self) -> None:
        """Give turns as they come due. Lives while somebody waits."""
        while self._waiting:
            self._news.clear()
            wait = self._give_turns()
            if not self._waiting:
                return
            if math.isinf(wait):
                await self._news.wait()
                continue
            try:
                await within(self._clock, wait, self._news.wait())
            except TimeoutError:
                continue

    def _give_turns(self) -> float:
        """Let through whoever may go now; returns the seconds until the next look is worth while."""
        now = self._clock.monotonic()
        self._forget(now)
        soonest, blocked = math.inf, False
        for waiter in tuple(self._waiting):
            if self._open >= self._limits.history_open:
                break
            if waiter.turn.done():
                continue  # cancelled, and its owner has not run on yet: it takes itself out
            ask = waiter.ask
            if blocked and ask.short:
                continue
            shared = max(self._held_until - now, self._room_in(ask.weight, now) if ask.short else 0.0)
            wait = max(shared, self._own_wait(ask, now))
            if wait <= 0:
                self._waiting.remove(waiter)
                place = _Place(self, ask)
                self._places.append(place)
                self._open += 1
                waiter.turn.set_result(place)
                self._changed()
            else:
                blocked = blocked or shared > 0
                soonest = min(soonest, wait)
        return soonest

    def _own_wait(self, ask: HistoryAsk, now: float) -> float:
        if not ask.short:
            # It must not take the room that a short one was promised and has not used yet.
            return math.inf if any(place.ask.short and math.isinf(place.at) for place in self._places) else 0.0
        wait = 0.0
        twins = [place.at for place in self._within(IDENTICAL_WINDOW, now) if _same(place.ask, ask)]
        if twins:
            wait = max(twins) + IDENTICAL_WINDOW - now
        key = _contract_of(ask)
        near = sorted(place.at for place in self._within(CONTRACT_WINDOW, now) if _contract_of(place.ask) == key)
        if len(near) >= _CONTRACT.count:
            wait = max(wait, near[len(near) - _CONTRACT.count] + CONTRACT_WINDOW - now)
        return wait

    def _room_in(self, weight: int, now: float) -> float:
        """Seconds until the ten-minute window has room for so much; infinite where that hangs on what is not sent."""
        over = self._weight(now) + weight - self._limits.history
        if over <= 0:
            return 0.0
        for place in sorted(self._within(WINDOW, now), key=lambda place: place.at):
            over -= place.ask.weight
            if over <= 0:
                return place.at + WINDOW - now
        return math.inf

    def _eta(self, now: float) -> float:
        """Seconds until a request asked for at this moment would go, as far as the ten-minute window is concerned."""
        windows, ahead = divmod(sum(waiter.ask.weight for waiter in self._waiting), self._limits.history)
        return windows * WINDOW + min(self._room_in(ahead + 1, now), WINDOW)

    def _weight(self, now: float) -> int:
        return sum(place.ask.weight for place in self._within(WINDOW, now))

    def _within(self, window: float, now: float) -> list[_Place]:
        """What was sent within the window, and what is about to be."""
        return [place for place in self._places if place.at > now - window]

    def _forget(self, now: float) -> None:
        while self._places and self._places[0].at <= now - WINDOW:
            self._places.popleft()

    def __repr__(self) -> str:
        return f"<HistoryPace {self._open} open, {len(self._waiting)} wait>"


def _contract_of(ask: HistoryAsk) -> Hashable:
    return (ask.contract, ask.exchange, ask.kind)


def _same(one: HistoryAsk, other: HistoryAsk) -> bool:
    return _contract_of(one) == _contract_of(other) and one.content == other.content
