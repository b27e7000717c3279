"""The ticks just before now, in the one message that comes before a tick-by-tick stream.

Read from the tape, which holds the market's own trades and quotes; what clients did is told live only. A look back is
bounded: what lies further away than that is not waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from ironbridge.exchange.listing import Listing
from ironbridge.exchange.past import Past, PastQuote
from ironbridge.paper.market_centers import condition_of, place_of_trade
from ironbridge.wire.ticks import (
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
)

LONGEST_LOOK = timedelta(days=1)
_REPEATS = 4
"""Quotes stand for a few steps of the tape: so many are read for each different one that is wanted."""


def earlier_trades(past: Past, req_id: int, listing: Listing, now: datetime, count: int) -> HistoricalTicksLast:
    trades = past.trades(listing, now - LONGEST_LOOK, now, count)
    return HistoricalTicksLast(
        req_id,
        tuple(
            HistoricalTickLast(
                int(each.time.timestamp()),
                0,
                each.price,
                each.size,
                place_of_trade(listing, Decimal(str(each.price))),
                condition_of(listing, each.size),
            )
            for each in trades
        ),
    )


def earlier_quotes(
    past: Past, req_id: int, listing: Listing, now: datetime, count: int, *, ignore_size: bool
) -> HistoricalTicksBidAsk:
    found = past.quotes(listing, now - LONGEST_LOOK, now, count * _REPEATS)
    changes = _changes(found, lambda q: (q.bid, q.ask) if ignore_size else (q.bid, q.ask, q.bid_size, q.ask_size))
    return HistoricalTicksBidAsk(
        req_id,
        tuple(
            HistoricalTickBidAsk(int(q.time.timestamp()), 0, q.bid, q.ask, q.bid_size, q.ask_size)
            for q in changes[-count:]
        ),
    )


def earlier_midpoints(past: Past, req_id: int, listing: Listing, now: datetime, count: int) -> HistoricalTicks:
    found = past.quotes(listing, now - LONGEST_LOOK, now, count * _REPEATS)
    changes = _changes(found, lambda q: q.bid + q.ask)
    return HistoricalTicks(
        req_id,
        tuple(HistoricalTick(int(q.time.timestamp()), round((q.bid + q.ask) / 2, 8), 0) for q in changes[-count:]),
    )


def _changes(quotes: Sequence[PastQuote], told: Callable[[PastQuote], object]) -> list[PastQuote]:
    """Those that differ from the one before them in what is told."""
    return [quote for n, quote in enumerate(quotes) if n == 0 or told(quote) != told(quotes[n - 1])]
