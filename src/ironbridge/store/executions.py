"""Executions in SQL, kept for good (ACC-4): every correction of every fill, its commission, and what was held before.

Idempotent by execution id: the same one again adds nothing, so that what is heard twice, or asked for after each
reconnect, is there once (I-15). What is listed is each fill in its newest correction; the earlier ones are its history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Select, delete, func, insert, select, tuple_

from ironbridge.domain.executions import CashOpening, Execution, ExecutionFilter, Opening
from ironbridge.domain.order_state import execution_identity
from ironbridge.domain.pnl import DayStart
from ironbridge.domain.reports import CommissionReport, ExecutionReport
from ironbridge.errors import IronbridgeError, StorageError
from ironbridge.store.engine import Database
from ironbridge.store.tables import CASH_OPENINGS, COMMISSIONS, DAY_STARTS, EXECUTIONS, OPENINGS

T = TypeVar("T")

VERSION = 1
"""Of the payloads written today."""

_CHUNK = 400
"""Names in one IN (...): SQLite takes 999 variables in a statement."""

E = EXECUTIONS.c


class SqlExecutions:
    """An execution store in a database.

    Parameters:
        database: opened by its owner.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, executions: Sequence[ExecutionReport], commissions: Sequence[CommissionReport]) -> None:
        """Add what is new of these, in one transaction.

        Raises:
            StorageError: nothing was added.
        """
        await self._database.write(lambda connection: _keep(connection, executions, commissions))

    async def keep_openings(self, openings: Sequence[Opening], cash: Sequence[CashOpening]) -> None:
        """Set what was held at the start, in place of what was set before.

        Raises:
            StorageError: nothing was set.
        """
        await self._database.write(lambda connection: _keep_openings(connection, openings, cash))

    async def keep_day(self, start: DayStart) -> None:
        """Set where an account's day began.

        Raises:
            StorageError: it was not set.
        """
        await self._database.write(lambda connection: _keep_day(connection, start))

    async def load(self) -> tuple[list[ExecutionReport], list[CommissionReport], list[Opening], list[CashOpening]]:
        """Everything, executions in the order in which they became known, each in its newest correction.

        Raises:
            StorageError: it cannot be read.
        """
        return await self._database.read(_load)

    async def days(self) -> list[DayStart]:
        """Where each account's last known day began."""
        return await self._database.read(_days)

    async def page(self, chosen: ExecutionFilter, limit: int, before: int | None = None) -> list[Execution]:
        """Fills by the time of their execution, the newest first.

        Parameters:
            chosen: which.
            limit: how many at most.
            before: only those that come after the fill of this number in this order: the last of the page before.

        Raises:
            StorageError: they cannot be read.
        """
        return await self._database.read(lambda connection: _page(connection, chosen, limit, before))


def _keep(
    connection: Connection, executions: Sequence[ExecutionReport], commissions: Sequence[CommissionReport]
) -> None:
    fresh = {report.execution_id: report for report in executions}
    for known in _known(connection, E.execution_id, fresh):
        del fresh[known]
    number = connection.execute(select(func.max(E.number))).scalar() or 0
    rows = [_row(number + n, report) for n, report in enumerate(fresh.values(), start=1)]
    if rows:
        connection.execute(insert(EXECUTIONS), rows)
    charged = {report.execution_id: report for report in commissions}
    if charged:
        for chunk in _chunks(charged):
            connection.execute(delete(COMMISSIONS).where(COMMISSIONS.c.execution_id.in_(chunk)))
        connection.execute(insert(COMMISSIONS), [_commission_row(report) for report in charged.values()])


def _row(number: int, report: ExecutionReport) -> dict[str, Any]:
    identity, correction = execution_identity(report.execution_id)
    return {
        "number": number,
        "execution_id": report.execution_id,
        "identity": identity,
        "correction": correction,
        "account": report.account,
        "con_id": report.instrument.con_id,
        "symbol": report.instrument.symbol,
        "side": report.side.value,
        "at": _moment(report.time),
        "ref": report.ref,
        "version": VERSION,
        "payload": msgspec.json.encode(report).decode(),
    }


def _commission_row(report: CommissionReport) -> dict[str, Any]:
    identity, correction = execution_identity(report.execution_id)
    return {
        "execution_id": report.execution_id,
        "identity": identity,
        "correction": correction,
        "amount": str(report.commission),
        "currency": report.currency,
        "realized_pnl": None if report.realized_pnl is None else str(report.realized_pnl),
    }


def _keep_openings(connection: Connection, openings: Sequence[Opening], cash: Sequence[CashOpening]) -> None:
    for opening in openings:
        con_id = opening.instrument.con_id
        connection.execute(
            delete(OPENINGS).where((OPENINGS.c.account == opening.account) & (OPENINGS.c.con_id == con_id))
        )
        payload = msgspec.json.encode(opening).decode()
        connection.execute(
            insert(OPENINGS).values(account=opening.account, con_id=con_id, version=VERSION, payload=payload)
        )
    columns = CASH_OPENINGS.c
    for each in cash:
        connection.execute(
            delete(CASH_OPENINGS).where((columns.account == each.account) & (columns.currency == each.currency))
        )
        connection.execute(
            insert(CASH_OPENINGS).values(
                account=each.account, currency=each.currency, amount=str(each.amount), at=_moment(each.at)
            )
        )


