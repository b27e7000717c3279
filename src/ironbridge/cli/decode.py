"""`ironbridge decode`: what was said, one readable line per message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer

from ironbridge.cli.exits import Exit, warn
from ironbridge.errors import InvalidInput

EXAMPLES = """\
ironbridge decode day.jsonl
ironbridge decode day.jsonl --json | jq 'select(.message == "OrderStatus")'
tail -n +1 -f day.jsonl | ironbridge decode -
"""

PIECE_BYTES = 1 << 16


def decode(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="What to read; - is the standard input.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line, every field in it.")] = False,
    version: Annotated[
        int | None,
        typer.Option("--version", min=151, max=178, help="For a client's raw bytes: the version that was agreed on."),
    ] = None,
) -> None:
    """Show a recording, message by message: seconds, who speaks, the message, and what is set in it.

    `->` is the client, `<-` the gateway. Reads what `ironbridge record` wrote, at any version from 151 to 178, and also
    the raw bytes of one direction, from the first one on. What cannot be read is shown raw, with the reason.
    """
    unreadable = 0
    with _opened(file) as stream:
        unreadable = _print(stream, as_json=as_json, version=version)
    if unreadable:
        warn(f"{unreadable} of them could not be read; they are marked UNREADABLE, with the reason.")
        raise typer.Exit(Exit.REFUSED)


def _print(stream: BinaryIO, *, as_json: bool, version: int | None) -> int:
    from ironbridge.paper.describe import json_for, line_for, understood
    from ironbridge.paper.recording import Torn
    from ironbridge.paper.sources import entries_from

    write = sys.stdout.buffer.write
    unreadable = 0
    read = getattr(stream, "read1", stream.read)

    def more() -> bytes:
        # A pipe gives what it has, and what that tells is shown before more is waited for: a recording may grow.
        sys.stdout.buffer.flush()
        piece: bytes = read(PIECE_BYTES)
        return piece

    for readable in understood(entries_from(more, version=version)):
        if as_json:
            write(orjson.dumps(json_for(readable), option=orjson.OPT_APPEND_NEWLINE))
        else:
            write(line_for(readable, links=True).encode("utf-8", "backslashreplace") + b"\n")
        if isinstance(readable.entry, Torn):
            warn(f"Line {readable.entry.line}, the last, is cut short; everything before it is shown.")
        unreadable += bool(readable.problem)
    sys.stdout.buffer.flush()
    return unreadable


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115  closed below; errors of reading are not errors of opening
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be read: {error.strerror or error}.",
            next_step="Give a file that `ironbridge record` wrote, or - for the standard input.",
        ) from error
    with stream:
        yield stream
