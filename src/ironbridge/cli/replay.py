"""`ironbridge replay`: a gateway that says again what was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ironbridge.cli import show
from ironbridge.cli.addresses import address
from ironbridge.cli.exits import warn
from ironbridge.cli.loop import run_loop, until_interrupted
from ironbridge.errors import InvalidInput

if TYPE_CHECKING:
    from ironbridge.paper.recording import Header
    from ironbridge.paper.script import Section

EXAMPLES = """\
ironbridge replay day.jsonl --listen 127.0.0.1:4004
ironbridge replay day.jsonl --listen 127.0.0.1:4004 --speed 60
"""

PIECE_BYTES = 1 << 20


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `ironbridge record` wrote.")],
    *,
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where programs connect. Port 0 takes a free one.")
    ] = "127.0.0.1:4004",
    speed: Annotated[float, typer.Option("--speed", help="Recorded seconds per second.")] = 1.0,
) -> None:
    """Be the gateway of a recording: the same program gets the same answers, with no gateway and no market.

    Each request is answered as the same request was then (same kind, same contract), under the ids that the program
    uses today; prices go on as they went on then. A request that was never recorded gets an error that names it. A
    client that connects with the client id of the recording gets that client's conversation.
    """
    header, sections = _read(file)
    run_loop(_serve(file, header, sections, address(listen), speed))


def _read(file: Path) -> tuple[Header, list[Section]]:
    from ironbridge.paper.recording import Torn
    from ironbridge.paper.script import sections_of
    from ironbridge.paper.sources import header_and_entries

    try:
        with file.open("rb") as stream:
            header, entries = header_and_entries(lambda: stream.read(PIECE_BYTES))
            found = list(entries)
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be read: {error.strerror or error}.",
            next_step="Give a file that `ironbridge record` wrote.",
        ) from error
    if found and isinstance(found[-1], Torn):
        warn(f"Line {found[-1].line} of {file}, the last, is cut short and is left out.")
    return header, sections_of(found)


async def _serve(file: Path, header: Header, sections: list[Section], listen: tuple[str, int], speed: float) -> None:
    from ironbridge.paper.replay import Replay

    replay = Replay(header, sections, *listen, speed=speed, notice=warn)
    await replay.start()
    try:
        turns = sum(len(section.turns) + 1 for section in sections)
        clients = ", ".join(dict.fromkeys(str(section.client_id) for section in sections))
        show.out().print(
            f"Replaying {file} on {replay.host}:{replay.port} at {speed:g}x: {turns} requests of client ids {clients}. "
            "Ctrl-C ends it.",
            markup=False,
        )
        await until_interrupted()
    finally:
        await replay.stop()
