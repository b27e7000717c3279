"""One connection to the database, and the one thread that may touch it.

Work crosses to the thread as a whole: a statement at a time, as an asyncio driver does it, an order's intent took 2.5
times as long to become durable (measured: 2.4 ms against 0.9 ms). Work that gathers while a transaction is under way
goes into the next one together, so that one commit makes all of it durable; where any of it fails, none of it counts,
and each piece is done again in a transaction of its own.

What the driver raises ends here: what leaves is a `StorageError` that says what a person can do.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from ironbridge.errors import StorageError

T = TypeVar("T")

BUSY_SECONDS = 5
"""How long a transaction waits for another program's lock: longer than any of ours lasts, short for a caller."""


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    done: asyncio.Future[Any]
    meanwhile: Callable[[Any], None] | None


class Lane:
    """A connection of its own to the database.

    Parameters:
        url: of the database.
        name: of the thread.
        begin: the statement that begins a transaction.
    """

    def __init__(self, url: URL, name: str, *, begin: str) -> None:
        self._url = url
        self._begin = begin
        self._name = name
        self._thread: Thread | None = None
        self._batches: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._connection: Connection | None = None
        self._gathered: list[_Job] = []
        self._busy = False
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closed = False

    async def run(self, work: Callable[[Connection], T], meanwhile: Callable[[T], None] | None = None) -> T:
        """Do the work on the thread, in a transaction.

        Parameters:
            work: what is done.
            meanwhile: called on the loop with what the work came to, while that is on its way to the disk: the one
                wait in which there is time to spare. It may come to nothing yet, and then be called again.

        Raises:
            StorageError: the database could not do its part; nothing of the work counts.
        """
        if self._closed:
            raise StorageError(f"The database {self._url.database} is closed.")
        job = _Job(work, asyncio.get_running_loop().create_future(), meanwhile)
        self._gathered.append(job)
        self._pump()
        result: T = await job.done
        return result

    async def close(self) -> None:
        """Close the connection behind what is under way. A second close does nothing."""
        if self._closed:
            return
        self._closed = True
        await self._quiet.wait()
        if self._thread is not None:
            self._batches.put(None)
            await asyncio.to_thread(self._thread.join)

    def _pump(self) -> None:
        if self._busy:
            return
        if not self._gathered:
            self._quiet.set()
            return
        if self._thread is None:
            # Work that a process leaves behind without closing is rolled back; it must not keep the process.
            self._thread = Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()
        jobs, self._gathered, self._busy = self._gathered, [], True
        self._quiet.clear()
        loop = asyncio.get_running_loop()
        self._batches.put(lambda: self._perform(jobs, loop))

    def _serve(self) -> None:
        while (perform := self._batches.get()) is not None:
            perform()
            # What it read may be large, and nobody knows when the next comes.
            del perform
        if self._connection is not None:
            self._connection.close()
            self._connection.engine.dispose()

    def _perform(self, jobs: list[_Job], loop: asyncio.AbstractEventLoop) -> None:
        # A loop that was closed meanwhile has nobody left who could be told.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._finish, jobs, self._outcomes(jobs, loop))

    def _outcomes(self, jobs: list[_Job], loop: asyncio.AbstractEventLoop) -> list[Any]:
        try:
            return self._transact(jobs, loop)
        # Whatever failed, it is the answer of the one whose work it was; the loop's side raises it there.
        except BaseException as error:
            return [error] if len(jobs) == 1 else [self._outcomes([job], loop)[0] for job in jobs]

    def _finish(self, jobs: list[_Job], outcomes: list[Any]) -> None:
        for job, outcome in zip(jobs, outcomes, strict=True):
            if job.done.done():
                continue
            if isinstance(outcome, BaseException):
                job.done.set_exception(outcome)
            else:
                job.done.set_result(outcome)
        self._busy = False
        self._pump()

    def _transact(self, jobs: list[_Job], loop: asyncio.AbstractEventLoop) -> list[Any]:
        try:
            connection = self._connected()
            driver: Any = connection.connection.driver_connection
            driver.execute(self._begin)
            try:
                outcomes = [job.work(connection) for job in jobs]
                for job, outcome in zip(jobs, outcomes, strict=True):
                    if job.meanwhile is not None:
                        loop.call_soon_threadsafe(job.meanwhile, outcome)
                driver.execute("COMMIT")
            except BaseException:
                # Some failures have ended the transaction already.
                if driver.in_transaction:
                    driver.execute("ROLLBACK")
                raise
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise _storage_error(self._url, error) from error
        return outcomes

    def _connected(self) -> Connection:
        if self._connection is None:
            # Transactions are begun and ended in `_transact` alone: what SQLAlchemy and the driver do about them by
            # themselves costs as much as the statements, and begins late, so that a reader that becomes a writer can
            # fail with "database is locked" at once, whatever the time-out.
            engine = create_engine(
                self._url,
                poolclass=StaticPool,
                isolation_level="AUTOCOMMIT",
                connect_args={"timeout": BUSY_SECONDS},
            )
            event.listen(engine, "connect", _prepare)
            self._connection = engine.connect()
        return self._connection


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # FULL: a commit has reached the disk when it returns, through a power cut too (ORD-2).
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _storage_error(url: URL, error: SQLAlchemyError | sqlite3.Error) -> StorageError:
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
