"""The quote that a client sees: the market's tape with the clients' own orders and trades in it.

A quote is a function of the venue's state at a step; nothing here is remembered but the extremes of a listing's day,
which are extended from step to step because finding them anew is slow.
"""

from __future__ import annotations

from decimal import Decimal

from ironbridge.domain.values import Side
from ironbridge.exchange.events import Quote
from ironbridge.exchange.floor import Floor
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import ZERO
from ironbridge.exchange.tape import Tape, time_of
from ironbridge.exchange.tracks import Track


class _Range:
    """Extremes and volume of a listing's day, up to a step."""

    __slots__ = ("close", "first", "high", "low", "open", "until", "volume")

    def __init__(
        self, first: int, opened: int, close: Decimal, until: int, reach: tuple[int, int], volume: int
    ) -> None:
        self.first = first
        self.open = opened
        self.close = close
        self.until = until
        self.low, self.high = reach
        self.volume = volume


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

    def quote(self, listing: Listing, step: int) -> Quote:
        live = self._tape.live_step(listing, step)
        track = self._tape.track(listing)
        unit = track.unit
        bid, bid_size, ask, ask_size = self._best(listing, track, live)
        day = self._range(listing, track, live)
        newest = track.newest(live)
        last, last_size, last_time = None, ZERO, None
        if newest is not None:
            last, last_size, last_time = newest.price * unit, Decimal(newest.size), time_of(newest.step)
        high, low, volume = day.high * unit, day.low * unit, Decimal(day.volume)
        trades = self._floor.trades.get(listing.con_id)
        if trades is not None and trades.step >= day.first:
            if newest is None or trades.step >= newest.step:
                last, last_size, last_time = trades.price, trades.size, time_of(trades.step)
            high, low, volume = max(high, trades.high), min(low, trades.low), volume + trades.volume
        return Quote(
            con_id=listing.con_id,
            time=time_of(step),
            bid=bid,
            bid_size=bid_size,
            ask=ask,
            ask_size=ask_size,
            last=last,
            last_size=last_size,
            last_time=last_time,
            volume=volume,
            open=day.open * unit,
            high=high,
            low=low,
            close=day.close,
        )

    def _best(
        self, listing: Listing, track: Track, step: int
    ) -> tuple[Decimal | None, Decimal, Decimal | None, Decimal]:
        book = self._floor.books.get(listing.con_id)
        if book is not None:
            found = [book.best(side, step) for side in (Side.BUY, Side.SELL)]
        else:
            top = track.top(step)
            found = [
                (price, Decimal(track.size(step, index, price))) if price > 0 else None
                for index, price in ((0, top.bid), (1, top.ask))
            ]
        (bid, bid_size), (ask, ask_size) = (
            (best[0] * track.unit, best[1]) if best is not None else (None, ZERO) for best in found
        )
        return bid, bid_size, ask, ask_size

    def _range(self, listing: Listing, track: Track, step: int) -> _Range:
        """The day's extremes up to a step."""
        day = self._tape.day(listing, step)
        known = self._ranges.get(listing.con_id)
        if known is None or known.first != day.first or known.until > step:
            opened = track.top(day.first).bid or round(track.mid(day.first) / float(track.unit))
            close = round(track.mid(day.closed) / float(track.unit)) * track.unit
            known = _Range(
                day.first,
                opened,
                close,
                step,
                track.reach(day.first, step),
                track.traded(day.first - 1, step),
            )
            self._ranges[listing.con_id] = known
        elif known.until < step:
            low, high = track.reach(known.until + 1, step)
            known.low, known.high = min(known.low, low), max(known.high, high)
            known.volume += track.traded(known.until, step)
            known.until = step
        return known

    def forget(self, con_id: int) -> None:
        self._ranges.pop(con_id, None)


def same_quote(a: Quote, b: Quote | None) -> bool:
    """Whether two quotes differ in nothing but their time."""
    return b is not None and (
        a.bid == b.bid
        and a.ask == b.ask
        and a.bid_size == b.bid_size
        and a.ask_size == b.ask_size
        and a.last == b.last
        and a.volume == b.volume
        and a.last_size == b.last_size
        and a.high == b.high
        and a.low == b.low
        and a.open == b.open
        and a.close == b.close
    )
