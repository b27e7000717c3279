"""One listing's quote as ticks: the numbers of the tick types, live and delayed, and what changed between two quotes.

Only what changed is said. A side that has gone away is a price of -1 with size 0, as a real gateway says it; a side
that never was is silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ironbridge.exchange.events import Quote
from ironbridge.wire.framing import frame
from ironbridge.wire.market import TickPrice, TickSize, TickString
from ironbridge.wire.registry import codec_for
from ironbridge.wire.values import Role

BID_SIZE, BID, ASK, ASK_SIZE, LAST, LAST_SIZE, HIGH, LOW, VOLUME, CLOSE, OPEN = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14
LAST_TIMESTAMP = 45
LIVE = {n: n for n in (*range(10), OPEN, LAST_TIMESTAMP)}
DELAYED = {
    BID: 66, ASK: 67, LAST: 68, BID_SIZE: 69, ASK_SIZE: 70, LAST_SIZE: 71, HIGH: 72, LOW: 73, VOLUME: 74, CLOSE: 75,
    OPEN: 76, LAST_TIMESTAMP: 88,
}  # fmt: skip

CAN_AUTO_EXECUTE = 1
_DAY_TICKS = (("high", HIGH), ("low", LOW), ("close", CLOSE), ("open", OPEN))
_DAY = slice(Quote._fields.index("open"), Quote._fields.index("close") + 1)
NOTHING = Quote(
    con_id=0, bid=None, bid_size=Decimal(-1), ask=None, ask_size=Decimal(-1), last=None, last_size=Decimal(0),
    volume=Decimal(0), open=None, high=None, low=None, close=None, time=datetime(1, 1, 1, tzinfo=UTC), last_time=None,
)  # fmt: skip
"""What a client knows that knows nothing."""


class Tick(NamedTuple):
    """One tick for whoever hears it: the message's class, and its fields after the request's id."""

    kind: type
    values: tuple[Any, ...]

    def message(self, req_id: int) -> Any:
        return self.kind(req_id, *self.values)


def ticks_between(before: Quote | None, after: Quote, *, delayed: bool = False) -> list[Tick]:
    """What a client that knows `before` must hear to know `after`, in the order in which a gateway says it."""
    numbers = DELAYED if delayed else LIVE
    known = NOTHING if before is None else before
    found: list[Tick] = []
    if after.bid != known.bid or after.bid_size != known.bid_size:
        _add_side(found, (known.bid, known.bid_size), (after.bid, after.bid_size), (numbers[BID], numbers[BID_SIZE]))
    if after.ask != known.ask or after.ask_size != known.ask_size:
        _add_side(found, (known.ask, known.ask_size), (after.ask, after.ask_size), (numbers[ASK], numbers[ASK_SIZE]))
    _add_last(found, before, after, numbers)
    if before is None or after.volume != known.volume:
        found.append(size_tick(numbers[VOLUME], after.volume))
    if after[_DAY] != known[_DAY]:
        for name, number in _DAY_TICKS:
            value = getattr(after, name)
            if value is not None and value != getattr(known, name):
                found.append(price_tick(numbers[number], value, None, 0))
    return found


_Side = tuple[Decimal | None, Decimal]


def _add_side(found: list[Tick], before: _Side, after: _Side, numbers: tuple[int, int]) -> None:
    price, size = after
    if price != before[0]:
        found.append(price_tick(numbers[0], price, size if price is not None else None, CAN_AUTO_EXECUTE))
        found.append(size_tick(numbers[1], size if price is not None else Decimal(0)))
    elif price is not None:
        found.append(size_tick(numbers[1], size))


def _add_last(found: list[Tick], before: Quote | None, after: Quote, numbers: dict[int, int]) -> None:
    if after.last is None or after.last_time is None:
        return
    if before is not None and after.last_time == before.last_time and after.last == before.last:
        return
    stamp = int(after.last_time.timestamp())
    found.append(Tick(TickString, (numbers[LAST_TIMESTAMP], str(stamp))))
    if before is None or after.last != before.last:
        found.append(price_tick(numbers[LAST], after.last, after.last_size, 0))
    found.append(size_tick(numbers[LAST_SIZE], after.last_size))


def price_tick(tick_type: int, price: Decimal | None, size: Decimal | None, attributes: int) -> Tick:
    """A price with its size; None is no price, which is -1, and no size, which is 0."""
    value = -1.0 if price is None else float(price)
    amount = 0.0 if size is None else float(size)
    return Tick(TickPrice, (tick_type, value, amount, attributes))


def size_tick(tick_type: int, size: Decimal) -> Tick:
    return Tick(TickSize, (tick_type, float(size)))


class SharedTicks:
    """Ticks of one listing that several requests hear: the messages differ in the request's id alone.

    Parameters:
        ticks: in order.
    """

    __slots__ = ("_around", "_ticks")

    def __init__(self, ticks: Sequence[Tick]) -> None:
        self._ticks = ticks
        self._around: dict[int, list[tuple[bytes, bytes]]] = {}

    def messages(self, req_id: int) -> list[Any]:
        return [tick.message(req_id) for tick in self._ticks]

    def encoded(self, req_id: int, version: int) -> bytes:
        """All of them, framed, for one request at one version."""
        around = self._around.get(version)
        if around is None:
            encode = codec_for(version).encode_around
            around = self._around[version] = [encode(kind, values, Role.SERVER) for kind, values in self._ticks]
        number = str(req_id).encode()
        return b"".join([frame(b"".join((head, number, tail))) for head, tail in around])
