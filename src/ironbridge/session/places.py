"""Streams of which an account may have few at one time: market depth, tick by tick (CON-7).

Owns the count and, for tick by tick, the time between two requests for one instrument. One too many is refused here,
before anything is sent, because waiting for a place could be waiting for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

from ironbridge.domain.pacing import Limit, LimitUse
from ironbridge.errors import LineLimitReached
from ironbridge.interfaces import Clock
from ironbridge.session.limits import TRANSIT


def _nothing() -> None:
    pass


class LimitedStreams:
    """`interfaces.StreamPlaces`.

    Parameters:
        limit: which of IB's limits this is.
        count: streams at one time.
        clock: measures the spacing.
        spacing: seconds between two requests for one instrument; 0 for none.
        changed: called when the use has changed.
    """

    def __init__(
        self, limit: Limit, count: int, clock: Clock, spacing: float = 0.0, changed: Callable[[], None] = _nothing
    ) -> None:
        self._limit = limit
        self._allowed = count
        self._clock = clock
        self._spacing = spacing + TRANSIT if spacing > 0 else 0.0
        self._changed = changed
        self._held: Counter[Hashable] = Counter()
        self._next: dict[Hashable, float] = {}
        """When an instrument may be asked for again."""
        self._waiting = 0

    async def take(self, instrument: Hashable) -> None:
        """See `interfaces.StreamPlaces.take`."""
        if self._held.total() >= self._allowed:
            raise LineLimitReached(
                f"All {self._allowed} {self._limit.replace('_', '-')} streams of the account are taken.",
                next_step="End another one first, or set the limit to what your account has.",
                limit=self._allowed,
            )
        self._held[instrument] += 1
        self._changed()
        now = self._clock.monotonic()
        due = max(self._next.get(instrument, now), now)
        if self._spacing:
            # Taken before the wait, so that two who ask at once are spaced from each other too.
            self._next = {key: at for key, at in self._next.items() if at > now} | {instrument: due + self._spacing}
        if due <= now:
            return
        self._waiting += 1
        try:
            await self._clock.sleep(due - now)
        except BaseException:
            # Not asked for after all: the place is free again.
            self.release(instrument)
            raise
        finally:
            self._waiting -= 1

    def configure(self, count: int) -> None:
        """Allow so many from now on; streams beyond a lower number stay until they end."""
        self._allowed = count
        self._changed()

    def release(self, instrument: Hashable) -> None:
        """See `interfaces.StreamPlaces.release`."""
        self._held[instrument] -= 1
        if self._held[instrument] <= 0:
            del self._held[instrument]
        self._changed()

    def uses(self) -> tuple[LimitUse, ...]:
        return (LimitUse(self._limit, self._held.total(), self._allowed, None, self._waiting),)

    def __repr__(self) -> str:
        return f"<LimitedStreams {self._limit}: {self._held.total()}/{self._allowed}>"
