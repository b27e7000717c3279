"""The past: bars, ticks, first dates, schedules; and streams of bars and ticks that join it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from ib_async import IB, Forex, Index, Option, ScannerSubscription, Stock
from ib_async.wrapper import RequestError

from ironbridge.paper import Limits, Pacing, PaperGateway

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""Where the gateway's clock stands: a Monday, half an hour after the opening in New York."""


async def bars(desk, contract=AAPL, end="", duration="1 D", size="5 mins", what="TRADES", rth=True, fmt=1, **options):
    return await desk.ib.reqHistoricalDataAsync(contract, end, duration, size, what, rth, fmt, **options)


async def test_a_day_of_bars(desk):
    found = await bars(desk, end=datetime(2026, 2, 27, 23, 0, tzinfo=UTC))
    assert len(found) == 78
    assert found[0].date == datetime(2026, 2, 27, 14, 30, tzinfo=UTC)
    assert [b.date - a.date for a, b in pairwise(found)] == [timedelta(minutes=5)] * 77
    for bar in found:
        assert bar.low <= bar.open <= bar.high
        assert bar.low <= bar.average <= bar.high
        assert bar.volume > 0
        assert bar.barCount > 0


async def test_bars_up_to_now_end_at_the_quote(desk):
    found = await bars(desk, duration="600 S", size="1 min", what="MIDPOINT", rth=False)
    assert len(found) == 10
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    assert found[-1].close == pytest.approx((ticker.bid + ticker.ask) / 2, abs=0.05)


async def test_days_weeks_and_months(desk):
    days = await bars(desk, duration="1 M", size="1 day")
    assert days[-1].date == date(2026, 3, 2)
    assert all(bar.date.weekday() < 5 for bar in days)
    # Presidents' Day is no trading day.
    assert date(2026, 2, 16) not in [bar.date for bar in days]
    weeks = await bars(desk, duration="3 M", size="1 week")
    months = await bars(desk, duration="1 Y", size="1 month")
    assert 12 <= len(weeks) <= 15
    assert 12 <= len(months) <= 13
    february = [bar for bar in days if bar.date.month == 2]
    assert months[-2].close == february[-1].close
    assert months[-2].high >= max(bar.high for bar in february)


async def test_dates_in_seconds(desk):
    (bar,) = await bars(desk, duration="60 S", size="1 min", fmt=2)
    assert bar.date == START - timedelta(minutes=1)


async def test_the_same_twice(desk, connect):
    other = await connect(client=2)
    mine, theirs = await asyncio.gather(bars(desk, duration="2 D"), bars(other, duration="2 D"))
    assert list(mine) == list(theirs)


async def test_other_kinds(desk):
    (eurusd,) = await desk.ib.qualifyContractsAsync(Forex("EURUSD"))
    (spx,) = await desk.ib.qualifyContractsAsync(Index("SPX", "CBOE"))
    assert (await bars(desk, eurusd, what="MIDPOINT", rth=False))[0].volume == -1
    assert (await bars(desk, spx))[-1].close > 1000
    assert 0.05 < (await bars(desk, what="OPTION_IMPLIED_VOLATILITY", size="1 day", duration="5 D"))[-1].close < 1
    with pytest.raises(RequestError) as refused:
        await bars(desk, eurusd, what="TRADES")
    assert (refused.value.code, refused.value.message) == (
        162,
        "Historical Market Data Service error message:HMDS query returned no data: EUR.USD@IDEALPRO Trades",
    )


@pytest.mark.parametrize(
    ("asked", "code", "text"),
    (
        ({"size": "7 mins"}, 321, "Legal ones are: 1 secs, 5 secs"),
        ({"duration": "1 fortnight"}, 321, "duration format is integer{SPACE}unit (S|D|W|M|Y)."),
        ({"what": "GOSSIP"}, 321, "Invalid data type requested: GOSSIP"),
        ({"what": "YIELD_BID"}, 162, "HMDS query returned no data: AAPL@SMART Yield Bid"),
        ({"duration": "20 Y", "size": "5 secs"}, 162, "too many bars"),
        ({"what": "ADJUSTED_LAST", "end": "20260227 16:00:00"}, 321, "End date not supported"),
    ),
)
async def test_refusals(desk, asked, code, text):
    request = {"size": "1 day", "duration": "1 D", "what": "TRADES", "end": "", **asked}
    desk.ib.client.reqHistoricalData(
        51, AAPL, request["end"], request["duration"], request["size"], request["what"], 1, 1, False, []
    )
    assert text in await desk.error(code, 51)


