"""One listing's quote as ticks: the numbers of the tick types, live and delayed, and what changed between two quotes.

Only what changed is said. A side that has gone away is a price of -1 with size 0, as a real gateway says it; a side
that never was is silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

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
_PAIRS = (("bid", "bid_size", BID, BID_SIZE), ("ask", "ask_size", ASK, ASK_SIZE))
_DAY = (("high", HIGH), ("low", LOW), ("close", CLOSE), ("open", OPEN))

Maker = Callable[[int], Any]
"""Makes one tick for a request's id."""


def ticks_between(before: Quote | None, after: Quote, *, delayed: bool = False) -> list[Maker]:
    """What a client that knows `before` must hear to know `after`, in the order in which a gateway says it."""
    numbers = DELAYED if delayed else LIVE
    found: list[Maker] = []
    for price_name, size_name, price_type, size_type in _PAIRS:
        price, size = getattr(after, price_name), getattr(after, size_name)
        old_price = getattr(before, price_name) if before is not None else None
        old_size = getattr(before, size_name) if before is not None else None
        if price != old_price:
            found.append(_price(numbers[price_type], price, size if price is not None else None, CAN_AUTO_EXECUTE))
            found.append(_size(numbers[size_type], size if price is not None else Decimal(0)))
        elif price is not None and size != old_size:
            found.append(_size(numbers[size_type], size))
    _add_last(found, before, after, numbers)
    if after.volume != (before.volume if before is not None else None):
        found.append(_size(numbers[VOLUME], after.volume))
    for name, number in _DAY:
        value = getattr(after, name)
        if value is not None and value != (getattr(before, name) if before is not None else None):
            found.append(_price(numbers[number], value, None, 0))
    return found


def _add_last(found: list[Maker], before: Quote | None, after: Quote, numbers: dict[int, int]) -> None:
    if after.last is None or after.last_time is None:
        return
    if before is not None and after.last_time == before.last_time and after.last == before.last:
        return
    stamp = int(after.last_time.timestamp())
    found.append(_string(numbers[LAST_TIMESTAMP], str(stamp)))
    if before is None or after.last != before.last:
        found.append(_price(numbers[LAST], after.last, after.last_size, 0))
    found.append(_size(numbers[LAST_SIZE], after.last_size))


class SharedTicks:
    """Ticks of one listing that several requests hear: the messages differ in the request's id alone.

    Parameters:
        makers: of the ticks, in order.
    """

    __slots__ = ("_around", "_makers")

    def __init__(self, makers: Sequence[Maker]) -> None:
        self._makers = makers
        self._around: dict[int, list[tuple[bytes, bytes]]] = {}

    def messages(self, req_id: int) -> list[Any]:
        return [maker(req_id) for maker in self._makers]

    def encoded(self, req_id: int, version: int) -> bytes:
        """All of them, framed, for one request at one version."""
        around = self._around.get(version)
        if around is None:
            around = self._around[version] = [_around_id(maker(0), version) for maker in self._makers]
        number = str(req_id).encode()
        return b"".join([frame(head + number + tail) for head, tail in around])


def _around_id(message: Any, version: int) -> tuple[bytes, bytes]:
    """What stands before and after the request's id, which is 0, in a tick's payload."""
    # Before it stand the message's own id and, in most, a legacy version: neither is 0.
    head, _, tail = codec_for(version).encode(message, Role.SERVER).partition(b"\x000\x00")
    return head + b"\0", b"\0" + tail


def _price(tick_type: int, price: Decimal | None, size: Decimal | None, attributes: int) -> Maker:
    value = -1.0 if price is None else float(price)
    amount = 0.0 if size is None else float(size)
    return lambda req_id: TickPrice(req_id, tick_type, value, amount, attributes)


def _size(tick_type: int, size: Decimal) -> Maker:
    amount = float(size)
    return lambda req_id: TickSize(req_id, tick_type, amount)


def _string(tick_type: int, text: str) -> Maker:
    return lambda req_id: TickString(req_id, tick_type, text)