def _keep_day(connection: Connection, start: DayStart) -> None:
    connection.execute(delete(DAY_STARTS).where(DAY_STARTS.c.account == start.account))
    connection.execute(
        insert(DAY_STARTS).values(
            account=start.account,
            day=start.day.isoformat(),
            currency=start.currency,
            amount=str(start.amount),
            at=_moment(start.at),
            whole=int(start.whole),
        )
    )


def _load(
    connection: Connection,
) -> tuple[list[ExecutionReport], list[CommissionReport], list[Opening], list[CashOpening]]:
    executions = [_execution(row) for row in connection.execute(_newest().order_by(E.number)).mappings()]
    commissions = [_commission(row) for row in connection.execute(select(COMMISSIONS)).mappings()]
    openings = [
        _decoded(row["version"], row["payload"], Opening) for row in connection.execute(select(OPENINGS)).mappings()
    ]
    cash = [
        CashOpening(row["account"], row["currency"], Decimal(row["amount"]), datetime.fromisoformat(row["at"]))
        for row in connection.execute(select(CASH_OPENINGS)).mappings()
    ]
    return executions, commissions, openings, cash


def _days(connection: Connection) -> list[DayStart]:
    return [
        DayStart(
            row["account"],
            date.fromisoformat(row["day"]),
            row["currency"],
            Decimal(row["amount"]),
            datetime.fromisoformat(row["at"]),
            bool(row["whole"]),
        )
        for row in connection.execute(select(DAY_STARTS)).mappings()
    ]


def _newest() -> Select[Any]:
    later = EXECUTIONS.alias("later")
    corrected = select(later.c.number).where((later.c.identity == E.identity) & (later.c.correction > E.correction))
    return select(EXECUTIONS).where(~corrected.exists())


def _page(connection: Connection, chosen: ExecutionFilter, limit: int, before: int | None) -> list[Execution]:
    query = _newest().order_by(E.at.desc(), E.number.desc()).limit(limit)
    wanted = ((E.account, chosen.account), (E.symbol, chosen.symbol), (E.con_id, chosen.con_id), (E.ref, chosen.ref))
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    if chosen.side is not None:
        query = query.where(E.side == chosen.side.value)
    if chosen.since is not None:
        query = query.where(E.at >= _moment(chosen.since))
    if chosen.until is not None:
        query = query.where(E.at < _moment(chosen.until))
    if before is not None:
        last = EXECUTIONS.alias("last")
        moment = select(last.c.at).where(last.c.number == before).scalar_subquery()
        query = query.where(tuple_(E.at, E.number) < tuple_(moment, before))
    rows = list(connection.execute(query).mappings())
    return _joined(connection, rows)


def _joined(connection: Connection, rows: Sequence[Any]) -> list[Execution]:
    identities = [row["identity"] for row in rows]
    earlier: dict[str, list[ExecutionReport]] = defaultdict(list)
    commissions: dict[str, CommissionReport] = {}
    newest = {row["identity"]: row["correction"] for row in rows}
    for chunk in _chunks(identities):
        history = select(EXECUTIONS).where(E.identity.in_(chunk)).order_by(E.correction)
        for row in connection.execute(history).mappings():
            if row["correction"] < newest[row["identity"]]:
                earlier[row["identity"]].append(_execution(row))
        columns = COMMISSIONS.c
        costs = select(COMMISSIONS).where(columns.identity.in_(chunk)).order_by(columns.correction)
        for row in connection.execute(costs).mappings():
            commissions[row["identity"]] = _commission(row)
    return [
        Execution(
            row["number"], _execution(row), commissions.get(row["identity"]), tuple(earlier.get(row["identity"], ()))
        )
        for row in rows
    ]


def _known(connection: Connection, column: Any, names: Iterable[str]) -> list[str]:
    return [
        found for chunk in _chunks(names) for (found,) in connection.execute(select(column).where(column.in_(chunk)))
    ]


def _chunks(names: Iterable[str]) -> Iterable[list[str]]:
    every = list(names)
    return (every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK))


def _moment(at: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds: so texts are in the order of moments."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _execution(row: Any) -> ExecutionReport:
    return _decoded(row["version"], row["payload"], ExecutionReport)


def _commission(row: Any) -> CommissionReport:
    realized = row["realized_pnl"]
    return CommissionReport(
        row["execution_id"], Decimal(row["amount"]), row["currency"], None if realized is None else Decimal(realized)
    )


def _decoded(version: int, payload: str, kind: type[T]) -> T:
    if version > VERSION:
        raise StorageError(
            f"The database holds executions in version {version}, which this Ironbridge does not know.",
            next_step="They were written by a newer version: install that one.",
        )
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, IronbridgeError) as error:
        raise StorageError(
            f"The database holds an execution that cannot be read: {error}.",
            next_step="The file is damaged or was edited; restore it from a copy.",
        ) from error
