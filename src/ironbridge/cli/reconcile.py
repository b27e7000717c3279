"""`ironbridge reconcile`: hold the orders here against the broker's now, and say what came of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain
from ironbridge.cli.own_engine import service_or_own
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption

EXAMPLES = """\
ironbridge reconcile
ironbridge reconcile --last --json
"""


def reconcile(
    *,
    last: Annotated[bool, typer.Option("--last", help="Show the last report; ask nothing.")] = False,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the broker in full for open orders, completed orders and executions, and repair what differs here.

    Sends no order and no cancel. Exits with 0 where every order's fate is known and the books explain the broker's
    numbers; with 4 where an order is unknown or held twice, a number is not explained, or the last attempt failed.
    """
    with service_or_own(home, url, token, "ironbridge reconcile") as service:
        found = service.request("GET" if last else "POST", f"{PREFIX}/reconciliation")
    if as_json:
        show.as_json(found)
    else:
        _print(found)
    if not found["settled"]:
        raise typer.Exit(Exit.UNKNOWN)


def _print(found: Any) -> None:
    out, report = show.out(), found["last"]
    if report is None:
        out.print("The broker has not been asked in full yet.")
    else:
        out.print(
            f"Asked in full at {show.clock_time(report['began'])} as client {report['client_id']} ({report['why']}): "
            f"{report['open']} open, {report['completed']} completed, {report['executions']} executions; "
            f"{report['judged']} orders held against them.",
            markup=False,
        )
        _table("Repaired", ("KEY", "WHAT"), [(one["key"], one["text"]) for one in report["repairs"]])
    _table("Open orders that were not made here", _FOREIGN, [_foreign(one) for one in found["foreign_orders"]])
    if report is not None:
        rows = [(*_who(one), one["price"]) for one in report["foreign_executions"]]
        _table("Executions of orders that were not made here", (*_WHO, "PRICE"), rows)
    if found["failure"]:
        complain(f"The newest attempt failed: {found['failure']}", "Nothing was concluded from it. Reconcile again.")
    for one in found["doubtful"]:
        complain(f"{one['key']} is {one['state']}: {one['text']}", "Look in TWS, then `ironbridge resolve` the order.")
    for one in found["discrepancies"]:
        complain(one["text"], "Find out why; `POST /account/books/accept` takes the broker's numbers.")
    if found["settled"]:
        out.print("Every order's fate is known, and the broker's numbers are explained.", style="green")
    if found["next_at"]:
        out.print(
            f"Next by itself at {show.clock_time(found['next_at'])} (reconcile_interval {found['interval_s']:g} s)."
        )


_WHO = ("CLIENT", "ORDER", "ACCOUNT", "SIDE", "QUANTITY", "SYMBOL")
_FOREIGN = (*_WHO, "FILLED", "TYPE", "STATUS")


def _who(one: Any) -> tuple[Any, ...]:
    return one["client_id"], one["order_id"], one["account"], one["side"], one["quantity"], one["symbol"]


def _foreign(one: Any) -> tuple[Any, ...]:
    return (*_who(one), one["filled"], one["order_type"], one["status"])


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    if rows:
        show.out().print(f"\n{title}:", markup=False)
        show.out().print(show.table(columns, rows, right=tuple({"QUANTITY", "FILLED", "PRICE"} & set(columns))))
