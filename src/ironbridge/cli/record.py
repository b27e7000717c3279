"""`ironbridge record`: write down what TWS clients and a gateway say to each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ironbridge.cli import show
from ironbridge.cli.addresses import address
from ironbridge.cli.exits import Exit, warn
from ironbridge.cli.loop import run_loop, until_interrupted

EXAMPLES = """\
ironbridge record --upstream 127.0.0.1:4002 --listen 127.0.0.1:4003 --out day.jsonl
ironbridge decode day.jsonl
ironbridge replay day.jsonl --listen 127.0.0.1:4004
"""


def record(
    *,
    upstream: Annotated[str, typer.Option("--upstream", metavar="HOST:PORT", help="The gateway or TWS.")],
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where your programs connect. Port 0 takes a free one.")
    ] = "127.0.0.1:4003",
    out: Annotated[Path, typer.Option("--out", help="The file to make; one that exists is never written over.")],
    no_mask: Annotated[
        bool, typer.Option("--no-mask", help="Keep accounts, names and order marks in clear, and unreadable bytes.")
    ] = False,
) -> None:
    """Stand between TWS programs and a gateway, pass every byte on unchanged, and write the conversation to a file.

    Connect your program to the --listen address instead of the gateway's; it cannot tell the difference. Many may
    connect at once. In the file, and only there, accounts, names, order references and permanent ids are replaced
    by pseudonyms that stay the same; prices, sizes and amounts are not. Ctrl-C ends it; so may a kill, the file
    stays readable.
    """
    run_loop(_record(address(upstream), address(listen), out, mask=not no_mask))


async def _record(upstream: tuple[str, int], listen: tuple[str, int], out: Path, *, mask: bool) -> None:
    from ironbridge.paper.record import Address, Recorder

    recorder = Recorder(Address(*upstream), Address(*listen), out, mask=mask, notice=warn)
    await recorder.start()
    try:
        masked = "masked" if mask else "NOT masked"
        where = Address(listen[0], recorder.port)
        show.out().print(
            f"Recording {recorder.upstream} through {where} to {out}, {masked}. Ctrl-C ends it.", markup=False
        )
        await until_interrupted()
    finally:
        await recorder.stop()
    show.out().print(f"{recorder.messages} entries of {recorder.clients} clients in {out}.", markup=False)
    show.out().print(f"  ironbridge decode {out}", markup=False)
    if recorder.failed:
        raise typer.Exit(Exit.REFUSED)
