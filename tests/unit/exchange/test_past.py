"""The past of the tape joins its present."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ironbridge.errors import InvalidInput
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.past import View
from ironbridge.exchange.venue import Venue

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AAPL, SPX, EURUSD = 265598, 416904, 12087792


@pytest.fixture
def venue():
    return Venue(1, [AccountSpec("DU1")], NOW)


def spans(length, count, end=NOW):
    return [(end - length * number, end - length * (number - 1)) for number in range(count, 0, -1)]


def bars(venue, con_id, view=View.TRADES, length=MINUTE, count=5):
    return list(venue.past.bars(venue.listing(con_id), spans(length, count), view))


def test_a_bar_holds_together(venue):
    for bar in bars(venue, AAPL, count=20):
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.volume > 0
        assert bar.count > 0


def test_bars_do_not_depend_on_who_asks(venue):
    later = Venue(1, [AccountSpec("DU1")], NOW + timedelta(hours=1))
    assert bars(venue, AAPL) == bars(later, AAPL)
    assert bars(venue, AAPL) != bars(Venue(2, [AccountSpec("DU1")], NOW), AAPL)


def test_long_bars_are_made_of_short_ones(venue):
    (hour,) = bars(venue, AAPL, length=timedelta(hours=1), count=1)
    minutes = bars(venue, AAPL, count=60)
    assert (hour.open, hour.close) == (minutes[0].open, minutes[-1].close)
    assert hour.high == max(bar.high for bar in minutes)
    assert hour.low == min(bar.low for bar in minutes)
    assert hour.volume == sum(bar.volume for bar in minutes)


def test_the_last_trade_is_the_quotes(venue):
    (trade,) = venue.past.trades(venue.listing(AAPL), NOW - MINUTE, NOW + timedelta(milliseconds=250), 1)
    quote = venue.quote(AAPL)
    assert (trade.price, trade.size, trade.time) == (float(quote.last), float(quote.last_size), quote.last_time)


def test_trades_are_the_volume(venue):
    listing = venue.listing(AAPL)
    (bar,) = bars(venue, AAPL, count=1)
    trades = venue.past.trades(listing, NOW - MINUTE, NOW, 1000)
    assert sum(trade.size for trade in trades) == bar.volume
    assert [trade.time for trade in trades] == sorted(trade.time for trade in trades)


def test_quotes_are_in_order(venue):
    quotes = venue.past.quotes(venue.listing(EURUSD), NOW - MINUTE, NOW, 50)
    assert len(quotes) == 50
    assert all(quote.bid < quote.ask for quote in quotes)
    assert [quote.time for quote in quotes] == sorted(quote.time for quote in quotes)


def test_sides_stand_in_order(venue):
    bid, middle, ask = (bars(venue, AAPL, view) for view in (View.BID, View.MIDPOINT, View.ASK))
    assert all(b.close <= m.close <= a.close for b, m, a in zip(bid, middle, ask, strict=True))
    assert bid[0].volume is None


def test_an_index_has_bars_and_no_quotes(venue):
    assert bars(venue, SPX)[-1].close > 1000
    assert venue.past.quotes(venue.listing(SPX), NOW - MINUTE, NOW, 10) == []


def test_a_bar_needs_time(venue):
    with pytest.raises(InvalidInput, match="holds no time"):
        list(venue.past.bars(venue.listing(AAPL), [(NOW, NOW)], View.TRADES))


def test_a_clients_trade_is_in_the_bar(make_bench):
    """What was printed live is in the bar, also where the market itself did not trade there."""
    bench = make_bench()
    listing = bench.venue.listing(AAPL)
    begin = bench.now
    bench.venue.watch(AAPL)
    heard = [e for e in bench.place("BUY", 300) if type(e).__name__ == "TradePrinted"]
    heard += [e for _ in range(8) for e in bench.wait(0.25) if type(e).__name__ == "TradePrinted"]
    first = timedelta(milliseconds=250)
    (bar,) = bench.venue.past.bars(listing, [(begin, bench.now + first)], View.TRADES)
    prices = [float(e.price) for e in heard]
    assert bench.fills()
    assert bar.low <= min(prices) <= max(prices) <= bar.high
    assert bar.low <= bar.mean <= bar.high
    alone = next(iter(bench.venue.past.bars(listing, [(begin + first, bench.now + first)], View.TRADES)))
    assert bar.volume >= alone.volume + 300


def test_a_client_alone_makes_the_bar(make_bench):
    bench = make_bench()
    listing = bench.venue.listing(AAPL)
    step = timedelta(milliseconds=250)
    steps = [(bench.now + n * step, bench.now + (n + 1) * step) for n in range(99)]
    quiet = next(bar for bar in bench.venue.past.bars(listing, steps, View.TRADES) if bar.volume == 0)
    bench.until(quiet.begin)
    bench.place("SELL", 100)
    (fill,) = bench.fills()
    (bar,) = bench.venue.past.bars(listing, [(quiet.begin, quiet.begin + step)], View.TRADES)
    price = float(fill.execution.price)
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.count) == (price, price, price, price, 100, 1)
