"""The quote that a client sees: the market's tape with the clients' own orders and trades in it.

A quote is a function of the venue's state at a step. What is remembered only saves work: the extremes of a listing's
day, which are extended from step to step because finding them anew is slow, and its newest quote, most of which the
next one repeats.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ironbridge.domain.values import Side
from ironbridge.exchange.events import Quote
from ironbridge.exchange.floor import ClientTrades, Floor
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import ZERO
from ironbridge.exchange.tape import Tape, time_of
from ironbridge.exchange.tracks import Track


class _Range:
    """Extremes and volume of a listing's day, up to a step."""

    __slots__ = ("close", "end", "first", "high", "low", "open", "until", "volume")

    def __init__(
        self, first: int, end: int, opened: int, close: Decimal, until: int, reach: tuple[int, int], volume: int
    ) -> None:
        self.first = first
        self.end = end
        self.open = opened
        self.close = close
        self.until = until
        self.low, self.high = reach
        self.volume = volume


class _Figures(NamedTuple):
    """A quote of the market and the clients' books, in whole price units and plain quantities."""

    bid: int
    bid_size: int | Decimal
    ask: int
    ask_size: int | Decimal
    last: int
    last_size: int
    printed: int
    """The step of the newest print; -1 for none."""
    volume: int
    open: int
    high: int
    low: int
    day: int
    """The first step of its day."""


_NO_FIGURES = _Figures(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)


class Quoting:
    """Quotes at a step.

    Parameters:
        tape: the market.
        floor: the clients' books and trades.
    """

    def __init__(self, tape: Tape, floor: Floor) -> None:
        self._tape = tape
        self._floor = floor
        self._ranges: dict[int, _Range] = {}
        # The newest quote of a listing, without the clients' trades in it, and what it was made of.
        self._newest: dict[int, tuple[_Figures, Quote]] = {}
        self._step, self._time = 0, time_of(0)

    def quote(self, listing: Listing, step: int) -> Quote:
        live = self._tape.live_step(listing, step)
        track = self._tape.track(listing)
        day = self._range(listing, track, live)
        if step != self._step:
            self._step, self._time = step, time_of(step)
        newest = track.newest(live)
        last, last_size, printed = (-1, 0, -1) if newest is None else (newest.price, newest.size, newest.step)
        figures = _Figures(
            *self._best(listing, track, live),
            last,
            last_size,
            printed,
            day.volume,
            day.open,
            day.high,
            day.low,
            day.first,
        )
        quote = self._told(listing.con_id, figures, track.unit, day)
        trades = self._floor.trades.get(listing.con_id)
        if trades is None or trades.step < day.first:
            return quote
        return _with_clients(quote, trades, newest is None or trades.step >= printed)

    def _told(self, con_id: int, figures: _Figures, unit: Decimal, day: _Range) -> Quote:
        """The figures as a quote. What has not changed since the newest is taken from it: most of it."""
        known = self._newest.get(con_id)
        before, quote = (_NO_FIGURES, _EMPTY) if known is None else known
        if figures == before and known is not None:
            return quote._replace(time=self._time)
        bid, bid_size, ask, ask_size, last, last_size, printed, volume, opened, high, low, _ = figures
        found = Quote(
            con_id,
            quote.bid if bid == before.bid else bid * unit if bid else None,
            quote.bid_size if bid_size == before.bid_size else Decimal(bid_size),
            quote.ask if ask == before.ask else ask * unit if ask else None,
            quote.ask_size if ask_size == before.ask_size else Decimal(ask_size),
            quote.last if last == before.last else last * unit if printed >= 0 else None,
            quote.last_size if last_size == before.last_size else Decimal(last_size),
            quote.volume if volume == before.volume else Decimal(volume),
            quote.open if opened == before.open else opened * unit,
            quote.high if high == before.high else high * unit,
            quote.low if low == before.low else low * unit,
            day.close,
            self._time,
            quote.last_time if printed == before.printed else time_of(printed) if printed >= 0 else None,
        )
        self._newest[con_id] = (figures, found)
        return found

    def _best(self, listing: Listing, track: Track, step: int) -> tuple[int, int | Decimal, int, int | Decimal]:
        """Best bid and ask with their sizes, 0 where there is none."""
        book = self._floor.books.get(listing.con_id)
        if book is None:
            top = track.top(step)
            bid, ask = max(0, top.bid), max(0, top.ask)
            return bid, track.size(step, 0, bid) if bid else 0, ask, track.size(step, 1, ask) if ask else 0
        bid, bid_size = book.best(Side.BUY, step) or (0, ZERO)
        ask, ask_size = book.best(Side.SELL, step) or (0, ZERO)
        return bid, bid_size, ask, ask_size

    def _range(self, listing: Listing, track: Track, step: int) -> _Range:
        """The day's extremes up to a step."""
        known = self._ranges.get(listing.con_id)
        if known is None or not known.until <= step < known.end:
            day = self._tape.day(listing, step)
            opened = track.top(day.first).bid or round(track.mid(day.first) / float(track.unit))
            close = round(track.mid(day.closed) / float(track.unit)) * track.unit
            known = _Range(
                day.first,
                day.end,
                opened,
                close,
                step,
                track.reach(day.first, step),
                track.traded(day.first - 1, step),
            )
            self._ranges[listing.con_id] = known
        elif known.until < step:
            low, high = track.reach(known.until + 1, step)
            known.low = min(known.low, low)
            known.high = max(known.high, high)
            known.volume += track.traded(known.until, step)
            known.until = step
        return known

    def forget(self, con_id: int) -> None:
        self._ranges.pop(con_id, None)
        self._newest.pop(con_id, None)


_EMPTY = Quote(0, None, ZERO, None, ZERO, None, ZERO, ZERO, None, None, None, None, time_of(0), None)


def _with_clients(quote: Quote, trades: ClientTrades, newer: bool) -> Quote:  # noqa: FBT001
    """The quote with the clients' own trades of the day; `newer`: than the market's newest print."""
    if newer:
        quote = quote._replace(last=trades.price, last_size=trades.size, last_time=time_of(trades.step))
    return quote._replace(
        volume=quote.volume + trades.volume,
        high=trades.high if quote.high is None else max(quote.high, trades.high),
        low=trades.low if quote.low is None else min(quote.low, trades.low),
    )
