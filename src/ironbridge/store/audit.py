"""The audit log in SQL: append-only, chained, and protected by the database against change (ORD-10).

Owns the chain: an entry is sealed to the one before it within the transaction that adds it, so that two processes on
one database extend one chain. What is recorded of an order goes into the transaction of its journal event, and costs
no commit of its own. Triggers refuse every UPDATE and DELETE; who removes the triggers is found by `verify`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select

from ironbridge.domain.audit import (
    EMPTY,
    Act,
    Actor,
    AuditEntry,
    AuditFilter,
    AuditHead,
    entry_of,
    present_actor,
    sealed,
)
from ironbridge.domain.audit_check import Examiner, Verdict
from ironbridge.errors import StorageError
from ironbridge.interfaces import Clock
from ironbridge.store.anchor import Anchor
from ironbridge.store.engine import Database
from ironbridge.store.journal_check import check_journal
from ironbridge.store.prepared import Prepared
from ironbridge.store.tables import AUDIT

CHUNK = 2000
"""Entries read at a time, so that a log of any length is checked and exported in little memory."""

_HEAD = select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)

_ADD = Prepared(insert(AUDIT))


def head_of(connection: Connection) -> AuditHead:
    """Where the chain ends, within a transaction."""
    row = connection.execute(_HEAD).one_or_none()
    return EMPTY if row is None else AuditHead(row.number, row.hash)


def extend(
    connection: Connection, acts: Iterable[tuple[Actor, Act]], at: datetime, head: AuditHead | None = None
) -> list[dict[str, Any]]:
    """Add to the chain within the caller's own transaction: what is recorded is done, or neither is.

    Parameters:
        connection: of a writing transaction.
        acts: what is recorded, each with its actor.
        at: when.
        head: the chain's head, where the caller has read it in this transaction.

    Returns:
        The raw entries.
    """
    head = head_of(connection) if head is None else head
    rows = []
    for actor, act in acts:
        rows.append(sealed(head, at, actor, act))
        head = AuditHead(rows[-1]["number"], rows[-1]["hash"])
    if rows:
        _ADD.run(connection, rows)
    return rows


class SqlAudit:
    """An `ironbridge.interfaces.AuditLog` in a database.

    Parameters:
        database: opened by its owner.
        clock: dates what is recorded.
        anchor: where the head is kept outside the database, None where it is not.
    """

    def __init__(self, database: Database, clock: Clock, anchor: Anchor | None = None) -> None:
        self._database = database
        self._clock = clock
        self._anchor = anchor

    async def record(self, *acts: Act, by: Actor | None = None) -> Sequence[AuditEntry]:
        """See `AuditLog.record`."""
        rows = await self._database.write(self.recording(*acts, by=by))
        return [entry_of(row) for row in rows]

    def recording(self, *acts: Act, by: Actor | None = None) -> Callable[[Connection], list[dict[str, Any]]]:
        """See `AuditLog.recording`."""
        at, actor = self._clock.now(), by or present_actor()
        return lambda connection: extend(connection, [(actor, act) for act in acts], at)

    async def page(
        self, wanted: AuditFilter | None = None, *, limit: int = 100, before: int | None = None
    ) -> Sequence[AuditEntry]:
        """See `AuditLog.page`."""
        query = _narrowed(select(AUDIT).order_by(AUDIT.c.number.desc()).limit(limit), wanted or AuditFilter())
        if before is not None:
            query = query.where(AUDIT.c.number < before)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_read(row) for row in rows]

    async def entries(self, wanted: AuditFilter | None = None) -> AsyncIterator[AuditEntry]:
        """See `AuditLog.entries`."""
        after = 0
        while True:
            query = select(AUDIT).where(AUDIT.c.number > after).order_by(AUDIT.c.number).limit(CHUNK)
            rows = await self._database.read(_fetch(_narrowed(query, wanted or AuditFilter())))
            for row in rows:
                yield _read(row)
            if len(rows) < CHUNK:
                return
            after = rows[-1]["number"]

    async def head(self) -> AuditHead:
        """See `AuditLog.head`."""
        return await self._database.read(head_of)

    async def verify(self, head: AuditHead | None = None) -> Verdict:
        """See `AuditLog.verify`."""
        anchor = head or (self._anchor.read() if self._anchor is not None else None)
        return await self._database.read_apart(lambda connection: _verify(connection, anchor))


def _verify(connection: Connection, anchor: AuditHead | None) -> Verdict:
    """One consistent view for all of it: what others add meanwhile is not part of it."""
    examiner = Examiner(anchor)
    after = -1
    while True:
        rows = _fetch(select(AUDIT).where(AUDIT.c.number > after).order_by(AUDIT.c.number).limit(CHUNK))(connection)
        for row in rows:
            examiner.take(row)
        if len(rows) < CHUNK:
            break
        after = rows[-1]["number"]
    check_journal(connection, examiner)
    _check_triggers(connection, examiner)
    return examiner.verdict()


def _check_triggers(connection: Connection, examiner: Examiner) -> None:
    found = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars())
    examiner.unprotected(
        sorted({f"{table}_no_{verb}" for table in PROTECTED for verb in ("update", "delete", "replace")} - found)
    )


PROTECTED = ("audit", "order_events")
"""Tables that are only ever added to; each has triggers against UPDATE, DELETE and REPLACE."""


def _fetch(query: Select[Any]) -> Any:
    return lambda connection: connection.execute(query).mappings().all()


def _narrowed(query: Select[Any], wanted: AuditFilter) -> Select[Any]:
    if wanted.since is not None:
        query = query.where(AUDIT.c.at >= _moment(wanted.since))
    if wanted.until is not None:
        query = query.where(AUDIT.c.at < _moment(wanted.until))
    if wanted.actor:
        query = query.where(AUDIT.c.actor == wanted.actor)
    if wanted.what:
        query = query.where(
            or_(AUDIT.c.what == wanted.what, AUDIT.c.what.startswith(f"{wanted.what}.", autoescape=True))
        )
    if wanted.subject:
        query = query.where(AUDIT.c.subject == wanted.subject)
    if wanted.words:
        held = (
            column.contains(wanted.words, autoescape=True) for column in (AUDIT.c.subject, AUDIT.c.text, AUDIT.c.why)
        )
        query = query.where(or_(*held))
    return query


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _read(row: Any) -> AuditEntry:
    try:
        return entry_of(row)
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"Entry {row['number']} of the audit log cannot be read: {error}.",
            next_step="It was changed: `ironbridge audit verify` says what is wrong with the log.",
        ) from error
