"""`ironbridge order`: send one order."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain, exit_of, warn
from ironbridge.cli.order_terms import algorithm_of, conditions_of, trail_of
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
    GTD = "GTD"
    OPG = "OPG"


EXAMPLES = """\
ironbridge order buy 10 AAPL                        at the market
ironbridge order buy 10 AAPL --limit 227.35 --key morning-1
ironbridge order sell 10 AAPL --stop 210 --tif GTC
ironbridge order sell 2 ESZ6 --stop 5900 --limit 5895
ironbridge order sell 10 AAPL --trail 2% --tif GTC  a trailing stop
ironbridge order buy 10 AAPL --type MOC             in the closing auction
ironbridge order buy 10 AAPL --limit 220 --when "SPY price <= 660" --until 2026-12-01T20:00:00Z
ironbridge order buy 10 AAPL --limit 230 --algo Adaptive:adaptivePriority=Patient
ironbridge order buy 1000 AAPL --cash               for a thousand dollars
"""

PRICES, TIME, MORE = "Price", "Time", "What else goes with it"


def order(
    side: Annotated[Way, typer.Argument(help="buy or sell", show_choices=False)],
    quantity: Annotated[str, typer.Argument(help="how many units, above zero; with --cash how much money")],
    symbol: Annotated[str, typer.Argument(help="what: AAPL, EURUSD, ESZ6, OPT:SPY:20261218:680:C")],
    *,
    kind: Annotated[
        str | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            help="By IB's name: MKT, LMT, STP, 'STP LMT', TRAIL, 'TRAIL LIMIT', MIT, LIT, MOC, LOC, MTL, REL, "
            "'PEG MID', MIDPRICE. Default: what the prices say.",
            rich_help_panel=PRICES,
        ),
    ] = None,
    limit: Annotated[
        str | None,
        typer.Option("--limit", metavar="PRICE", help="Worst price to trade at; a peg's cap.", rich_help_panel=PRICES),
    ] = None,
    stop: Annotated[
        str | None,
        typer.Option(
            "--stop", metavar="PRICE", help="Price that sets the order off; a trail's start.", rich_help_panel=PRICES
        ),
    ] = None,
    trail: Annotated[
        str | None,
        typer.Option(
            "--trail", metavar="DISTANCE", help="Trailing stop: in price, or like 2%.", rich_help_panel=PRICES
        ),
    ] = None,
    limit_offset: Annotated[
        str | None,
        typer.Option(
            "--limit-offset", metavar="PRICE", help="Trailing stop limit: beyond the stop.", rich_help_panel=PRICES
        ),
    ] = None,
    offset: Annotated[
        str | None,
        typer.Option("--offset", metavar="PRICE", help="REL, PEG MID: from the reference.", rich_help_panel=PRICES),
    ] = None,
    trigger: Annotated[
        str | None,
        typer.Option(
            "--trigger",
            metavar="METHOD",
            help="Which price sets it off: last, bid_ask, midpoint, double_last, ...",
            rich_help_panel=PRICES,
        ),
    ] = None,
    tif: Annotated[
        Tif | None,
        typer.Option(
            "--tif",
            case_sensitive=False,
            help="DAY, GTC, IOC, FOK, GTD or OPG (on the open). Default: DAY.",
            show_choices=False,
            rich_help_panel=TIME,
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="MOMENT", help="Good until then (GTD).", rich_help_panel=TIME)
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="MOMENT", help="Works from then on.", rich_help_panel=TIME)
    ] = None,
    outside_hours: Annotated[
        bool, typer.Option("--outside-hours", help="May trade outside the regular session.", rich_help_panel=TIME)
    ] = False,
    when: Annotated[
        list[str] | None,
        typer.Option("--when", metavar="CONDITION", help="Works once this is so; several: all.", rich_help_panel=MORE),
    ] = None,
    or_when: Annotated[
        list[str] | None,
        typer.Option("--or-when", metavar="CONDITION", help="Or this alone.", rich_help_panel=MORE),
    ] = None,
    when_cancel: Annotated[
        bool, typer.Option("--when-cancel", help="The conditions cancel the order.", rich_help_panel=MORE)
    ] = False,
    algo: Annotated[
        str | None,
        typer.Option("--algo", metavar="NAME:TAG=VALUE,...", help="An algorithm of IB's.", rich_help_panel=MORE),
    ] = None,
    cash: Annotated[
        bool, typer.Option("--cash", help="The quantity is an amount of money.", rich_help_panel=MORE)
    ] = False,
    display: Annotated[
        int | None, typer.Option("--display", help="Units that the book shows (iceberg).", rich_help_panel=MORE)
    ] = None,
    at_least: Annotated[
        int | None, typer.Option("--at-least", help="Fewest units of one fill.", rich_help_panel=MORE)
    ] = None,
    all_or_none: Annotated[
        bool, typer.Option("--all-or-none", help="Fills whole or not at all.", rich_help_panel=MORE)
    ] = False,
    hidden: Annotated[bool, typer.Option("--hidden", help="Not shown in the book.", rich_help_panel=MORE)] = False,
    discretionary: Annotated[
        str | None,
        typer.Option("--discretionary", metavar="PRICE", help="Beyond the limit, unseen.", rich_help_panel=MORE),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Your name for the order. The same key never makes a second one.")
    ] = None,
    account: Annotated[str | None, typer.Option("--account", help="Default: the session's account.")] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, max=30, help="Seconds to wait for the broker's answer.")
    ] = 2.0,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send one order. Without prices it is a market order.

    Moments are ISO 8601 with a zone, such as 2026-12-01T20:00:00Z. A condition is written like "SPY price >= 680",
    "SPY volume >= 1000000", "SPY change <= -3", "time >= 2026-12-01T15:00:00Z", "margin <= 30" or "SPY filled".

    With --key the command may be repeated safely: after a time-out or a crash, the same key gives the same order back.
    Where no service runs on the home, the command opens a session of its own, by the settings of that home.
    """
    name = key or f"cli-{secrets.token_hex(8)}"
    given: dict[str, Any] = {
        "order_type": kind.upper() if kind else None,
        "limit_price": limit,
        "stop_price": stop,
        "limit_offset": limit_offset,
        "offset": offset,
        "trigger_method": trigger,
        "time_in_force": tif.value if tif else None,
        "good_till": until,
        "good_after": after,
        "outside_hours": outside_hours,
        "display_size": display,
        "min_quantity": at_least,
        "all_or_none": all_or_none,
        "hidden": hidden,
        "discretionary_amount": discretionary,
        "account": account,
    }
    body: dict[str, Any] = {
        "symbol": symbol,
        "side": side.value.upper(),
        "cash_quantity" if cash else "quantity": quantity,
        **{field: value for field, value in given.items() if value not in (None, False)},
        **trail_of(trail),
        **algorithm_of(algo),
        **conditions_of(symbol, when or (), or_when or (), cancel=when_cancel, outside_hours=outside_hours),
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
