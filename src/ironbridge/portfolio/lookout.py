"""Looks at every account, time and again, and raises an alert where a person is needed: the task around `watch`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Protocol

from ironbridge.domain.account import Funds, Position
from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.interfaces import Clock, Topic
from ironbridge.portfolio.watch import AccountWatch, Standing, Thresholds

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks: margin moves with prices, and IB liquidates within minutes."""

LEVELS = {
    AlertSeverity.INFO: logging.INFO,
    AlertSeverity.WARNING: logging.WARNING,
    AlertSeverity.CRITICAL: logging.CRITICAL,
}


class Accounts(Protocol):
    """What of a portfolio is looked at."""

    @property
    def accounts(self) -> tuple[str, ...]: ...

    def held(self, account: str) -> Sequence[Position] | None: ...

    def funds(self, account: str) -> Funds: ...

    def fx(self, account: str, currency: str) -> Decimal | None: ...


def standings_of(portfolio: Accounts) -> list[Standing]:
    """Every account as `watch` judges it; what is not known now is not there to be judged."""
    found = []
    for account in portfolio.accounts:
        worth = {}
        for position in portfolio.held(account) or ():
            rate = portfolio.fx(account, position.instrument.currency)
            if rate is not None and position.market_value is not None:
                worth[str(position.instrument)] = position.market_value * rate
        found.append(Standing(portfolio.funds(account), worth))
    return found


class AccountLookout:
    """The look-out over the accounts.

    Parameters:
        portfolio: where the accounts are.
        thresholds: what is in force at this moment.
        clock: time.
        alerts: where alerts go.
    """

    def __init__(
        self,
        portfolio: Accounts,
        thresholds: Callable[[], Thresholds],
        clock: Clock,
        alerts: Topic[Alert],
    ) -> None:
        self._portfolio = portfolio
        self._thresholds = thresholds
        self._clock = clock
        self._alerts = alerts
        self._watch = AccountWatch()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="account look-out")

    async def stop(self) -> None:
        """Stop looking."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            for alert in self._watch.look(self._clock.now(), standings_of(self._portfolio), self._thresholds()):
                logger.log(LEVELS[alert.severity], "%s", alert, extra={"alert": alert.kind})
                self._alerts.publish(alert)
            await self._clock.sleep(EVERY)
