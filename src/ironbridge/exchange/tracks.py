"""How one listing trades: its price, spread, sizes and prints at any step, from the seed alone.

A track answers in whole price units (`unit` each) and whole quantities, so that nothing is off the grid. A
`SpotTrack` follows a seeded walk; an `OptionTrack` follows its underlying through the venue's smile. Both give the
market as it would be without the venue's clients; what clients take and add is the book's business.

Invariants: bid < ask; both on the listing's price grid; the mid of a spot track lies between them; sizes are positive;
a print happens at the bid or the ask of its own step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import atanh, ceil, exp, floor, inf, log, tanh
from typing import NamedTuple, Protocol

from ironbridge.exchange import smile
from ironbridge.exchange.fence import spot_at, stretches
from ironbridge.exchange.listing import MarketRule
from ironbridge.exchange.walk import Flow, Walk, mixed

STEP_SECONDS = 0.25
STEPS_PER_DAY = 345_600
_YEAR_STEPS = smile.YEAR_SECONDS / STEP_SECONDS
_REFRESH = 3
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

    __slots__ = ("_at", "_c", "_flow", "_last_print", "_quoted", "_tick", "_top", "unit", "walk")

    def __init__(self, unit: Decimal, walk: Walk, character: Character, flow: Flow | None, *, quoted: bool) -> None:
        self.unit = unit
        self.walk = walk
        self._tick = float(unit)
        self._c = character
        self._flow = flow
        self._quoted = quoted
        self._at = -1
        self._top = Top(0, 0, 1)
        self._last_print: Print | None = None

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
        limit = self._c.limit
        return self.factor(step) * exp(limit * tanh(self.walk.at(step) / limit))

    def top(self, step: int) -> Top:
        if step == self._at:
            return self._top
        if not self._quoted:
            self._top = Top(0, 0, 1)
        else:
            fair = self.mid(step) / self._tick
            width = self._c.spread
            draw = mixed(self._c.key, step >> 4) & 0xFF
            if draw < 40:
                width += 1 if draw >= 5 else 1 + self._c.spread
            bid = max(1, floor(fair - (width - 1) / 2))
            self._top = Top(bid, bid + width, max(1, width // 2))
        self._at = step
        return self._top

    def epoch(self, step: int, price: int) -> int:
        return (step + price * 3) >> _REFRESH

    def size(self, step: int, side: int, price: int) -> int:
        draw = (mixed(self._c.key + 0x5EED + side, (price << 40) ^ self.epoch(step, price)) >> 40) / (1 << 24)
        lots = self._c.depth * (0.15 + 2.2 * draw * draw) / self._c.lot
        return max(1, int(lots)) * self._c.lot

    def newest(self, step: int) -> Print | None:
        if not self._quoted:
            return Print(step, round(self.mid(step) / self._tick), 0)
        if self._flow is None:
            return None
        grown = self._flow.newest(step)
        if grown is None:
            return None
        at, size = grown
        last = self._last_print
        if last is None or last.step != at:
            top = self.top(at)
            buyer = mixed(self._c.key + 0xB0B, at) & 1
            last = self._last_print = Print(at, top.ask if buyer else top.bid, size)
        return last

    def traded(self, after: int, until: int) -> int:
        return 0 if self._flow is None else self._flow.between(after, until)

    def _widest(self) -> int:
        return 2 * self._c.spread + 2

    def reach(self, first: int, last: int) -> tuple[int, int]:
        limit, margin = self._c.limit, self._widest() if self._quoted else 1
        low, high = inf, 0.0
        while first <= last:
            # The carry of futures is constant within a day of the epoch.
            until = min(last, (first // STEPS_PER_DAY + 1) * STEPS_PER_DAY - 1)
            factor = self.factor(first) / self._tick
            bottom, peak = self.walk.span(first, until)
            high = max(high, factor * exp(limit * tanh(peak / limit)))
            low = min(low, factor * exp(limit * tanh(bottom / limit)))
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


class OptionTerms(NamedTuple):
    """What an option's track is made of; `rule` has (lower edge, price step, that step in units)."""

    under: SpotTrack
    symbol: str
    strike: float
    expires: int
    key: int
    flow: Flow
    rule: tuple[tuple[float, float, int], ...]
    call: bool
    american: bool


