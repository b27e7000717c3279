"""Market-data lines: IB's ticks, sorted to the sink that asked for them.

Owns the meaning of tick numbers and of "no quote" (-1, or 0 with no size), and which line a tick belongs to. Live and
delayed ticks come out alike; the line's kind, which comes as a message of its own, says which they are. Ticks for a
line that was closed meanwhile are dropped: they were under way.
"""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.domain.market import DataKind, TickField
from ironbridge.ib.codes import Effect, Purpose, effect
from ironbridge.ib.numbers import known
from ironbridge.interfaces import TickSink

F = TickField

FIELDS: dict[int, TickField] = {
    0: F.BID_SIZE, 1: F.BID, 2: F.ASK, 3: F.ASK_SIZE, 4: F.LAST, 5: F.LAST_SIZE,
    6: F.HIGH, 7: F.LOW, 8: F.VOLUME, 9: F.CLOSE, 14: F.OPEN, 45: F.LAST_TIME,
    66: F.BID, 67: F.ASK, 68: F.LAST, 69: F.BID_SIZE, 70: F.ASK_SIZE, 71: F.LAST_SIZE,
    72: F.HIGH, 73: F.LOW, 74: F.VOLUME, 75: F.CLOSE, 76: F.OPEN, 88: F.LAST_TIME,
}  # fmt: skip
"""IB's tick types, live and delayed. Others (Greeks, halts, exchanges) are not quotes and are passed over."""

KINDS: dict[int, DataKind] = {
    1: DataKind.LIVE,
    2: DataKind.FROZEN,
    3: DataKind.DELAYED,
    4: DataKind.DELAYED_FROZEN,
}
KIND_NUMBERS = {kind: number for number, kind in KINDS.items()}

_WITH_SIZE = frozenset({F.BID, F.ASK, F.LAST})


@dataclass(slots=True)
class _Line:
    sink: TickSink
    subject: str


class Lines:
    """The lines of one link."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = {}

    def open(self, number: int, sink: TickSink, subject: str) -> None:
        self._lines[number] = _Line(sink, subject)

    def close(self, number: int) -> bool:
        """Forget the line; whether there was one."""
        return self._lines.pop(number, None) is not None

    def price(self, number: int, tick_type: int, price: float, size: float) -> None:
        line = self._lines.get(number)
        field = FIELDS.get(tick_type)
        if line is None or field is None:
            return
        if field in _WITH_SIZE:
            line.sink.tick(field, None if no_quote(price, size) else price, size if known(size) else None)
        else:
            line.sink.tick(field, price if known(price) and price not in (0, -1) else None)

    def number(self, number: int, tick_type: int, value: float) -> None:
        """A size, or a generic number."""
        line = self._lines.get(number)
        field = FIELDS.get(tick_type)
        if line is not None and field is not None:
            line.sink.tick(field, value if known(value) and value >= 0 else None)

    def text(self, number: int, tick_type: int, value: str) -> None:
        """A text tick; the time of the last trade is the only one that is read.

        Raises:
            ValueError: it is no number.
        """
        line = self._lines.get(number)
        if line is not None and FIELDS.get(tick_type) is F.LAST_TIME:
            line.sink.tick(F.LAST_TIME, float(value) if value else None)

    def kind(self, number: int, data_type: int) -> None:
        line = self._lines.get(number)
        if line is not None and data_type in KINDS:
            line.sink.kind(KINDS[data_type])

    def said(self, number: int, code: int, text: str) -> bool:
        """An error message about a line. Returns whether it ended the line."""
        line = self._lines.get(number)
        if line is None or effect(Purpose.LINE, code) is not Effect.REFUSED:
            return False
        del self._lines[number]
        line.sink.refused(code, text)
        return True

    def subject(self, number: int) -> str | None:
        line = self._lines.get(number)
        return line.subject if line else None

    def clear(self) -> None:
        self._lines.clear()

    def __len__(self) -> int:
        return len(self._lines)


def no_quote(price: float, size: float) -> bool:
    """Whether IB says that there is no such price.

    A price of -1 or 0 with a size is a price: spreads and some futures trade there.
    """
    return not known(price) or (price in (0.0, -1.0) and not size)
