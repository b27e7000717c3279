"""Watches how much of every limit is used: shows it, and warns before it is used up (CON-7).

Owns the warning's rule: at four fifths of a limit it is told once, and again only after the use has stayed below for
`QUIET` seconds, so that a load which swings about the mark is one episode, not a hundred alerts. Nothing is polled: the
meters say when something has changed; from then on the use is followed until it has come to rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.gateways import ORDERS
from ironbridge.domain.pacing import LaneQueue, Limit, LimitUse, PacingStatus
from ironbridge.interfaces import Clock, Topic
from ironbridge.session.deadline import within
from ironbridge.session.history_pace import HistoryPace
from ironbridge.session.pacing import SlidingWindowPacer

NEAR = 0.8
ALERT = "limit-near"
QUIET = 60.0
LIVELY = 0.5
"""Seconds between two looks while something moves: short against the window of a second."""
SLOW = 10.0
"""Seconds between two looks while only the ten-minute window empties."""


class Meter(Protocol):
    """Something that knows how much of a limit is used."""

    def uses(self) -> Sequence[LimitUse]: ...


class Counted:
    """A meter of what others keep count of.

    Parameters:
        limit: which of IB's limits this is.
        allowed: how many there may be, asked each time.
        used: how many there are.
    """

    def __init__(self, limit: Limit, allowed: Callable[[], int], used: Callable[[], int]) -> None:
        self._limit = limit
        self._allowed = allowed
        self._used = used

    def uses(self) -> tuple[LimitUse, ...]:
        return (LimitUse(self._limit, self._used(), self._allowed(), None),)


class Usage:
    """Every limit's use.

    Parameters:
        clock: stamps and paces what is told.
        changes: told the whole status when it has changed.
        alerts: told each limit that is nearly used up, once an episode.
        session: whose limits these are.
    """

    def __init__(self, clock: Clock, changes: Topic[PacingStatus], alerts: Topic[Alert], session: str = ORDERS) -> None:
        self._session = session
        self.changes = changes
        self.alerts = alerts
        self._clock = clock
        self._noted = asyncio.Event()
        self._messages: SlidingWindowPacer | None = None
        self._history: HistoryPace | None = None
        self._meters: list[Meter] = []
        self._episodes: dict[Limit, float | None] = {}
        """The limits that were near, and since when they are not: None while they are."""
        self._task: asyncio.Task[None] | None = None

    def note(self) -> None:
        """A meter's use has changed."""
        self._noted.set()

    def follow(self, messages: SlidingWindowPacer, history: HistoryPace, *meters: Meter) -> None:
        """Watch these."""
        self._messages, self._history = messages, history
        self._meters = [messages, history, *meters]
        self.note()

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="pacing usage")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def status(self) -> PacingStatus:
        """Every limit and queue, now."""
        messages, history = self._messages, self._history
        queues: tuple[LaneQueue, ...] = messages.queues() if messages else ()
        violations = (messages.violations if messages else 0) + (history.violations if history else 0)
        uses = tuple(use for meter in self._meters for use in meter.uses())
        return PacingStatus(
            session=self._session,
            at=self._clock.now(),
            limits=uses,
            lanes=queues,
            admitted=messages.admitted if messages else 0,
            violations=violations,
            near=frozenset(use.limit for use in uses if use.share >= NEAR),
        )

    def warn(self, status: PacingStatus) -> None:
        """Tell of each limit whose episode begins with this."""
        now = self._clock.monotonic()
        for use in status.limits:
            if use.limit in status.near:
                calm_since = self._episodes.get(use.limit, float("-inf"))
                self._episodes[use.limit] = None
                if calm_since is not None and now - calm_since >= QUIET:
                    self.alerts.publish(_alert(status.at, use))
            elif self._episodes.get(use.limit, 0.0) is None:
                self._episodes[use.limit] = now

    async def _run(self) -> None:
        told: PacingStatus | None = None
        while True:
            self._noted.clear()
            status = self.status()
            self.warn(status)
            if told is None or replace(status, at=told.at) != told:
                self.changes.publish(status)
                told = status
            if any(use.limit is Limit.MESSAGES and (use.used or use.waiting) for use in status.limits):
                await self._clock.sleep(LIVELY)
            elif any(use.seconds is not None and use.used for use in status.limits):
                await self._noted_within(SLOW)
            else:
                await self._noted.wait()

    async def _noted_within(self, seconds: float) -> None:
        try:
            await within(self._clock, seconds, self._noted.wait())
        except TimeoutError:
            return

    def __repr__(self) -> str:
        return f"<Usage of {len(self._meters)} meters>"


def _alert(at: datetime, use: LimitUse) -> Alert:
    over_time = use.seconds is not None
    return Alert(
        at,
        ALERT,
        AlertSeverity.WARNING,
        f"{use}.",
        "More may have to wait; ask for less, or tell the settings what your account may have."
        if over_time
        else "One too many is refused; end what is not needed, or tell the settings what your account has.",
    )
