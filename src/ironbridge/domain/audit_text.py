"""An audit log as text for others: JSON Lines, which can be verified again, and CSV, for spreadsheets.

A line of JSON holds an entry whole: read back, it has the hash it had. A spreadsheet takes a cell that begins with one
of ``= + - @``, a tab or a return for a formula, and an audit log holds words from outside: in CSV such a cell gets an
apostrophe before it, so CSV is to be read by people and is not verified.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from ironbridge.domain.audit import GENESIS, HASHED, AuditEntry, AuditHead, canonical
from ironbridge.errors import InvalidInput

COLUMNS = (
    "number",
    "at",
    "actor_kind",
    "actor",
    "via",
    "why",
    "what",
    "subject",
    "text",
    "details",
    "sequence",
    "hash",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def json_line(entry: AuditEntry) -> str:
    """The entry as one JSON object, details as JSON within it."""
    raw = raw_of(entry)
    return json.dumps({**raw, "details": json.loads(entry.details)}, separators=(",", ":"))


def read_line(line: str) -> dict[str, Any]:
    """The raw entry of a JSON line, as `audit_check.Examiner` takes it.

    Raises:
        InvalidInput: it is no such line.
    """
    try:
        raw = json.loads(line)
        raw["details"] = canonical(raw["details"])
        return {name: raw[name] for name in (*HASHED, "hash")} | {"number": int(raw["number"])}
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"This is no entry of an audit log: {line.strip()[:80]!r} ({error}).",
            next_step="Give a file that `ironbridge audit export --format jsonl` wrote.",
        ) from None


def csv_head() -> str:
    """The first line of the CSV."""
    return ",".join(COLUMNS)


def csv_line(entry: AuditEntry) -> str:
    """The entry as one line of CSV (RFC 4180), safe to open in a spreadsheet."""
    raw = raw_of(entry)
    return ",".join(_cell(raw[name]) for name in COLUMNS)


def raw_of(entry: AuditEntry) -> dict[str, Any]:
    """The entry's fields as they are kept."""
    raw: dict[str, Any] = {field.name: getattr(entry, field.name) for field in fields(entry) if field.name != "actor"}
    actor = entry.actor
    return raw | {
        "at": entry.at.isoformat(),
        "actor_kind": actor.kind.value,
        "actor": actor.name,
        "via": actor.via,
        "why": actor.why,
    }


def moment_of(text: str, name: str) -> datetime:
    """A moment as a person writes it: an ISO date or date and time, in UTC where no zone is given.

    Raises:
        InvalidInput: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"{name} cannot be {text!r:.40}: that is no moment.",
            next_step="Give one such as 2026-11-20 or 2026-11-20T09:30.",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_head(text: str) -> AuditHead:
    """A head as it is printed: NUMBER:HASH.

    Raises:
        InvalidInput: it is none.
    """
    number, _, digest = text.strip().partition(":")
    if not number.isdecimal() or len(digest) != len(GENESIS):
        raise InvalidInput(
            f"{text!r:.100} is no head of an audit log.",
            next_step="Give NUMBER:HASH, as `ironbridge audit verify` prints it.",
        )
    return AuditHead(int(number), digest)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    # A number of our own is no formula, whatever it begins with.
    if isinstance(value, str) and text.startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ",\"\r\n'") else text
