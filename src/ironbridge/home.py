"""The home folder: where everything that is kept lies, owned by one program at a time.

Two programs on one home would write one journal and use one client id; the second is told who the first is (I-12,
I-19). The lock is the operating system's, so that a killed owner leaves nothing behind that must be cleaned up.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ironbridge.errors import HomeInUse, StorageError

OWNER_FILE = "owner.json"
"""Who holds the lock, for people and for commands that look for a running service; meaningless without the lock."""


@contextmanager
def own_home(home: Path, program: str) -> Iterator[Path]:
    """Hold the folder for the length of the block; it is made where it is missing, for its owner's eyes only.

    Parameters:
        home: the folder.
        program: who holds it, in words for the next one that comes.

    Raises:
        HomeInUse: another program holds it.
        StorageError: the folder cannot be made or written.
    """
    lock = FileLock(home / "lock")
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise HomeInUse(
            f"{home} is in use by {_owner(home)}.",
            next_step="End that program, or give this one a folder of its own: home=..., --home or IRONBRIDGE_HOME.",
        ) from None
    except OSError as error:
        raise StorageError(
            f"The home folder {home} cannot be used: {error.strerror or error}.",
            next_step="Make it writable, or name another: home=..., --home or IRONBRIDGE_HOME.",
        ) from error
    owner = home / OWNER_FILE
    try:
        owner.write_text(json.dumps({"program": program, "pid": os.getpid()}))
        yield home
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _owner(home: Path) -> str:
    try:
        content = json.loads((home / OWNER_FILE).read_text())
        return f"{content['program']} (process {content['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another program"
