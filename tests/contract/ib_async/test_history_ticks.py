"""Ticks of the past, bars of five seconds, first dates and histograms."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from ib_async import ContFuture, Forex, Index, Stock
from ib_async.wrapper import RequestError

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
SPX = Index("SPX", "CBOE")
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CLOSING = datetime(2026, 2, 27, 21, 0, tzinfo=UTC)
OPENING = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


async def ticks(desk, start="", end="", number=100, what="TRADES", rth=True, contract=AAPL, ignore=False):
    return await desk.ib.reqHistoricalTicksAsync(contract, start, end, number, what, rth, ignore)


async def test_ticks_are_the_bars(desk):
    trades = await ticks(desk, start=OPENING, number=1000)
    assert len(trades) >= 1000
    end = trades[-1].time
    (bar, *_) = await desk.ib.reqHistoricalDataAsync(AAPL, START, "1800 S", "5 mins", "TRADES", True)
    within = [each for each in trades if each.time < OPENING + timedelta(minutes=5)]
    assert end >= OPENING + timedelta(minutes=5) or len(within) == len(trades)
    while end < OPENING + timedelta(minutes=5):
        more = await ticks(desk, start=end + timedelta(seconds=1), number=1000)
        within += [each for each in more if each.time < OPENING + timedelta(minutes=5)]
        end = more[-1].time
    prices = [each.price for each in within]
    assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
    assert (bar.volume, bar.barCount) == (sum(each.size for each in within), len(within))


async def test_backwards_and_forwards_meet(desk):
    back = await ticks(desk, end=START, number=300)
    ahead = await ticks(desk, start=back[0].time, number=len(back))
    assert list(back) == list(ahead[: len(back)])
    assert back[-1].time < START


async def test_a_second_is_never_torn(desk):
    first = await ticks(desk, start=OPENING, number=50)
    second = await ticks(desk, start=first[-1].time + timedelta(seconds=1), number=50)
    both = await ticks(desk, start=OPENING, number=len(first) + len(second))
    assert list(both[: len(first) + len(second)]) == [*first, *second]


async def test_regular_hours_over_a_weekend(desk):
    ahead = await ticks(desk, start=CLOSING + timedelta(hours=1), number=10)
    assert OPENING <= ahead[0].time < OPENING + timedelta(minutes=1)
    back = await ticks(desk, end=OPENING - timedelta(hours=6), number=10)
    assert CLOSING - timedelta(minutes=1) < back[-1].time < CLOSING
    evening = await ticks(desk, end=OPENING - timedelta(hours=6), number=10, rth=False)
    assert evening[-1].time > CLOSING + timedelta(hours=3)


async def test_quotes_change_from_one_to_the_next(desk):
    whole = await ticks(desk, end=START, number=200, what="BID_ASK")
    prices = await ticks(desk, end=START, number=200, what="BID_ASK", ignore=True)
    mids = await ticks(desk, end=START, number=200, what="MIDPOINT")
    assert all(0 < each.priceBid < each.priceAsk and each.sizeBid > 0 and each.sizeAsk > 0 for each in whole)
    seen = [(each.priceBid, each.priceAsk) for each in prices]
    assert all(before != after for before, after in itertools.pairwise(seen))
    assert all(before.price != after.price for before, after in itertools.pairwise(mids))
    assert prices[0].time < whole[0].time, "changes of size alone are ticks too"


async def test_pairs_futures_and_indices(desk):
    (eurusd,) = await desk.ib.qualifyContractsAsync(Forex("EURUSD"))
    assert len(await ticks(desk, end=START, what="MIDPOINT", contract=eurusd, rth=False)) >= 100
    (es,) = await desk.ib.qualifyContractsAsync(ContFuture("ES", "CME"))
    assert len(await ticks(desk, end=START, contract=es, rth=False)) >= 100
    values = await ticks(desk, end=START, contract=SPX)
    assert all(before.price != after.price for before, after in itertools.pairwise(values))
    with pytest.raises(RequestError, match=r"HMDS query returned no data: EUR\.USD@IDEALPRO Trades"):
        await ticks(desk, end=START, contract=eurusd)


async def test_before_there_was_anything(desk):
    assert list(await ticks(desk, end="19990101-00:00:00")) == []


@pytest.mark.parametrize(
    ("asked", "code", "text"),
    (
        ({"number": 1001}, 10187, "Number of ticks must be 1 to 1000"),
        ({"number": 0}, 10187, "Number of ticks"),
        ({"what": "ASK"}, 10187, "Invalid tick type ASK"),
        ({"start": "", "end": ""}, 10187, "Either start time or end time"),
        ({"start": "20260302-14:30:00"}, 10187, "Either start time or end time"),
        ({"end": "yesterday"}, 10187, "Invalid date"),
        ({"contract": Stock("NOSUCH", "SMART", "USD")}, 200, "No security definition"),
    ),
)
async def test_what_cannot_be_asked(desk, asked, code, text):
    whole = {"contract": AAPL, "start": "", "end": "20260302-15:00:00", "number": 10, "what": "TRADES", **asked}
    desk.ib.client.reqHistoricalTicks(
        41, whole["contract"], whole["start"], whole["end"], whole["number"], whole["what"], 1, False, []
    )
    assert text in await desk.error(code, 41)


# ------------------------------------------------------------------------------------------------- five seconds


@pytest.mark.parametrize("what", ("TRADES", "BID", "ASK", "MIDPOINT"))
async def test_bars_of_five_seconds_are_the_bars_of_later(desk, what):
    desk.pass_time(2.5)
    live = desk.ib.reqRealTimeBars(AAPL, 5, what, useRTH=False)
    await desk.heard()
    for _ in range(12):
        desk.pass_time(2.5)
    await desk.until(lambda: len(live) == 6)
    assert [bar.time for bar in live] == [START + timedelta(seconds=5 * n) for n in range(6)]
    later = await desk.ib.reqHistoricalDataAsync(AAPL, START + timedelta(seconds=30), "30 S", "5 secs", what, False)
    assert [(b.open_, b.high, b.low, b.close, b.volume, b.wap, b.count) for b in live] == [
        (b.open, b.high, b.low, b.close, b.volume, b.average, b.barCount) for b in later
    ]
    desk.ib.cancelRealTimeBars(live)
    await desk.heard()
    desk.pass_time(10)
    await desk.heard()
    assert len(live) == 6


async def test_bars_of_five_seconds_cover_every_tick(desk):
    live = desk.ib.reqRealTimeBars(AAPL, 5, "TRADES", useRTH=False)
    ticker = desk.ib.reqMktData(AAPL, "233")
    await desk.until(ticker.hasBidAsk)
    printed = []
    ticker.updateEvent += lambda each: printed.append((each.last, desk.paper.clock.now()))
    for _ in range(40):
        desk.pass_time(0.25)
        await desk.ib.reqCurrentTimeAsync()
    await desk.until(lambda: len(live) == 2)
    assert printed
    for bar in live:
        within = [last for last, at in printed if bar.time <= at < bar.time + timedelta(seconds=5)]
        assert bar.low <= min(within) <= max(within) <= bar.high
    desk.ib.cancelRealTimeBars(live)


async def test_five_seconds_of_what_is_not_there(desk):
    (eurusd,) = await desk.ib.qualifyContractsAsync(Forex("EURUSD"))
    desk.ib.client.reqRealTimeBars(45, eurusd, 5, "TRADES", False, [])
    assert "No trades data" in await desk.error(420, 45)
    desk.ib.client.reqRealTimeBars(46, SPX, 5, "BID", False, [])
    assert "No quotes" in await desk.error(420, 46)
    desk.ib.client.reqRealTimeBars(47, AAPL, 5, "BID_ASK", False, [])
    assert "Invalid data type requested: BID_ASK" in await desk.error(321, 47)
    desk.ib.client.cancelRealTimeBars(47)
    assert "Can't find EId with tickerId:47" in await desk.error(300, 47)


# ------------------------------------------------------------------------------------------------- what is known


async def test_first_dates(desk):
    assert await desk.ib.reqHeadTimeStampAsync(AAPL, "TRADES", True, 2) == datetime(2004, 1, 23, 14, 30, tzinfo=UTC)
    (es,) = await desk.ib.qualifyContractsAsync(ContFuture("ES", "CME"))
    assert await desk.ib.reqHeadTimeStampAsync(es, "TRADES", False, 2) < START - timedelta(days=365)
    (eurusd,) = await desk.ib.qualifyContractsAsync(Forex("EURUSD"))
    assert await desk.ib.reqHeadTimeStampAsync(eurusd, "MIDPOINT", False, 2) < START
    with pytest.raises(RequestError, match="HMDS query returned no data"):
        await desk.ib.reqHeadTimeStampAsync(eurusd, "TRADES", False, 1)
    desk.ib.client.reqHeadTimeStamp(51, AAPL, "GOSSIP", 1, 1)
    assert "Invalid data type requested: GOSSIP" in await desk.error(321, 51)


async def test_a_histogram_is_the_volume(desk):
    found = await desk.ib.reqHistogramDataAsync(AAPL, True, "3 days")
    days = await desk.ib.reqHistoricalDataAsync(AAPL, "", "3 D", "1 day", "TRADES", True)
    assert sum(entry.count for entry in found) == sum(day.volume for day in days)
    assert min(day.low for day in days) <= found[0].price < found[-1].price <= max(day.high for day in days)
    assert max(Counter(entry.price for entry in found).values()) == 1
    assert all(round(entry.price, 2) == entry.price for entry in found)


@pytest.mark.parametrize("period", ("", "soon", "3 fortnights", "99999 days", "0 days"))
async def test_a_histogram_of_no_period(desk, period):
    desk.ib.client.reqHistogramData(52, AAPL, True, period)
    assert "Invalid histogram period" in await desk.error(321, 52)


async def test_a_histogram_is_cancelled(desk):
    desk.ib.client.reqHistogramData(53, AAPL, True, "4 weeks")
    desk.ib.client.cancelHistogramData(53)
    await desk.ib.reqCurrentTimeAsync()
    found = await desk.ib.reqHistogramDataAsync(AAPL, True, "1 day")
    assert found
    assert not [each for each in desk.errors if each[0] == 53]


async def test_a_schedule_has_whole_sessions(desk):
    schedule = await desk.ib.reqHistoricalScheduleAsync(AAPL, 3)
    assert [each.endDateTime for each in schedule.sessions] == [
        "20260226-16:00:00", "20260227-16:00:00", "20260302-16:00:00",
    ]  # fmt: skip
    assert (schedule.startDateTime, schedule.endDateTime) == ("20260226-09:30:00", "20260302-16:00:00")
    extended = await desk.ib.reqHistoricalScheduleAsync(AAPL, 1, useRTH=False)
    assert extended.sessions[0].startDateTime == "20260302-04:00:00"
