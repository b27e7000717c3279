"""The order journal against the audit log: every row is the one that the log recorded, and none came another way."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, and_, select

from ironbridge.domain.audit import Deed
from ironbridge.domain.audit_check import Examiner, Fault
from ironbridge.store.journal_audit import row_digest
from ironbridge.store.tables import AUDIT, ORDER_EVENTS

CHUNK = 2000


def check_journal(connection: Connection, examiner: Examiner) -> None:
    """Hold the journal against the log, and tell the examiner what is wrong."""
    adopted = _adopted(connection, examiner)
    after = adopted
    while True:
        rows = connection.execute(_PAIRS.where(ORDER_EVENTS.c.sequence > after).limit(CHUNK)).mappings().all()
        for row in rows:
            _hold(row, examiner)
        examiner.count_journal(len(rows))
        if len(rows) < CHUNK:
            break
        after = rows[-1]["sequence"]
    for sequence, number in connection.execute(_WITHOUT_ROW.where(AUDIT.c.sequence > adopted)):
        examiner.found(
            Fault.JOURNAL_REMOVED, sequence, f"The order journal lacks event {sequence}, which entry {number} recorded."
        )


_RECORDED = and_(AUDIT.c.sequence == ORDER_EVENTS.c.sequence, AUDIT.c.what != Deed.JOURNAL_ADOPTED.value)
_PAIRS = (
    select(ORDER_EVENTS, AUDIT.c.number.label("entry"), AUDIT.c.details)
    .outerjoin(AUDIT, _RECORDED)
    .order_by(ORDER_EVENTS.c.sequence)
)
_WITHOUT_ROW = (
    select(AUDIT.c.sequence, AUDIT.c.number)
    .outerjoin(ORDER_EVENTS, ORDER_EVENTS.c.sequence == AUDIT.c.sequence)
    .where(AUDIT.c.sequence.is_not(None), ORDER_EVENTS.c.sequence.is_(None))
    .order_by(AUDIT.c.sequence)
)


def _hold(row: Any, examiner: Examiner) -> None:
    sequence = row["sequence"]
    if row["entry"] is None:
        examiner.found(
            Fault.JOURNAL_INSERTED,
            sequence,
            f"The order journal holds event {sequence} of {row['key']!r}, which was never recorded.",
        )
    elif _recorded_digest(row["details"]) != row_digest(row):
        examiner.found(
            Fault.JOURNAL_CHANGED,
            sequence,
            f"Event {sequence} of the order journal, of {row['key']!r}, is not the one that entry {row['entry']} "
            "recorded.",
        )


def _adopted(connection: Connection, examiner: Examiner) -> int:
    """The last event from before the log began, all of which one entry vouches for together."""
    entry = connection.execute(
        select(AUDIT.c.sequence, AUDIT.c.details).where(AUDIT.c.what == Deed.JOURNAL_ADOPTED.value).limit(1)
    ).one_or_none()
    if entry is None:
        return 0
    rows = (
        connection.execute(
            select(ORDER_EVENTS).where(ORDER_EVENTS.c.sequence <= entry.sequence).order_by(ORDER_EVENTS.c.sequence)
        )
        .mappings()
        .all()
    )
    together = sha256("".join(row_digest(dict(row)) for row in rows).encode()).hexdigest()
    if together != _recorded_digest(entry.details):
        examiner.found(
            Fault.JOURNAL_CHANGED,
            entry.sequence,
            f"Events 1 to {entry.sequence} of the order journal are not those that were there when the log began.",
        )
    examiner.count_journal(len(rows))
    return int(entry.sequence)


def _recorded_digest(details: str) -> str:
    try:
        return str(json.loads(details)["digest"])
    except (ValueError, KeyError, TypeError):
        return ""
