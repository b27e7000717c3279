"""`ironbridge paper`: the paper gateway alone."""

from __future__ import annotations

from typing import Annotated

import typer

from ironbridge.cli import show
from ironbridge.cli.loop import run_loop, until_interrupted

EXAMPLES = """\
ironbridge paper
ironbridge paper --port 7497 --seed 7 --account DU7654321
"""


def paper(
    *,
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Default: PAPER_PORT, or 4002. 0 takes a free one.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Same seed, same prices. Default 1.")] = None,
    account: Annotated[str | None, typer.Option("--account", help="The account. Default DU1000001.")] = None,
) -> None:
    """Run a gateway that speaks the TWS protocol and trades on paper: no account, no login, no market hours.

    Any TWS program connects to it unmodified; so does `ironbridge run --ib-host 127.0.0.1 --ib-port 4002`.
    """
    from ironbridge.settings import load_settings

    settings = load_settings({"paper_port": port, "paper_seed": seed, "paper_account": account})
    run_loop(_serve(host, settings.paper_port, settings.paper_seed, settings.paper_account))


async def _serve(host: str, port: int, seed: int, account: str) -> None:
    from ironbridge.paper import PaperGateway

    gateway = PaperGateway(host, port, seed=seed, accounts=(account,))
    await gateway.start()
    try:
        out = show.out()
        out.print(f"Paper gateway on {host}:{gateway.port}, account {account}, seed {seed}. Ctrl-C ends it.")
        out.print(f'\n  ib_async      IB().connect("{host}", {gateway.port}, clientId=7)', markup=False)
        out.print(f"  ironbridge    ironbridge run --ib-host {host} --ib-port {gateway.port}\n")
        await until_interrupted()
    finally:
        await gateway.stop()
