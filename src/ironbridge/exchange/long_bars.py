"""Long bars of a spot track, found without reading every step.

The walk of each bar is cut down, for all bars together, to the few steps near its extreme; the quotes and prints of
these decide, and when they do not (the best print lies further from the extreme than was looked), the search widens.
So extremes, first and last prints and volumes are exact. The mean price and the number of trades are told from samples.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ironbridge.exchange.paths import Ints, Peaks, Reals, counts_at, growth_at, peaks, reaching, values_at
from ironbridge.exchange.readings import SpotReading, quoted
from ironbridge.exchange.views import BarRow, View
from ironbridge.exchange.walk import BLOCK, DEPTH, Flow

_SAMPLES = 16
"""Points of a bar from which its mean price is told."""
_WAVES = (4, 40, 1 << 62)
"""Of how many of its best candidates a bar asks at a time whether they traded: most often one of the first few did."""


class LongBars:
    """Some long bars of one track.

    Parameters:
        reading: of the track.
        first, last: steps of the bars, both included.
    """

    def __init__(self, reading: SpotReading, first: Ints, last: Ints) -> None:
        self._reading = reading
        self._walk = reading.track.walk
        self._first = first
        self._last = last
        self._spread = reading.track.character.spread
        shares = np.linspace(0.0, 1.0, _SAMPLES)
        # One row of points for each bar, from its first to its last step.
        self._points: Ints = np.rint(first[:, None] + (last - first)[:, None] * shares).astype(np.int64)
        flat = self._points.ravel()
        walked = values_at(self._walk, flat)
        self._walked: Reals = walked.reshape(self._points.shape)
        self._mids: Reals = reading.fair(flat, walked).reshape(self._points.shape)

    def rows(self, view: View) -> list[BarRow]:
        flow = self._reading.track.flow
        if view is not View.TRADES:
            return self._quotes(view)
        if flow is not None and self._reading.track.quoted:
            return self._trades(flow)
        # An index prints its value at every step, and none of it is volume.
        means = self._mids.mean(axis=1)
        return [
            replace(row, volume=0, mean=float(min(max(mean, row.low), row.high)), count=0)
            for row, mean in zip(self._quotes(View.MIDPOINT), means, strict=True)
        ]

    # -- quotes

    def _quotes(self, view: View) -> list[BarRow]:
        top = self._reading.market(self._points.ravel(), self._walked.ravel())
        if view is View.BID_ASK:
            highest, lowest = self._best_quote(View.ASK, 1.0), self._best_quote(View.BID, -1.0)
            opens, closes = (np.rint(side.reshape(self._points.shape).mean(axis=1)) for side in top)
        else:
            highest, lowest = self._best_quote(view, 1.0), self._best_quote(view, -1.0)
            series = quoted(top, view).reshape(self._points.shape)
            opens, closes = series[:, 0], series[:, -1]
        columns = zip(opens, highest, lowest, closes, strict=True)
        return [BarRow(float(o), float(h), float(w), float(c)) for o, h, w, c in columns]

    def _best_quote(self, view: View, sign: float) -> Reals:
        """The greatest (sign 1) or smallest (-1) quote of each bar."""
        everything = np.arange(len(self._first))
        near = self._near(everything, self._slack(everything, self._margin), sign)
        best = np.full(len(self._first), -np.inf)
        np.maximum.at(best, near.interval, sign * quoted(self._reading.market(near.step, near.value), view))
        return sign * best

    def _near(self, at: Ints, slack: Reals, sign: float) -> Peaks:
        known = sign * (sign * self._walked[at]).max(axis=1)
        return peaks(self._walk, self._first[at], self._last[at], slack, sign, known)

    @property
    def _margin(self) -> float:
        """Price units by which the mid of the step with the best quote can lie behind the best mid."""
        return self._spread / 2 + 2.5

    def _slack(self, at: Ints, units: float | Reals) -> Reals:
        """So many price units in values of the walk, with room for how far the price may move within the bar."""
        limit = self._reading.track.character.limit
        slope = (self._mids[at] * (1 - np.tanh(self._walked[at] / limit) ** 2)).min(axis=1)
        slack: Reals = 1.3 * np.asarray(units) / slope
        return slack

    # -- trades

    def _trades(self, flow: Flow) -> list[BarRow]:
        counted = grown_to(flow, np.concatenate((self._first - 1, self._points.ravel())))
        before, upto = counted[: len(self._first)], counted[len(self._first) :].reshape(self._points.shape)
        volume = upto[:, -1] - before
        rows: list[BarRow | None] = [
            self._quiet(int(first)) if not units else None for first, units in zip(self._first, volume, strict=True)
        ]
        at = np.flatnonzero(volume)
        if len(at):
            for place, row in zip(at, self._busy(flow, at, volume[at], np.diff(upto[at], axis=1)), strict=True):
                rows[place] = row
        return [row for row in rows if row is not None]

    def _quiet(self, step: int) -> BarRow:
        track = self._reading.track
        newest = track.newest(step)
        price = float(newest.price if newest is not None else round(track.mid(step) / self._reading.unit))
        return BarRow(price, price, price, price, 0, price, 0)

    def _busy(self, flow: Flow, at: Ints, volume: Ints, parts: Ints) -> list[BarRow]:
        """The bars at these places, in all of which something traded; `parts` is what, from point to point."""
        highest, lowest = self._best_print(flow, at, 1.0), self._best_print(flow, at, -1.0)
        ends = np.concatenate((first_growth(flow, self._first[at]), last_growth(flow, self._last[at])))
        opens, closes = self._would_print(ends, values_at(self._walk, ends)).reshape(2, -1)
        middle = (self._mids[at, 1:] + self._mids[at, :-1]) / 2
        means = np.clip((middle * (parts + 1)).sum(axis=1) / (parts + 1).sum(axis=1), lowest, highest)
        steps = self._last[at] - self._first[at] + 1
        # As many steps with a trade as there would be, were the lots thrown at random.
        counts = np.clip(np.rint(steps * -np.expm1(-volume / flow.lot / steps)), 1, volume // flow.lot)
        columns = zip(opens, highest, lowest, closes, volume, means, counts, strict=True)
        return [
            BarRow(float(o), float(h), float(w), float(c), int(v), float(m), int(n)) for o, h, w, c, v, m, n in columns
        ]

    def _would_print(self, steps: Ints, walked: Reals) -> Ints:
        """What a print of each step costs."""
        top = self._reading.market(steps, walked)
        return np.where(self._reading.buyers(steps) == 1, top.ask, top.bid)

    def _best_print(self, flow: Flow, at: Ints, sign: float) -> Reals:
        """The dearest (sign 1) or cheapest (-1) print of the bars at these places."""
        best = np.zeros(len(at))
        margin = np.full(len(at), self._margin)
        left = np.arange(len(at))
        while len(left):
            found, reached = self._search(flow, at[left], margin[left], sign)
            best[left] = sign * found
            # A print is at most so far from its mid: beyond what was looked at there is none better.
            short = reached + self._spread + 1 - found
            margin[left] = np.where(np.isinf(found), 4 * margin[left], margin[left] + np.maximum(short, 1))
            left = left[short > 0]
        return best

    def _search(self, flow: Flow, at: Ints, margin: Reals, sign: float) -> tuple[Reals, Reals]:
        """The best print near each bar's extreme, and the best mid of the steps that were not looked at.

        Both are times `sign`, and -inf where there is none.
        """
        first, last = self._first[at], self._last[at]
        slack = self._slack(at, margin)
        near = self._near(at, slack, sign)
        price = sign * self._would_print(near.step, near.value)
        order = np.lexsort((-price, near.interval))
        interval, step, price = near.interval[order], near.step[order], price[order]
        rank = np.arange(len(interval)) - np.searchsorted(interval, interval)
        best = np.full(len(at), -np.inf)
        begin = 0
        for end in _WAVES:
            asked = np.flatnonzero((rank >= begin) & (rank < end) & np.isinf(best[interval]))
            traded = asked[growth_at(flow, step[asked]) > 0] if len(asked) else asked
            np.maximum.at(best, interval[traded], price[traded])
            begin = end
        extreme = np.full(len(at), -np.inf)
        np.maximum.at(extreme, near.interval, sign * near.value)
        reached = sign * self._reading.fair(first, sign * (extreme - slack))
        whole = np.bincount(near.interval, minlength=len(at)) > last - first
        return best, np.where(whole, -np.inf, reached)


def grown_to(flow: Flow, steps: Ints) -> Ints:
    """Units up to the end of each step, from the beginning of the first block among them."""
    blocks = steps >> DEPTH
    low, high = int(blocks.min()), int(blocks.max())
    ends = (np.arange(low, high, dtype=np.int64) << DEPTH) + BLOCK - 1
    whole = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts_at(flow, ends))))
    counts: Ints = counts_at(flow, steps) + whole[blocks - low]
    return counts


def first_growth(flow: Flow, steps: Ints) -> Ints:
    """The first step at or after each in which the flow grew; known to lie no further than in the next block."""
    blocks = steps >> DEPTH
    within = np.where(steps & (BLOCK - 1), counts_at(flow, steps - 1), 0)
    later = counts_at(flow, (blocks << DEPTH) + BLOCK - 1) <= within
    return reaching(flow, blocks + later, np.where(later, 0, within) + flow.lot)


def last_growth(flow: Flow, steps: Ints) -> Ints:
    """The last step at or before each in which the flow grew; known to lie no further than in the block before."""
    blocks = steps >> DEPTH
    counts = counts_at(flow, steps)
    earlier = counts == 0
    counts = np.where(earlier, counts_at(flow, (blocks << DEPTH) - 1), counts)
    return reaching(flow, blocks - earlier, counts)
