"""`ironbridge audit`: who did what, and whether the record of it is intact.

Read from the home folder itself, so that it can be checked without trusting a running service, and with none running;
with --url from that service. An export is verified from its file alone.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit, complain
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service, home_of
from ironbridge.errors import InvalidInput

if TYPE_CHECKING:
    from ironbridge.domain.audit import AuditFilter

EXAMPLES = """\
ironbridge audit                                     the newest entries
ironbridge audit --what order --subject morning-1    one order's
ironbridge audit verify                              is it intact? exits with 1 where it is not
ironbridge audit verify --head 812:4f0c...           against a head that you kept elsewhere
ironbridge audit verify --file audit.jsonl           an export, from its file alone
ironbridge audit export --format csv --from 2026-11-01 > november.csv
"""


class Action(StrEnum):
    """What to do with the log."""

    LIST = "list"
    VERIFY = "verify"
    EXPORT = "export"


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


def audit(
    action: Annotated[Action, typer.Argument(help="list, verify or export", show_choices=False)] = Action.LIST,
    *,
    since: Annotated[str | None, typer.Option("--from", metavar="MOMENT", help="From this moment on (UTC).")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="MOMENT", help="Before this moment.")] = None,
    actor: Annotated[str, typer.Option("--actor", help="Of this actor.")] = "",
    what: Annotated[str, typer.Option("--what", help="These deeds: order, order.cancelled, settings ...")] = "",
    subject: Annotated[str, typer.Option("--subject", help="About this: an order's key, a setting ...")] = "",
    words: Annotated[str, typer.Option("--words", help="That hold these words.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many are listed.")] = 50,
    form: Annotated[
        Form, typer.Option("--format", help="Of an export: jsonl or csv.", show_choices=False)
    ] = Form.JSONL,
    head: Annotated[str | None, typer.Option("--head", metavar="NUMBER:HASH", help="A head that you kept.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Verify this export (jsonl).")] = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who did what, when and why; check that nothing of it was changed; export it."""
    from ironbridge.domain.audit import AuditFilter
    from ironbridge.domain.audit_text import moment_of

    wanted = AuditFilter(
        None if since is None else moment_of(since, "--from"),
        None if until is None else moment_of(until, "--to"),
        actor,
        what,
        subject,
        words,
    )
    if file is not None and action is not Action.VERIFY:
        raise InvalidInput("--file goes with `audit verify`.", next_step="Give `ironbridge audit verify --file FILE`.")
    match action:
        case Action.LIST:
            _list(_page(wanted, limit, home, url, token), as_json=as_json)
        case Action.VERIFY:
            verdict = _verify_file(file, head) if file is not None else _verify(head, home, url, token)
            _tell(verdict, as_json=as_json)
        case Action.EXPORT:
            if url is not None:
                raise InvalidInput(
                    "An export is made where the log lies.", next_step="Use GET /audit/export of that service."
                )
            asyncio.run(_export(wanted, form, home_of(home)))


def _page(
    wanted: AuditFilter, limit: int, home: Path | None, url: str | None, token: str | None
) -> list[dict[str, Any]]:
    if url is not None:
        query = {
            "limit": limit,
            "from": wanted.since and wanted.since.isoformat(),
            "to": wanted.until and wanted.until.isoformat(),
            "actor": wanted.actor or None,
            "what": wanted.what or None,
            "subject": wanted.subject or None,
            "words": wanted.words or None,
        }
        entries: list[dict[str, Any]] = find_service(home, url, token).get(f"{PREFIX}/audit", **query)["entries"]
        return entries

    async def read() -> list[dict[str, Any]]:
        from ironbridge.api.routers.audit import entry_view
        from ironbridge.bootstrap import open_audit

        async with open_audit(home_of(home)) as log:
            return [entry_view(entry).model_dump(mode="json") for entry in await log.page(wanted, limit=limit)]

    return asyncio.run(read())


