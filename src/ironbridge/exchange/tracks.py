"""How one listing trades: its price, spread, sizes and prints at any step, from the seed alone.

A track answers in whole price units (`unit` each) and whole quantities, so that nothing is off the grid. A
`SpotTrack` follows a seeded walk; an `OptionTrack` (`option_track`) follows its underlying through the venue's smile.
Both give the market as it would be without the venue's clients; what clients take and add is the book's business.

Invariants: bid < ask; both on the listing's price grid; the mid of a spot track lies between them; sizes are positive;
a print happens at the bid or the ask of its own step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import atanh, ceil, exp, floor, inf, log, tanh
from typing import NamedTuple, Protocol

from ironbridge.exchange.walk import Flow, Walk, mixed

STEP_SECONDS = 0.25
STEPS_PER_DAY = 345_600
REFRESH = 3
"""Sizes at a price are drawn anew every 2**3 steps, two seconds."""


class Top(NamedTuple):
    """Best bid and ask in price units, 0 where there is none, and the distance to the next level."""

    bid: int
    ask: int
    gap: int


class Print(NamedTuple):
    """A trade of the market's own; a buyer's when it is at the ask."""

    step: int
    price: int
    size: int


_NO_PRINT: Print | None = None


class Track(Protocol):
    """What the venue needs to know of how a listing trades."""

    @property
    def unit(self) -> Decimal: ...

    def mid(self, step: int) -> float:
        """Fair value in the listing's currency."""

    def top(self, step: int) -> Top: ...

    def size(self, step: int, side: int, price: int) -> int:
        """Units offered at a price by the market; side 0 is the bid, 1 the ask."""

    def epoch(self, step: int, price: int) -> int:
        """Changes whenever the size at the price is drawn anew."""

    def newest(self, step: int) -> Print | None:
        """The newest print at or before the step."""

    def traded(self, after: int, until: int) -> int:
        """Units printed in the steps after `after` up to and including `until`."""

    def reach(self, first: int, last: int) -> tuple[int, int]:
        """Price units that no print of the interval was below or above."""

    def crossing(self, first: int, last: int, low: float, high: float) -> int | None:
        """A step from which on bid, ask or a print may leave (low, high), given in units; None when none can."""


@dataclass(frozen=True, slots=True)
class Character:
    """What tells one listing's trading from another's.

    Parameters:
        key: of its own draws.
        price: of the walk's anchor.
        limit: the log of how far the price can go from its anchor, ever.
        spread, depth: usual, in units and in quantity.
        lot: sizes and prints are multiples of it.
        carry: factor of the price by day since the epoch (futures); None for 1.
    """

    key: int
    price: float
    limit: float
    spread: int
    depth: int
    lot: int
    carry: Callable[[int], float] | None = None


