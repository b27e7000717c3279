"""What `decode` can be given, and how each becomes entries of a recording.

A recording; the raw bytes that one end of a connection sent, told by how they begin (a client's by its hello, a
gateway's by its version); and the gateway's answers as lists of fields in one JSON document. Anything else is refused
with a word on what it could be. Everything but the JSON document is read piece by piece, so that a recording that is
still growing can be piped in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from ironbridge.errors import InvalidInput
from ironbridge.paper.listening import Listener
from ironbridge.paper.recording import Agreed, Closed, Entry, Greeted, Header, Said, Torn, read_entries, read_header
from ironbridge.wire.framing import LENGTH_BYTES
from ironbridge.wire.handshake import MAGIC
from ironbridge.wire.registry import MAX_VERSION
from ironbridge.wire.values import Role

LONGEST_LINE = 1 << 28
"""A message has at most 16 MB; with escapes and marks its line is some times longer. More is no recording."""
LONGEST_GREETING = 256

Pieces = Callable[[], bytes]
"""The next bytes of the input, as many as there are; none at its end."""


def entries_from(more: Pieces, *, version: int | None = None) -> Iterator[Entry | Torn]:
    """The entries in an input.

    Parameters:
        more: reads it.
        version: the negotiated one, for a client's bytes, which do not tell it; the client's highest otherwise.

    Raises:
        InvalidInput: it is nothing that can be decoded, or is damaged in its middle.
    """
    start = b""
    while len(start) < len(MAGIC) + LENGTH_BYTES and (piece := more()):
        start += piece
    if start.startswith(MAGIC):
        return _from_client(start, more, version)
    if _is_greeting(start):
        return _raw(Role.SERVER, start, more)
    if start.lstrip()[:1] == b"{":
        return _from_lines(_lines(start, more))
    if not start:
        raise InvalidInput("There is nothing to decode: the input is empty.", next_step=_WHAT)
    raise InvalidInput(f"This is nothing that can be decoded; it begins with {start[:16]!r}.", next_step=_WHAT)


_WHAT = "Give a file that `ironbridge record` wrote, or the bytes that a TWS client or a gateway sent from the start."


def _is_greeting(start: bytes) -> bool:
    length = int.from_bytes(start[:LENGTH_BYTES], "big")
    return 0 < length <= LONGEST_GREETING and start[LENGTH_BYTES : LENGTH_BYTES + 3].isdigit()


def _raw(sender: Role, start: bytes, more: Pieces) -> Iterator[Entry]:
    listener = Listener(1, None)
    data = start
    while data:
        yield from listener.heard(sender, data, 0.0)
        data = more()
    yield from listener.ended(0.0)


def _from_client(start: bytes, more: Pieces, version: int | None) -> Iterator[Entry]:
    for entry in _raw(Role.CLIENT, start, more):
        yield entry
        if isinstance(entry, Greeted):
            yield Agreed(1, 0.0, version or min(entry.max_version, MAX_VERSION), "")


def _lines(start: bytes, more: Pieces) -> Iterator[bytes]:
    kept = bytearray(start)
    while True:
        *whole, rest = bytes(kept).split(b"\n")
        for line in whole:
            yield line + b"\n"
        kept = bytearray(rest)
        while True:
            piece = more()
            kept += piece
            if not piece or b"\n" in piece:
                break
            if len(kept) > LONGEST_LINE:
                raise InvalidInput(f"A line is longer than {LONGEST_LINE} bytes.", next_step=_WHAT)
        if not piece:
            *whole, rest = bytes(kept).split(b"\n")
            yield from (line + b"\n" for line in whole)
            if rest:
                yield rest
            return


def _from_lines(lines: Iterator[bytes]) -> Iterator[Entry | Torn]:
    first = next(lines)
    try:
        is_header = "recording" in orjson.loads(first)
    except (ValueError, TypeError):
        is_header = False
    if is_header:
        read_header(first)
        return read_entries(lines)
    return _from_exchanges(first + b"".join(_bounded(lines)))


def _bounded(lines: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for line in lines:
        size += len(line)
        if size > LONGEST_LINE:
            raise InvalidInput(f"A JSON document of more than {LONGEST_LINE} bytes is not read.", next_step=_WHAT)
        yield line


def _from_exchanges(document: bytes) -> Iterator[Entry]:
    try:
        content = orjson.loads(document)
        version = content["server_version"]
        exchanges = [(str(one["request"]), one["server"]) for one in content["exchanges"]]
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(
            "The JSON is neither a recording nor a document with server_version and exchanges.", next_step=_WHAT
        ) from None
    return _exchanged(int(version), exchanges)


def _exchanged(version: int, exchanges: list[tuple[str, Any]]) -> Iterator[Entry]:
    for request, answers in exchanges:
        for answer in answers:
            fields = tuple(map(str, answer))
            if request == "API_":
                yield Agreed(1, 0.0, version, fields[-1])
            elif fields:
                yield Said(1, 0.0, Role.SERVER, fields)
    yield Closed(1, 0.0, "recorder", "the document ends")


def header_and_entries(more: Pieces) -> tuple[Header, Iterator[Entry | Torn]]:
    """A recording and nothing else, for what needs both ends of the conversation.

    Raises:
        InvalidInput: it is no recording.
    """
    lines = _lines(b"", more)
    first = next(lines, b"")
    if not first:
        raise InvalidInput("The recording is empty.", next_step="Give a file that `ironbridge record` has written.")
    return read_header(first), read_entries(lines)
