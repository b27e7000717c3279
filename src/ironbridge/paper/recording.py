"""The file of a recording: JSON Lines, one entry to a line, only ever appended to.

The first line is the header: what the file is, its format, when the recording began, whether it is masked. Every line
after it belongs to one link, a client's connection through the recorder, and says when, in seconds since the beginning:

    {"kind":"opened","link":1,"at":0.2}
    {"kind":"hello","link":1,"at":0.2,"versions":[157,178],"options":""}
    {"kind":"version","link":1,"at":0.2,"version":178,"time":"20261120 09:30:00 US/Eastern"}
    {"kind":"message","link":1,"at":0.3,"from":"client","fields":["71","2","1",""]}
    {"kind":"unread","link":1,"at":0.4,"from":"server","size":7,"raw":"0102…","reason":"…"}
    {"kind":"closed","link":1,"at":9.1,"by":"client","reason":""}

Invariant: an entry is handed to the system whole before the next one is made, so that whatever ends the recorder
leaves a file that can be read but, at worst, for its last line. Such a line is named (`Torn`) and costs nothing else;
any other line that cannot be read means that the file was changed, and is an error that gives its number. A file that
exists is never written to.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ironbridge.errors import InvalidInput, StorageError
from ironbridge.wire.values import Role

FORMAT = 1
"""Of the file; another number is another version's and is refused."""
NAME = "ironbridge-recording"


@dataclass(frozen=True, slots=True)
class Header:
    """When the recording began, and whether accounts, names and orders in it are masked."""

    started: datetime
    masked: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A client connected."""

    link: int
    at: float


@dataclass(frozen=True, slots=True)
class Greeted:
    """It said hello."""

    link: int
    at: float
    min_version: int
    max_version: int
    options: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The gateway chose the version and told its time."""

    link: int
    at: float
    version: int
    time: str


@dataclass(frozen=True, slots=True)
class Said:
    """One end said something that has fields; whether they can be understood is for the reader to see."""

    link: int
    at: float
    sender: Role
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """Bytes that could not be cut into fields. `raw` is None where masking withheld them."""

    link: int
    at: float
    sender: Role
    size: int
    raw: bytes | None
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A link ended. `by` is client, gateway or recorder."""

    link: int
    at: float
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Torn:
    """The last line is cut short: the recorder was killed while it wrote, or still writes."""

    line: int


Entry = Opened | Greeted | Agreed | Said | Unread | Closed


class RecordingFile:
    """A recording being written.

    Parameters:
        path: a file that does not exist yet.
        header: its first line.

    Raises:
        StorageError: the file exists, or cannot be made.
    """

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        try:
            # For its owner alone: what is traded is in it, masked or not.
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except FileExistsError:
            raise StorageError(
                f"{path} exists, and a recording never writes over a file.",
                next_step="Name another file, or move that one away.",
            ) from None
        except OSError as error:
            raise StorageError(
                f"{path} cannot be made: {error.strerror or error}.",
                next_step="Name a file in a folder that exists and that you may write to.",
            ) from error
        self._write(
            {
                "recording": NAME,
                "format": FORMAT,
                "started": header.started.astimezone(UTC).isoformat(),
                "masked": header.masked,
            }
        )

    def append(self, entries: Iterable[Entry]) -> None:
        """Write them, and hand them to the system.

        Raises:
            StorageError: they could not be written.
        """
        lines = b"".join(line_of(entry) for entry in entries)
        if lines:
            self._put(lines)

    def close(self) -> None:
        """End the file. Closing twice is closing once."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, content: dict[str, Any]) -> None:
        self._put(orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE))

    def _put(self, lines: bytes) -> None:
        view = memoryview(lines)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise StorageError(
                f"{self.path} cannot be written to: {error.strerror or error}.",
                next_step="Make room on its disk and record to a new file.",
            ) from error


def line_of(entry: Entry) -> bytes:
    """An entry as its line."""
    where = {"link": entry.link, "at": round(entry.at, 6)}
    content: dict[str, Any]
    match entry:
        case Opened():
            content = {"kind": "opened", **where}
        case Greeted():
            versions = [entry.min_version, entry.max_version]
            content = {"kind": "hello", **where, "versions": versions, "options": entry.options}
        case Agreed():
            content = {"kind": "version", **where, "version": entry.version, "time": entry.time}
        case Said():
            content = {"kind": "message", **where, "from": entry.sender.value, "fields": entry.fields}
        case Unread():
            raw = None if entry.raw is None else entry.raw.hex()
            content = {"kind": "unread", **where, "from": entry.sender.value, "size": entry.size, "raw": raw}
            content["reason"] = entry.reason
        case Closed():
            content = {"kind": "closed", **where, "by": entry.by, "reason": entry.reason}
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def read_header(line: bytes) -> Header:
    """The header in a file's first line.

    Raises:
        InvalidInput: it is not the first line of a recording that this version reads.
    """
    try:
        content = orjson.loads(line)
        name, number = content["recording"], content["format"]
    except (ValueError, KeyError, TypeError):
        name, number, content = "", 0, {}
    if name != NAME:
        raise InvalidInput(
            "The first line is not the header of a recording.",
            next_step="Give a file that `ironbridge record` has written.",
        )
    if number != FORMAT:
        raise InvalidInput(
            f"The recording is of format {number!r:.20}; this version reads format {FORMAT}.",
            next_step="Read it with the version of Ironbridge that wrote it, or a later one.",
        )
    try:
        return Header(datetime.fromisoformat(content["started"]), masked=bool(content["masked"]))
    except (ValueError, KeyError, TypeError):
        raise InvalidInput("The recording's header does not say when it began, or whether it is masked.") from None


def read_entries(lines: Iterable[bytes], *, first: int = 2) -> Iterator[Entry | Torn]:
    """The entries in the lines after the header, one by one.

    Parameters:
        lines: each with its line end, but perhaps the last.
        first: the number of the first of them, for errors.

    Raises:
        InvalidInput: a line that is not the last cannot be read; it is named by its number.
    """
    for number, line in enumerate(lines, first):
        if not line.endswith(b"\n"):
            yield Torn(number)
            return
        try:
            yield _entry_of(orjson.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"Line {number} of the recording cannot be read: {type(error).__name__}: {error!s:.80}.",
                next_step="The file was changed after it was recorded; cut it off before that line to use the rest.",
            ) from None


def _entry_of(content: dict[str, Any]) -> Entry:
    link, at = int(content["link"]), float(content["at"])
    match content["kind"]:
        case "opened":
            return Opened(link, at)
        case "hello":
            lowest, highest = content["versions"]
            return Greeted(link, at, int(lowest), int(highest), str(content["options"]))
        case "version":
            return Agreed(link, at, int(content["version"]), str(content["time"]))
        case "message":
            fields = tuple(map(str, content["fields"]))
            if not fields:
                raise ValueError("a message has no fields")
            return Said(link, at, Role(content["from"]), fields)
        case "unread":
            raw = content["raw"]
            data = None if raw is None else bytes.fromhex(raw)
            return Unread(link, at, Role(content["from"]), int(content["size"]), data, str(content["reason"]))
        case "closed":
            return Closed(link, at, str(content["by"]), str(content["reason"]))
        case other:
            raise ValueError(f"kind {other!r:.40}")
