"""The gateway's patience with a client: how many messages in a second, how many lines, how many requests.

The numbers are IB's published ones (gateway-behaviour: 50 messages a second, 100 market-data lines, three depth
books, ...). `Pacing` says what follows when a client breaks them: STRICT answers as a real gateway does and ends the
session at the third violation, LENIENT serves the client and counts, OFF does not look. Whatever the pacing, the
bounds that protect the gateway itself (clients, unread bytes) hold.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class Pacing(StrEnum):
    STRICT = "strict"
    LENIENT = "lenient"
    OFF = "off"

    @property
    def enforced(self) -> bool:
        return self is Pacing.STRICT


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask for.

    Parameters:
        pacing: what follows when it asks for more.
        messages: per second, per client.
        violations: after this many the session is ended.
        clients: sessions at one time.
        lines: market-data lines per client.
        depth_books: market-depth requests per client.
        tick_streams: tick-by-tick requests per client.
        summaries: account summaries per client.
        history_open: historical requests at one time, per client.
        history_window: historical requests in ten minutes, per client.
        unread_bytes: what a client may leave unread before it is cut off: ten seconds of a very busy stream.
    """

    pacing: Pacing = Pacing.LENIENT
    messages: int = 50
    violations: int = 3
    clients: int = 32
    lines: int = 100
    depth_books: int = 3
    tick_streams: int = 5
    summaries: int = 2
    history_open: int = 50
    history_window: int = 60
    unread_bytes: int = 16 << 20


@dataclass(frozen=True, slots=True)
class Excess:
    """A client went over the message rate. `count` messages came within the second; `number` counts violations."""

    count: int
    number: int


class MessageRate:
    """One client's messages in a sliding second."""

    __slots__ = ("_limits", "_stamps", "_until", "violations")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # Enough to tell how far over the limit a client is; a flood must not grow it.
        self._stamps: deque[float] = deque(maxlen=20 * limits.messages)
        self._until = 0.0
        self.violations = 0

    def count(self, at: float) -> Excess | None:
        """Count one message at `at` seconds; an excess is reported once per second."""
        if self._limits.pacing is Pacing.OFF:
            return None
        stamps = self._stamps
        stamps.append(at)
        while stamps[0] <= at - 1.0:
            stamps.popleft()
        if len(stamps) <= self._limits.messages or at < self._until:
            return None
        self._until = at + 1.0
        self.violations += 1
        return Excess(len(stamps), self.violations)