def _list(entries: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        show.as_json({"entries": entries})
        return
    if not entries:
        show.out().print("Nothing of the kind is recorded.")
        return
    rows = [
        (
            one["number"],
            one["at"][:19].replace("T", " "),
            " ".join(filter(None, [one["actor"]["name"], one["actor"]["via"] and f"({one['actor']['via']})"])),
            one["what"],
            one["subject"],
            " ".join(filter(None, [one["text"] or _change(one["details"]), one["why"] and f"Why: {one['why']}"])),
        )
        for one in reversed(entries)
    ]
    show.out().print(show.table(("NUMBER", "TIME (UTC)", "WHO", "WHAT", "OF", "IN WORDS"), rows, right=("NUMBER",)))


def _change(details: dict[str, Any]) -> str:
    """A change of named values, in words."""
    pairs = [
        f"{name}: {value['before']} to {value['after']}"
        for name, value in details.items()
        if isinstance(value, dict) and {"before", "after"} <= set(value)
    ]
    return ", ".join(pairs)


def _verify(head: str | None, home: Path | None, url: str | None, token: str | None) -> dict[str, Any]:
    if url is not None:
        verdict: dict[str, Any] = find_service(home, url, token).get(f"{PREFIX}/audit/verify", head=head)
        return verdict

    async def check() -> dict[str, Any]:
        from ironbridge.api.routers.audit import verdict_view
        from ironbridge.bootstrap import open_audit
        from ironbridge.domain.audit_text import read_head

        async with open_audit(home_of(home)) as log:
            return verdict_view(await log.verify(None if head is None else read_head(head))).model_dump(mode="json")

    return asyncio.run(check())


def _verify_file(file: Path, head: str | None) -> dict[str, Any]:
    from ironbridge.api.routers.audit import verdict_view
    from ironbridge.domain.audit_check import Examiner
    from ironbridge.domain.audit_text import read_head, read_line

    examiner = Examiner(None if head is None else read_head(head), partial=True)
    for line in _lines(file):
        examiner.take(read_line(line))
    return verdict_view(examiner.verdict()).model_dump(mode="json")


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8") as opened:
            yield from (line for line in opened if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}.", next_step="Name an export in JSON Lines.") from error


def _tell(verdict: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show.as_json(verdict)
    elif verdict["intact"]:
        journal = f", and {verdict['journal']} events of the order journal" if verdict["journal"] else ""
        kept = (
            f" Its end was held against the head kept at {verdict['anchored'].split(':')[0]}."
            if verdict["anchored"]
            else ""
        )
        show.out().print(f"Intact: {verdict['entries']} entries{journal}.{kept}")
        show.out().print(f"Head: {verdict['head']}", soft_wrap=True)
    if not verdict["intact"]:
        if not as_json:
            for found in verdict["findings"]:
                complain(found["text"])
            more = verdict["wrong"] - len(verdict["findings"])
            complain(
                f"The audit log is not what was written: {verdict['wrong']} faults"
                f"{f', {more} of them not listed' if more else ''}.",
                "Compare it with an earlier export or a copy of the database; keep this one as it is.",
            )
        raise typer.Exit(Exit.REFUSED)


async def _export(wanted: AuditFilter, form: Form, home: Path) -> None:
    from ironbridge.bootstrap import open_audit
    from ironbridge.domain.audit import Act, Actor, ActorKind, Deed
    from ironbridge.domain.audit_text import csv_head, csv_line, json_line

    async with open_audit(home) as log:
        by = Actor(ActorKind.USER, "home owner", "cli")
        await log.record(Act(Deed.AUDIT_EXPORTED, form.value), by=by)
        if form is Form.CSV:
            sys.stdout.write(csv_head() + "\r\n")
        async for entry in log.entries(wanted):
            sys.stdout.write(csv_line(entry) + "\r\n" if form is Form.CSV else json_line(entry) + "\n")
