"""`ironbridge modify`: change an order."""

from __future__ import annotations

import secrets
from typing import Annotated, Any
from urllib.parse import quote

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain, exit_of, warn
from ironbridge.cli.order import Tif
from ironbridge.cli.order_terms import trail_of
from ironbridge.cli.own_engine import service_or_own
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption
from ironbridge.errors import IronbridgeError

EXAMPLES = """\
ironbridge modify morning-1 --limit 227.40
ironbridge modify morning-1 --quantity 20 --tif GTC
ironbridge modify morning-1/sl --stop 221
"""


def modify(
    key: Annotated[str, typer.Argument(help="the order's key, as `ironbridge orders` shows it")],
    *,
    quantity: Annotated[str | None, typer.Option("--quantity", help="How many units in all.")] = None,
    kind: Annotated[str | None, typer.Option("--type", metavar="TYPE", help="By IB's name: LMT, MKT, STP, ...")] = None,
    limit: Annotated[str | None, typer.Option("--limit", metavar="PRICE", help="Worst price to trade at.")] = None,
    stop: Annotated[str | None, typer.Option("--stop", metavar="PRICE", help="Price that sets the order off.")] = None,
    trail: Annotated[str | None, typer.Option("--trail", metavar="DISTANCE", help="In price, or like 2%.")] = None,
    tif: Annotated[
        Tif | None, typer.Option("--tif", case_sensitive=False, help="DAY, GTC, IOC, FOK or GTD.", show_choices=False)
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="MOMENT", help="Good until then (GTD).")] = None,
    change_key: Annotated[
        str | None, typer.Option("--key", help="Your name for the change. The same key never changes anything twice.")
    ] = None,
    wait: Annotated[float, typer.Option("--wait", min=0, max=30, help="Seconds to wait for the outcome.")] = 2.0,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change an order that the broker holds; what is not named stays as it is.

    Where the broker refuses the change, the order lives on as it was. Nothing is sent while IB is out of reach.
    """
    given: dict[str, Any] = {
        "quantity": quantity,
        "order_type": kind.upper() if kind else None,
        "limit_price": limit,
        "stop_price": stop,
        "time_in_force": tif.value if tif else ("GTD" if until else None),
        "good_till": until,
        **trail_of(trail),
    }
    body = {field: value for field, value in given.items() if value is not None}
    if not body:
        raise typer.BadParameter("Say what is to change, such as --limit or --quantity.")
    name = change_key or f"cli-{secrets.token_hex(8)}"
    with service_or_own(home, url, token, "ironbridge modify") as service:
        try:
            changed = service.request(
                "PATCH", f"{PREFIX}/orders/{quote(key, safe='')}", query={"wait": wait}, body=body, key=name
            )
        except IronbridgeError as error:
            if exit_of(error) is Exit.UNKNOWN:
                warn(f"The change's key is {name}: the same command with --key {name} changes nothing twice.")
            raise
    if as_json:
        show.as_json(changed)
    else:
        show.out().print(changed["summary"], markup=False)
    if changed["pending"] is not None:
        complain("The broker has not answered yet.", "It is followed up by itself. Look with `ironbridge orders`.")
        raise typer.Exit(Exit.UNKNOWN)
