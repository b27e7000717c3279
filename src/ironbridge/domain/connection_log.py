"""What has happened to the connection, as it is kept: moves of the session, and alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ironbridge.domain.alerts import Alert
from ironbridge.domain.gateways import ORDERS
from ironbridge.domain.session import SessionChanged


class LogKind(StrEnum):
    STATE = "state"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log.

    Parameters:
        at: when it happened.
        kind: a move of the session, or an alert.
        what: the state it moved to, or the alert's kind.
        text: the reason, or the alert's words; a data session's begin with its name.
        before: the state it moved from; empty for an alert.
        severity: the alert's; empty for a move.
        number: its place in the log, given when it is kept; 0 before.
    """

    at: datetime
    kind: LogKind
    what: str
    text: str
    before: str = ""
    severity: str = ""
    number: int = 0


def entry_of(event: SessionChanged | Alert) -> LogEntry:
    """The line that an event makes."""
    if isinstance(event, Alert):
        return LogEntry(event.at, LogKind.ALERT, event.kind, str(event), severity=event.severity.value)
    whose = "" if event.session == ORDERS else f"{event.session}: "
    return LogEntry(event.at, LogKind.STATE, event.after.value, f"{whose}{event.reason}", before=event.before.value)
