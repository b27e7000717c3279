"""`ironbridge bracket` and `ironbridge preview`: an entry with its exits, and what an order would do."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain, exit_of, warn
from ironbridge.cli.order import Tif, Way
from ironbridge.cli.order_terms import trail_of
from ironbridge.cli.own_engine import service_or_own
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption
from ironbridge.errors import IronbridgeError

BRACKET_EXAMPLES = """\
ironbridge bracket buy 10 AAPL --limit 227.35 --take-profit 240 --stop-loss 220
ironbridge bracket sell 2 ESZ6 --stop-loss 6100 --key short-1
ironbridge bracket buy 10 AAPL --take-profit 240 --trailing-loss 2%
"""
PREVIEW_EXAMPLES = """\
ironbridge preview buy 100 AAPL --limit 227.35
ironbridge preview sell 1 ESZ6
"""

SideArgument = Annotated[Way, typer.Argument(help="buy or sell", show_choices=False)]
QuantityArgument = Annotated[str, typer.Argument(help="how many units, above zero")]
SymbolArgument = Annotated[str, typer.Argument(help="what: AAPL, EURUSD, ESZ6, OPT:SPY:20261218:680:C")]
LimitOption = Annotated[str | None, typer.Option("--limit", metavar="PRICE", help="Worst price to trade at.")]
StopOption = Annotated[str | None, typer.Option("--stop", metavar="PRICE", help="Price that sets the order off.")]
TifOption = Annotated[
    Tif | None, typer.Option("--tif", case_sensitive=False, help="DAY, GTC, IOC or FOK.", show_choices=False)
]
AccountOption = Annotated[str | None, typer.Option("--account", help="Default: the session's account.")]


def bracket(
    side: SideArgument,
    quantity: QuantityArgument,
    symbol: SymbolArgument,
    *,
    limit: LimitOption = None,
    stop: StopOption = None,
    tif: TifOption = None,
    take_profit: Annotated[
        str | None, typer.Option("--take-profit", metavar="PRICE", help="Limit of the exit with a gain.")
    ] = None,
    stop_loss: Annotated[
        str | None, typer.Option("--stop-loss", metavar="PRICE", help="Stop of the exit with a loss.")
    ] = None,
    trailing_loss: Annotated[
        str | None,
        typer.Option("--trailing-loss", metavar="DISTANCE", help="A trailing stop instead: in price, or like 2%."),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Your name for the group. The same key never makes a second one.")
    ] = None,
    account: AccountOption = None,
    wait: Annotated[float, typer.Option("--wait", min=0, max=30, help="Seconds to wait for the answer.")] = 2.0,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send an entry with its exits as one: a fill of the entry sets them to work, a fill of one ends the other.

    All of it is sent, or what was sent is cancelled. The entry has the key, the exits that key with /tp and /sl.
    """
    if stop_loss is not None and trailing_loss is not None:
        raise typer.BadParameter("Give --stop-loss or --trailing-loss.")
    name = key or f"cli-{secrets.token_hex(8)}"
    loss = {"stop_price": stop_loss} if stop_loss is not None else trail_of(trailing_loss)
    body = _body(side, quantity, symbol, limit, stop, tif, account) | {
        "take_profit": None if take_profit is None else {"limit_price": take_profit},
        "stop_loss": loss or None,
    }
    with service_or_own(home, url, token, "ironbridge bracket") as service:
        try:
            made = service.request("POST", f"{PREFIX}/orders/brackets", query={"wait": wait}, body=body, key=name)
        except IronbridgeError as error:
            if exit_of(error) is Exit.UNKNOWN:
                warn(f"The group's key is {name}: the same command with --key {name} gives the same group.")
            raise
    if as_json:
        show.as_json(made)
    else:
        for order in made["orders"]:
            show.out().print(order["summary"], markup=False)
    if any(order["state"] in {"sent", "intended", "unknown"} for order in made["orders"]):
        complain("The broker has not answered yet.", "It is followed up by itself. Look with `ironbridge orders`.")
        raise typer.Exit(Exit.UNKNOWN)


def preview(
    side: SideArgument,
    quantity: QuantityArgument,
    symbol: SymbolArgument,
    *,
    limit: LimitOption = None,
    stop: StopOption = None,
    tif: TifOption = None,
    account: AccountOption = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the broker what an order would do to margin and what it would cost. Nothing is ordered."""
    body = _body(side, quantity, symbol, limit, stop, tif, account)
    with service_or_own(home, url, token, "ironbridge preview") as service:
        impact = service.request("POST", f"{PREFIX}/orders/preview", body=body)
    if as_json:
        show.as_json(impact)
        return
    rows = [
        (title, *(impact[name][when] or "-" for when in ("before", "change", "after")))
        for title, name in (
            ("Initial margin", "initial_margin"),
            ("Maintenance margin", "maintenance_margin"),
            ("Equity with loan", "equity_with_loan"),
        )
    ]
    show.out().print(show.table(("", "BEFORE", "CHANGE", "AFTER"), rows, right=("BEFORE", "CHANGE", "AFTER")))
    show.out().print(f"Commission: {_commission(impact)}", markup=False)
    if impact["warning"]:
        warn(impact["warning"])


def _body(
    side: Way, quantity: str, symbol: str, limit: str | None, stop: str | None, tif: Tif | None, account: str | None
) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "side": side.value.upper(),
        "quantity": quantity,
        "limit_price": limit,
        "stop_price": stop,
        "time_in_force": tif.value if tif else None,
        "account": account,
    }


def _commission(impact: dict[str, Any]) -> str:
    if impact["commission"] is not None:
        return f"{impact['commission']} {impact['commission_currency']}"
    if impact["commission_min"] is not None and impact["commission_max"] is not None:
        return f"{impact['commission_min']} to {impact['commission_max']} {impact['commission_currency']}"
    return "the broker does not say"
