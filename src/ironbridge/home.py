"""The home folder: where everything that is kept lies, shared by the processes that name it.

Several processes may work on one home: the database is shared, and each API client id has one owner (`store.leases`).
What can have only one process at all (the service, the embedded paper gateway) is taken by `sole`. Every process leaves
a sign of life here: a file that it holds locked while it lives, and touches while it is not stuck. The locks are the
operating system's, so that a killed process leaves nothing behind that must be cleaned up.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from ironbridge.errors import HomeInUse, StorageError

PROCESSES = "processes"
STUCK_SECONDS = 10.0
"""A process that has not touched its file for so long is stuck: what it owns may be taken over."""


class Presence:
    """This process on its home; made by `enter_home`.

    Attributes:
        name: what others know this process by.
        home: the folder.
    """

    def __init__(self, home: Path, name: str) -> None:
        self.home = home
        self.name = name

    def beat(self) -> None:
        """Show that this process is not stuck.

        Raises:
            StorageError: the file is gone or cannot be touched.
        """
        try:
            os.utime(_file(self.home, self.name))
        except OSError as error:
            raise StorageError(f"The sign of life in {self.home} cannot be renewed: {error.strerror}.") from error

    def alive(self, other: str) -> bool:
        """Whether another process lives and is not stuck."""
        if other == self.name:
            return True
        self.beat()
        theirs, ours = _file(self.home, other), _file(self.home, self.name)
        lock = FileLock(theirs)
        try:
            if theirs.stat().st_mtime < ours.stat().st_mtime - STUCK_SECONDS:
                return False
            lock.acquire(timeout=0)
        except FileNotFoundError:
            return False
        except Timeout:
            return True
        lock.release()
        theirs.unlink(missing_ok=True)
        return False


@contextmanager
def enter_home(home: Path) -> Iterator[Presence]:
    """Work on the folder for the length of the block; it is made where it is missing, for its owner's eyes only.

    Raises:
        StorageError: the folder cannot be made or written.
    """
    presence = Presence(home, uuid4().hex)
    lock = FileLock(_file(home, presence.name))
    with _usable(home):
        (home / PROCESSES).mkdir(mode=0o700, exist_ok=True)
        lock.acquire(timeout=0)
    try:
        yield presence
    finally:
        lock.release()
        with suppress(OSError):
            _file(home, presence.name).unlink()


@contextmanager
def sole(home: Path, role: str, program: str) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Be the only process of this home in a role, for the length of the block.

    Parameters:
        home: the folder.
        role: "service", "paper-gateway".
        program: who has it, in words for the next one that comes.

    Yields:
        What leaves a note for others, read by `holder`.

    Raises:
        HomeInUse: another process has the role; `details` is its note.
        StorageError: the folder cannot be made or written.
    """
    lock = FileLock(home / f"{role}.lock")
    try:
        with _usable(home):
            lock.acquire(timeout=0)
    except Timeout:
        held = holder(home, role)
        raise HomeInUse(
            f"{home} has its {role} already: {held.get('program', 'another program')} "
            f"(process {held.get('pid', 'unknown')}).",
            next_step="End that program, or give this one a folder of its own: home=..., --home or IRONBRIDGE_HOME.",
            **held,
        ) from None
    owner = _note(home, role)

    def tell(note: Mapping[str, Any]) -> None:
        draft = owner.with_suffix(".tmp")
        draft.write_text(json.dumps({"program": program, "pid": os.getpid(), **note}))
        draft.replace(owner)

    try:
        tell({})
        yield tell
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


@contextmanager
def _usable(home: Path) -> Iterator[None]:
    """Make the folder, and put into words why it cannot be worked in."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except Timeout:
        raise
    except OSError as error:
        raise StorageError(
            f"The home folder {home} cannot be used: {error.strerror or error}.",
            next_step="Make it writable, or name another: home=..., --home or IRONBRIDGE_HOME.",
        ) from error


def holder(home: Path, role: str) -> dict[str, Any]:
    """The note of the process that has a role; empty where there is none that can be read."""
    try:
        found = json.loads(_note(home, role).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _note(home: Path, role: str) -> Path:
    return home / f"{role}.owner.json"


def _file(home: Path, name: str) -> Path:
    return home / PROCESSES / f"{name}.lock"
