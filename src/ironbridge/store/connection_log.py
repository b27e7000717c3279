"""The connection log in SQL: what has happened to the session, newest kept, bounded by age and by number.

Old entries are dropped as new ones come, once for many, so that the table stays near its bounds without a task of its
own and without a delete for each insert.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from ironbridge.domain.connection_log import LogEntry, LogKind
from ironbridge.store.engine import Database
from ironbridge.store.tables import CONNECTION_LOG as LOG

KEPT = 20_000
"""Entries: a session that flaps every minute for two weeks."""
KEPT_FOR = timedelta(days=400)
"""A year and what one looks back at from its end."""
SWEEP_EVERY = 200


class SqlConnectionLog:
    """A connection log in a database.

    Parameters:
        database: opened by its owner.
        kept: how many entries are kept, give or take a sweep.
        kept_for: how old an entry may become.
        sweep_every: after so many new entries the old ones are dropped.
    """

    def __init__(
        self,
        database: Database,
        *,
        kept: int = KEPT,
        kept_for: timedelta = KEPT_FOR,
        sweep_every: int = SWEEP_EVERY,
    ) -> None:
        self._database = database
        self._kept = kept
        self._kept_for = kept_for
        self._sweep_every = sweep_every

    async def append(self, entry: LogEntry) -> None:
        """Keep one entry.

        Raises:
            StorageError: it was not kept.
        """
        await self._database.write(lambda connection: self._append(connection, entry))

    async def page(self, limit: int, before: int | None = None) -> Sequence[LogEntry]:
        """The newest entries first.

        Parameters:
            limit: how many at most.
            before: only those whose number is lower.
        """
        query = select(LOG).order_by(LOG.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(LOG.c.number < before)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [
            LogEntry(
                datetime.fromisoformat(row["at"]),
                LogKind(row["kind"]),
                row["what"],
                row["text"],
                row["before"],
                row["severity"],
                row["number"],
            )
            for row in rows
        ]

    def _append(self, connection: Connection, entry: LogEntry) -> None:
        number = (connection.execute(select(func.max(LOG.c.number))).scalar() or 0) + 1
        connection.execute(
            insert(LOG).values(
                number=number,
                at=entry.at.isoformat(),
                kind=entry.kind.value,
                what=entry.what,
                text=entry.text,
                before=entry.before,
                severity=entry.severity,
            )
        )
        if number % self._sweep_every == 0:
            oldest = (entry.at - self._kept_for).isoformat()
            connection.execute(delete(LOG).where((LOG.c.number <= number - self._kept) | (LOG.c.at < oldest)))
