"""An alert: something that a person should know of now, as data.

Owns the words between those who notice (the session, limits, risk) and those who tell (console, log, messages). An
alert says what is so and what to do; it changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlertSeverity(StrEnum):
    INFO = "info"
    """To be expected, or well again."""
    WARNING = "warning"
    """May mend itself; worth a look."""
    CRITICAL = "critical"
    """A person must act: until then nothing is traded."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Parameters:
        at: when it was raised.
        kind: its name for programs, such as "login-missed"; the same for each of its kind.
        severity: how much it matters.
        text: what is so, in words.
        next_step: what a person does now; empty where nothing is to be done.
    """

    at: datetime
    kind: str
    severity: AlertSeverity
    text: str
    next_step: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.next_step}".rstrip()
