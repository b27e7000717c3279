"""Keeps what happens to the connection: every move of the session and every alert, in the order in which they came.

Owns nothing of the session and can never hold it up: it reads topics, and where the log cannot be written it says so
in the program's own log and goes on with the next entry.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

from ironbridge.domain.alerts import Alert
from ironbridge.domain.connection_log import LogEntry, entry_of
from ironbridge.domain.session import SessionChanged
from ironbridge.errors import SlowConsumer, StorageError
from ironbridge.interfaces import Subscription, Topic

logger = logging.getLogger(__name__)


class ConnectionLog(Protocol):
    """Where it is kept; bounded by its keeper."""

    async def append(self, entry: LogEntry) -> None:
        """Keep one entry, though the caller is cancelled meanwhile."""
        ...

    async def page(self, limit: int, before: int | None = None) -> Sequence[LogEntry]:
        """The newest entries first; with `before`, those with lower numbers than that."""
        ...


class Chronicle:
    """The writer of the log.

    Parameters:
        changes: of the sessions.
        alerts: raised by anybody.
        log: where they are kept.
    """

    def __init__(self, changes: Sequence[Topic[SessionChanged]], alerts: Topic[Alert], log: ConnectionLog) -> None:
        self._changes = changes
        self._alerts = alerts
        self._log = log
        self._readers: list[Subscription[Any]] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to keep what happens from now on."""
        if self._tasks:
            return
        self._readers = [*(each.subscribe() for each in self._changes), self._alerts.subscribe()]
        self._tasks = [asyncio.create_task(self._keep(reader), name="connection log") for reader in self._readers]

    async def stop(self) -> None:
        """Keep what has happened up to now, then end."""
        for task in self._tasks:
            # What was published is with the readers: a task that waits for more has kept all of it.
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for reader in self._readers:
            await self._rest(reader)
            reader.close()
        self._tasks, self._readers = [], []

    async def _keep(self, reader: Subscription[SessionChanged | Alert]) -> None:
        while True:
            try:
                event = await anext(reader)
            except StopAsyncIteration:
                return
            except SlowConsumer as error:
                logger.warning("The connection log is not whole: %s", error)
                continue
            await self._append(event)

    async def _rest(self, reader: Subscription[SessionChanged | Alert]) -> None:
        with suppress(TimeoutError, StopAsyncIteration, SlowConsumer):
            while True:
                async with asyncio.timeout(0):
                    event = await anext(reader)
                await self._append(event)

    async def _append(self, event: SessionChanged | Alert) -> None:
        entry = entry_of(event)
        if isinstance(event, SessionChanged):
            logger.info("Session %s %s: %s", event.session, event.after.value, event.reason)
        try:
            await self._log.append(entry)
        except StorageError as error:
            logger.error("The connection log could not be written: %s", error)  # noqa: TRY400 - the sentence says it