class OptionTrack:
    """An option whose price follows its underlying's through the smile.

    Parameters:
        rule: price steps of the class.
        under: the underlying's track.
        symbol: the underlying's, for smile and dividends.
        strike, call, american: of the option.
        expires: the step at which it is settled.
        flow: of its volume.
    """

    __slots__ = (
        "_american", "_at", "_call", "_expires", "_flow", "_key", "_last_print", "_rule", "_strike", "_symbol", "_top",
        "_under", "unit",
    )  # fmt: skip

    def __init__(
        self,
        rule: MarketRule,
        under: SpotTrack,
        symbol: str,
        strike: float,
        expires: int,
        key: int,
        flow: Flow,
        *,
        call: bool,
        american: bool,
    ) -> None:
        self.unit = rule.increments[0].increment
        self._rule = tuple(
            (float(r.low_edge), float(r.increment), int(r.increment / self.unit)) for r in rule.increments
        )
        self._under = under
        self._symbol = symbol
        self._strike = strike
        self._call = call
        self._american = american
        self._expires = expires
        self._key = key
        self._flow = flow
        self._at = -1
        self._top = Top(0, 0, 1)
        self._last_print: Print | None = None

    @property
    def terms(self) -> OptionTerms:
        return OptionTerms(
            self._under, self._symbol, self._strike, self._expires, self._key, self._flow, self._rule,
            self._call, self._american,
        )  # fmt: skip

    def years(self, step: int) -> float:
        return max(0, self._expires - step) / _YEAR_STEPS

    def mid(self, step: int) -> float:
        return self._value(self._under.mid(step), step)

    def _value(self, spot: float, step: int) -> float:
        return smile.value(spot, self._strike, self.years(step), self._symbol, call=self._call, american=self._american)

    def model(self, step: int) -> smile.OptionModel:
        return smile.model(
            self._under.mid(step),
            self._strike,
            self.years(step),
            self._symbol,
            call=self._call,
            american=self._american,
        )

    def _grid(self, price: float) -> tuple[float, int]:
        """The price step that holds at a price, and how many units it is."""
        for edge, step, units in reversed(self._rule):
            if price >= edge:
                return step, units
        return self._rule[0][1:]

    def top(self, step: int) -> Top:
        if step == self._at:
            return self._top
        self._at = step
        if step >= self._expires:
            self._top = Top(0, 0, 1)
            return self._top
        fair = self.mid(step)
        half = max(0.004 + 0.0035 * fair, 0.0)
        if mixed(self._key, step >> 4) & 0xFF < 40:
            half *= 1.5
        tick, units = self._grid(fair - half)
        bid = max(0, floor((fair - half) / tick + 1e-9)) * units
        tick, units = self._grid(fair + half)
        ask = max(1, ceil((fair + half) / tick - 1e-9)) * units
        if ask <= bid:
            ask = bid + units
        self._top = Top(bid, ask, units)
        return self._top

    def epoch(self, step: int, price: int) -> int:
        return (step + price * 3) >> _REFRESH

    def size(self, step: int, side: int, price: int) -> int:
        draw = (mixed(self._key + 0x5EED + side, (price << 40) ^ self.epoch(step, price)) >> 40) / (1 << 24)
        return 3 + int(160 * draw * draw)

    def newest(self, step: int) -> Print | None:
        grown = self._flow.newest(min(step, self._expires - 1))
        if grown is None:
            return None
        at, size = grown
        last = self._last_print
        if last is None or last.step != at:
            top = self.top(at)
            buyer = mixed(self._key + 0xB0B, at) & 1 or top.bid == 0
            last = self._last_print = Print(at, top.ask if buyer else top.bid, size)
        return last

    def traded(self, after: int, until: int) -> int:
        return self._flow.between(after, until)

    def reach(self, first: int, last: int) -> tuple[int, int]:
        """From the underlying's extremes at the interval's ends; a print in a widened spread may lie beyond."""
        under_low, under_high = self._under.reach(first, last)
        low_spot, high_spot = (float(n * self._under.unit) for n in (under_low, under_high))
        values = [self._value(spot, step) for spot in (low_spot, high_spot) for step in (first, last)]
        low, high = min(values), max(values)
        width = 0.01 + 0.007 * high
        unit = float(self.unit)
        return max(1, floor((low - width) / unit)), ceil((high + width) / unit)

    def crossing(self, first: int, last: int, low: float, high: float) -> int | None:
        unit, grain = float(self.unit), float(self._under.unit)
        for stretch in stretches(first, last, self._expires):
            cheap, dear = (
                spot_at(self._value, price, self._near(price), stretch, self._strike, call=self._call, above=above)
                for price, above in ((low * unit, True), (high * unit, False))
            )
            below, above = (cheap, dear) if self._call else (dear, cheap)
            found = self._under.crossing(*stretch, below / grain, above / grain)
            if found is not None:
                return found
        return None

    def _near(self, price: float) -> float:
        """How far from its value, at most, an option is quoted or printed, with something for the smile's bend."""
        return 0.008 + 0.0075 * abs(price) + 2 * self._grid(price)[0] if abs(price) < inf else 0.0
