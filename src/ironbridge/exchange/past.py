"""What the tape was: bars and single ticks of any time, from the same functions that the live market reads.

The past is not stored: a bar of last year and the quote of this moment come from one tape, so a bar that ends now joins
what comes next without a seam. Extremes are exact bounds of the walk with the spread around them; clients' own trades
are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ironbridge.errors import InvalidInput
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.tape import Tape, step_of, time_of
from ironbridge.exchange.tracks import Track


class View(StrEnum):
    """What a bar is made of."""

    TRADES = "trades"
    MIDPOINT = "midpoint"
    BID = "bid"
    ASK = "ask"
    BID_ASK = "bid_ask"
    """Opens at the mean bid, closes at the mean ask, between the highest ask and the lowest bid, as IB has it."""


@dataclass(frozen=True, slots=True)
class PastBar:
    """One bar. `volume`, `mean` and `count` are None where the view has none."""

    begin: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float | None = None
    mean: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class PastTrade:
    time: datetime
    price: float
    size: float


@dataclass(frozen=True, slots=True)
class PastQuote:
    time: datetime
    bid: float
    ask: float
    bid_size: float
    ask_size: float


USUAL_PRINT = 100
"""Units of a usual print, from which the number of trades in a bar is told."""


class Past:
    """Reads the tape backwards.

    Parameters:
        tape: the market.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def bars(self, listing: Listing, spans: Sequence[tuple[datetime, datetime]], view: View) -> Iterator[PastBar]:
        """One bar for each span [begin, end)."""
        track = self._tape.track(listing)
        digits = _digits(track)
        for begin, end in spans:
            first, last = step_of(begin), step_of(end - timedelta(microseconds=1))
            if last < first:
                raise InvalidInput(f"A bar from {begin.isoformat()} to {end.isoformat()} holds no time.")
            yield self._bar(track, begin, first, last, view, digits)

    def _bar(self, track: Track, begin: datetime, first: int, last: int, view: View, digits: int) -> PastBar:
        unit = float(track.unit)
        low, high = (units * unit for units in track.reach(first, last))
        opens = round(self._value(track, first, view, end=False), digits)
        closes = round(self._value(track, last, view, end=True), digits)
        # The reach bounds the prints; the ends of a bar are its own.
        top = round(max(high, opens, closes), digits)
        bottom = round(min(low, opens, closes), digits)
        if view is not View.TRADES:
            return PastBar(begin, opens, top, bottom, closes)
        volume = track.traded(first - 1, last)
        mean = round((opens + top + bottom + closes) / 4, digits + 2)
        return PastBar(
            begin, opens, top, bottom, closes, float(volume), mean, max(1, volume // USUAL_PRINT) if volume else 0
        )

    @staticmethod
    def _value(track: Track, step: int, view: View, *, end: bool) -> float:
        unit = float(track.unit)
        if view is View.TRADES:
            newest = track.newest(step)
            if newest is not None:
                return newest.price * unit
        top = track.top(step)
        if view in {View.MIDPOINT, View.TRADES} or top.bid == 0 == top.ask:
            return track.mid(step)
        if view is View.BID_ASK:
            return (top.ask if end else top.bid) * unit
        return (top.bid if view is View.BID else top.ask) * unit

    def trades(self, listing: Listing, begin: datetime, end: datetime, limit: int) -> list[PastTrade]:
        """The newest `limit` trades in [begin, end), oldest first."""
        track = self._tape.track(listing)
        unit, first = float(track.unit), step_of(begin)
        step = step_of(end - timedelta(microseconds=1))
        found: list[PastTrade] = []
        while step >= first and len(found) < limit:
            newest = track.newest(step)
            if newest is None or newest.step < first or newest.size == 0:
                break
            found.append(PastTrade(time_of(newest.step), round(newest.price * unit, 8), float(newest.size)))
            step = newest.step - 1
        return found[::-1]

    def quotes(self, listing: Listing, begin: datetime, end: datetime, limit: int) -> list[PastQuote]:
        """The newest `limit` different quotes in [begin, end), oldest first."""
        track = self._tape.track(listing)
        unit, first = float(track.unit), step_of(begin)
        step = step_of(end - timedelta(microseconds=1))
        found: list[PastQuote] = []
        while step >= first and len(found) < limit:
            top = track.top(step)
            if top.bid or top.ask:
                found.append(
                    PastQuote(
                        time_of(step),
                        round(top.bid * unit, 8),
                        round(top.ask * unit, 8),
                        float(track.size(step, 0, top.bid)),
                        float(track.size(step, 1, top.ask)),
                    )
                )
            step -= 1
        return found[::-1]


def _digits(track: Track) -> int:
    """Decimals that a price of this track may need, with one more for midpoints."""
    exponent = track.unit.normalize().as_tuple().exponent
    return max(2, -int(exponent)) + 1
