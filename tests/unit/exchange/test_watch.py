"""Who watches a listing hears of each change, whoever else begins to."""

from __future__ import annotations

from decimal import Decimal

from ironbridge.exchange.events import QuoteChanged

from .conftest import AAPL


def test_a_second_watcher_takes_no_change_from_the_first(bench):
    """What one client is shown on asking is still news to those who watched before."""
    told, shown = 0, 0
    for _ in range(40):
        before = bench.venue.watch(AAPL)
        # Its own bid within the spread: the quote changes between two steps of the market.
        order = bench.accepted("BUY", 1, limit_price=str(before.ask - Decimal("0.01")))
        now = bench.venue.watch(AAPL)
        shown += not now.same_as(before)
        after = [e.quote for e in bench.wait(0.25) if isinstance(e, QuoteChanged)]
        latest = bench.venue.quote(AAPL)
        if not latest.same_as(before):
            assert after == [latest]
            told += 1
        bench.cancel(order.perm_id)
        bench.venue.unwatch(AAPL)
        bench.venue.unwatch(AAPL)
        bench.wait(0.25)
    assert told
    assert shown
