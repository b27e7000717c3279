"""Holds our numbers against the broker's, time and again, and tells where they stay apart.

The task around `checking`: it looks every few seconds while the session is whole, asks for the broker's executions
where a difference begins to last, and tells a person of one that they do not explain. It changes no number: which side
is right is a person's to say (`Portfolio.accept`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.discrepancy import Discrepancy, Matter
from ironbridge.errors import IronbridgeError
from ironbridge.interfaces import Clock, Topic
from ironbridge.portfolio.checking import Differences

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks."""

_STEPS = {
    Matter.POSITION: (
        "Trades of other programs (IB tells of them only client id 0 and the master client), trades made while this "
        "was not connected, transfers, exercises and corporate actions do this. See where it is from; then accept "
        "the broker's number: ironbridge account accept."
    ),
    Matter.CASH: (
        "Deposits, dividends, interest and fees do this. See where it is from; then accept the broker's number: "
        "ironbridge account accept."
    ),
}


class Checker:
    """The checks of one portfolio.

    Parameters:
        find: everything that differs now; None while the session is not whole.
        ask: asks the broker for its executions and takes them.
        clock: time.
        alerts: where differences are told.
    """

    def __init__(
        self,
        find: Callable[[datetime], Iterable[Discrepancy] | None],
        ask: Callable[[], Awaitable[object]],
        clock: Clock,
        alerts: Topic[Alert] | None,
    ) -> None:
        self._find = find
        self._ask = ask
        self._clock = clock
        self._alerts = alerts
        self._differences = Differences()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="portfolio checks")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def interrupt(self) -> None:
        """The session is not whole: what stood did not stand for want of news."""
        self._differences.interrupt(self._clock.now())

    def reported(self) -> list[Discrepancy]:
        return self._differences.reported()

    def look(self) -> bool:
        """Compare once; whether the broker should be asked for its executions."""
        now = self._clock.now()
        found = self._find(now)
        if found is None:
            return False
        told, gone, ask = self._differences.look(found, now)
        for each in told:
            self._tell(Alert(now, f"{each.matter}-differs", AlertSeverity.WARNING, str(each), _STEPS[each.matter]))
        for each in gone:
            what = each.currency if each.instrument is None else str(each.instrument)
            text = f"{each.account}: {what} agrees with the broker again."
            self._tell(Alert(now, f"{each.matter}-agrees", AlertSeverity.INFO, text))
        return ask

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(EVERY)
            if self.look():
                try:
                    await self._ask()
                except IronbridgeError as error:
                    logger.info("The broker's executions could not be asked for: %s", error)

    def _tell(self, alert: Alert) -> None:
        level = logging.INFO if alert.severity is AlertSeverity.INFO else logging.WARNING
        logger.log(level, "%s", alert, extra={"alert": alert.kind})
        if self._alerts is not None:
            self._alerts.publish(alert)
