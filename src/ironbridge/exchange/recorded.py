"""Prices that somebody has recorded, in place of the seeded ones.

A `Recording` is a listing's quotes and trades in the order of time; a `RecordedTrack` replays it as a track, so that
orders meet what was then. Between two moments the earlier one holds. Before the first there is no quote, after the last
it stands for good. Times are kept to the venue's step of 250 ms: of several moments in one step the last one counts,
and their trades are summed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.errors import InvalidInput
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.tracks import Print, Top

_REFRESH = 3


@dataclass(frozen=True, slots=True)
class RecordedMoment:
    """What was known from `time` on; None is "there was none". `last` is a trade at that moment."""

    time: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: int = 100
    ask_size: int = 100
    last: Decimal | None = None
    last_size: int = 0


Recording = Sequence[RecordedMoment]


@dataclass(frozen=True, slots=True)
class RecordedBar:
    """A bar of trades, to be replayed as its four prices."""

    begin: datetime
    end: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


def of_bars(bars: Iterable[RecordedBar], listing: Listing) -> list[RecordedMoment]:
    """Moments of bars: open, the nearer extreme, the other, close, with the market a price step around each."""
    moments = []
    for bar in bars:
        falls_first = bar.open - bar.low < bar.high - bar.open
        path = (bar.open, bar.low, bar.high, bar.close) if falls_first else (bar.open, bar.high, bar.low, bar.close)
        for index, price in enumerate(path):
            near = listing.rule.nearest(price)
            time = bar.begin + (bar.end - bar.begin) * index / len(path)
            size = bar.volume // len(path) + (bar.volume % len(path) if index == len(path) - 1 else 0)
            step = listing.rule.step_at(near)
            moments.append(RecordedMoment(time, near - step, near + step, last=near, last_size=size))
    return moments


class RecordedTrack:
    """A recording as a track.

    Parameters:
        listing: whose; prices must lie on its grid.
        recording: its moments; they must not go back in time.
        steps: the venue's step of each moment.

    Raises:
        InvalidInput: a recording that is empty, goes back, is crossed or off the grid.
    """

    def __init__(self, listing: Listing, recording: Recording, steps: Sequence[int]) -> None:
        self.unit = listing.min_tick
        self._steps: list[int] = []
        self._tops: list[Top] = []
        self._sizes: list[tuple[int, int]] = []
        self._prints: list[Print] = []
        self._printed_at: list[int] = []
        self._volumes: list[int] = []
        if not recording:
            raise InvalidInput(f"The recording of {listing.local_symbol} is empty.")
        for moment, step in zip(recording, steps, strict=True):
            self._take(listing, moment, step)

    def _take(self, listing: Listing, moment: RecordedMoment, step: int) -> None:
        where = f"The recording of {listing.local_symbol} at {moment.time.isoformat()}"
        if self._steps and step < self._steps[-1]:
            raise InvalidInput(f"{where} goes back in time.")
        units = [self._units(listing, price, where) for price in (moment.bid, moment.ask, moment.last)]
        bid, ask, last = units
        if bid and ask and bid >= ask:
            raise InvalidInput(f"{where} is crossed: {moment.bid} is bid and {moment.ask} asked.")
        known = self._tops[-1] if self._tops else Top(0, 0, 1)
        top = Top(bid, ask, 1) if bid or ask else known
        if self._steps and self._steps[-1] == step:
            self._tops[-1], self._sizes[-1] = top, (moment.bid_size, moment.ask_size)
        else:
            self._steps.append(step)
            self._tops.append(top)
            self._sizes.append((moment.bid_size, moment.ask_size))
        if last and moment.last_size > 0:
            self._print(step, last, moment.last_size)

    def _print(self, step: int, price: int, size: int) -> None:
        total = (self._volumes[-1] if self._volumes else 0) + size
        if self._printed_at and self._printed_at[-1] == step:
            self._prints[-1] = Print(step, price, self._prints[-1].size + size)
            self._volumes[-1] = total
        else:
            self._prints.append(Print(step, price, size))
            self._printed_at.append(step)
            self._volumes.append(total)

    @staticmethod
    def _units(listing: Listing, price: Decimal | None, where: str) -> int:
        if price is None:
            return 0
        if not price.is_finite() or price <= 0 or not listing.rule.conforms(price):
            raise InvalidInput(
                f"{where} has a price of {price}, which is no multiple of {listing.rule.step_at(price)}."
            )
        return int(price / listing.min_tick)

    def _index(self, step: int) -> int:
        return bisect_right(self._steps, step) - 1

    def mid(self, step: int) -> float:
        """The middle of the quote, or the newest trade, or the first price there is."""
        top, newest = self.top(step), self.newest(step)
        if top.bid and top.ask:
            return (top.bid + top.ask) / 2 * float(self.unit)
        if newest is not None:
            return newest.price * float(self.unit)
        first = next((t for t in self._tops if t.bid or t.ask), None)
        units = max(first) if first is not None else self._prints[0].price if self._prints else 1
        return units * float(self.unit)

    def top(self, step: int) -> Top:
        index = self._index(step)
        return self._tops[index] if index >= 0 else Top(0, 0, 1)

    def size(self, step: int, side: int, price: int) -> int:
        """The recorded size; the same behind the best price, where nothing was recorded."""
        del price
        index = self._index(step)
        return max(1, self._sizes[index][side]) if index >= 0 else 1

    def epoch(self, step: int, price: int) -> int:
        return (self._index(step) << 40) + ((step + price * 3) >> _REFRESH)

    def newest(self, step: int) -> Print | None:
        index = bisect_right(self._printed_at, step) - 1
        return self._prints[index] if index >= 0 else None

    def traded(self, after: int, until: int) -> int:
        return self._volume(until) - self._volume(after)

    def _volume(self, step: int) -> int:
        index = bisect_right(self._printed_at, step) - 1
        return self._volumes[index] if index >= 0 else 0

    def reach(self, first: int, last: int) -> tuple[int, int]:
        prices = [p.price for p in self._prints[self._prints_before(first) : self._prints_before(last + 1)]]
        prices += [price for top in self._tops_between(first, last) for price in top[:2] if price]
        if not prices:
            fair = round(self.mid(last) / float(self.unit))
            prices = [fair]
        return min(prices), max(prices)

    def _prints_before(self, step: int) -> int:
        return bisect_right(self._printed_at, step - 1)

    def _tops_between(self, first: int, last: int) -> list[Top]:
        return self._tops[max(0, self._index(first)) : self._index(last) + 1]

    def crossing(self, first: int, last: int, low: float, high: float) -> int | None:
        moments = {first, *self._steps[self._index(first) + 1 : self._index(last) + 1]}
        moments.update(self._printed_at[self._prints_before(first) : self._prints_before(last + 1)])
        for step in sorted(moments):
            top, newest = self.top(step), self.newest(step)
            seen = [(top.bid + top.ask) / 2] if top.bid and top.ask else []
            if newest is not None and newest.step == step:
                seen.append(newest.price)
            falls = [*seen, top.ask] if top.ask else seen
            rises = [*seen, top.bid] if top.bid else seen
            if (falls and min(falls) <= low) or (rises and max(rises) >= high):
                return step
        return None
