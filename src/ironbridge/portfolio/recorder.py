"""Everything that was executed: folded at once, kept soon after (ACC-4).

An execution counts the moment it is heard; keeping it is a task of its own, so that the ear never waits for a disk.
What cannot be kept stays here and is tried again, and a person is told: nothing that was heard is dropped. After a kill
between the two, the journal (for our own orders) and the broker (for today's) tell it again, and it is kept once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.events import Fill
from ironbridge.domain.executions import CashOpening, Execution, ExecutionFilter, Opening
from ironbridge.domain.order_state import Order
from ironbridge.domain.pnl import DayStart
from ironbridge.domain.reports import CommissionReport, ExecutionReport
from ironbridge.errors import StorageError
from ironbridge.interfaces import Clock, Topic
from ironbridge.portfolio.ledger import Ledger

logger = logging.getLogger(__name__)

AGAIN_AFTER = 5.0
"""Seconds until what could not be kept is tried again."""


class ExecutionStore(Protocol):
    """Where executions are kept for good. Every call raises `StorageError` where it could not do its part."""

    async def keep(self, executions: Sequence[ExecutionReport], commissions: Sequence[CommissionReport]) -> None: ...

    async def keep_openings(self, openings: Sequence[Opening], cash: Sequence[CashOpening]) -> None: ...

    async def keep_day(self, start: DayStart) -> None: ...

    async def load(
        self,
    ) -> tuple[list[ExecutionReport], list[CommissionReport], list[Opening], list[CashOpening]]: ...

    async def days(self) -> list[DayStart]: ...

    async def page(self, chosen: ExecutionFilter, limit: int, before: int | None = None) -> list[Execution]: ...


class Recorder:
    """The ledger, and what keeps it.

    Parameters:
        store: where everything is kept.
        clock: time.
        alerts: told where something cannot be kept.
    """

    def __init__(self, store: ExecutionStore, clock: Clock, alerts: Topic[Alert] | None = None) -> None:
        self._store = store
        self._clock = clock
        self._alerts = alerts
        self.ledger = Ledger()
        self._executions: list[ExecutionReport] = []
        self._commissions: list[CommissionReport] = []
        self._cash: list[CashOpening] = []
        self._days: list[DayStart] = []
        self._news = asyncio.Event()
        self._kept = asyncio.Event()
        self._kept.set()
        self._task: asyncio.Task[None] | None = None
        self._failing = False
        self.counted = 0
        """Rises with everything that `take` and `charge` count."""

    async def start(self, orders: Iterable[Order] = ()) -> list[DayStart]:
        """Read what is kept, take what the journal of orders knows beside it, and begin to keep.

        Returns:
            Where the accounts' last known days began.

        Raises:
            StorageError: it cannot be read.
        """
        executions, commissions, openings, cash = await self._store.load()
        for execution in executions:
            self.ledger.take(execution)
        for commission in commissions:
            self.ledger.charge(commission)
        self.ledger.restore(openings, cash)
        for order in orders:
            self._adopt(order)
        days = await self._store.days()
        self._task = asyncio.create_task(self._run(), name="executions are kept")
        return days

    async def stop(self) -> None:
        """Keep what there is, once more where it fails, and end."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            if self._pending():
                with suppress(StorageError):
                    await self._keep()

    def take(self, execution: ExecutionReport) -> bool:
        """Count an execution; whether it changed anything."""
        if not self.ledger.take(execution):
            return False
        self._executions.append(execution)
        self.counted += 1
        self.notify()
        return True

    def charge(self, commission: CommissionReport) -> bool:
        """Count a commission; whether it changed anything."""
        if not self.ledger.charge(commission):
            return False
        self._commissions.append(commission)
        self.counted += 1
        self.notify()
        return True

    def keep_cash(self, openings: Iterable[CashOpening]) -> None:
        self._cash += openings
        self.notify()

    def keep_day(self, start: DayStart) -> None:
        self._days.append(start)
        self.notify()

    async def page(self, chosen: ExecutionFilter, limit: int, before: int | None = None) -> list[Execution]:
        """See `ExecutionStore.page`; what was heard before the call is in it.

        Raises:
            StorageError: they cannot be read, or what was heard last cannot be kept.
        """
        if self._pending() and self._task is not None:
            await self._kept.wait()
            if self._failing:
                raise StorageError(
                    "The newest executions could not be kept, so a list would lack them.",
                    next_step="See the alerts; it is tried again by itself.",
                )
        return await self._store.page(chosen, limit, before)

    def _adopt(self, order: Order) -> None:
        """Fills that the journal has, from a time when nothing else was kept, or from just before a kill."""
        for fill in order.fills:
            if self.ledger.known(fill.execution_id) is None:
                self.take(_report(order, fill))
        for part in order.commissions:
            if self.ledger.commission(part.execution_id) is None:
                self.charge(CommissionReport(part.execution_id, part.amount, part.currency, part.realized_pnl))

    def _pending(self) -> bool:
        return bool(self._executions or self._commissions or self._cash or self._days or self.ledger.made)

    def notify(self) -> None:
        """There is something to keep: openings that the ledger has made, say."""
        self._kept.clear()
        self._news.set()

    async def _run(self) -> None:
        if self._pending():
            self.notify()
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._keep()
            except StorageError as error:
                self._complain(error)
                self._kept.set()
                await self._clock.sleep(AGAIN_AFTER)
                self.notify()
            else:
                self._failing = False
                if not self._pending():
                    self._kept.set()

    async def _keep(self) -> None:
        executions, commissions = list(self._executions), list(self._commissions)
        if executions or commissions:
            await self._store.keep(executions, commissions)
            del self._executions[: len(executions)], self._commissions[: len(commissions)]
        openings, cash = list(self.ledger.made), list(self._cash)
        if openings or cash:
            await self._store.keep_openings(openings, cash)
            del self.ledger.made[: len(openings)], self._cash[: len(cash)]
        while self._days:
            await self._store.keep_day(self._days[0])
            del self._days[0]

    def _complain(self, error: StorageError) -> None:
        if self._failing:
            return
        self._failing = True
        alert = Alert(
            self._clock.now(),
            "executions-not-kept",
            AlertSeverity.CRITICAL,
            f"Executions could not be kept: {error}",
            error.next_step or "They are held in memory and tried again; do not end the program before.",
        )
        logger.critical("%s", alert, extra={"alert": alert.kind})
        if self._alerts is not None:
            self._alerts.publish(alert)


def _report(order: Order, fill: Fill) -> ExecutionReport:
    request = order.request
    return ExecutionReport(
        fill.execution_id,
        order.order_id,
        order.client_id,
        order.perm_id,
        request.ref,
        request.account,
        request.instrument,
        fill.side,
        fill.quantity,
        fill.price,
        fill.quantity,
        None,
        fill.time,
        fill.exchange,
    )
