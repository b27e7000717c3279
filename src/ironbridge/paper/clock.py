"""The gateway's own time: real, shifted, faster or stepped by hand.

Owns the mapping from the machine's steady clock to the venue's moment. Invariant: the moment never goes back, whatever
is done to start, speed or pace; the venue would refuse it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ironbridge.errors import InvalidInput


class PaperClock:
    """A clock that can start at any moment and run at any speed.

    Parameters:
        start: the moment at which it begins, aware; None is the present.
        speed: seconds of the gateway per second of the machine; 0 stands still until `step` or `jump`.
        steady: the machine's steady clock, in seconds.
    """

    def __init__(
        self, start: datetime | None = None, speed: float = 1.0, *, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._steady = steady
        self._speed = _checked(speed)
        self._base = _aware(start) if start is not None else datetime.now(UTC)
        self._since = steady()

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> datetime:
        """The present moment at the venue, in UTC."""
        return self._base + timedelta(seconds=(self._steady() - self._since) * self._speed)

    def run_at(self, speed: float) -> None:
        """Go on from the present moment at another speed.

        Raises:
            InvalidInput: a negative speed, or none at all.
        """
        speed = _checked(speed)
        self._rebase(self.now())
        self._speed = speed

    def step(self, by: timedelta) -> datetime:
        """Move on by this much at once; returns the new moment.

        Raises:
            InvalidInput: the step goes back.
        """
        if by < timedelta(0):
            raise InvalidInput(f"A step of {by} goes back; the venue's time only moves on.")
        self._rebase(self.now() + by)
        return self._base

    def jump(self, to: datetime) -> datetime:
        """Move on to a moment.

        Raises:
            InvalidInput: it is in the past of this clock, or carries no zone.
        """
        moment = _aware(to)
        if moment < self.now():
            raise InvalidInput(
                f"{moment.isoformat()} is before the gateway's present, {self.now().isoformat()}.",
                next_step="Give a later moment, or start another gateway there.",
            )
        self._rebase(moment)
        return moment

    def _rebase(self, moment: datetime) -> None:
        self._base = moment
        self._since = self._steady()

    def __repr__(self) -> str:
        return f"<PaperClock {self.now().isoformat()} at {self._speed:g}x>"


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InvalidInput(f"{moment.isoformat()} has no time zone.", next_step="Give an aware datetime.")
    return moment.astimezone(UTC)


def _checked(speed: float) -> float:
    # The comparison is false for NaN too.
    if not 0 <= speed <= MAX_SPEED:
        raise InvalidInput(f"A clock cannot run at {speed!r} times real time.", next_step=f"Give 0 to {MAX_SPEED:g}.")
    return float(speed)


MAX_SPEED = 1_000_000.0
"""Eleven days a second: beyond it one step of the gateway spans years and no client can follow."""
