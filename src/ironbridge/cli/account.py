"""`ironbridge account`: what the accounts are worth, have made, may use; and where our books differ."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import warn
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

EXAMPLES = """\
ironbridge account                                every account of the login
ironbridge account books --account DU1234567      our books beside the broker's
ironbridge account accept --account DU1234567     set ours to the broker's, after you have looked
ironbridge account advisor                        an advisor's groups
"""


class Part(StrEnum):
    """What of the accounts."""

    SUMMARY = "summary"
    BOOKS = "books"
    ACCEPT = "accept"
    ADVISOR = "advisor"


def account(
    part: Annotated[Part, typer.Argument(help="summary, books, accept or advisor", show_choices=False)] = Part.SUMMARY,
    *,
    name: Annotated[str | None, typer.Option("--account", help="Which account; left out, the session's own.")] = None,
    why: Annotated[str, typer.Option("--why", help="Why the broker's numbers are accepted, for the audit log.")] = "",
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the accounts: worth, cash and margin by currency, the day's profit, and our own books of them."""
    service = find_service(home, url, token)
    if part is Part.ACCEPT:
        query = {"account": name}
        found = service.request("POST", f"{PREFIX}/account/books/accept", query=query, why=why)
        if as_json:
            show.as_json(found)
        else:
            show.out().print(f"{found['accepted']} numbers of our books are the broker's now.")
        return
    if part is Part.SUMMARY:
        found = service.get(f"{PREFIX}/accounts")
        tell: Callable[[dict[str, Any], str | None], None] = _summaries
    elif part is Part.BOOKS:
        found = service.get(f"{PREFIX}/account/books", account=name)
        tell = _books
    else:
        found = service.get(f"{PREFIX}/account/advisor")
        tell = _advisor
    if as_json:
        show.as_json(found)
        return
    if found.get("stale"):
        warn("There is no session now: this is from before.")
    tell(found, name)


_FIGURES = (
    ("net liquidation", "net_liquidation"), ("cash", "cash"), ("buying power", "buying_power"),
    ("available funds", "available_funds"), ("initial margin", "initial_margin"),
    ("maintenance margin", "maintenance_margin"), ("excess liquidity", "excess_liquidity"),
    ("unrealised P&L", "unrealized_pnl"), ("realised P&L", "realized_pnl"),
)  # fmt: skip


def _summaries(found: dict[str, Any], name: str | None) -> None:
    chosen = [one for one in found["accounts"] if name in {None, one["summary"]["account"]}]
    if not chosen:
        show.out().print("No account is known yet." if name is None else f"This login has no account {name}.")
    for each in chosen:
        summary, pnl = each["summary"], each["pnl"]
        rows = [("account", summary["account"], "")]
        rows += [(words, _money(summary[field]), summary["currency"]) for words, field in _FIGURES]
        cushion = summary["cushion"]
        rows.append(
            ("margin cushion", "-" if cushion is None else f"{show.amount(str(Decimal(cushion) * 100), 2)} %", "")
        )
        rows.append(("daily P&L", _money(pnl["amount"]), f"{pnl['currency'] or ''}{_source(pnl)}"))
        rates = {rate["currency"]: rate for rate in each["rates"]}
        for cash in summary["cash_by_currency"]:
            rate = rates.get(cash["currency"])
            at = "" if rate is None or rate["source"] == "base" else f" at {rate['rate']} ({rate['source']})"
            missing = " no rate is known" if cash["currency"] in each["missing_rates"] else at
            rows.append((f"cash in {cash['currency']}", _money(cash["amount"]), missing.strip()))
        grid = show.table(("", "AMOUNT", "UNIT"), rows, right=("AMOUNT",))
        grid.show_header = False
        show.out().print(grid)
        show.out().print()


def _source(pnl: dict[str, Any]) -> str:
    if pnl["source"] == "broker":
        return " (IB's)"
    if pnl["source"] == "net_liquidation":
        return f" (change of net liquidation since {show.clock_time(pnl['since'])}, deposits included)"
    return ""


def _books(found: dict[str, Any], _: str | None) -> None:
    columns = ("SYMBOL", "QUANTITY", "AVERAGE COST", "REALISED", "FILLS", "BEFORE THEM")
    rows = [
        (
            one["symbol"],
            one["quantity"],
            show.amount(one["average_cost"]),
            _money(one["realized_pnl"]),
            one["fills"],
            one["opening_quantity"],
        )
        for one in found["holdings"]
    ]
    show.out().print(f"Our books of {found['account']}, folded from executions (average cost, commissions in it):")
    show.out().print(show.table(columns, rows, right=columns[1:]) if rows else "No positions.")
    cash = [
        (one["currency"], _money(one["folded"]), _money(one["broker"]), one["unforeseeable"]) for one in found["cash"]
    ]
    show.out().print(show.table(("CASH", "OURS", "BROKER'S", ""), cash, right=("OURS", "BROKER'S")))
    for each in found["discrepancies"]:
        warn(each["text"])


def _advisor(found: dict[str, Any], _: str | None) -> None:
    if found["master"] is None:
        show.out().print("This login is no advisor's.")
        return
    aliases = {one["account"]: one["alias"] for one in found["aliases"]}
    rows = [
        (one["name"], one["method"], ", ".join(aliases.get(account, account) for account in one["accounts"]))
        for one in found["groups"]
    ]
    show.out().print(f"Advisor {found['master']}")
    show.out().print(show.table(("GROUP", "METHOD", "ACCOUNTS"), rows) if rows else "No groups.")


def _money(value: str | None) -> str:
    return "-" if value is None else f"{round(Decimal(value), 2):,.2f}"