async def test_a_bad_end_date(desk):
    desk.ib.client.reqHistoricalData(52, AAPL, "tomorrow", "1 D", "1 day", "TRADES", 1, 1, False, [])
    assert "End Date/Time" in await desk.error(10314, 52)


async def test_a_query_is_cancelled(desk):
    desk.ib.client.reqHistoricalData(53, AAPL, "", "10 Y", "1 day", "TRADES", 1, 1, False, [])
    desk.ib.client.cancelHistoricalData(53)
    assert await desk.error(162, 53) == (
        "Historical Market Data Service error message:API historical data query cancelled: 53"
    )
    desk.ib.client.cancelHistoricalData(53)
    assert await desk.error(366, 53) == "No historical data query found for ticker id:53"


async def test_others_are_served_while_a_long_query_runs(desk, connect):
    other = await connect(client=2)
    desk.ib.client.reqHistoricalData(54, AAPL, "", "1 Y", "1 min", "TRADES", 1, 1, False, [])
    for _ in range(20):
        async with asyncio.timeout(1):
            await other.ib.reqCurrentTimeAsync()
    desk.ib.client.cancelHistoricalData(54)
    await desk.error(162, 54)


async def test_bars_are_kept_up_to_date(desk):
    found = await bars(desk, duration="300 S", size="1 min", rth=False, keepUpToDate=True)
    assert len(found) == 5
    news = []
    found.updateEvent += lambda _, is_new: news.append(is_new)
    desk.pass_time(6)
    await desk.until(lambda: len(found) == 6)
    first = found[-1].volume
    desk.pass_time(30)
    await desk.until(lambda: found[-1].volume > first)
    desk.pass_time(30)
    await desk.until(lambda: len(found) == 7)
    assert found[-1].date == START + timedelta(minutes=1)
    desk.ib.cancelHistoricalData(found)


async def test_the_first_date_and_the_schedule(desk):
    assert await desk.ib.reqHeadTimeStampAsync(AAPL, "TRADES", True, 1) == datetime(2004, 1, 23, 14, 30)  # noqa: DTZ001
    schedule = await desk.ib.reqHistoricalScheduleAsync(AAPL, 5, "20260227 23:00:00", True)
    assert schedule.timeZone == "US/Eastern"
    assert [each.refDate for each in schedule.sessions][-1] == "20260227"
    assert schedule.sessions[-1].startDateTime == "20260227-09:30:00"
    assert len(schedule.sessions) == 5


async def test_ticks_of_the_past(desk):
    trades = await desk.ib.reqHistoricalTicksAsync(AAPL, "", START, 100, "TRADES", False)
    quotes = await desk.ib.reqHistoricalTicksAsync(AAPL, START - timedelta(minutes=5), "", 50, "BID_ASK", False)
    points = await desk.ib.reqHistoricalTicksAsync(AAPL, "", START, 10, "MIDPOINT", False)
    # An answer goes on to the end of its last second.
    for found, wanted in ((trades, 100), (quotes, 50), (points, 10)):
        assert wanted <= len(found) < wanted + 4
    assert trades[-1].time < START <= trades[-1].time + timedelta(seconds=30)
    assert quotes[0].time == START - timedelta(minutes=5)
    assert all(tick.priceBid < tick.priceAsk for tick in quotes)


async def test_a_histogram(desk):
    found = await desk.ib.reqHistogramDataAsync(AAPL, True, "1 week")
    assert sum(entry.count for entry in found) > 0
    assert [entry.price for entry in found] == sorted(entry.price for entry in found)


async def test_bars_of_five_seconds(desk):
    found = desk.ib.reqRealTimeBars(AAPL, 5, "TRADES", False)
    await desk.heard()
    desk.pass_time(11)
    await desk.until(lambda: len(found) == 2)
    assert [bar.time for bar in found] == [START, START + timedelta(seconds=5)]
    assert all(bar.low <= bar.close <= bar.high for bar in found)
    desk.ib.cancelRealTimeBars(found)


@pytest.mark.parametrize("kind", ("Last", "AllLast", "BidAsk", "MidPoint"))
async def test_every_tick(desk, kind):
    ticker = desk.ib.reqTickByTickData(AAPL, kind)
    seen = []
    ticker.updateEvent += lambda each: seen.extend(each.tickByTicks)
    await desk.heard()
    desk.pass_time(9)
    await desk.until(lambda: len(seen) > 1 if kind != "MidPoint" else seen)
    desk.ib.cancelTickByTickData(AAPL, kind)
    await desk.heard()
    count = len(seen)
    desk.pass_time(9)
    await desk.ib.reqCurrentTimeAsync()
    assert len(seen) == count


