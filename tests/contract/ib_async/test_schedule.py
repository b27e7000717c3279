"""A gateway's night, as ib_async sees it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from ib_async import IB, LimitOrder, Stock

from ironbridge.paper import PaperClock, PaperGateway
from ironbridge.paper.schedule import Happening, Kind, Schedule

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
MINUTE = timedelta(minutes=1)
RESTART, LOSS, RESET = (
    Happening(Kind.RESTART, time(23, 45), MINUTE),
    Happening(Kind.RESET, time(0, 15), MINUTE, data_lost=True),
    Happening(Kind.RESET, time(2, 15), MINUTE),
)
LOGIN = Happening(Kind.LOGIN, time(1, 0), MINUTE, weekday=6)


def local(day, hour, minute):
    return datetime(2026, 2, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


@pytest.fixture
async def paper():
    # Saturday evening in New York, before everything.
    clock = PaperClock(local(28, 23, 0), speed=0)
    schedule = Schedule((RESTART, LOSS, RESET, LOGIN))
    async with PaperGateway(port=0, seed=7, accounts=("DU1",), clock=clock, schedule=schedule, step=0.02) as gateway:
        yield gateway


def to(desk, moment):
    desk.paper.clock.jump(moment)
    desk.paper.step()


async def attempt(paper, client=8):
    ib = IB()
    try:
        await ib.connectAsync("127.0.0.1", paper.port, clientId=client, timeout=0.5)
    finally:
        ib.disconnect()


def codes(desk):
    return [code for number, code, _ in desk.errors if number == -1]


async def test_a_restart_drops_everybody_and_keeps_everything(desk, connect):
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100, tif="GTC"))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    perm_id = trade.order.permId
    to(desk, local(28, 23, 45))
    await desk.until(lambda: not desk.ib.isConnected())
    with pytest.raises((ConnectionError, TimeoutError)):
        await attempt(desk.paper)
    to(desk, local(28, 23, 46))
    again = await connect(client=1)
    assert [each.order.permId for each in again.ib.openTrades()] == [perm_id]


async def connected_after_midnight(paper, connect):
    paper.clock.jump(local(28, 23, 59) + 61 * MINUTE + timedelta(minutes=2))
    paper.step()
    return await connect()


async def test_a_reset_breaks_farms_and_mends_them(paper, connect):
    desk = await connected_after_midnight(paper, connect)
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    desk.errors.clear()
    to(desk, local(28, 2, 15) + timedelta(days=1))
    await desk.error(2157)
    assert codes(desk) == [1100, 2110, 2103, 2103, 2103, 2103, 2105, 2157]
    volume = ticker.volume
    desk.pass_time(30)
    await desk.heard()
    assert ticker.volume == volume
    desk.errors.clear()
    desk.pass_time(30)
    await desk.error(2158)
    assert codes(desk) == [1102, 2104, 2104, 2104, 2104, 2106, 2158]
    await desk.until(lambda: ticker.volume > volume)


async def test_a_reset_that_loses_the_data(paper, connect):
    paper.clock.jump(local(28, 23, 50))
    paper.step()
    desk = await connect()
    ticker = desk.ib.reqMktData(AAPL)
    bars = await desk.ib.reqHistoricalDataAsync(AAPL, "", "600 S", "5 secs", "TRADES", False, keepUpToDate=True)
    await desk.until(ticker.hasBidAsk)
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 5000))
    await desk.done(trade)
    to(desk, local(28, 23, 50) + timedelta(minutes=25))
    await desk.error(1100)
    # What happens to orders meanwhile is told afterwards.
    waiting = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 5000))
    await desk.heard()
    assert waiting.orderStatus.status == "PendingSubmit"
    desk.pass_time(60)
    await desk.error(1101)
    await desk.done(waiting)
    assert waiting.orderStatus.status == "Filled"
    known, volume, last = len(bars), ticker.volume, bars[-1]
    desk.pass_time(60)
    await desk.heard()
    assert (ticker.volume, len(bars), bars[-1]) == (volume, known, last)


async def test_a_client_that_comes_during_a_reset_is_told(paper, connect):
    paper.clock.jump(local(28, 23, 50) + timedelta(minutes=25))
    paper.step()
    desk = await connect()
    assert await desk.error(2110)
    assert {2103, 2105, 2157} <= set(codes(desk))


async def test_the_weekly_login(desk, connect):
    to(desk, local(28, 23, 50) + timedelta(minutes=70))
    await desk.until(lambda: not desk.ib.isConnected())
    with pytest.raises(TimeoutError):
        await attempt(desk.paper)
    desk.pass_time(60)
    assert (await connect(client=1)).ib.isConnected()
