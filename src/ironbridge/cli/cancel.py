"""`ironbridge cancel`: end an order."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain
from ironbridge.cli.own_engine import service_or_own
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption

EXAMPLES = """\
ironbridge cancel morning-1
ironbridge cancel --all                    every open order of this client, and proof of it
ironbridge cancel --all --strategy momentum
ironbridge cancel --all --everywhere       also those of other programs and of TWS
"""


def cancel(
    key: Annotated[str | None, typer.Argument(help="the order's key, as `ironbridge orders` shows it")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every open order of this client.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="With --all: also what other programs and TWS have open.")
    ] = False,
    account: Annotated[str | None, typer.Option("--account", help="With --all: only of this account.")] = None,
    strategy: Annotated[str | None, typer.Option("--strategy", help="With --all: only of this strategy.")] = None,
    wait: Annotated[
        float | None, typer.Option("--wait", min=0, max=30, help="Seconds to wait for the end. Default: 2, --all: 10.")
    ] = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel an order by its key, or all. A fill that comes first wins.

    With --all each order is waited for and the broker is asked what is left; what is left is named, and the exit code
    says so.
    """
    if everything is (key is not None):
        raise typer.BadParameter("Give the key of one order, or --all.")
    if not everything and (everywhere or account or strategy):
        raise typer.BadParameter("--everywhere, --account and --strategy go with --all.")
    if key is None:
        body = {"account": account, "strategy": strategy, "everywhere": everywhere}
        with service_or_own(home, url, token, "ironbridge cancel") as service:
            report = service.request(
                "POST", f"{PREFIX}/orders/cancel-all", query={"wait": 10.0 if wait is None else wait}, body=body
            )
        raise typer.Exit(_report(report, as_json=as_json))
    with service_or_own(home, url, token, "ironbridge cancel") as service:
        ended = service.request(
            "DELETE", f"{PREFIX}/orders/{quote(key, safe='')}", query={"wait": 2.0 if wait is None else wait}
        )
    if as_json:
        show.as_json(ended)
    else:
        show.out().print(ended["summary"], markup=False)
    if ended["open"]:
        complain("The broker has not confirmed the cancel yet.", "Look at the order with `ironbridge orders`.")
        raise typer.Exit(Exit.UNKNOWN)
    if ended["state"] != "cancelled":
        complain(f"It was not cancelled: it is {ended['state'].replace('_', ' ')}.")
        raise typer.Exit(Exit.REFUSED)


def _report(report: dict[str, Any], *, as_json: bool) -> Exit:
    if as_json:
        show.as_json(report)
    else:
        for order in report["ended"]:
            show.out().print(order["summary"], markup=False)
        if report["clear"]:
            show.out().print("Nothing is open." if report["ended"] else "Nothing was open.")
    if report["clear"]:
        return Exit.DONE
    for each in report["alive"]:
        complain(f"{each['order']['summary']} is still alive: {each['reason']}")
    for line in report["still_open"]:
        complain(f"The broker holds open {line}.")
    if not report["verified"]:
        complain(f"What is left is not known: {report['reason']}", "Ask again, and look at `ironbridge orders`.")
    return Exit.UNKNOWN
