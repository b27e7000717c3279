"""Recorded prices and the user's own stocks."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Kind, Right
from ironbridge.errors import InvalidInput
from ironbridge.exchange.catalog import Seedling
from ironbridge.exchange.commands import OrderKind, TimeInForce
from ironbridge.exchange.events import OrderStatus, QuoteChanged, TradePrinted
from ironbridge.exchange.recorded import RecordedBar, RecordedMoment, RecordedTrack, of_bars

from .conftest import AAPL, START, Bench, MakeBench

D = Decimal
SPY = 756733
OWN = Seedling("ACME", 900_001, 40.0, 0.3, 1.0, 2, 400, 3_000_000, "NYSE", "ACME CORP", "Industrial")


def at(seconds: float, bid: str, ask: str, last: str | None = None, size: int = 0) -> RecordedMoment:
    moment = START + timedelta(seconds=seconds)
    return RecordedMoment(moment, D(bid), D(ask), 200, 300, D(last) if last else None, size)


@pytest.fixture
def replay(make_bench: MakeBench) -> Bench:
    moments = (
        at(0, "100.00", "100.02"),
        at(10, "99.98", "100.00", "99.98", 500),
        at(20, "99.90", "99.92"),
        at(30, "100.10", "100.12", "100.10", 50),
    )
    return make_bench(1, START, recordings={AAPL: moments})


def test_a_recording_is_replayed(replay: Bench) -> None:
    quote = replay.venue.watch(AAPL)
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size, quote.last) == (D(100), D("100.02"), 200, 300, None)
    events = [e for _ in range(40) for e in replay.wait(1)]
    bids = [e.quote.bid for e in events if isinstance(e, QuoteChanged)]
    assert bids == [D("99.98"), D("99.90"), D("100.10")]
    assert [(e.price, e.size) for e in events if isinstance(e, TradePrinted)] == [(D("99.98"), 500), (D("100.10"), 50)]
    last = replay.venue.quote(AAPL)
    assert (last.last, last.volume, last.high, last.low) == (D("100.10"), 550, D("100.12"), D("99.90"))


def test_orders_meet_what_was_recorded(replay: Bench) -> None:
    market = replay.accepted("BUY", 300)
    resting = replay.accepted("BUY", 100, limit_price="99.95", tif=TimeInForce.GTC)
    stop = replay.accepted("BUY", 10, kind=OrderKind.STOP, stop_price="100.05", tif=TimeInForce.GTC)
    replay.wait(60)
    first, passive, stopped = (replay.fills(o.perm_id)[0] for o in (market, resting, stop))
    assert first.execution.price == D("100.02")
    assert (passive.execution.price, passive.time) == (D("99.95"), START + timedelta(seconds=20))
    assert (stopped.execution.price, stopped.time) == (D("100.12"), START + timedelta(seconds=30))


def test_bars_become_prices(make_bench: MakeBench) -> None:
    bench = make_bench()
    listing = bench.find(con_id=AAPL)
    minute = timedelta(minutes=1)
    bars = [
        RecordedBar(START, START + minute, D(100), D(101), D("99.5"), D("100.5"), 1003),
        RecordedBar(START + minute, START + 2 * minute, D("100.5"), D("100.6"), D(98), D("98.2"), 400),
    ]
    moments = of_bars(bars, listing)
    assert [m.last for m in moments[:4]] == [D(100), D("99.5"), D(101), D("100.5")]
    assert sum(m.last_size for m in moments) == 1403
    replay = make_bench(1, START, recordings={AAPL: moments})
    replay.accepted("BUY", 10, limit_price="98.5", tif=TimeInForce.GTC)
    replay.wait(180)
    assert [f.execution.price for f in replay.fills()] == [D("98.5")]


@pytest.mark.parametrize(
    ("moments", "message"),
    (
        ((), "empty"),
        ((at(10, "1", "2"), at(0, "1", "2")), "goes back"),
        ((at(0, "2", "1"),), "crossed"),
        ((at(0, "1.001", "2"),), "no multiple"),
        ((at(0, "-1", "2"),), "no multiple"),
    ),
)
def test_a_bad_recording_is_refused(bench: Bench, moments: tuple[RecordedMoment, ...], message: str) -> None:
    steps = [int(m.time.timestamp() * 4) for m in moments]
    with pytest.raises(InvalidInput, match=message):
        RecordedTrack(bench.find(con_id=AAPL), moments, steps)


def test_options_on_recorded_prices_say_why_they_have_none(replay: Bench) -> None:
    call = replay.find(symbol="AAPL", kind=Kind.OPTION, expiry="20261218", strike=D(270), right=Right.CALL)
    with pytest.raises(InvalidInput, match="recorded, not modelled"):
        replay.venue.quote(call.con_id)


def test_own_stocks_trade_like_any(make_bench: MakeBench) -> None:
    bench = make_bench(1, START, stocks=(OWN,))
    listing = bench.find(symbol="ACME", kind=Kind.STOCK)
    assert (listing.long_name, listing.con_id) == ("ACME CORP", 900_001)
    assert D(20) < bench.bid(900_001) < bench.ask(900_001) < D(80)
    assert bench.accepted("BUY", 10, 900_001).status is OrderStatus.FILLED
    assert bench.venue.search("acme")[0].listing == listing
