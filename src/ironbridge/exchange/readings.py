"""Many steps of a track at once: tops of the market and prints, as `Track.top` and `Track.newest` give them.

A spot track and an option are read by array arithmetic; any other track, whatever its prices come from, step by step.
Prices are whole price units, as everywhere in the tape. A side that is not there is 0.
"""

from __future__ import annotations

from math import erf
from typing import NamedTuple, Protocol

import numpy as np

from ironbridge.exchange import smile
from ironbridge.exchange.option_track import OptionTrack
from ironbridge.exchange.paths import Ints, Reals, growth, mixed, values, values_at
from ironbridge.exchange.tracks import STEPS_PER_DAY, SpotTrack, Track
from ironbridge.exchange.views import View

_erf = np.frompyfunc(erf, 1, 1)
_YEAR_STEPS = smile.YEAR_SECONDS / 0.25


class Tops(NamedTuple):
    bid: Ints
    ask: Ints


class Prints(NamedTuple):
    """Trades in the order of time; the size of an index's values is 0."""

    step: Ints
    price: Ints
    size: Ints


class Reading(Protocol):
    """What bars are made of."""

    def tops(self, steps: Ints) -> Tops:
        """The market at scattered steps."""
        ...

    def stretch(self, first: int, last: int) -> Tops:
        """The market at every step from `first` to `last`, both included."""
        ...

    def prints(self, first: int, last: int) -> Prints:
        """The trades of all steps from `first` to `last`."""
        ...


def reading_of(track: Track) -> Reading:
    if isinstance(track, SpotTrack):
        return SpotReading(track)
    if isinstance(track, OptionTrack):
        return OptionReading(track)
    return PlainReading(track)


def quoted(top: Tops, view: View) -> Reals:
    """The series that a bar of quotes is made of."""
    if view is View.BID:
        return top.bid.astype(np.float64)
    if view is View.ASK:
        return top.ask.astype(np.float64)
    return (top.bid + top.ask) / 2


def _steps(first: int, last: int) -> Ints:
    return np.arange(first, last + 1, dtype=np.int64)


