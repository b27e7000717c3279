"""`ironbridge limits`: what orders may be, shown and changed while the service runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

import typer

from ironbridge.cli import show
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, Service, TokenOption, UrlOption, find_service
from ironbridge.errors import InvalidInput

EXAMPLES = """\
ironbridge limits                                               all limits, and how much of them is used
ironbridge limits all max_position=500 price_collar=5           change two limits of all orders
ironbridge limits strategy:momentum order_rate=10/60            at most 10 new orders a minute
ironbridge limits account:DU1000001 max_daily_loss=2000 on_daily_loss=close
ironbridge limits all denied=OPT:*,TSLA market_hours=on         lists and switches
ironbridge limits all max_position=none                         take one limit away
ironbridge limits strategy:momentum --clear                     take all of a scope away
"""

_LISTS = frozenset({"allowed", "denied"})
_SWITCHES = frozenset({"market_hours", "block_on_unexplained"})


def limits(
    scope: Annotated[
        str | None, typer.Argument(help="all, account:NAME, strategy:NAME or instrument:NAME", show_default=False)
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="limits to change; none takes one away")
    ] = None,
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Take all limits of the scope away.")] = False,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the limits that every order must pass, or change those of one scope. What is not named stays as it is."""
    service = find_service(home, url, token)
    if clear and (scope is None or changes):
        raise InvalidInput("--clear takes a scope and no changes.", next_step="Write: ironbridge limits SCOPE --clear.")
    found = service.get(f"{PREFIX}/risk")
    if scope is not None and (clear or changes):
        found = _changed(service, found, scope, changes or (), clear=clear)
    if as_json:
        show.as_json(found)
    else:
        _print(found, scope)


def _changed(service: Service, found: Any, scope: str, changes: Sequence[str], *, clear: bool) -> Any:
    path = f"{PREFIX}/risk/limits/{quote(scope, safe=':')}"
    if clear:
        return service.request("DELETE", path)
    present: dict[str, Any] = next((each for each in found["limits"] if each["scope"] == scope), {})
    body = {name: value for name, value in present.items() if name != "scope"}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise InvalidInput(f"{change!r:.60} changes nothing.", next_step="Write NAME=VALUE, as max_position=500.")
        body[name.strip()] = _value(name.strip(), value.strip())
    return service.request("PUT", path, body=body)


def _value(name: str, value: str) -> Any:
    """What is written, as the service takes it; what it cannot mean, the service says."""
    if name in _LISTS:
        return [] if value in {"", "none"} else [each.strip() for each in value.split(",")]
    if name in _SWITCHES:
        return {"on": True, "yes": True, "true": True}.get(value.lower(), value if value not in _OFF else False)
    if value == "none":
        return "refuse" if name == "on_daily_loss" else None
    if name == "order_rate":
        count, slash, seconds = value.partition("/")
        return {"count": int(count), "seconds": seconds} if slash and count.isdecimal() else value
    return int(value) if name == "max_open_orders" and value.isdecimal() else value


_OFF = frozenset({"off", "no", "false", "none"})


def _print(found: Any, scope: str | None) -> None:
    out = show.out()
    switch = found["kill_switch"]
    if switch["state"] != "off":
        out.print(
            f"KILL SWITCH {switch['state']}: by {switch['by']}: {switch['reason']}", style="bold red", markup=False
        )
    rows = [
        (each["scope"], name, _word(value))
        for each in found["limits"]
        if scope in {None, each["scope"]}
        for name, value in each.items()
        if name != "scope" and value not in (None, False, []) and (name, value) != ("on_daily_loss", "refuse")
    ]
    if rows:
        out.print(show.table(("SCOPE", "LIMIT", "VALUE"), rows, right=("VALUE",)))
    else:
        out.print("No limits." if scope is None else f"No limits of {scope}.", markup=False)
    for loss in found["losses"]:
        out.print(
            f"{loss['account']} has lost {show.amount(loss['loss'], 2)} on {loss['day']}, at its limit of "
            f"{loss['limit']}: no new risk until the day is over.",
            style="bold red",
            markup=False,
        )
    if found["uses"] and scope is None:
        uses = [
            (
                use["account"],
                use["open_orders"],
                show.amount(use["exposure"], 2),
                show.amount(use["daily_pnl"], 2),
                show.amount(use["available_funds"], 2),
                use["currency"],
            )
            for use in found["uses"]
        ]
        columns = ("ACCOUNT", "OPEN ORDERS", "EXPOSURE", "DAILY P&L", "AVAILABLE FUNDS", "CURRENCY")
        out.print()
        out.print(show.table(columns, uses, right=columns[1:5]))


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['count']} in {value['seconds']} s"
    if isinstance(value, list):
        return ", ".join(value)
    return "on" if value is True else str(value)
