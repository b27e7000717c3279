"""The database: one connection that writes, one that reads, each on a thread of its own.

Owns opening, migrating and closing, and the rule that a piece of work is one transaction: it is on the disk when
`write` returns, or it never was. Work is a plain function of a connection and crosses to its thread in one step; a
statement at a time, as an asyncio driver does it, an order's intent took 2.5 times as long to become durable (measured:
2.4 ms against 0.9 ms). Writers wait for each other; readers do not wait for writers (SQLite's WAL).

Refuses, each in words: a database kept in memory (nothing in it would survive), a file that is no database, one made
by a newer Ironbridge, one that another program holds locked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from ironbridge.errors import InvalidSettings, StorageError
from ironbridge.store import migrations

T = TypeVar("T")

BUSY_SECONDS = 5
"""How long a transaction waits for another program's lock: longer than any of ours lasts, short for a caller."""


class Database:
    """A database file, opened once and closed once.

    Parameters:
        url: an SQLAlchemy URL of an SQLite file, such as ``sqlite:////var/lib/ironbridge/ironbridge.db``.

    Raises:
        InvalidSettings: the URL is not one, or names a database that is not supported.
    """

    def __init__(self, url: str) -> None:
        self._url = _checked(url)
        self._writer = _Lane(self._url, "ironbridge-write", begin="BEGIN IMMEDIATE")
        self._reader = _Lane(self._url, "ironbridge-read", begin="BEGIN")

    @classmethod
    def at(cls, path: Path) -> Database:
        """The database in the file at `path`."""
        return cls(URL.create("sqlite", database=str(path)).render_as_string())

    async def open(self) -> None:
        """Open the file, making it where there is none, and bring it to the present shape.

        Raises:
            StorageError: it cannot be opened, or was made by a newer Ironbridge.
        """
        try:
            await self.write(_migrate)
        # Whatever ended the opening, cancellation too, its threads and files must not stay behind.
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End both connections, after what is under way. A second close does nothing."""
        await self._writer.close()
        await self._reader.close()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction that is durable when this returns.

        Where the caller is cancelled meanwhile the transaction still ends as a whole, one way or the other.

        Raises:
            StorageError: nothing was written.
        """
        return await self._writer.run(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work` on a consistent view of what has been written.

        Raises:
            StorageError: the database could not be read.
        """
        return await self._reader.run(work)

    def __repr__(self) -> str:
        return f"<Database {self._url.database}>"


class _Lane:
    """One connection and the one thread that may touch it."""

    def __init__(self, url: URL, name: str, *, begin: str) -> None:
        self._url = url
        self._begin = begin
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._engine: Engine | None = None
        self._closed = False

    async def run(self, work: Callable[[Connection], T]) -> T:
        if self._closed:
            raise StorageError(f"The database {self._url.database} is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._dispose)
        self._thread.shutdown(wait=False)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._connected().begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise _storage_error(self._url, error) from error

    def _connected(self) -> Engine:
        if self._engine is None:
            engine = create_engine(self._url, poolclass=StaticPool, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", self._start)
            self._engine = engine
        return self._engine

    def _start(self, connection: Connection) -> None:
        connection.exec_driver_sql(self._begin)

    def _dispose(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _prepare(connection: Any, _record: object) -> None:
    # Transactions are begun by `_start`: left to itself the driver begins them late, and a reader that becomes a
    # writer can then fail with "database is locked" at once, whatever the time-out.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: a commit has reached the disk when it returns, through a power cut too (ORD-2).
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(connection: Connection) -> None:
    known = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    ).scalar()
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if known else None
    if revision == migrations.REVISIONS[-1]:
        return
    if revision is not None and revision not in migrations.REVISIONS:
        raise StorageError(
            f"The database {connection.engine.url.database} is at revision {revision}, which is not known here.",
            next_step="It was made by a newer version: install that one, or point IRONBRIDGE_HOME at another folder.",
        )
    migrations.upgrade(connection)


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InvalidSettings(
            f"{url!r} is not a database URL.", next_step="Give one such as sqlite:////var/lib/ironbridge/ironbridge.db."
        ) from None
    if parsed.get_backend_name() != "sqlite":
        raise InvalidSettings(
            f"{parsed.get_backend_name()} is not supported as a database.",
            next_step="Give an SQLite file: sqlite:////path/to/ironbridge.db.",
        )
    if parsed.database in {None, "", ":memory:"} or "mode=memory" in str(parsed):
        raise InvalidSettings(
            "The database must be a file: what is kept in memory is lost with the process.",
            next_step="Give a path: sqlite:////path/to/ironbridge.db.",
        )
    return parsed.set(drivername="sqlite")


def _storage_error(url: URL, error: SQLAlchemyError) -> StorageError:
    said = str(error.orig) if isinstance(error, DatabaseError) else str(error)
    if "locked" in said:
        step = "Another program holds it; end that one, or give this one a home folder of its own."
    elif "unable to open" in said or "readonly" in said:
        step = "Check that its folder exists and that this user may write there."
    elif "not a database" in said or "malformed" in said:
        step = "The file is damaged or is something else; move it away, or restore it from a copy."
    elif "full" in said:
        step = "Make room on the disk."
    else:
        step = "See the details; nothing of this step was kept."
    return StorageError(f"The database {url.database} failed: {said}.", next_step=step)