class SpotReading:
    """A stock, pair, index or future.

    Parameters:
        track: how it trades.
    """

    def __init__(self, track: SpotTrack) -> None:
        self.track = track
        self.unit = float(track.unit)
        self._c = track.character

    def fair(self, steps: Ints, walked: Reals) -> Reals:
        """The mid in price units, from the values of the walk."""
        return self.mids(steps, walked) / self.unit

    def mids(self, steps: Ints, walked: Reals) -> Reals:
        limit = self._c.limit
        return self._factor(steps) * np.exp(limit * np.tanh(walked / limit))

    def _factor(self, steps: Ints) -> Reals | float:
        if self._c.carry is None:
            return self._c.price
        days, places = np.unique(steps // STEPS_PER_DAY, return_inverse=True)
        factors = [self.track.factor(int(day) * STEPS_PER_DAY) for day in days]
        return np.array(factors, dtype=np.float64)[places]

    def market(self, steps: Ints, walked: Reals) -> Tops:
        """Bid and ask from the values of the walk; of an index, its value for both."""
        fair = self.fair(steps, walked)
        if not self.track.quoted:
            value = np.rint(fair).astype(np.int64)
            return Tops(value, value)
        spread = self._c.spread
        draw = (mixed(self._c.key, steps >> 4) & np.uint64(0xFF)).astype(np.int64)
        width = spread + np.where(draw < 40, np.where(draw >= 5, 1, 1 + spread), 0)
        bid = np.maximum(1, np.floor(fair - (width - 1) / 2).astype(np.int64))
        return Tops(bid, bid + width)

    def tops(self, steps: Ints) -> Tops:
        return self.market(steps, values_at(self.track.walk, steps))

    def stretch(self, first: int, last: int) -> Tops:
        return self.market(_steps(first, last), values(self.track.walk, first, last))

    def buyers(self, steps: Ints) -> Ints:
        """1 where a print of the step would be a buyer's."""
        return (mixed(self._c.key + 0xB0B, steps) & np.uint64(1)).astype(np.int64)

    def prints(self, first: int, last: int) -> Prints:
        steps = _steps(first, last)
        if not self.track.quoted:
            return Prints(steps, self.stretch(first, last).bid, np.zeros(len(steps), dtype=np.int64))
        if self.track.flow is None:
            return Prints(steps[:0], steps[:0], steps[:0])
        grown = growth(self.track.flow, first, last)
        at = np.flatnonzero(grown)
        steps = steps[at]
        top = self.market(steps, values(self.track.walk, first, last)[at])
        return Prints(steps, np.where(self.buyers(steps) == 1, top.ask, top.bid), grown[at])


class OptionReading:
    """An option.

    Parameters:
        track: how it trades.
    """

    def __init__(self, track: OptionTrack) -> None:
        self._terms = track.terms
        self._under = SpotReading(self._terms.under)

    def tops(self, steps: Ints) -> Tops:
        return self._market(steps, values_at(self._terms.under.walk, steps))

    def stretch(self, first: int, last: int) -> Tops:
        return self._market(_steps(first, last), values(self._terms.under.walk, first, last))

    def _market(self, steps: Ints, walked: Reals) -> Tops:
        terms = self._terms
        fair = self._value(self._under.mids(steps, walked), np.maximum(0, terms.expires - steps) / _YEAR_STEPS)
        half = 0.004 + 0.0035 * fair
        wide = (mixed(terms.key, steps >> 4) & np.uint64(0xFF)).astype(np.int64) < 40
        half = np.where(wide, half * 1.5, half)
        tick, units = self._grid(fair - half)
        bid = np.maximum(0, np.floor((fair - half) / tick + 1e-9).astype(np.int64)) * units
        tick, units = self._grid(fair + half)
        ask = np.maximum(1, np.ceil((fair + half) / tick - 1e-9).astype(np.int64)) * units
        ask = np.where(ask <= bid, bid + units, ask)
        alive = steps < terms.expires
        return Tops(np.where(alive, bid, 0), np.where(alive, ask, 0))

    def _grid(self, prices: Reals) -> tuple[Reals, Ints]:
        """The price step that holds at each price, and how many units it is."""
        edges = np.array([edge for edge, _, _ in self._terms.rule])
        row = np.maximum(0, np.searchsorted(edges, prices, side="right") - 1)
        return (
            np.array([step for _, step, _ in self._terms.rule])[row],
            np.array([units for _, _, units in self._terms.rule], dtype=np.int64)[row],
        )

    def _value(self, spot: Reals, years: Reals) -> Reals:
        """`smile.value`, for many spots and moments."""
        terms = self._terms
        strike, dividend, shape = terms.strike, smile.DIVIDENDS.get(terms.symbol, 0.0), smile.smile_of(terms.symbol)
        drift = (smile.RATE - dividend) * years
        moneyness = np.log(strike / spot) - drift
        deviations = np.clip(moneyness / (shape.level * np.sqrt(np.maximum(years, 1 / 365))), -6.0, 6.0)
        bend = 1.0 + shape.skew * deviations + shape.curvature * deviations * deviations
        volatility = shape.level * np.clip(bend, 0.6, 2.2)
        years = np.maximum(years, smile.SHORTEST)
        deviation = volatility * np.sqrt(years)
        forward = spot * np.exp((smile.RATE - dividend) * years)
        d1 = np.log(forward / strike) / deviation + deviation / 2
        d2 = d1 - deviation
        sign = 1.0 if terms.call else -1.0
        discount = np.exp(-smile.RATE * years)
        european: Reals = discount * sign * (forward * _normal(sign * d1) - strike * _normal(sign * d2))
        return np.maximum(european, sign * (spot - strike)) if terms.american else european

    def prints(self, first: int, last: int) -> Prints:
        last = min(last, self._terms.expires - 1)
        if last < first:
            none = np.zeros(0, dtype=np.int64)
            return Prints(none, none, none)
        grown = growth(self._terms.flow, first, last)
        at = np.flatnonzero(grown)
        steps = at + first
        top = self.tops(steps)
        buyer = (mixed(self._terms.key + 0xB0B, steps) & np.uint64(1)).astype(bool) | (top.bid == 0)
        return Prints(steps, np.where(buyer, top.ask, top.bid), grown[at])


def _normal(x: Reals) -> Reals:
    return 0.5 * (1.0 + np.asarray(_erf(x / np.sqrt(2.0)), dtype=np.float64))


class PlainReading:
    """Any track, by its own methods.

    Parameters:
        track: how it trades.
    """

    def __init__(self, track: Track) -> None:
        self._track = track

    def tops(self, steps: Ints) -> Tops:
        found = [self._track.top(int(step)) for step in steps]
        return Tops(
            np.array([top.bid for top in found], dtype=np.int64), np.array([top.ask for top in found], dtype=np.int64)
        )

    def stretch(self, first: int, last: int) -> Tops:
        return self.tops(_steps(first, last))

    def prints(self, first: int, last: int) -> Prints:
        found = []
        newest = self._track.newest(last)
        while newest is not None and newest.step >= first:
            found.append(newest)
            newest = self._track.newest(newest.step - 1)
        rows = np.array(found[::-1], dtype=np.int64).reshape(-1, 3)
        return Prints(rows[:, 0], rows[:, 1], rows[:, 2])
