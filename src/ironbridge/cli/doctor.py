"""`ironbridge doctor`: what is wrong with the set-up, and what to do.

Where a service runs on the home it is the one that looks, since it holds the client id; otherwise, or where a gateway
is named on the command line, this process looks itself.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, ServiceAbsent
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

EXAMPLES = """\
ironbridge doctor
ironbridge doctor --ib-host 127.0.0.1 --ib-port 7497
ironbridge doctor --json
"""

_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}


def doctor(
    *,
    ib_host: Annotated[str | None, typer.Option("--ib-host", help="TWS or IB Gateway.")] = None,
    ib_port: Annotated[
        int | None,
        typer.Option("--ib-port", min=1, max=65535, help="TWS 7496 live, 7497 paper; Gateway 4001 live, 4002 paper."),
    ] = None,
    client_id: Annotated[int | None, typer.Option("--client-id", min=0, help="The API client id.")] = None,
    account: Annotated[str | None, typer.Option("--account", help="The account that is wanted.")] = None,
    live_account: Annotated[str | None, typer.Option("--live-account", help="The live account that is armed.")] = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at the gateway as it is set up, and say in words what is wrong and what to do.

    It only asks: it sends nothing that could trade, change or cancel. Exits with 0 where all is well, with 1 where
    there is something to mend, and with 3 where no session can be had.
    """
    given = {
        "host": ib_host,
        "port": ib_port,
        "client_id": client_id,
        "account": account,
        "live_account": live_account,
    }
    found = _look(given, home) if any(value is not None for value in given.values()) else _ask(home, url, token)
    if as_json:
        show.as_json(found)
    else:
        _tell(found)
    if not found["connects"]:
        raise typer.Exit(Exit.NOT_CONNECTED)
    if not found["healthy"]:
        raise typer.Exit(Exit.REFUSED)


def _ask(home: Path | None, url: str | None, token: str | None) -> dict[str, Any]:
    try:
        service = find_service(home, url, token)
    except ServiceAbsent:
        return _look({}, home)
    found: dict[str, Any] = service.request("POST", f"{PREFIX}/connection/doctor")
    return found


def _look(given: dict[str, Any], home: Path | None) -> dict[str, Any]:
    from ironbridge.api.session_views import diagnosis_view
    from ironbridge.bridge import diagnosis_of, endpoint_of
    from ironbridge.settings import load_settings

    settings = load_settings({**given, "home": home})
    endpoint = endpoint_of(settings, None)
    diagnosis = asyncio.run(diagnosis_of(settings, endpoint, id_is_ours=False, named=not settings.embedded))
    return diagnosis_view(diagnosis).model_dump(mode="json")


def _tell(found: dict[str, Any]) -> None:
    from rich.markup import escape

    out = show.out()
    version = f", API version {found['server_version']}" if found["server_version"] else ""
    accounts = f", {', '.join(found['accounts'])}" if found["accounts"] else ""
    out.print(f"{found['host']}:{found['port']} as client {found['client_id']}{version}{accounts}", markup=False)
    for finding in found["findings"]:
        style = _STYLES[finding["severity"]]
        out.print(f"\n[{style}]{finding['severity']}[/] {escape(finding['sentence'])} [dim]({finding['id']})[/]")
        if finding["remedy"]:
            out.print(f"  {finding['remedy']}", markup=False)
    if found["healthy"]:
        out.print("\nNothing is wrong: orders and prices can flow." if found["connects"] else "", markup=False)
