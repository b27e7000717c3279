"""`ironbridge cancel`: end an order."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain
from ironbridge.cli.own_engine import service_or_own
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption

EXAMPLES = """\
ironbridge cancel morning-1
"""


def cancel(
    key: Annotated[str, typer.Argument(help="the order's key, as `ironbridge orders` shows it")],
    *,
    wait: Annotated[float, typer.Option("--wait", min=0, max=30, help="Seconds to wait for the end.")] = 2.0,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel an order by its key. A fill that comes first wins."""
    with service_or_own(home, url, token, "ironbridge cancel") as service:
        ended = service.request("DELETE", f"{PREFIX}/orders/{quote(key, safe='')}", query={"wait": wait})
    if as_json:
        show.as_json(ended)
    else:
        show.out().print(ended["summary"], markup=False)
    if ended["open"]:
        complain("The broker has not confirmed the cancel yet.", "Look at the order with `ironbridge orders`.")
        raise typer.Exit(Exit.UNKNOWN)
    if ended["state"] != "cancelled":
        complain(f"It was not cancelled: it is {ended['state'].replace('_', ' ')}.")
        raise typer.Exit(Exit.REFUSED)