class SpotTrack:
    """A listing whose price is a function of a walk: stocks, pairs, indices, futures.

    Parameters:
        unit: the price step.
        walk: of the log price.
        flow: of its volume; None for what prints no trades (pairs).
        quoted: false for an index, which has values but neither bid nor ask.
    """

    __slots__ = (
        "_at", "_c", "_fair", "_fair_at", "_flow", "_last_print", "_printed_at", "_quoted", "_sizes", "_tick", "_top",
        "_wide_at", "_width", "unit", "walk",
    )  # fmt: skip

    def __init__(self, unit: Decimal, walk: Walk, character: Character, flow: Flow | None, *, quoted: bool) -> None:
        self.unit = unit
        self.walk = walk
        self._tick = float(unit)
        self._c = character
        self._flow = flow
        self._quoted = quoted
        self._at = -1
        self._top = Top(0, 0, 1)
        # What was worked out last: the fair value of a step, the spread of 16, and by side (price, epoch, size).
        self._fair_at, self._fair = -1, 0.0
        self._wide_at, self._width = -1, 0
        self._sizes = [(0, -1, 0), (0, -1, 0)]
        self._printed_at, self._last_print = -1, _NO_PRINT

    @property
    def character(self) -> Character:
        return self._c

    @property
    def flow(self) -> Flow | None:
        return self._flow

    @property
    def quoted(self) -> bool:
        return self._quoted

    def factor(self, step: int) -> float:
        """What the walk's price is multiplied with; constant within a day of the epoch."""
        carry = self._c.carry
        return self._c.price if carry is None else self._c.price * carry(step // STEPS_PER_DAY)

    def mid(self, step: int) -> float:
        if step != self._fair_at:
            limit = self._c.limit
            self._fair = self.factor(step) * exp(limit * tanh(self.walk.at(step) / limit))
            self._fair_at = step
        return self._fair

    def top(self, step: int) -> Top:
        if step == self._at:
            return self._top
        if not self._quoted:
            self._top = Top(0, 0, 1)
        else:
            width = self._spread(step)
            bid = max(1, floor(self.mid(step) / self._tick - (width - 1) / 2))
            known = self._top
            if bid != known.bid or bid + width != known.ask:
                self._top = Top(bid, bid + width, max(1, width // 2))
        self._at = step
        return self._top

    def _spread(self, step: int) -> int:
        """Units between bid and ask: the usual ones, now and then more for four seconds."""
        if step >> 4 != self._wide_at:
            usual = self._c.spread
            draw = mixed(self._c.key, step >> 4) & 0xFF
            self._width = usual if draw >= 40 else usual + 1 if draw >= 5 else 2 * usual + 1
            self._wide_at = step >> 4
        return self._width

    def epoch(self, step: int, price: int) -> int:
        return (step + price * 3) >> REFRESH

    def size(self, step: int, side: int, price: int) -> int:
        epoch = (step + price * 3) >> REFRESH
        known = self._sizes[side]
        if known[0] == price and known[1] == epoch:
            return known[2]
        draw = (mixed(self._c.key + 0x5EED + side, (price << 40) ^ epoch) >> 40) / (1 << 24)
        lots = self._c.depth * (0.15 + 2.2 * draw * draw) / self._c.lot
        size = max(1, int(lots)) * self._c.lot
        self._sizes[side] = (price, epoch, size)
        return size

    def newest(self, step: int) -> Print | None:
        if step != self._printed_at:
            self._last_print = self._looked_up(step)
            self._printed_at = step
        return self._last_print

    def _looked_up(self, step: int) -> Print | None:
        if not self._quoted:
            return Print(step, round(self.mid(step) / self._tick), 0)
        grown = None if self._flow is None else self._flow.newest(step)
        if grown is None:
            return None
        at, size = grown
        if self._last_print is not None and self._last_print.step == at:
            return self._last_print
        top = self.top(at)
        buyer = mixed(self._c.key + 0xB0B, at) & 1
        return Print(at, top.ask if buyer else top.bid, size)

    def traded(self, after: int, until: int) -> int:
        return 0 if self._flow is None else self._flow.between(after, until)

    def _widest(self) -> int:
        return 2 * self._c.spread + 2

    def reach(self, first: int, last: int) -> tuple[int, int]:
        limit, margin = self._c.limit, self._widest() if self._quoted else 1
        if first == last:
            fair = self.mid(first) / self._tick
            return max(1, floor(fair) - margin // 2), ceil(fair) + margin // 2
        low, high = inf, 0.0
        while first <= last:
            # The carry of futures is constant within a day of the epoch.
            until = min(last, (first // STEPS_PER_DAY + 1) * STEPS_PER_DAY - 1)
            factor, tick = self.factor(first), self._tick
            bottom, peak = self.walk.span(first, until)
            high = max(high, factor * exp(limit * tanh(peak / limit)) / tick)
            low = min(low, factor * exp(limit * tanh(bottom / limit)) / tick)
            first = until + 1
        return max(1, floor(low) - margin // 2), ceil(high) + margin // 2

    def crossing(self, first: int, last: int, low: float, high: float) -> int | None:
        margin = self._widest()
        while first <= last:
            until = min(last, (first // STEPS_PER_DAY + 1) * STEPS_PER_DAY - 1)
            factor = self.factor(first) / self._tick
            found = self.walk.crossing(
                first, until, self._level((low + margin) / factor), self._level((high - margin) / factor)
            )
            if found is not None:
                return found
            first = until + 1
        return None

    def _level(self, ratio: float) -> float:
        """The value of the walk at which the price is `ratio` times its anchor."""
        if ratio <= 0:
            return -inf
        scaled = log(ratio) / self._c.limit if ratio < inf else inf
        if abs(scaled) >= 1:
            return inf if scaled > 0 else -inf
        return self._c.limit * atanh(scaled)
