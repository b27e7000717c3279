"""`ironbridge quote`: prices, once or as they move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import complain, exit_of_problem
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

if TYPE_CHECKING:
    from rich.table import Table

_COLUMNS = ("SYMBOL", "BID", "ASK", "LAST", "BID SIZE", "ASK SIZE", "VOLUME", "TIME", "KIND", "QUALITY")


EXAMPLES = """\
ironbridge quote AAPL MSFT EURUSD
ironbridge quote ESZ6 --watch
ironbridge quote OPT:SPY:20261218:680:C --json
"""


def quote(
    symbols: Annotated[list[str], typer.Argument(metavar="SYMBOL...", help="AAPL, EURUSD, ESZ6, IND:SPX, ...")],
    *,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Keep showing them as they move; Ctrl-C ends.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, max=30, help="Seconds to wait for prices.")] = 5.0,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show bid, ask and last of one or more instruments."""
    service = find_service(home, url, token)
    if watch:
        from ironbridge.cli.watch import watch_quotes

        watch_quotes(service, symbols, as_json=as_json, draw=draw)
        return
    found = service.get(f"{PREFIX}/quotes", symbols=",".join(symbols), timeout=timeout)
    if as_json:
        show.as_json(found)
    elif found["quotes"]:
        show.out().print(draw(found["quotes"]))
    code = 0
    for failure in found["failures"]:
        problem = failure["problem"]
        if not as_json:
            complain(problem["detail"], problem["next_step"])
        code = max(code, exit_of_problem(problem["slug"], "not_sent"))
    if code:
        raise typer.Exit(code)


def draw(quotes: list[dict[str, Any]]) -> Table:
    """Quotes as a table."""
    rows = [
        (
            one["symbol"],
            show.price(one["bid"]),
            show.price(one["ask"]),
            show.price(one["last"]),
            show.price(one["bid_size"]),
            show.price(one["ask_size"]),
            show.price(one["volume"]),
            show.clock_time(one["timestamp"]),
            one["kind"].replace("_", " "),
            one["quality"],
        )
        for one in quotes
    ]
    return show.table(_COLUMNS, rows, right=_COLUMNS[1:7])
