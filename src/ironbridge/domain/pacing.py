"""How near the limits of IB the traffic is, as values: what may be asked for, how much of it is used, what waits.

A limit is a share that can be used up: messages in a second, lines at one time. That most of one is in use is an
`domain.alerts.Alert`, raised by `session.usage`.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Limit(StrEnum):
    """What IB limits. `session.limits` has their numbers and where they come from."""

    MESSAGES = "messages"
    HISTORY = "history"
    HISTORY_CONTRACT = "history_contract"
    HISTORY_IDENTICAL = "history_identical"
    HISTORY_OPEN = "history_open"
    LINES = "lines"
    DEPTH = "depth"
    TICK_BY_TICK = "tick_by_tick"


WORDS: dict[Limit, str] = {
    Limit.MESSAGES: "messages",
    Limit.HISTORY: "historical requests",
    Limit.HISTORY_CONTRACT: "historical requests for one contract",
    Limit.HISTORY_IDENTICAL: "identical historical requests",
    Limit.HISTORY_OPEN: "unanswered historical requests",
    Limit.LINES: "market-data lines",
    Limit.DEPTH: "market-depth streams",
    Limit.TICK_BY_TICK: "tick-by-tick streams",
}
"""Each limit in words for people."""


@dataclass(frozen=True, slots=True)
class HistoryAsk:
    """One request for the past, as far as its pace is concerned.

    Parameters:
        contract: con_id.
        exchange: where the data are from.
        kind: TRADES, MIDPOINT, BID_ASK, ...
        content: all else that makes two requests the same (end, duration, bar size, hours).
        short: whether its bars are of 30 s or less, or it asks for ticks: IB holds only these to its strict windows.
    """

    contract: int
    exchange: str
    kind: str
    content: Hashable
    short: bool = True

    @property
    def weight(self) -> int:
        """Bid and ask are two queries for IB."""
        return 2 if self.kind == "BID_ASK" else 1


@dataclass(frozen=True, slots=True)
class LimitUse:
    """One limit as it stands."""

    limit: Limit
    used: int
    allowed: int
    seconds: float | None
    """Of the window in which it counts; None where it counts what is open at one time."""
    waiting: int = 0
    eta: float = 0.0
    """Seconds until one more would be let through."""

    @property
    def share(self) -> float:
        return self.used / self.allowed

    def __str__(self) -> str:
        window = f" in {self.seconds:g} s" if self.seconds else ""
        waiting = f"; {self.waiting} wait" if self.waiting else ""
        return f"{self.used} of {self.allowed}{window} are used of the limit on {WORDS[self.limit]}{waiting}"


@dataclass(frozen=True, slots=True)
class LaneQueue:
    """The messages of one lane that wait for their turn."""

    lane: str
    waiting: int
    eta: float
    """Seconds until a message asked for at this moment in this lane would go."""


@dataclass(frozen=True, slots=True)
class PacingStatus:
    """Every limit and every queue of one session, at one moment."""

    session: str
    at: datetime
    limits: tuple[LimitUse, ...]
    lanes: tuple[LaneQueue, ...]
    admitted: int
    """Messages since the start."""
    violations: int
    """How often IB has complained all the same (100, 162)."""
    near: frozenset[Limit]
    """The limits of which at least four fifths are in use, or were a moment ago."""
