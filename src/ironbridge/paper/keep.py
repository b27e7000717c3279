"""What survives the gateway's own death: the venue's state and the clients' order ids, in one file.

Written whole beside the old one and put in its place in one step, so that a kill at any moment leaves either the state
before or the state after. It is written before the clients hear of a change, so no client knows more than the file.
Money that is lost to a power cut is paper money: the file is not forced to the disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from ironbridge.errors import StorageError

FORMAT = 1
"""Of the file; another number is another version's and is refused."""


class StateFile:
    """The gateway's state on disk.

    Parameters:
        path: where; its folder is made if need be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, Any] | None:
        """What was saved last, or None where nothing was.

        Raises:
            StorageError: the file cannot be read, or is not a state of this format.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error(f"cannot be read: {error}") from error
        try:
            state = orjson.loads(data)
        except ValueError as error:
            raise self._error(f"is no state of a gateway: {error}") from error
        if not isinstance(state, dict) or state.get("format") != FORMAT:
            raise self._error(f"is not of format {FORMAT}")
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Put this in place of what was saved before.

        Raises:
            StorageError: it cannot be written; what was there before still is.
        """
        beside = self.path.with_name(self.path.name + ".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(orjson.dumps({"format": FORMAT, **state}))
            beside.replace(self.path)
        except OSError as error:
            raise self._error(f"cannot be written: {error}") from error

    def _error(self, what: str) -> StorageError:
        return StorageError(
            f"The paper gateway's state file {self.path} {what}.",
            next_step="Move it away to begin with an empty gateway, or name another file.",
        )
