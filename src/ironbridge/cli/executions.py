"""`ironbridge executions`: every fill that was ever heard of, and what it cost."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

EXAMPLES = """\
ironbridge executions                              the newest
ironbridge executions --symbol AAPL --side buy     of one symbol, bought
ironbridge executions --from 2026-11-01 --csv > november.csv
ironbridge executions --limit 1000 --json
"""


def executions(
    *,
    account: Annotated[str | None, typer.Option("--account", help="Of this account alone.")] = None,
    symbol: Annotated[str | None, typer.Option("--symbol", help="Of this symbol: AAPL, ES, EUR.")] = None,
    side: Annotated[str | None, typer.Option("--side", help="buy or sell.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="MOMENT", help="From this moment on (UTC).")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="MOMENT", help="Before this moment.")] = None,
    ref: Annotated[str | None, typer.Option("--ref", help="Of the order with this orderRef: its key.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many are listed.")] = 50,
    csv: Annotated[bool, typer.Option("--csv", help="All of them as CSV.")] = False,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """List executions of all times, ours and others', the newest first, each once with its commission."""
    service = find_service(home, url, token)
    wanted: dict[str, Any] = {
        "account": account, "symbol": symbol, "side": side.upper() if side else None, "from": since, "to": until,
        "ref": ref,
    }  # fmt: skip
    if csv:
        sys.stdout.write(service.text(f"{PREFIX}/executions/export", **wanted))
        return
    found = service.get(f"{PREFIX}/executions", limit=limit, **wanted)
    if as_json:
        show.as_json(found)
        return
    if not found["executions"]:
        show.out().print("No executions.")
        return
    columns = ("TIME", "ACCOUNT", "SYMBOL", "SIDE", "QUANTITY", "PRICE", "COMMISSION", "REALISED", "ORDER", "")
    show.out().print(show.table(columns, map(_row, found["executions"]), right=columns[4:8]))
    if found["next_before"] is not None:
        show.out().print("There are older ones: give a larger --limit, --from and --to, or --csv for all.")


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    commission = one["commission"]
    cost = f"{show.amount(commission['amount'])} {commission['currency']}" if commission else "-"
    realised = show.amount(commission["realized_pnl"], 2) if commission else "-"
    word = "busted" if one["busted"] else "corrected" if one["replaced"] else ""
    order = one["ref"] or f"client {one['client_id']}"
    when = datetime.fromisoformat(one["time"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return (
        when, one["account"], one["symbol"], one["side"], one["quantity"], one["price"], cost, realised, order, word,
    )  # fmt: skip
