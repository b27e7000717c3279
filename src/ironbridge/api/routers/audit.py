"""The audit log: who did what, when and why; listed, checked, exported. Nothing here can change it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.audit import ActorView, AuditEntryView, AuditFindingView, AuditPage, AuditVerdict
from ironbridge.domain.audit import Act, AuditEntry, AuditFilter, Deed
from ironbridge.domain.audit_check import Verdict
from ironbridge.domain.audit_text import csv_head, csv_line, json_line, moment_of, read_head
from ironbridge.interfaces import AuditLog

router = APIRouter(prefix="/audit", tags=["audit"], responses=documented(401, 403, 422, 503))


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


Words = Annotated[str, Query(max_length=200, description="Part of the subject, the text or the reason.")]
Since = Annotated[
    str | None,
    Query(alias="from", max_length=40, description="From this moment on, ISO 8601; UTC where no zone is given."),
]
Until = Annotated[str | None, Query(alias="to", max_length=40, description="Before this moment.")]
Who = Annotated[str, Query(max_length=200, description="Exactly this actor's name.")]
What = Annotated[
    str, Query(max_length=60, description="A deed, or the first part of several: `order`, `settings.changed`.")
]
Subject = Annotated[str, Query(max_length=200, description="Exactly this subject, such as an order's key.")]


@router.get("", summary="Who did what, newest first")
async def list_audit(
    context: ContextDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, description="Only entries with lower numbers.")] = None,
    since: Since = None,
    until: Until = None,
    actor: Who = "",
    what: What = "",
    subject: Subject = "",
    words: Words = "",
) -> AuditPage:
    """A page of the log."""
    wanted = AuditFilter(_moment(since, "from"), _moment(until, "to"), actor, what, subject, words)
    found = await context.bridge.audit.page(wanted, limit=limit + 1, before=before)
    page = found[:limit]
    return AuditPage(
        entries=[entry_view(entry) for entry in page], next_before=page[-1].number if len(found) > limit else None
    )


@router.get("/verify", summary="Check the whole log")
async def verify_audit(
    context: ContextDep,
    head: Annotated[
        str | None, Query(max_length=100, description="A head that was kept elsewhere, NUMBER:HASH.")
    ] = None,
) -> AuditVerdict:
    """Check every entry against its hash, its place and its neighbours, and the order journal against the log.

    A log that is not intact is an answer (200 with `intact` false), not an error.
    """
    return verdict_view(await context.bridge.audit.verify(None if head is None else read_head(head)))


@router.get(
    "/export",
    summary="The log as JSON Lines or CSV",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One entry a line, oldest first.",
            "content": {
                "application/x-ndjson": {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        }
    },
)
async def export_audit(
    context: ContextDep,
    form: Annotated[Form, Query(alias="format")] = Form.JSONL,
    since: Since = None,
    until: Until = None,
) -> StreamingResponse:
    """Every entry between two moments. JSON Lines can be verified again; CSV is made safe for spreadsheets."""
    wanted = AuditFilter(_moment(since, "from"), _moment(until, "to"))
    audit = context.bridge.audit
    await audit.record(Act(Deed.AUDIT_EXPORTED, form.value, f"from {since or 'the first'} to {until or 'the last'}"))
    media = "text/csv; charset=utf-8" if form is Form.CSV else "application/x-ndjson"
    name = f"ironbridge-audit.{form.value}"
    return StreamingResponse(
        _lines(audit, wanted, form), media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


async def _lines(audit: AuditLog, wanted: AuditFilter, form: Form) -> AsyncIterator[str]:
    if form is Form.CSV:
        yield csv_head() + "\r\n"
    async for entry in audit.entries(wanted):
        yield csv_line(entry) + "\r\n" if form is Form.CSV else json_line(entry) + "\n"


def entry_view(entry: AuditEntry) -> AuditEntryView:
    """An entry as the interface shows it."""
    actor = entry.actor
    return AuditEntryView(
        number=entry.number,
        at=entry.at,
        actor=ActorView(kind=actor.kind.value, name=actor.name, via=actor.via),
        what=entry.what,
        subject=entry.subject,
        text=entry.text,
        why=actor.why,
        details=entry.particulars,
        sequence=entry.sequence,
        previous=entry.previous,
        hash=entry.hash,
    )


def verdict_view(verdict: Verdict) -> AuditVerdict:
    """A verdict as the interface shows it."""
    return AuditVerdict(
        intact=verdict.intact,
        entries=verdict.entries,
        journal=verdict.journal,
        head=str(verdict.head),
        anchored=None if verdict.anchored is None else str(verdict.anchored),
        wrong=verdict.wrong,
        findings=[
            AuditFindingView(fault=found.fault.value, number=found.number, text=found.text)
            for found in verdict.findings
        ],
    )


def _moment(text: str | None, name: str) -> datetime | None:
    return None if text is None else moment_of(text, name)
