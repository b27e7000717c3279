"""`ironbridge order`: send one order."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain, exit_of, warn
from ironbridge.cli.own_engine import service_or_own
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption
from ironbridge.errors import IronbridgeError


class Way(StrEnum):
    """Buy or sell."""

    BUY = "buy"
    SELL = "sell"


class Tif(StrEnum):
    """How long an order stands."""

    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


EXAMPLES = """\
ironbridge order buy 10 AAPL                        at the market
ironbridge order buy 10 AAPL --limit 227.35 --key morning-1
ironbridge order sell 10 AAPL --stop 210 --tif GTC
ironbridge order sell 2 ESZ6 --stop 5900 --limit 5895
"""


def order(
    side: Annotated[Way, typer.Argument(help="buy or sell", show_choices=False)],
    quantity: Annotated[str, typer.Argument(help="how many units, above zero")],
    symbol: Annotated[str, typer.Argument(help="what: AAPL, EURUSD, ESZ6, OPT:SPY:20261218:680:C")],
    *,
    limit: Annotated[str | None, typer.Option("--limit", metavar="PRICE", help="Worst price to trade at.")] = None,
    stop: Annotated[str | None, typer.Option("--stop", metavar="PRICE", help="Price that sets the order off.")] = None,
    tif: Annotated[
        Tif, typer.Option("--tif", case_sensitive=False, help="DAY, GTC, IOC or FOK.", show_choices=False)
    ] = Tif.DAY,
    key: Annotated[
        str | None, typer.Option("--key", help="Your name for the order. The same key never makes a second one.")
    ] = None,
    outside_hours: Annotated[
        bool, typer.Option("--outside-hours", help="May trade outside the regular session.")
    ] = False,
    account: Annotated[str | None, typer.Option("--account", help="Default: the session's account.")] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, max=30, help="Seconds to wait for the broker's answer.")
    ] = 2.0,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send one order. Without --limit and --stop it is a market order.

    With --key the command may be repeated safely: after a time-out or a crash, the same key gives the same order back.
    Where no service runs on the home, the command opens a session of its own, by the settings of that home.
    """
    name = key or f"cli-{secrets.token_hex(8)}"
    body: dict[str, Any] = {
        "symbol": symbol,
        "side": side.value.upper(),
        "quantity": quantity,
        "limit_price": limit,
        "stop_price": stop,
        "time_in_force": tif.value,
        "outside_hours": outside_hours,
        "account": account,
    }
    with service_or_own(home, url, token, "ironbridge order") as service:
        try:
            made = service.request("POST", f"{PREFIX}/orders", query={"wait": wait}, body=body, key=name)
        except IronbridgeError as error:
            if exit_of(error) is Exit.UNKNOWN:
                warn(f"The order's key is {name}: the same command with --key {name} gives the same order.")
            raise
    if as_json:
        show.as_json(made)
    else:
        show.out().print(made["summary"], markup=False)
    raise typer.Exit(_ending(made))


def _ending(made: dict[str, Any]) -> int:
    if made["state"] == "rejected":
        return Exit.REFUSED
    if made["state"] in {"sent", "intended", "unknown"}:
        complain(
            f"The broker has not answered yet; the order is {made['state']}.",
            "It is followed up by itself. Look at it with `ironbridge orders --all`; do not send it under another key.",
        )
        return Exit.UNKNOWN
    return Exit.DONE
