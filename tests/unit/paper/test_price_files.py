"""Prices from files: what is read, and what is refused by its line."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInput
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.commands import OrderTerms, PlaceOrder
from ironbridge.exchange.events import OrderFilled
from ironbridge.exchange.past import View
from ironbridge.exchange.venue import Venue, VenueOptions
from ironbridge.paper.price_files import load_prices

AAPL, EURUSD = 265598, 12087792
TICKS = """\
time,symbol,bid,ask,bid_size,ask_size,last,last_size
2026-03-02T09:30:00-05:00,AAPL,100.00,100.02,300,200,,
2026-03-02T09:30:00-05:00,EUR.USD,1.10000,1.10005,1000000,1000000,,
2026-03-02T09:30:01-05:00,AAPL,100.01,100.03,,,100.02,50
1772461803.5,AAPL,,,,,100.03,10
"""
BARS = """\
con_id,time,open,high,low,close,volume
265598,2026-03-02T14:30:00Z,100,101,99.5,100.5,4000
265598,2026-03-02T14:31:00Z,100.5,100.5,100,100.1,-1
265598,2026-03-02T14:35:00Z,100.1,100.2,100,100.1,
"""


@pytest.fixture
def write(tmp_path):
    def made(text, name="prices.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return made


def venue_of(prices):
    options = VenueOptions(recordings=prices.recordings)
    return Venue(1, [AccountSpec("DU1")], prices.begins, options=options)


def at(*clock):
    return datetime(2026, 3, 2, *clock, tzinfo=UTC)


def test_ticks_are_replayed(write):
    prices = load_prices(write(TICKS))
    assert prices.begins == at(14, 30)
    assert prices.ends == at(14, 30, 3) + timedelta(seconds=0.5)
    assert set(prices.recordings) == {AAPL, EURUSD}
    venue = venue_of(prices)
    quote = venue.quote(AAPL)
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (Decimal(100), 300, Decimal("100.02"), 200)
    venue.advance(at(14, 30, 1))
    quote = venue.quote(AAPL)
    assert (quote.bid, quote.bid_size, quote.last, quote.last_size) == (Decimal("100.01"), 100, Decimal("100.02"), 50)
    terms = OrderTerms("DU1", AAPL, Side.BUY, Decimal(10))
    filled = [event for event in venue.apply(PlaceOrder(1, 1, terms), at(14, 30, 2)) if isinstance(event, OrderFilled)]
    assert [fill.execution.price for fill in filled] == [Decimal("100.03")]
    venue.advance(at(14, 30, 4))
    quote = venue.quote(AAPL)
    assert (quote.bid, quote.last, quote.volume) == (Decimal("100.01"), Decimal("100.03"), 70)


def test_bars_are_replayed(write):
    venue = venue_of(load_prices(write("\ufeff" + BARS)))
    venue.advance(at(14, 32))
    listing = venue.listing(AAPL)
    assert listing is not None
    first, second = venue.past.bars(listing, [(at(14, 30), at(14, 31)), (at(14, 31), at(14, 32))], View.TRADES)
    assert (first.open, first.high, first.low, first.close, first.volume) == (100, 101, 99.5, 100.5, 4000)
    assert second.volume == 0
    assert venue.quote(AAPL).bid == Decimal("100.09")


def test_trades_alone_make_a_market(write):
    venue = venue_of(load_prices(write("time,symbol,last\n2026-03-02T14:30:00Z,AAPL,100\n")))
    quote = venue.quote(AAPL)
    assert (quote.bid, quote.ask, quote.last, quote.last_size) == (Decimal("99.99"), Decimal("100.01"), 100, 100)


@pytest.mark.parametrize("unit", ("s", "us", "ns"))
def test_parquet_is_the_same(tmp_path, unit):
    table = pa.table(
        {
            "time": pa.array([at(14, 30), at(14, 31)], type=pa.timestamp(unit, tz="America/New_York")),
            "symbol": ["AAPL", "AAPL"],
            "bid": [271.55, None],
            "ask": [271.56, None],
            "last": pa.array([None, 271.56]),
            "last_size": pa.array([None, 40], type=pa.int64()),
        }
    )
    path = tmp_path / "ticks.parquet"
    parquet.write_table(table, path)
    prices = load_prices(path)
    first, second = prices.recordings[AAPL]
    assert (first.time, first.bid, first.ask, first.last) == (at(14, 30), Decimal("271.55"), Decimal("271.56"), None)
    assert (second.bid, second.last, second.last_size) == (None, Decimal("271.56"), 40)


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    path = tmp_path / "ticks.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(InvalidInput, match="it is no Parquet file"):
        load_prices(path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInput, match=r"needs pyarrow.*pip install 'ironbridge\[data\]'"):
        load_prices(path)


def test_a_row_of_parquet_is_named(tmp_path):
    path = tmp_path / "ticks.parquet"
    parquet.write_table(pa.table({"time": [at(14, 30)], "symbol": ["AAPL"], "last": [-1.0]}), path)
    with pytest.raises(InvalidInput, match=r"ticks.parquet, row 1: last -1.0 is no price"):
        load_prices(path)


HEAD = "time,symbol,bid,ask,last,last_size\n2026-03-02T14:30:00Z,AAPL,100,100.01,,\n"
BAR_HEAD = "time,symbol,open,high,low,close,volume,end\n"


@pytest.mark.parametrize(
    ("text", "what"),
    (
        ("", "price file has the columns time"),
        ("time,symbol,open,high,low,close\n", "has no rows"),
        ("time,symbol,price\n", "no column 'price' in a file of ticks"),
        ("time,bid,ask\n", "time and symbol or con_id"),
        ("time,symbol\n", "no prices"),
        (HEAD + "2026-03-02T14:29:00Z,AAPL,100,100.01,,\n", "line 3: 2026-03-02T14:29:00"),
        (HEAD + "2026-03-02T14:30:01,AAPL,100,100.01,,\n", "line 3: .* does not say in which zone"),
        (HEAD + "soon,AAPL,100,100.01,,\n", "line 3: time 'soon' is no time"),
        (HEAD + "1772461800000,AAPL,100,100.01,,\n", "line 3: time '1772461800000' is no time"),
        (HEAD + "2026-03-02T14:31:00Z,NOSUCH,100,100.01,,\n", "line 3: NOSUCH is not listed"),
        (HEAD + "2026-03-02T14:31:00Z,ES,100,100.01,,\n", "line 3: ES is several listings"),
        (HEAD + "2026-03-02T14:31:00Z,,100,100.01,,\n", "line 3: a row without symbol"),
        (HEAD + "2026-03-02T14:31:00Z,AAPL,100.02,100.01,,\n", "line 3: The market is crossed"),
        (HEAD + "2026-03-02T14:31:00Z,AAPL,100.005,100.01,,\n", "line 3: bid 100.005 is no multiple of 0.01"),
        (HEAD + "2026-03-02T14:31:00Z,AAPL,x,100.01,,\n", "line 3: bid 'x' is no number"),
        (HEAD + "2026-03-02T14:31:00Z,AAPL,inf,100.01,,\n", "line 3: bid 'inf' is no number"),
        (HEAD + "2026-03-02T14:31:00Z,AAPL,,,,\n", "line 3: The row has no price"),
        (HEAD + "2026-03-02T14:31:00Z,AAPL,,,100,1.5\n", "line 3: last_size 1.5 is no whole number"),
        (HEAD + "\n2026-03-02T14:31:00Z,AAPL,,,100\n", "line 4: it has 5 fields where the header has 6"),
        (BAR_HEAD + "2026-03-02T14:30:00Z,AAPL,1,2,1.5,1.2,,\n", "line 2: A bar from 1.5 to 2 cannot open at 1"),
        (BAR_HEAD + "2026-03-02T14:30:00Z,AAPL,1,2,,1.2,,\n", "line 2: A bar has four prices"),
        (BAR_HEAD + "2026-03-02T14:30:00Z,AAPL,1,1,0.01,1,,\n", "line 2: .* leaves no room"),
        (BAR_HEAD + "2026-03-02T14:30:00Z,AAPL,1,1,1,1,,2026-03-02T14:30:00Z\n", "line 2: The bar ends before"),
        (BAR_HEAD + "2026-03-02T14:30:00Z,AAPL,1,1,1,1,,\n", "How long the only bar of AAPL"),
    ),
)
def test_what_means_nothing_is_named(write, text, what):
    with pytest.raises(InvalidInput, match=rf"prices\.csv.*{what}"):
        load_prices(write(text))


def test_what_is_no_price_file(write, tmp_path):
    with pytest.raises(InvalidInput, match=r"is no price file.*\.csv or a \.parquet"):
        load_prices(write("x", "prices.txt"))
    with pytest.raises(InvalidInput, match=r"none\.csv cannot be read: No such file"):
        load_prices(tmp_path / "none.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes(b"time,symbol,last\n2026-03-02T14:31:00Z,\xe9,100\n")
    with pytest.raises(InvalidInput, match=r"latin\.csv.*CSV"):
        load_prices(path)
