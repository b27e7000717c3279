"""The head of the audit chain, kept in a file beside the database.

A chain cannot tell that its end was cut off; a head kept elsewhere can. The file is written a moment after the log
grows, and at the end; a crash may leave it a moment behind, never ahead. It only goes forward, so that several
processes on one home keep one.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from ironbridge.domain.audit import AuditHead
from ironbridge.errors import IronbridgeError, StorageError
from ironbridge.interfaces import Clock

_LOG = logging.getLogger("ironbridge.store")

FILE = "audit.head"
EVERY_SECONDS = 1.0
LOCK_SECONDS = 2.0


class Anchor:
    """A head in a file.

    Parameters:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> AuditHead | None:
        """The head that was kept; None where none was yet.

        Raises:
            StorageError: the file cannot be read, or holds none.
        """
        try:
            number, _, digest = self._path.read_text(encoding="ascii").strip().partition(":")
            return AuditHead(int(number), digest)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StorageError(
                f"The audit log's head in {self._path} cannot be read: {error}.",
                next_step="Verify against a head that you kept: --head NUMBER:HASH; then remove the file.",
            ) from error

    def keep(self, head: AuditHead) -> None:
        """Keep a head; one that is not newer than what is kept changes nothing.

        Raises:
            StorageError: it cannot be written.
        """
        try:
            with FileLock(self._path.with_suffix(".lock"), timeout=LOCK_SECONDS):
                known = self.read()
                if known is not None and known.number >= head.number:
                    return
                draft = self._path.with_suffix(".tmp")
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    file.write(f"{head}\n")
                draft.replace(self._path)
        except (OSError, Timeout) as error:
            raise StorageError(f"The audit log's head cannot be kept in {self._path}: {error}.") from error


class HeadLog(Protocol):
    """What has a head."""

    async def head(self) -> AuditHead: ...


class AnchorKeeper:
    """Keeps the head up to date while the engine runs.

    Parameters:
        log: whose head it is.
        anchor: where it is kept.
        clock: paces it.
    """

    def __init__(self, log: HeadLog, anchor: Anchor, clock: Clock) -> None:
        self._log = log
        self._anchor = anchor
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="audit anchor")

    async def stop(self) -> None:
        """Keep the head as it is now, and end."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        await self._keep()

    async def _run(self) -> None:
        while True:
            await self._keep()
            await self._clock.sleep(EVERY_SECONDS)

    async def _keep(self) -> None:
        try:
            head = await self._log.head()
            await asyncio.get_running_loop().run_in_executor(None, self._anchor.keep, head)
        except IronbridgeError as error:
            _LOG.warning("The audit log's head could not be kept: %s", error)
