"""What the tape was: bars and single ticks of any time, from the same functions that the live market reads.

The past is not stored: a bar of last year and the quote of this moment come from one tape, so a bar that ends now joins
what comes next without a seam. Trades that clients were in are no part of the tape; the newest of them are kept beside
it, in this process only, so that bars cover them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ironbridge.errors import InvalidInput
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.tape import Tape, step_of, time_of
from ironbridge.exchange.tracks import Print, Track
from ironbridge.exchange.views import BarRow, View

__all__ = ["Past", "PastBar", "PastQuote", "PastTrade", "View"]


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


class ClientTrade(NamedTuple):
    step: int
    price: float
    size: float


KEPT = 2000
"""Trades with clients in them that are kept, by listing: the newest."""


class Past:
    """Reads the tape backwards.

    Parameters:
        tape: the market.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._clients: dict[int, deque[ClientTrade]] = {}

    def note(self, con_id: int, step: int, price: Decimal, size: Decimal) -> None:
        """A client was in a trade."""
        self._clients.setdefault(con_id, deque(maxlen=KEPT)).append(ClientTrade(step, float(price), float(size)))

    def bars(self, listing: Listing, spans: Sequence[tuple[datetime, datetime]], view: View) -> Iterator[PastBar]:
        """One bar for each span [begin, end), in their order; asking for many at once is quicker than one by one.

        Raises:
            InvalidInput: a span that holds no time.
        """
        # Array arithmetic takes a while to load and much memory: a gateway that nobody asks for the past has neither.
        from ironbridge.exchange.bars import bars

        stretches = [_stretch(span) for span in spans]
        track = self._tape.track(listing)
        unit, digits = float(track.unit), _digits(track)
        each = zip(spans, stretches, strict=True)
        clients = self._clients.get(listing.con_id) if view is View.TRADES else None
        for rows in bars(track, stretches, view):
            for row in rows:
                (begin, _), (first, last) = next(each)
                bar = _priced(begin, row, unit, digits)
                among = [trade for trade in clients if first <= trade.step <= last] if clients else []
                yield _joined(bar, among, track.newest(last), first) if among else bar

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

    def find_trades(
        self, listing: Listing, spans: Iterable[tuple[datetime, datetime]], wanted: int, *, forward: bool
    ) -> Iterator[list[PastTrade]]:
        """Trades in these spans [begin, end), which come in the order of looking; `past_ticks` says how many.

        Yields:
            Empty lists while it looks, and the answer last, oldest first.
        """
        from ironbridge.exchange.past_ticks import past_trades

        track = self._tape.track(listing)
        unit = float(track.unit)
        for rows in past_trades(track, map(_stretch, spans), wanted, forward=forward):
            yield [PastTrade(time_of(step), round(price * unit, 8), float(size)) for step, price, size in rows]

    def find_quotes(
        self, listing: Listing, spans: Iterable[tuple[datetime, datetime]], wanted: int, *, forward: bool, told: str
    ) -> Iterator[list[PastQuote]]:
        """Changes of the quote, in the same way.

        Parameters:
            listing: whose.
            spans: where to look, in the order of looking.
            wanted: how many.
            forward: whether the oldest are wanted, or the newest.
            told: what a change is of: all, prices, or midpoint.
        """
        from ironbridge.exchange.past_ticks import Told, past_quotes

        track = self._tape.track(listing)
        unit = float(track.unit)
        for rows in past_quotes(track, map(_stretch, spans), wanted, forward=forward, told=Told(told)):
            yield [
                PastQuote(
                    time_of(step),
                    round(bid * unit, 8),
                    round(ask * unit, 8),
                    float(track.size(step, 0, bid)) if bid else 0.0,
                    float(track.size(step, 1, ask)) if ask else 0.0,
                )
                for step, bid, ask in rows
            ]


def _stretch(span: tuple[datetime, datetime]) -> tuple[int, int]:
    """The steps of [begin, end).

    Raises:
        InvalidInput: there is none.
    """
    begin, end = span
    first, last = step_of(begin), step_of(end - timedelta(microseconds=1))
    if last < first:
        raise InvalidInput(f"A bar from {begin.isoformat()} to {end.isoformat()} holds no time.")
    return first, last


def _priced(begin: datetime, row: BarRow, unit: float, digits: int) -> PastBar:
    opens, high, low, close = (round(value * unit, digits) for value in (row.open, row.high, row.low, row.close))
    volume = None if row.volume is None else float(row.volume)
    mean = None if row.mean is None else min(max(round(row.mean * unit, digits + 2), low), high)
    return PastBar(begin, opens, high, low, close, volume, mean, row.count)


def _joined(bar: PastBar, among: Sequence[ClientTrade], newest: Print | None, first: int) -> PastBar:
    """A bar with clients' trades in it, which count as the live quote counts them: in a step, the client's is last."""
    assert bar.volume is not None
    assert bar.count is not None
    prices = [trade.price for trade in among]
    quiet = bar.volume == 0
    high, low = (max(prices), min(prices)) if quiet else (max(bar.high, *prices), min(bar.low, *prices))
    volume = bar.volume + sum(trade.size for trade in among)
    money = bar.volume * (bar.mean or 0.0) + sum(trade.size * trade.price for trade in among)
    last = among[-1]
    closes = last.price if quiet or newest is None or newest.step < first or last.step >= newest.step else bar.close
    return PastBar(
        bar.begin,
        prices[0] if quiet else bar.open,
        high,
        low,
        closes,
        volume,
        min(max(round(money / volume, 8), low), high),
        bar.count + len(among),
    )


def _digits(track: Track) -> int:
    """Decimals that a price of this track may need, with one more for midpoints."""
    exponent = track.unit.normalize().as_tuple().exponent
    return max(2, -int(exponent)) + 1
