"""`ironbridge positions`: what is held."""

from __future__ import annotations

from typing import Annotated

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import warn
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

EXAMPLES = """\
ironbridge positions
ironbridge positions --account DU1234567
ironbridge positions --json
"""


def positions(
    *,
    account: Annotated[str | None, typer.Option("--account", help="Of this account alone.")] = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what the account holds, in the broker's own numbers."""
    found = find_service(home, url, token).get(f"{PREFIX}/positions", account=account)
    if as_json:
        show.as_json(found)
        return
    if found["stale"]:
        warn("There is no session now: this is from before.")
    if not found["positions"]:
        show.out().print("No positions.")
        return
    rows = [
        (
            one["account"],
            one["symbol"],
            one["quantity"],
            show.amount(one["average_cost"]),
            show.amount(one["market_price"]),
            show.amount(one["market_value"], 2),
            show.amount(one["unrealized_pnl"], 2),
            show.amount(one["realized_pnl"], 2),
            show.amount(one["daily_pnl"], 2),
        )
        for one in found["positions"]
    ]
    columns = ("ACCOUNT", "SYMBOL", "QUANTITY", "AVERAGE COST", "PRICE", "VALUE", "UNREALISED", "REALISED", "TODAY")
    show.out().print(show.table(columns, rows, right=columns[2:]))
