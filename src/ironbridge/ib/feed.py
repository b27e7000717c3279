"""Market-data lines: IB's ticks, sorted to the sink that asked for them.

Owns the meaning of tick numbers and of "no quote" (-1, or 0 with no size), and which line a tick belongs to. Live and
delayed ticks come out alike; the line's kind, which comes as a message of its own, says which they are. Ticks for a
line that was closed meanwhile are dropped: they were under way.

Prices and sizes are most of what a gateway sends, so they have a fast lane: `raw` reads them from the bytes of the
message, some five times as fast as the decoder that reads all else. What it does not recognise at first sight it
leaves to the decoder, which then also says what is wrong with it.
"""

from __future__ import annotations

from ironbridge.domain.market import DataKind, TickField
from ironbridge.ib.codes import Effect, Purpose, effect
from ironbridge.ib.numbers import SENTINEL, known
from ironbridge.interfaces import TickSink

F = TickField

FIELDS: dict[int, TickField] = {
    0: F.BID_SIZE, 1: F.BID, 2: F.ASK, 3: F.ASK_SIZE, 4: F.LAST, 5: F.LAST_SIZE,
    6: F.HIGH, 7: F.LOW, 8: F.VOLUME, 9: F.CLOSE, 14: F.OPEN, 45: F.LAST_TIME,
    66: F.BID, 67: F.ASK, 68: F.LAST, 69: F.BID_SIZE, 70: F.ASK_SIZE, 71: F.LAST_SIZE,
    72: F.HIGH, 73: F.LOW, 74: F.VOLUME, 75: F.CLOSE, 76: F.OPEN, 88: F.LAST_TIME,
}  # fmt: skip
"""IB's tick types, live and delayed. Others (Greeks, halts, exchanges) are not quotes and are passed over."""

_RAW_FIELDS = {str(number).encode(): field for number, field in FIELDS.items()}

KINDS: dict[int, DataKind] = {
    1: DataKind.LIVE,
    2: DataKind.FROZEN,
    3: DataKind.DELAYED,
    4: DataKind.DELAYED_FROZEN,
}
KIND_NUMBERS = {kind: number for number, kind in KINDS.items()}

_WITH_SIZE = frozenset({F.BID, F.ASK, F.LAST})

_PRICE, _PRICE_PARTS = b"1\x006\0", 8
"""tickPrice: 1, version 6, line, type, price, size, attributes, and nothing after the last NUL."""
_SIZE, _SIZE_PARTS = b"2\x006\0", 6
"""tickSize: 2, version 6, line, type, size, and nothing after the last NUL."""


class Lines:
    """The lines of one link."""

    def __init__(self) -> None:
        self._sinks: dict[int, TickSink] = {}
        self._raw: dict[bytes, TickSink] = {}

    def open(self, number: int, sink: TickSink) -> None:
        self._sinks[number] = self._raw[b"%d" % number] = sink

    def close(self, number: int) -> bool:
        """Forget the line; whether there was one."""
        self._raw.pop(b"%d" % number, None)
        return self._sinks.pop(number, None) is not None

    def raw(self, payload: bytes) -> bool:
        """A message that may be a price or a size; False where the decoder must read it."""
        if payload.startswith(_PRICE):
            parts = payload.split(b"\0")
            if len(parts) != _PRICE_PARTS:
                return False
            sink, field = self._raw.get(parts[2]), _RAW_FIELDS.get(parts[3])
            if sink is None or field is None:
                return False
            try:
                price, size = float(parts[4]), float(parts[5] or 0)
            except ValueError:
                return False
            _price(sink, field, price, size)
            return True
        if payload.startswith(_SIZE):
            parts = payload.split(b"\0")
            if len(parts) != _SIZE_PARTS:
                return False
            sink, field = self._raw.get(parts[2]), _RAW_FIELDS.get(parts[3])
            if sink is None or field is None:
                return False
            try:
                size = float(parts[4] or 0)
            except ValueError:
                return False
            _number(sink, field, size)
            return True
        return False

    def price(self, number: int, tick_type: int, price: float, size: float) -> None:
        sink, field = self._sinks.get(number), FIELDS.get(tick_type)
        if sink is not None and field is not None:
            _price(sink, field, price, size)

    def number(self, number: int, tick_type: int, value: float) -> None:
        """A size, or a generic number."""
        sink, field = self._sinks.get(number), FIELDS.get(tick_type)
        if sink is not None and field is not None:
            _number(sink, field, value)

    def text(self, number: int, tick_type: int, value: str) -> None:
        """A text tick; the time of the last trade is the only one that is read.

        Raises:
            ValueError: it is no number.
        """
        sink = self._sinks.get(number)
        if sink is not None and FIELDS.get(tick_type) is F.LAST_TIME:
            sink.tick(F.LAST_TIME, float(value) if value else None)

    def kind(self, number: int, data_type: int) -> None:
        sink = self._sinks.get(number)
        if sink is not None and data_type in KINDS:
            sink.kind(KINDS[data_type])

    def said(self, number: int, code: int, text: str) -> bool:
        """An error message about a line, which is told it. Returns whether it ended the line."""
        sink = self._sinks.get(number)
        if sink is None:
            return False
        if effect(Purpose.LINE, code) is not Effect.REFUSED:
            sink.notice(code, text)
            return False
        self.close(number)
        sink.refused(code, text)
        return True

    def clear(self) -> None:
        self._sinks.clear()
        self._raw.clear()

    def __len__(self) -> int:
        return len(self._sinks)


def _price(sink: TickSink, field: TickField, price: float, size: float) -> None:
    if 0.0 < price < SENTINEL and 0.0 <= size < SENTINEL:
        # Nearly all ticks; what follows looks at the rest.
        sink.tick(field, price, size if field in _WITH_SIZE else None)
    elif field in _WITH_SIZE:
        sink.tick(field, None if no_quote(price, size) else price, size if known(size) else None)
    else:
        sink.tick(field, price if known(price) and price not in (0, -1) else None)


def _number(sink: TickSink, field: TickField, value: float) -> None:
    sink.tick(field, value if known(value) and value >= 0 else None)


def no_quote(price: float, size: float) -> bool:
    """Whether IB says that there is no such price.

    A price of -1 or 0 with a size is a price: spreads and some futures trade there.
    """
    return not known(price) or (price in (0.0, -1.0) and not size)
