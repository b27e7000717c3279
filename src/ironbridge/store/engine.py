"""The database: one connection that writes, one that reads, each on a thread of its own.

Owns opening, migrating and closing, and the rule that a piece of work is done whole: it is on the disk when `write`
returns, or it never was. Work is a plain function of a connection. Writers wait for each other; readers do not wait
for writers (SQLite's WAL).

Refuses, each in words: a database kept in memory (nothing in it would survive), a file that is no database, one made
by a newer Ironbridge, one that another program holds locked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ironbridge.errors import InvalidSettings, StorageError
from ironbridge.store import migrations
from ironbridge.store.lane import Lane

T = TypeVar("T")


class Database:
    """A database file, opened once and closed once.

    Parameters:
        url: an SQLAlchemy URL of an SQLite file, such as ``sqlite:////var/lib/ironbridge/ironbridge.db``.

    Raises:
        InvalidSettings: the URL is not one, or names a database that is not supported.
    """

    def __init__(self, url: str) -> None:
        self._url = _checked(url)
        self._writer = Lane(self._url, "ironbridge-write", begin="BEGIN IMMEDIATE")
        self._reader = Lane(self._url, "ironbridge-read", begin="BEGIN")

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

    async def write(self, work: Callable[[Connection], T], meanwhile: Callable[[T], None] | None = None) -> T:
        """Do `work` in a transaction that is durable when this returns; `meanwhile` as of `Lane.run`.

        `work` is done as a whole or not at all, even where the caller is cancelled meanwhile. It must depend on the
        connection alone: it may be done again, after its first attempt was rolled back.

        Raises:
            StorageError: nothing was written.
        """
        return await self._writer.run(work, meanwhile)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work` on a consistent view of what has been written.

        Raises:
            StorageError: the database could not be read.
        """
        return await self._reader.run(work)

    async def read_apart(self, work: Callable[[Connection], T]) -> T:
        """As `read`, over a connection and a thread of its own: for what takes long, so that others need not wait."""
        lane = Lane(self._url, "ironbridge-apart", begin="BEGIN")
        try:
            return await lane.run(work)
        finally:
            await lane.close()

    def __repr__(self) -> str:
        return f"<Database {self._url.database}>"


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
