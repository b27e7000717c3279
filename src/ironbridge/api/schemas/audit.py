"""The audit log in JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ironbridge.api.schemas.values import Moment, Sent


class ActorView(Sent):
    """Who did it."""

    kind: Literal["user", "program", "system"]
    name: str
    via: str = Field(description="The way in, such as rest, console, cli, library; empty for the system.")


class AuditEntryView(Sent):
    """One entry: who, when, why and what."""

    number: int
    at: Moment
    actor: ActorView
    what: str = Field(examples=["order.submitted", "settings.changed"])
    subject: str = Field(description="What it was done to: an order's key, a setting, an account.")
    text: str
    why: str = Field(description="The reason that was given; empty where none was.")
    details: dict[str, Any]
    sequence: int | None = Field(description="The order journal's event that this records; null for others.")
    previous: str = Field(description="Hash of the entry before.")
    hash: str = Field(description="SHA-256 of `previous` and this entry.")


class AuditPage(Sent):
    """The newest entries first. For those before them ask with `before` set to `next_before`."""

    entries: list[AuditEntryView]
    next_before: int | None = Field(description="Null where there are no older ones.")


class AuditFindingView(Sent):
    """One thing that is wrong with the log."""

    fault: str = Field(examples=["changed", "removed", "moved", "rewritten", "cut"])
    number: int = Field(description="The entry, or the order journal's event for faults of the journal.")
    text: str


class AuditVerdict(Sent):
    """What a check of the whole log came to."""

    intact: bool
    entries: int
    journal: int = Field(description="How many events of the order journal were held against the log.")
    head: str = Field(description="Where the chain ends, as NUMBER:HASH. Keep it elsewhere, and verify against it.")
    anchored: str | None = Field(description="The head that was kept elsewhere and compared; null where there is none.")
    wrong: int = Field(description="How many things are wrong; the first hundred are told.")
    findings: list[AuditFindingView]
