"""Looks after the session day and night, and raises an alert where a person is needed: the task around `Watch`.

Owns when to look: at each change of the session, and at the moments that `Watch` asks for. What it raises goes to the
topic and to the log; it never acts on the session.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.session import SessionChanged
from ironbridge.errors import SlowConsumer
from ironbridge.interfaces import Clock, Subscription, Topic
from ironbridge.session.calendar import SessionCalendar
from ironbridge.session.watch import Standing, Watch

logger = logging.getLogger(__name__)

LEVELS = {
    AlertSeverity.INFO: logging.INFO,
    AlertSeverity.WARNING: logging.WARNING,
    AlertSeverity.CRITICAL: logging.CRITICAL,
}


class Lookout:
    """The look-out over one session.

    Parameters:
        standing: how the session stands at this moment.
        changes: tells that it may stand otherwise now.
        calendar: what is expected of its gateway at this moment.
        clock: time.
        alerts: where alerts go.
        watch: decides.
    """

    def __init__(
        self,
        standing: Callable[[], Standing],
        changes: Topic[SessionChanged],
        calendar: Callable[[], SessionCalendar],
        clock: Clock,
        alerts: Topic[Alert],
        watch: Watch | None = None,
    ) -> None:
        self._standing = standing
        self._changes = changes
        self._calendar = calendar
        self._clock = clock
        self._alerts = alerts
        self._watch = watch or Watch()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look. What changes from now on is seen."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(self._changes.subscribe()), name="session look-out")

    async def stop(self) -> None:
        """Stop looking."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, changes: Subscription[SessionChanged]) -> None:
        with changes:
            news = asyncio.ensure_future(_heard(changes))
            try:
                while True:
                    now = self._clock.now()
                    alerts, again = self._watch.look(now, self._standing(), self._calendar())
                    for alert in alerts:
                        logger.log(LEVELS[alert.severity], "%s", alert, extra={"alert": alert.kind})
                        self._alerts.publish(alert)
                    alarm = asyncio.ensure_future(
                        self._clock.sleep((again - now).total_seconds())
                        if again is not None
                        else asyncio.Event().wait()
                    )
                    try:
                        await asyncio.wait({news, alarm}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        alarm.cancel()
                        await asyncio.wait({alarm})
                    if news.done():
                        if not news.result():
                            return
                        news = asyncio.ensure_future(_heard(changes))
            finally:
                news.cancel()
                await asyncio.wait({news})


async def _heard(changes: Subscription[SessionChanged]) -> bool:
    """Whether something has changed; False where nothing will any more."""
    try:
        await anext(changes)
    except StopAsyncIteration:
        return False
    except SlowConsumer:
        return True  # what was missed is seen in how the session stands now
    return True
