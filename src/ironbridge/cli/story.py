"""`ironbridge story`: everything that has happened to an order; `ironbridge resolve`: the end of an unknown one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

import typer

from ironbridge.cli import show
from ironbridge.cli.own_engine import service_or_own
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption

STORY_EXAMPLES = """\
ironbridge story morning-1
ironbridge story morning-1 --json
"""
RESOLVE_EXAMPLES = """\
ironbridge resolve morning-1 --as never-sent --why "not in TWS's audit trail of the day"
"""


class Found(StrEnum):
    """What has become of it."""

    CANCELLED = "cancelled"
    FILLED = "filled"
    NEVER_SENT = "never-sent"


def story(
    key: Annotated[str, typer.Argument(help="the order's key, as `ironbridge orders` shows it")],
    *,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell an order's whole story: who did what, when and why, from its submission to its last commission."""
    with service_or_own(home, url, token, "ironbridge story") as service:
        found = service.get(f"{PREFIX}/orders/{quote(key, safe='')}/story")
    if as_json:
        show.as_json(found)
        return
    rows = [
        (
            one["at"].replace("T", " ")[:23],
            " ".join(filter(None, [one["actor"]["name"], one["actor"]["via"] and f"({one['actor']['via']})"])),
            one["what"].removeprefix("order.").replace("_", " "),
            " ".join(filter(None, [one["text"], one["why"] and f"Why: {one['why']}"])),
        )
        for one in found["entries"]
    ]
    show.out().print(show.table(("TIME (UTC)", "WHO", "WHAT", "IN WORDS"), rows))


def resolve(
    key: Annotated[str, typer.Argument(help="the key of an order that is unknown")],
    *,
    found: Annotated[Found, typer.Option("--as", help="cancelled, filled or never-sent.", show_choices=False)],
    why: Annotated[str, typer.Option("--why", help="Where you looked, and what was there.")],
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close an order that is unknown, on your word and with your reason. Sends nothing.

    IB is asked once more before; an order that it shows is not closed. What IB says later counts all the same.
    """
    with service_or_own(home, url, token, "ironbridge resolve") as service:
        body = {"found": found.value, "why": why}
        made = service.request("POST", f"{PREFIX}/orders/{quote(key, safe='')}/resolve", body=body)
    if as_json:
        show.as_json(made)
    else:
        show.out().print(made["summary"], markup=False)
