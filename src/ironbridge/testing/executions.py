"""Executions kept in memory, for programs that are tested without a database. Held to the tests of the one in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from ironbridge.domain.executions import CashOpening, Execution, ExecutionFilter, Opening
from ironbridge.domain.order_state import execution_identity
from ironbridge.domain.pnl import DayStart
from ironbridge.domain.reports import CommissionReport, ExecutionReport
from ironbridge.errors import StorageError


class MemoryExecutions:
    """What `ironbridge.store.SqlExecutions` is, as long as it lives.

    Attributes:
        fail: raised by every call that would keep something, if set.
    """

    def __init__(self) -> None:
        self._executions: dict[str, tuple[int, ExecutionReport]] = {}
        self._commissions: dict[str, CommissionReport] = {}
        self._openings: dict[tuple[str, int], Opening] = {}
        self._cash: dict[tuple[str, str], CashOpening] = {}
        self._days: dict[str, DayStart] = {}
        self.fail: StorageError | None = None

    async def keep(self, executions: Sequence[ExecutionReport], commissions: Sequence[CommissionReport]) -> None:
        self._check()
        for report in executions:
            self._executions.setdefault(report.execution_id, (len(self._executions) + 1, report))
        self._commissions |= {report.execution_id: report for report in commissions}

    async def keep_openings(self, openings: Sequence[Opening], cash: Sequence[CashOpening]) -> None:
        self._check()
        self._openings |= {(each.account, each.instrument.con_id): each for each in openings}
        self._cash |= {(each.account, each.currency): each for each in cash}

    async def keep_day(self, start: DayStart) -> None:
        self._check()
        self._days[start.account] = start

    async def load(
        self,
    ) -> tuple[list[ExecutionReport], list[CommissionReport], list[Opening], list[CashOpening]]:
        newest = [versions[-1][1] for versions in self._versions()]
        return newest, list(self._commissions.values()), list(self._openings.values()), list(self._cash.values())

    async def days(self) -> list[DayStart]:
        return list(self._days.values())

    async def page(self, chosen: ExecutionFilter, limit: int, before: int | None = None) -> list[Execution]:
        found = [self._joined(versions) for versions in self._versions() if _fits(versions[-1][1], chosen)]
        found.sort(key=lambda each: (each.report.time, each.number), reverse=True)
        if before is not None:
            last = next(report for number, report in self._executions.values() if number == before)
            found = [each for each in found if (each.report.time, each.number) < (last.time, before)]
        return found[:limit]

    def _versions(self) -> list[list[tuple[int, ExecutionReport]]]:
        """Every fill, as its corrections, the oldest first."""
        fills: dict[str, list[tuple[int, ExecutionReport]]] = {}
        for number, report in self._executions.values():
            fills.setdefault(execution_identity(report.execution_id)[0], []).append((number, report))
        for versions in fills.values():
            versions.sort(key=lambda each: execution_identity(each[1].execution_id)[1])
        return sorted(fills.values(), key=lambda versions: versions[-1][0])

    def _joined(self, versions: list[tuple[int, ExecutionReport]]) -> Execution:
        number, report = versions[-1]
        identity = execution_identity(report.execution_id)[0]
        costs = [each for each in self._commissions.values() if execution_identity(each.execution_id)[0] == identity]
        newest = max(costs, key=lambda each: execution_identity(each.execution_id)[1], default=None)
        return Execution(number, report, newest, tuple(each for _, each in versions[:-1]))

    def _check(self) -> None:
        if self.fail is not None:
            raise self.fail


def _fits(report: ExecutionReport, chosen: ExecutionFilter) -> bool:
    wanted = (
        (chosen.account, report.account),
        (chosen.symbol, report.instrument.symbol),
        (chosen.con_id, report.instrument.con_id),
        (chosen.side, report.side),
        (chosen.ref, report.ref),
    )
    return (
        all(asked is None or asked == is_ for asked, is_ in wanted)
        and (chosen.since is None or report.time >= chosen.since)
        and (chosen.until is None or report.time < chosen.until)
    )
