"""Stops asking a gateway that keeps refusing (CON-5).

After `limit` failed attempts in a row the breaker opens: for `cooldown` seconds nothing is tried, then one probe is.
A probe that fails opens it again; one success closes it. An attempt that was cancelled says nothing about the gateway
and is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ironbridge.errors import InvalidSettings


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(slots=True)
class Breaker:
    """Counts failed attempts; told the time, it never reads a clock.

    Parameters:
        limit: failures in a row that open it.
        cooldown: seconds that it stays open.
    """

    limit: int = 3
    cooldown: float = 30.0
    failures: int = 0
    opened_at: float | None = None

    def __post_init__(self) -> None:
        if self.limit < 1 or self.cooldown < 0:
            raise InvalidSettings(f"A breaker of {self.limit} failures and {self.cooldown} s cannot be.")

    def state(self, now: float) -> BreakerState:
        if self.opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self.wait(now) > 0 else BreakerState.PROBING

    def wait(self, now: float) -> float:
        """Seconds until an attempt may be made; 0 where it may be made now."""
        return 0.0 if self.opened_at is None else max(self.opened_at + self.cooldown - now, 0.0)

    def failed(self, now: float) -> None:
        self.failures += 1
        if self.failures >= self.limit:
            self.opened_at = now

    def trip(self, now: float) -> None:
        """Open it, whatever has been counted."""
        self.failures = max(self.failures, self.limit)
        self.opened_at = now

    def succeeded(self) -> None:
        self.failures = 0
        self.opened_at = None
