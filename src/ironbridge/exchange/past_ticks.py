"""Single trades and quotes of the past, forward from a moment or back from one, over any stretches of the tape.

Trades are the tape's prints. A quote is told when it differs from the one before it. As IB does, an answer goes on to
the end of the second in which the wanted number is reached, so that a client can go on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from itertools import count

import numpy as np

from ironbridge.exchange.paths import Ints
from ironbridge.exchange.readings import Tops, reading_of
from ironbridge.exchange.tracks import Track

_PER_SECOND = 4
_FIRST_PIECE, _LONGEST_PIECE = 1 << 9, 1 << 17
"""Steps that are read in one go: pieces grow while little is found."""

Stretch = tuple[int, int]
Row = tuple[int, ...]


class Told(Enum):
    """What makes a quote another one."""

    ALL = "all"
    PRICES = "prices"
    MIDPOINT = "midpoint"


def past_trades(track: Track, stretches: Iterable[Stretch], wanted: int, *, forward: bool) -> Iterator[list[Row]]:
    """The (step, price, size) of trades, oldest first; of an index, of its changes.

    Parameters:
        track: whose.
        stretches: of steps (first, last), in the order of looking.
        wanted: so many, and the rest of the second in which there are so many.
        forward: whether the oldest are wanted, or the newest.

    Yields:
        Empty lists while it looks, so that others may be served, and the answer last.
    """
    reading = reading_of(track)

    def read(first: int, last: int) -> Ints:
        rows: Ints = np.column_stack(reading.prints(first, last))
        moved = np.append(True, rows[1:, 1] != rows[:-1, 1]) if len(rows) else np.zeros(0, dtype=bool)
        kept: Ints = rows[(rows[:, 2] > 0) | moved]
        return kept

    return _gathered(stretches, wanted, read, forward=forward)


def past_quotes(
    track: Track, stretches: Iterable[Stretch], wanted: int, *, forward: bool, told: Told
) -> Iterator[list[Row]]:
    """The (step, bid, ask) of quotes that differ in what is told from the one a step before, in the same way."""
    reading = reading_of(track)
    epochs = np.frompyfunc(track.epoch, 2, 1)

    def seen(steps: Ints, top: Tops) -> Ints:
        if told is Told.MIDPOINT:
            return (top.bid + top.ask)[:, None]
        if told is Told.PRICES:
            return np.column_stack((top.bid, top.ask))
        sizes = [epochs(steps.astype(object), side.astype(object)).astype(np.int64) for side in (top.bid, top.ask)]
        return np.column_stack((top.bid, top.ask, *sizes))

    def read(first: int, last: int) -> Ints:
        steps, top = np.arange(first - 1, last + 1, dtype=np.int64), reading.stretch(first - 1, last)
        known = seen(steps, top)
        changed = np.any(known[1:] != known[:-1], axis=1) & (top.bid[1:] + top.ask[1:] > 0)
        rows: Ints = np.column_stack((steps[1:], top.bid[1:], top.ask[1:]))[changed]
        return rows

    return _gathered(stretches, wanted, read, forward=forward)


def _gathered(
    stretches: Iterable[Stretch], wanted: int, read: Callable[[int, int], Ints], *, forward: bool
) -> Iterator[list[Row]]:
    found: list[Ints] = []
    number = 0
    for first, last in _pieces(stretches, forward=forward):
        if number >= wanted:
            break
        rows = read(first, last)
        found.append(rows)
        number += len(rows)
        yield []
    if not found:
        return
    rows = np.concatenate(found if forward else found[::-1])
    if number > wanted:
        seconds = rows[:, 0] // _PER_SECOND
        within = seconds <= seconds[wanted - 1] if forward else seconds >= seconds[-wanted]
        rows = rows[within]
    yield [tuple(row) for row in rows.tolist()]


def _pieces(stretches: Iterable[Stretch], *, forward: bool) -> Iterator[Stretch]:
    """The stretches in growing pieces of whole seconds."""
    sizes = (min(_FIRST_PIECE << min(number, 20), _LONGEST_PIECE) for number in count())
    for first, last in stretches:
        low, high = first, last
        while low <= high:
            size = next(sizes)
            if forward:
                end = min(high, (low + size) // _PER_SECOND * _PER_SECOND - 1)
                yield low, end
                low = end + 1
            else:
                begin = max(low, (high - size) // _PER_SECOND * _PER_SECOND)
                yield begin, high
                high = begin - 1
