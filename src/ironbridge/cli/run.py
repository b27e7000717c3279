"""`ironbridge run`: the service with its console, and a paper gateway where no other is named."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import warn
from ironbridge.cli.loop import run_loop, until_interrupted
from ironbridge.cli.service import announced

if TYPE_CHECKING:
    from ironbridge.api.serve import Address
    from ironbridge.bridge import Bridge
    from ironbridge.settings import Settings

EXAMPLES = """\
ironbridge run                                     with a paper gateway of its own: no account needed
ironbridge run --ib-host 127.0.0.1 --ib-port 7497  with your TWS, paper
ironbridge run --port 8001 --home ~/second         a second one beside the first
"""


def run(
    *,
    host: Annotated[
        str | None, typer.Option("--host", help="Where the service listens. Default: HOST, or 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="Its port. Default: PORT, or 8000. 0 takes a free one."),
    ] = None,
    ib_host: Annotated[
        str | None, typer.Option("--ib-host", help="TWS or IB Gateway. Left out: a paper gateway is started.")
    ] = None,
    ib_port: Annotated[
        int | None,
        typer.Option("--ib-port", min=1, max=65535, help="TWS 7496 live, 7497 paper; Gateway 4001 live, 4002 paper."),
    ] = None,
    client_id: Annotated[
        int | None,
        typer.Option("--client-id", min=0, help="The API client id. Keep it: orders belong to it. Default 1."),
    ] = None,
    account: Annotated[str | None, typer.Option("--account", help="Where the login has several.")] = None,
    live_account: Annotated[
        str | None, typer.Option("--live-account", help="The one live account that may be traded. Real money.")
    ] = None,
    paper_port: Annotated[
        int | None,
        typer.Option("--paper-port", min=0, max=65535, help="The paper gateway's. Default: PAPER_PORT, or 4002."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Same seed, same paper prices. Default 1.")] = None,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Where data is kept. Default: IRONBRIDGE_HOME, or the platform's folder."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every request.")] = False,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="Log one JSON object a line.")] = False,
) -> None:
    """Start the service and its console; keep running until Ctrl-C.

    It prints a link that signs you in to the console.
    """
    # What is imported lives as long as the process: until it is all there the collector would only walk it in vain.
    gc.disable()
    from ironbridge.settings import load_settings

    given: dict[str, Any] = {
        "http_host": host,
        "http_port": port,
        "host": ib_host,
        "port": ib_port,
        "client_id": client_id,
        "account": account,
        "live_account": live_account,
        "paper_port": paper_port,
        "paper_seed": seed,
        "home": home,
    }
    first = load_settings(given)
    # A service keeps its home and its paper port, where a library's embedded gateway would take fresh ones.
    settings = load_settings(given | {"home": first.home, "paper_port": first.paper_port})
    run_loop(_run(settings, verbose=verbose, json_logs=json_logs))


async def _run(settings: Settings, *, verbose: bool, json_logs: bool) -> None:
    async with service(settings) as (bridge, address, token):
        _log(verbose=verbose, json_logs=json_logs, secret=token)
        _welcome(bridge, address, token)
        gc.freeze()
        gc.enable()
        await until_interrupted()
        show.out().print("Stopping.")


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[tuple[Bridge, Address, str]]:
    """Engine and service for the length of the block: the bridge, where it is served, and the access token.

    The port is taken first: a taken one must not cost a start. The token is made only once the home is ours.
    """
    from ironbridge.api.serve import listen, serving
    from ironbridge.api.service import make_service
    from ironbridge.bootstrap import open_bridge
    from ironbridge.home import sole

    listener = listen(settings.http_host, settings.http_port)
    try:
        async with AsyncExitStack() as stack:
            stack.enter_context(sole(settings.home, "service", "ironbridge run"))
            engine = open_bridge(settings, program="ironbridge run", await_ready=False)
            bridge = await stack.enter_async_context(engine)
            app, token = make_service(bridge)
            address = await stack.enter_async_context(serving(app, listener))
            stack.enter_context(announced(settings.home, address.url))
            yield bridge, address, token
    finally:
        listener.close()


def _log(*, verbose: bool, json_logs: bool, secret: str) -> None:
    from ironbridge.ops.logs import configure_logging

    configure_logging(level="DEBUG" if verbose else "INFO", json=json_logs, secrets=(secret,))


def _welcome(bridge: Bridge, address: Address, token: str) -> None:
    from ironbridge.settings import port_warning

    settings = bridge.settings
    if bridge.paper is not None and settings.host is None:
        gateway = f"paper gateway on 127.0.0.1:{bridge.paper.port} (simulated; any TWS program can connect there too)"
    else:
        gateway = f"{settings.host}:{settings.port} as client {settings.client_id}"
    rows = [
        ("Console", address.url),
        ("Sign in", f"{address.url}/#token={token}"),
        ("Token", f"{settings.home / 'token'}  (or: ironbridge token)"),
        ("Gateway", gateway),
        ("Data", str(settings.home)),
        ("API", f"{address.url}/api/v1/ib/openapi.json"),
    ]
    out = show.out()
    out.print("\n[bold]Ironbridge is running.[/] Ctrl-C ends it.\n")
    for name, text in rows:
        out.print(f"  {name:<8} {text}", markup=False, soft_wrap=True)
    out.print()
    if settings.host is not None and (warning := port_warning(settings.port)):
        warn(warning)
    if not address.loopback:
        warn(
            f"The service listens on {address.host}, beyond this machine, and the token travels over plain HTTP: put a "
            "proxy with TLS in front, or use HOST=127.0.0.1 and an SSH tunnel."
        )
