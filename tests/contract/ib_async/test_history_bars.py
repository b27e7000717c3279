"""Bars of the past, whole: sizes, sessions, dates, kinds, and what is kept up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from ib_async import IB, ContFuture, Forex, Index, Option, Stock
from ib_async.wrapper import RequestError

from ironbridge.exchange.venue import VenueOptions
from ironbridge.paper import Limits, Pacing, PaperClock, PaperGateway
from ironbridge.paper.bar_spans import BAR_SIZES

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 2, 27, 23, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


async def bars(desk, contract=AAPL, end="", duration="1 D", size="5 mins", what="TRADES", rth=True, fmt=1, **options):
    return await desk.ib.reqHistoricalDataAsync(contract, end, duration, size, what, rth, fmt, **options)


def ask(desk, number, contract=AAPL, end="", duration="1 D", size="5 mins", what="TRADES", rth=1, fmt=1, keep=False):
    desk.ib.client.reqHistoricalData(number, contract, end, duration, size, what, rth, fmt, keep, [])


@pytest.fixture
async def night() -> AsyncIterator[PaperGateway]:
    """A Saturday."""
    clock = PaperClock(datetime(2026, 2, 28, 18, 0, tzinfo=UTC), speed=0)
    async with PaperGateway(port=0, seed=7, clock=clock, step=0.02) as gateway:
        yield gateway


@pytest.fixture
async def closed() -> AsyncIterator[PaperGateway]:
    """Five minutes before the closing, and the exchange keeps its hours."""
    clock = PaperClock(datetime(2026, 3, 2, 20, 55, tzinfo=UTC), speed=0)
    options = VenueOptions(real_sessions=True)
    async with PaperGateway(port=0, seed=7, clock=clock, step=0.02, options=options) as gateway:
        yield gateway


@pytest.mark.parametrize("size", sorted({"1 secs", *BAR_SIZES}))
async def test_every_bar_size(desk, size):
    duration = {"secs": "300 S", "min": "3600 S", "mins": "3600 S"}.get(size.split()[-1], "2 M")
    found = await bars(desk, duration=duration, size=size)
    assert found
    assert all(bar.low <= min(bar.open, bar.close) for bar in found)
    assert all(max(bar.open, bar.close) <= bar.high for bar in found)
    assert all(bar.low <= bar.average <= bar.high for bar in found)
    # In a second nothing may have traded; it has a bar all the same.
    least = 0 if size.endswith("secs") else 1
    assert all(bar.volume >= least and bar.barCount >= least for bar in found)
    for bar in found:
        for price in (bar.open, bar.high, bar.low, bar.close):
            assert round(price, 2) == price
    assert all(before.date < after.date for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("duration", "number"),
    (("60 S", 12), ("60", 12), ("1 d", 12 * 30), ("2 D", 12 * 420), ("1 w", 12 * (30 + 4 * 390))),
)
async def test_durations(desk, duration, number):
    assert len(await bars(desk, duration=duration, size="5 secs")) == number


@pytest.mark.parametrize(
    "end",
    (
        "20260227 16:00:00",
        "20260227 16:00:00 US/Eastern",
        "20260227 16:00:00 America/New_York",
        "20260227 15:00:00 US/Central",
        "20260227 21:00:00 UTC",
        "20260227-21:00:00",
        datetime(2026, 2, 27, 21, 0, tzinfo=UTC),
        datetime(2026, 2, 27, 16, 0, tzinfo=NEW_YORK),
        date(2026, 2, 27),
    ),
)
async def test_ends(desk, end):
    found = await bars(desk, end=end, duration="1800 S", size="10 mins")
    assert found[0].date == datetime(2026, 2, 27, 20, 30, tzinfo=UTC)
    assert len(found) == 3


async def test_an_end_in_the_future_is_now(desk):
    assert list(await bars(desk, end="20300101-00:00:00")) == list(await bars(desk))


async def test_dates_as_asked(desk):
    assert {bar.date.utcoffset() for bar in await bars(desk)} == {timedelta(hours=-5)}
    assert {bar.date.utcoffset() for bar in await bars(desk, fmt=2)} == {timedelta(0)}
    days = await bars(desk, duration="3 D", size="1 day", fmt=2)
    assert [bar.date for bar in days] == [date(2026, 2, 26), date(2026, 2, 27), date(2026, 3, 2)]


async def test_an_older_client_reads_the_gateways_zone(paper):
    ib = IB()
    ib.client.MaxClientVersion = 163
    await ib.connectAsync("127.0.0.1", paper.port, clientId=9)
    assert ib.client.serverVersion() == 163
    found = await ib.reqHistoricalDataAsync(AAPL, "", "1 D", "10 mins", "TRADES", True)
    assert [bar.date for bar in found] == [datetime(2026, 3, 2, 9, minute) for minute in (30, 40, 50)]  # noqa: DTZ001
    heard = []
    ib.errorEvent += lambda *args: heard.append(args[:3])
    ib.client.reqHistoricalData(35, AAPL, "", "5 D", "1 day", "SCHEDULE", 1, 1, False, [])
    await ib.reqCurrentTimeAsync()
    ((number, code, text),) = heard
    assert (number, code) == (35, 321)
    assert "schedule cannot be told to a client of version 163" in text
    ib.disconnect()


# ------------------------------------------------------------------------------------------------- sessions


async def test_no_bars_where_nothing_trades(desk):
    for rth in (True, False):
        days = await bars(desk, duration="1 Y", size="1 day", rth=rth)
        assert 248 <= len(days) <= 252
        assert all(bar.date.weekday() < 5 for bar in days)
        assert not {date(2025, 7, 4), date(2025, 11, 27), date(2025, 12, 25), date(2026, 1, 1)} & {b.date for b in days}


async def test_regular_hours_and_an_early_close(desk):
    half = await bars(desk, end="20251128 23:00:00", size="30 mins")
    assert (half[0].date.hour, half[0].date.minute, len(half)) == (9, 30, 7)
    whole = await bars(desk, end="20251126 23:00:00", size="30 mins", rth=False)
    assert (whole[0].date.hour, whole[-1].date.hour, len(whole)) == (4, 19, 32)


async def test_futures_and_pairs_keep_their_hours(desk):
    (es,) = await desk.ib.qualifyContractsAsync(ContFuture("ES", "CME"))
    day = await bars(desk, es, end="20260227 23:00:00 UTC", size="1 hour", rth=False)
    assert day[0].date == datetime(2026, 2, 26, 23, 0, tzinfo=UTC)
    assert str(day[0].date.tzinfo) == "US/Central"
    assert len(day) == 23
    (eurusd,) = await desk.ib.qualifyContractsAsync(Forex("EURUSD"))
    week = await bars(
        desk, eurusd, end="20260227 23:00:00 UTC", duration="1 W", size="1 hour", what="MIDPOINT", rth=False
    )
    local = [bar.date.astimezone(NEW_YORK) for bar in week]
    assert local[0].weekday() == 6
    assert not [each for each in local if each.weekday() == 5 or (each.weekday() == 4 and each.hour >= 17)]
    assert {(bar.volume, bar.average, bar.barCount) for bar in week} == {(-1, -1, -1)}


async def test_weeks_are_the_same_weeks_in_every_answer(desk):
    long = await bars(desk, duration="1 Y", size="1 week")
    short = await bars(desk, duration="10 D", size="1 week")
    assert list(long[-len(short) :]) == list(short)
    months = await bars(desk, duration="1 Y", size="1 month")
    days = await bars(desk, duration="1 Y", size="1 day")
    january = [bar for bar in days if (bar.date.year, bar.date.month) == (2026, 1)]
    (month,) = [bar for bar in months if (bar.date.year, bar.date.month) == (2026, 1)]
    assert (month.open, month.close) == (january[0].open, january[-1].close)
    assert (month.high, month.low) == (max(b.high for b in january), min(b.low for b in january))
    assert month.volume == sum(bar.volume for bar in january)


async def test_a_day_is_made_of_its_minutes(desk):
    (day,) = await bars(desk, end=FRIDAY_EVENING, size="1 day")
    minutes = await bars(desk, end=FRIDAY_EVENING, size="1 min")
    assert len(minutes) == 390
    assert (day.open, day.close) == (minutes[0].open, minutes[-1].close)
    assert (day.high, day.low) == (max(b.high for b in minutes), min(b.low for b in minutes))
    assert day.volume == sum(bar.volume for bar in minutes)


async def test_the_sides_of_the_market(desk):
    kinds = {what: await bars(desk, what=what) for what in ("BID", "ASK", "MIDPOINT", "BID_ASK", "TRADES")}
    for bid, ask_, mid, both, trades in zip(*kinds.values(), strict=True):
        assert bid.close < mid.close < ask_.close
        assert (both.high, both.low) == (ask_.high, bid.low)
        assert both.low <= both.open <= both.close <= both.high
        assert bid.low <= trades.low <= trades.high <= ask_.high


async def test_options_and_indices(desk):
    chain = (await desk.ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598))[0]
    spot = float(desk.paper.venue.quote(265598).mid)
    strike = min(chain.strikes, key=lambda each: abs(each - spot))
    for expiry in (sorted(chain.expirations)[2], max(chain.expirations)):
        (option,) = await desk.ib.qualifyContractsAsync(Option("AAPL", expiry, strike, "C", "SMART"))
        found = await bars(desk, option, duration="2 D", size="30 mins")
        assert len(found) == 14
        assert all(0 <= bar.low <= bar.close <= bar.high for bar in found)
        assert len(await bars(desk, option, duration="5 D", size="1 day", what="MIDPOINT")) == 5
    spx = Index("SPX", "CBOE")
    assert {(bar.volume, bar.barCount) for bar in await bars(desk, spx)} == {(0, 0)}
    for contract, what in ((spx, "BID"), (option, "HISTORICAL_VOLATILITY"), (AAPL, "FEE_RATE")):
        with pytest.raises(RequestError) as refused:
            await bars(desk, contract, what=what)
        assert refused.value.code == 162
        assert "HMDS query returned no data: " in refused.value.message


async def test_before_there_was_anything(desk):
    with pytest.raises(RequestError, match="HMDS query returned no data: AAPL@SMART Trades"):
        await bars(desk, end="19990101-00:00:00", size="1 day")
    years = await bars(desk, duration="50 Y", size="1 month")
    assert years[0].date.year == 2004


async def test_an_open_weekend(night):
    """A venue that is open at any hour has traded since it opened; regular hours stay what they are."""
    ib = IB()
    await ib.connectAsync("127.0.0.1", night.port, clientId=1)
    night.clock.step(timedelta(minutes=3))
    night.step()
    saturday = await ib.reqHistoricalDataAsync(AAPL, "", "600 S", "1 min", "TRADES", False)
    assert [bar.date.day for bar in saturday] == [27] * 7 + [28] * 3
    regular = await ib.reqHistoricalDataAsync(AAPL, "", "600 S", "1 min", "TRADES", True)
    assert [bar.date.day for bar in regular] == [27] * 10
    ib.disconnect()


# ------------------------------------------------------------------------------------------------- kept up to date


async def test_each_bar_is_told_as_it_forms_and_when_it_ends(desk):
    found = await bars(desk, duration="300 S", size="30 secs", rth=False, keepUpToDate=True)
    told = []
    found.updateEvent += lambda all_, is_new: told.append((all_[-1].date, is_new, all_[-1].volume))
    for _ in range(13):
        desk.pass_time(5)
    await desk.until(lambda: len(found) == 13)
    assert [is_new for _, is_new, _ in told] == [True, *[False] * 5] * 2 + [True]
    assert [at - START for at, _, _ in told] == [timedelta(seconds=5 * n // 30 * 30) for n in range(13)]
    whole = await bars(desk, duration="390 S", size="30 secs", rth=False)
    # Now and then are one tape: what was told live is what is told of it later.
    assert list(whole[-13:-1]) == list(found[-13:-1])
    desk.ib.cancelHistoricalData(found)


async def test_a_jump_tells_every_bar(desk):
    found = await bars(desk, duration="300 S", size="1 min", what="MIDPOINT", rth=False, keepUpToDate=True)
    desk.pass_time(600)
    await desk.until(lambda: len(found) == 15)
    later = await bars(desk, duration="900 S", size="1 min", what="MIDPOINT", rth=False)
    assert list(found) == list(later)
    desk.ib.cancelHistoricalData(found)


async def test_a_day_is_kept_up_to_date(desk):
    found = await bars(desk, duration="5 D", size="1 day", keepUpToDate=True)
    volume = found[-1].volume
    desk.pass_time(20)
    await desk.until(lambda: found[-1].volume > volume)
    assert (len(found), found[-1].date) == (5, date(2026, 3, 2))
    (again,) = await bars(desk, duration="1 D", size="1 day")
    assert (found[-1].high, found[-1].low, found[-1].volume) == (again.high, again.low, again.volume)
    desk.ib.cancelHistoricalData(found)


async def test_it_goes_on_while_the_venue_does(night):
    ib = IB()
    await ib.connectAsync("127.0.0.1", night.port, clientId=1)
    found = await ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True)
    assert len(found) == 390
    night.clock.step(timedelta(seconds=65))
    night.step()
    await ib.reqCurrentTimeAsync()
    assert [bar.date.astimezone(UTC).hour for bar in found[390:]] == [18, 18]
    ib.disconnect()


async def test_it_rests_while_the_exchange_is_closed(closed):
    ib = IB()
    await ib.connectAsync("127.0.0.1", closed.port, clientId=1)
    found = await ib.reqHistoricalDataAsync(AAPL, "", "1 D", "5 mins", "TRADES", True, keepUpToDate=True)
    live = ib.reqRealTimeBars(AAPL, 5, "TRADES", useRTH=True)
    count = len(found)
    await ib.reqCurrentTimeAsync()
    closed.clock.step(timedelta(minutes=8))
    closed.step()
    await ib.reqCurrentTimeAsync()
    assert len(found) == count + 1
    assert found[-1].date.astimezone(NEW_YORK).strftime("%H:%M") == "15:55"
    assert len(live) == 60
    assert live[-1].time.astimezone(NEW_YORK).strftime("%H:%M:%S") == "15:59:55"
    ib.disconnect()


# ------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("asked", "code", "text"),
    (
        ({"size": "1 sec"}, 321, "Historical data bar size setting is invalid. Legal ones are: 1 secs, 5 secs"),
        ({"duration": ""}, 321, "duration not specified"),
        ({"duration": "0 D"}, 321, "duration is invalid"),
        ({"duration": "10 S"}, 321, "duration is invalid"),
        ({"duration": "90000 S"}, 321, "greater than 86400 seconds rejected"),
        ({"duration": "366 D"}, 321, "longer than 365 days must be made in years"),
        ({"duration": "13 M"}, 321, "longer than 12 months must be made in years"),
        ({"fmt": 7}, 321, "Date formatting selection of 7 rejected."),
        ({"end": "20260227-10:00:00", "keep": True}, 321, "End date not supported with live updates"),
        ({"what": "BID_ASK", "keep": True}, 321, "Source price not supported with live updates"),
        ({"what": "ADJUSTED_LAST", "end": "20260227-10:00:00"}, 321, "End date not supported with adjusted last"),
        ({"what": "SCHEDULE"}, 321, "Only daily resolution supported for Schedule requests"),
        ({"contract": Stock("NOSUCH", "SMART", "USD")}, 200, "No security definition has been found"),
        ({"end": "20260227 10:00:00 Mars/Base"}, 10314, "End Date/Time: "),
    ),
)
async def test_what_cannot_be_asked(desk, asked, code, text):
    ask(desk, 31, **asked)
    assert text in await desk.error(code, 31)


async def test_an_id_is_used_once(desk):
    ask(desk, 32, keep=True)
    ask(desk, 32)
    assert "Duplicate ticker id" in await desk.error(322, 32)
    desk.ib.client.cancelHistoricalData(32)
    assert await desk.error(162, 32) == (
        "Historical Market Data Service error message:API historical data query cancelled: 32"
    )
    desk.ib.client.cancelHistoricalData(33)
    assert await desk.error(366, 33) == "No historical data query found for ticker id:33"


async def test_fifty_at_a_time(desk):
    for number in range(100, 151):
        ask(desk, number, keep=True)
    assert "Only 50 simultaneous API historical data requests" in await desk.error(322, 150)
    assert [number for number, code, _ in desk.errors if code == 322] == [150]


async def test_a_farm_that_is_down(desk):
    desk.paper._floor.upstream.set_farm("ushmds", up=False)
    ask(desk, 34)
    assert "HMDS server disconnect" in await desk.error(162, 34)


@pytest.mark.parametrize(
    ("requests", "violations"),
    (
        ([{"duration": "60 S", "size": "5 secs"}] * 2, 1),
        ([{"duration": f"{60 + n} S", "size": "5 secs"} for n in range(5)], 0),
        ([{"duration": f"{60 + n} S", "size": "5 secs"} for n in range(6)], 1),
        ([{"duration": "60 S", "size": "1 min"}] * 3, 0),
    ),
)
@pytest.mark.parametrize("pacing", (Pacing.STRICT, Pacing.LENIENT))
async def test_pacing(requests, violations, pacing):
    clock = PaperClock(START, speed=0)
    async with PaperGateway(port=0, limits=Limits(pacing=pacing), clock=clock) as gateway:
        ib = IB()
        heard = []
        ib.errorEvent += lambda *args: heard.append(args[:3])
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        for number, asked in enumerate(requests):
            ib.client.reqHistoricalData(
                100 + number, AAPL, "", asked["duration"], asked["size"], "TRADES", 1, 1, False, []
            )
        await ib.reqCurrentTimeAsync()
        paced = [number for number, code, text in heard if code == 162 and "pacing violation" in text]
        assert len(paced) == (violations if pacing is Pacing.STRICT else 0)
        ib.disconnect()
