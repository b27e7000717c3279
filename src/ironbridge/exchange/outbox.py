"""The total order of events: what happens next gets the next number and the venue's time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ironbridge.exchange.events import Event


class Outbox:
    """Collects events until the venue hands them out. `time` never goes back."""

    def __init__(self, time: datetime, sequence: int = 0) -> None:
        self.time = time
        self.sequence = sequence
        self._events: list[Event] = []

    def put(self, kind: Callable[..., Event], *fields: Any) -> None:
        self.sequence += 1
        self._events.append(kind(self.sequence, self.time, *fields))

    def post(self, event: Event) -> None:
        """Takes an event that was made with the next number."""
        self.sequence += 1
        assert event.sequence == self.sequence
        self._events.append(event)

    def at(self, time: datetime) -> None:
        self.time = max(self.time, time)

    def drain(self) -> list[Event]:
        events, self._events = self._events, []
        return events
