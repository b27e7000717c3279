"""`ironbridge codes`: what IB's message codes mean."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import ServiceAbsent
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

EXAMPLES = """\
ironbridge codes 201
ironbridge codes
"""


def codes(
    code: Annotated[int | None, typer.Argument(min=0, help="IB's number; left out: all of them")] = None,
    *,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a code of IB's means for an order, a request and the session, and what to do.

    With a service running its own rules count; without one the table of this Ironbridge does.
    """
    found = _found(code, home, url, token)
    if as_json:
        show.as_json({"codes": found})
    elif code is not None:
        mark = " (by your own rule)" if found[0]["overridden"] else ""
        show.out().print(f"{found[0]['explained']}{mark}", markup=False)
    else:
        rows = [(one["code"], one["meaning"].replace("_", " "), one["words"], one["next_step"]) for one in found]
        show.out().print(show.table(("CODE", "FOR AN ORDER", "ABOUT", "WHAT TO DO"), rows, right=("CODE",)))


def _found(code: int | None, home: Any, url: str | None, token: str | None) -> list[dict[str, Any]]:
    try:
        service = find_service(home, url, token)
        answer = service.get(f"{PREFIX}/codes" if code is None else f"{PREFIX}/codes/{code}")
    except ServiceAbsent:
        if url is not None:
            raise
        return _table(code)
    return answer["codes"] if code is None else [answer]


def _table(code: int | None) -> list[dict[str, Any]]:
    from ironbridge.domain.code_table import TABLE, rule_of

    rules = [TABLE[known] for known in sorted(TABLE)] if code is None else [rule_of(code)]
    return [
        {
            "code": rule.code,
            "meaning": rule.meaning.value,
            "words": rule.words,
            "next_step": rule.next_step,
            "explained": rule.explained,
            "overridden": False,
            "met": 0,
        }
        for rule in rules
    ]
