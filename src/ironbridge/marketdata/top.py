"""Where the feed puts the ticks of one opening of a line: the newest of every field, and no judgement.

Per tick next to nothing happens: a number is put in its place and, once for a batch, the line is told that there is
something new. After `detach` nothing reaches the line any more.
"""

from __future__ import annotations

from typing import Protocol

from ironbridge.domain.market import DataKind, TickField
from ironbridge.marketdata.quality import UNSET

SIZE = TickField.BID_SIZE - TickField.BID
"""From a price's place to its size's."""


class Owner(Protocol):
    """The line, as its book knows it."""

    def touch(self) -> None:
        """The first tick of a batch has come."""

    def notice(self, code: int, text: str) -> None: ...

    def refuse(self, code: int, text: str) -> None: ...


class TopOfBook:
    """One opening of a line: an `interfaces.TickSink` that keeps the newest of every field."""

    __slots__ = ("_line", "changed", "sentinels", "sequence", "source", "values")

    def __init__(self, line: Owner, sequence: int) -> None:
        self._line: Owner | None = line
        self.values: list[float | None] = [None] * (max(TickField) + 1)
        self.source = DataKind.LIVE
        self.sequence = sequence
        self.sentinels = 0
        self.changed = False

    def tick(self, field: TickField, value: float | None, size: float | None = None) -> None:
        values = self.values
        if value is None or -UNSET < value < UNSET:
            values[field] = value
        else:
            values[field] = None
            self.sentinels += 1
        if size is not None:
            values[field + SIZE] = size if -UNSET < size < UNSET else None
        self.sequence += 1
        if not self.changed:
            self._note()

    def kind(self, kind: DataKind) -> None:
        self.source = kind
        self.sequence += 1
        if not self.changed:
            self._note()

    def notice(self, code: int, text: str) -> None:
        if self._line is not None:
            self._line.notice(code, text)

    def refused(self, code: int, text: str) -> None:
        if self._line is not None:
            self._line.refuse(code, text)

    def detach(self) -> None:
        """What comes from now on is of a stream that is over."""
        self._line = None

    def _note(self) -> None:
        self.changed = True
        if self._line is not None:
            self._line.touch()
