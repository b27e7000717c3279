"""Bars of a track over any stretches of its tape, exact whatever their length.

A bar of trades opens with its first print, closes with its last and reaches as far as its prints do; a bar of quotes
does the same with what was quoted. Short bars are folded from every step; long ones of a spot track are searched for
(`long_bars`); of the quotes of options a long bar is told from samples.

Invariants: low <= open, close, mean <= high; the extremes of a bar are those of its parts, and volumes add up; a
stretch without a trade is a flat bar at the last price before it, with no volume.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ironbridge.exchange.long_bars import LongBars
from ironbridge.exchange.paths import Ints, Reals
from ironbridge.exchange.readings import Reading, SpotReading, Tops, quoted, reading_of
from ironbridge.exchange.tracks import Track
from ironbridge.exchange.views import BarRow, View

SHORT = 1600
"""Steps of a bar up to which every step is read."""
STRETCH = 1 << 15
"""Steps that are read in one go: a few milliseconds."""
LONG_AT_ONCE = 64
"""Long bars that are searched for in one go,"""
LONG_STEPS = 1 << 21
"""and how much of the tape they may cover, six days: tens of milliseconds."""
_SAMPLES = 2000
"""Steps of a long stretch of quotes that are looked at where there is no search."""

Stretch = tuple[int, int]


def bars(track: Track, stretches: Sequence[Stretch], view: View) -> Iterator[list[BarRow]]:
    """One row for each stretch of steps (first, last), both included, in their order, as many at a time as is quick."""
    reading = reading_of(track)
    for group in _groups(stretches):
        first = np.array([stretch[0] for stretch in group], dtype=np.int64)
        last = np.array([stretch[1] for stretch in group], dtype=np.int64)
        if _short(group[0]):
            yield _short_bars(track, reading, first, last, view)
        elif isinstance(reading, SpotReading):
            yield LongBars(reading, first, last).rows(view)
        elif view is View.TRADES:
            for at in range(len(group)):
                yield _trades(track, reading, first[at : at + 1], last[at : at + 1])
        else:
            for stretch in group:
                yield [_sampled(reading, *stretch, view)]


def _short(stretch: Stretch) -> bool:
    return stretch[1] - stretch[0] < SHORT


def _groups(stretches: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    """Neighbours that are read together: short ones that share a piece of the tape, long ones some at a time."""
    group: list[Stretch] = []
    for stretch in stretches:
        if group and not _fits(group, stretch):
            yield group
            group = []
        group.append(stretch)
    if group:
        yield group


def _fits(group: list[Stretch], stretch: Stretch) -> bool:
    if _short(stretch) is not _short(group[-1]):
        return False
    if not _short(stretch):
        covered = sum(last - first for first, last in group) + stretch[1] - stretch[0]
        return len(group) < LONG_AT_ONCE and covered < LONG_STEPS
    before = group[-1][1]
    return before < stretch[0] <= before + SHORT and stretch[1] - group[0][0] < STRETCH


def _short_bars(track: Track, reading: Reading, first: Ints, last: Ints, view: View) -> list[BarRow]:
    if view is View.TRADES:
        return _trades(track, reading, first, last)
    return _quotes(reading.stretch(int(first[0]), int(last[-1])), first - first[0], last - first[0], view)


def _trades(track: Track, reading: Reading, first: Ints, last: Ints) -> list[BarRow]:
    prints = reading.prints(int(first[0]), int(last[-1]))
    low = np.searchsorted(prints.step, first, side="left")
    high = np.searchsorted(prints.step, last, side="right")
    rows: list[BarRow | None] = [None] * len(first)
    busy = np.flatnonzero(high > low)
    if len(busy):
        begin, end = low[busy], high[busy]
        top, bottom = folded(np.maximum, prints.price, begin, end), folded(np.minimum, prints.price, begin, end)
        units = folded(np.add, prints.size, begin, end)
        # An index's values have no size: each counts the same.
        weight = np.where(np.repeat(units, end - begin) > 0, _picked(prints.size, begin, end), 1)
        money = _picked(prints.price, begin, end) * weight
        ends = np.cumsum(end - begin)
        mean = folded(np.add, money, ends - (end - begin), ends) / folded(np.add, weight, ends - (end - begin), ends)
        for at, place in enumerate(busy):
            traded = int(units[at])
            rows[place] = BarRow(
                float(prints.price[begin[at]]),
                float(top[at]),
                float(bottom[at]),
                float(prints.price[end[at] - 1]),
                traded,
                float(min(max(mean[at], bottom[at]), top[at])),
                int(end[at] - begin[at]) if traded else 0,
            )
    return [row if row is not None else quiet(track, int(first[at])) for at, row in enumerate(rows)]


def _picked(values: Ints, begin: Ints, end: Ints) -> Ints:
    return np.concatenate([values[a:b] for a, b in zip(begin, end, strict=True)])


def folded(fold: np.ufunc, values: Ints | Reals, begin: Ints, end: Ints) -> Reals:
    """The fold of each slice [begin, end) of the values; no slice is empty."""
    padded = np.append(values, values[-1:])
    places = np.ravel(np.column_stack((begin, end)))
    result: Reals = fold.reduceat(padded, places)[::2]
    return result


def quiet(track: Track, step: int) -> BarRow:
    """A bar in which nothing traded."""
    newest = track.newest(step)
    price = float(newest.price if newest is not None else round(track.mid(step) / float(track.unit)))
    return BarRow(price, price, price, price, 0, price, 0)


def _quotes(top: Tops, low: Ints, high: Ints, view: View) -> list[BarRow]:
    end = high + 1
    if view is View.BID_ASK:
        count = end - low
        highest, lowest = folded(np.maximum, top.ask, low, end), folded(np.minimum, top.bid, low, end)
        opens = np.rint(folded(np.add, top.bid, low, end) / count)
        closes = np.rint(folded(np.add, top.ask, low, end) / count)
    else:
        series = quoted(top, view)
        highest, lowest = folded(np.maximum, series, low, end), folded(np.minimum, series, low, end)
        opens, closes = series[low], series[high]
    columns = zip(opens, highest, lowest, closes, strict=True)
    return [BarRow(float(o), float(h), float(w), float(c)) for o, h, w, c in columns]


def _sampled(reading: Reading, first: int, last: int, view: View) -> BarRow:
    steps = np.unique(np.append(np.arange(first, last + 1, max(1, (last - first) // _SAMPLES), dtype=np.int64), last))
    everything = np.array([0], dtype=np.int64)
    return _quotes(reading.tops(steps), everything, everything + len(steps) - 1, view)[0]
