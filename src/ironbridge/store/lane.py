"""One connection to the database, and the one thread that may touch it.

Work crosses to the thread as a whole: a statement at a time, as an asyncio driver does it, an order's intent took 2.5
times as long to become durable (measured: 2.4 ms against 0.9 ms). Work that gathers while a transaction is under way
goes into the next one together, so that one commit makes all of it durable; where any of it fails, none of it counts,
and each piece is done again in a transaction of its own.

What the driver raises ends here: what leaves is a `StorageError` that says what a person can do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
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
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._engine: Engine | None = None
        self._gathered: list[_Job] = []
        self._busy = False
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closed = False

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do the work on the thread, in a transaction.

        Raises:
            StorageError: the database could not do its part; nothing of the work counts.
        """
        if self._closed:
            raise StorageError(f"The database {self._url.database} is closed.")
        job = _Job(work, asyncio.get_running_loop().create_future())
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
        await asyncio.get_running_loop().run_in_executor(self._thread, self._dispose)
        self._thread.shutdown(wait=False)

    def _pump(self) -> None:
        if self._busy:
            return
        if not self._gathered:
            self._quiet.set()
            return
        jobs, self._gathered, self._busy = self._gathered, [], True
        self._quiet.clear()
        self._thread.submit(self._perform, jobs, asyncio.get_running_loop())

    def _perform(self, jobs: list[_Job], loop: asyncio.AbstractEventLoop) -> None:
        works = [job.work for job in jobs]
        try:
            outcomes: list[Any] = self._transact(works)
        # Whatever failed, it is the answer of the one whose work it was; the loop's side raises it there.
        except BaseException as error:
            outcomes = [error] if len(works) == 1 else [self._alone(work) for work in works]
        loop.call_soon_threadsafe(self._finish, jobs, outcomes)

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

    def _alone(self, work: Callable[[Connection], Any]) -> Any:
        try:
            return self._transact([work])[0]
        # As in `_perform`.
        except BaseException as error:
            return error

    def _transact(self, works: list[Callable[[Connection], Any]]) -> list[Any]:
        try:
            with self._connected().begin() as connection:
                return [work(connection) for work in works]
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
