"""How an option trades: its price follows its underlying's through the venue's smile.

Owns what is particular to options: their grid, their end, and which of the underlying's prices mean which of theirs.
"""

from __future__ import annotations

from math import ceil, floor, inf
from typing import NamedTuple

from ironbridge.exchange import smile
from ironbridge.exchange.fence import spot_at, stretches
from ironbridge.exchange.listing import MarketRule
from ironbridge.exchange.tracks import REFRESH, STEP_SECONDS, Print, SpotTrack, Top
from ironbridge.exchange.walk import Flow, mixed

_YEAR_STEPS = smile.YEAR_SECONDS / STEP_SECONDS


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
        return (step + price * 3) >> REFRESH

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