async def test_five_streams_of_every_tick(desk):
    for number in range(61, 67):
        desk.ib.client.reqTickByTickData(number, AAPL, "Last", 0, False)
    assert await desk.error(10190, 66) == "Max number of tick-by-tick requests has been reached."


async def test_depth(desk):
    ticker = desk.ib.reqMktDepth(AAPL, numRows=5)
    await desk.until(lambda: len(ticker.domBids) == len(ticker.domAsks) == 5)
    assert [row.price for row in ticker.domBids] == sorted((row.price for row in ticker.domBids), reverse=True)
    assert ticker.domBids[0].price < ticker.domAsks[0].price
    desk.pass_time(30)
    book = desk.paper.venue.book(265598, 5)
    await desk.until(lambda: [row.price for row in ticker.domAsks] == [float(level.price) for level in book.asks])
    desk.ib.cancelMktDepth(AAPL)


async def test_depth_by_market_maker(desk):
    ticker = desk.ib.reqMktDepth(AAPL, numRows=3, isSmartDepth=True)
    await desk.until(lambda: len(ticker.domBids) == 3)
    assert all(row.marketMaker for row in ticker.domBids)
    assert [each.exchange for each in await desk.ib.reqMktDepthExchangesAsync()]
    assert await desk.ib.reqSmartComponentsAsync("9c0001")


async def test_three_books(desk):
    for number in range(71, 75):
        desk.ib.client.reqMktDepth(number, AAPL, 5, False, [])
    assert await desk.error(309, 74) == "Max number (3) of market depth requests has been reached."


async def test_the_calculators(desk):
    found = await desk.ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598)
    chain = next(each for each in found if each.exchange == "SMART" and each.tradingClass == "AAPL")
    spot = float(desk.paper.venue.quote(265598).mid)
    strike = min(chain.strikes, key=lambda each: abs(each - spot))
    (option,) = await desk.ib.qualifyContractsAsync(Option("AAPL", sorted(chain.expirations)[4], strike, "C", "SMART"))
    priced = await desk.ib.calculateOptionPriceAsync(option, 0.3, spot)
    assert 0.3 < priced.delta < 0.7
    back = await desk.ib.calculateImpliedVolatilityAsync(option, priced.optPrice, spot)
    assert back.impliedVol == pytest.approx(0.3, abs=1e-4)


async def test_news(desk):
    providers = await desk.ib.reqNewsProvidersAsync()
    codes = "+".join(each.code for each in providers)
    (headlines,) = await desk.ib.reqHistoricalNewsAsync(265598, codes, "", "", 1)
    assert headlines.headline
    article = await desk.ib.reqNewsArticleAsync(headlines.providerCode, headlines.articleId)
    assert article.articleText


async def test_a_scanner(desk):
    rows = await desk.ib.reqScannerDataAsync(ScannerSubscription(10, "STK", "STK.US.MAJOR", "TOP_PERC_GAIN"))
    assert len(rows) == 10
    assert rows[0].contractDetails.contract.conId
    assert "TOP_PERC_GAIN" in await desk.ib.reqScannerParametersAsync()


async def test_what_needs_a_subscription(desk):
    desk.ib.client.reqFundamentalData(81, AAPL, "ReportSnapshot", [])
    assert "fundamentals data" in await desk.error(430, 81)
    desk.ib.client.reqWshMetaData(82)
    await desk.error(10276, 82)


async def test_a_strict_gateway_paces_history():
    async with PaperGateway(port=0, limits=Limits(pacing=Pacing.STRICT)) as strict:
        ib = IB()
        heard = []
        ib.errorEvent += lambda *args: heard.append(args[:3])
        await ib.connectAsync("127.0.0.1", strict.port, clientId=1)
        for number in (91, 92):
            ib.client.reqHistoricalData(number, AAPL, "", "60 S", "5 secs", "TRADES", 0, 1, False, [])
        await ib.reqCurrentTimeAsync()
        assert (
            92,
            162,
            "Historical Market Data Service error message:Historical data request pacing violation",
        ) in heard
        assert 91 not in [number for number, _, _ in heard]
        ib.disconnect()
