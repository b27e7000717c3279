"""`ironbridge kill` and `ironbridge release`: the kill switch."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

KILL_EXAMPLES = """\
ironbridge kill "the strategy is mad"
"""

RELEASE_EXAMPLES = """\
ironbridge release "mended and tested"
ironbridge release "back from lunch" --account DU1000001    an account at its daily loss limit
"""

_Reason = Annotated[str, typer.Argument(help="why, in a few words: it goes into the audit log", show_default=False)]


def kill(
    reason: _Reason,
    *,
    wait: Annotated[float, typer.Option("--wait", min=0, max=30, help="Seconds to wait for the broker.")] = 15.0,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send no new order, and cancel every open one of the login, whoever made it. It stays until it is released.

    Exits with 0 once the broker, asked in full, holds nothing open; with 4 where that is not known yet.
    """
    service = find_service(home, url, token)
    found = service.request("POST", f"{PREFIX}/risk/kill", query={"wait": wait}, body={"reason": reason})
    switch = found["kill_switch"]
    if as_json:
        show.as_json(switch)
    else:
        _print(switch)
    if switch["state"] != "verified":
        raise typer.Exit(Exit.UNKNOWN)


def release(
    reason: _Reason,
    *,
    account: Annotated[
        str | None, typer.Option("--account", help="Release this account's daily loss limit, not the kill switch.")
    ] = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let orders through again after a kill, or after a daily loss limit."""
    service = find_service(home, url, token)
    path = "release" if account is None else f"losses/{account}/release"
    found = service.request("POST", f"{PREFIX}/risk/{path}", body={"reason": reason})
    if as_json:
        show.as_json(found["kill_switch"])
    elif account is None:
        show.out().print("The kill switch is off: orders are let through again.")
    else:
        show.out().print(f"{account} may take risk again today.", markup=False)


def _print(switch: Any) -> None:
    out = show.out()
    if switch["state"] == "verified":
        out.print("The kill switch is engaged. The broker, asked in full, holds no open order.", style="bold red")
        return
    out.print("The kill switch is engaged: no new order is sent.", style="bold red")
    complain(
        f"Not everything is known to be cancelled: {'; '.join(switch['left']) or 'the broker has not answered yet'}.",
        "It is tried again by itself; look at `ironbridge limits` and at TWS.",
    )
