"""`ironbridge orders`: what is open, or all there is."""

from __future__ import annotations

from typing import Annotated

import typer

from ironbridge.cli import show
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

EXAMPLES = """\
ironbridge orders
ironbridge orders --all --json
"""


def orders(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Ended orders too.")] = False,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the open orders, or with --all every order that the service knows."""
    found = find_service(home, url, token).get(f"{PREFIX}/orders", open=str(not everything).lower())
    if as_json:
        show.as_json(found)
        return
    if not found["orders"]:
        show.out().print(
            "No orders." if everything else "No open orders. `ironbridge orders --all` shows the ended ones."
        )
        return
    rows = [
        (
            show.clock_time(one["created_at"]),
            one["key"],
            one["side"],
            one["quantity"] if one["cash_quantity"] is None else f"{one['cash_quantity']} cash",
            one["symbol"],
            one["terms"],
            show.state(one["state"]),
            one["filled"],
            one["average_price"],
            one["reason"],
        )
        for one in found["orders"]
    ]
    columns = ("TIME", "KEY", "SIDE", "QUANTITY", "SYMBOL", "TERMS", "STATE", "FILLED", "AVERAGE", "REASON")
    show.out().print(show.table(columns, rows, right=("QUANTITY", "FILLED", "AVERAGE")))
