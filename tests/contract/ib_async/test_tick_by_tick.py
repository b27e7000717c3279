"""Every tick by itself: what the venue trades and quotes, nothing left out, nothing made up."""

from __future__ import annotations

import itertools

import pytest
from ib_async import Forex, Future, Index, LimitOrder, Option, Stock

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


def follow(desk, contract, kind, **options):
    """A stream, and the list of all that it has told: the client empties its own with every packet."""
    told = []
    ticker = desk.ib.reqTickByTickData(contract, kind, **options)
    ticker.updateEvent += lambda each: told.extend(each.tickByTicks)
    return told


async def an_option(desk, right="C"):
    """An option of AAPL near the money, some weeks out."""
    (chain,) = [
        each
        for each in await desk.ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598)
        if each.exchange == "SMART" and each.tradingClass == "AAPL"
    ]
    spot = float(desk.paper.venue.quote(265598).mid)
    strike = min(chain.strikes, key=lambda each: abs(each - spot))
    (found,) = await desk.ib.qualifyContractsAsync(Option("AAPL", sorted(chain.expirations)[3], strike, right, "SMART"))
    assert found is not None
    return found


async def caught_up(desk):
    await desk.ib.reqCurrentTimeAsync()


async def test_each_trade_of_the_tape_is_told(desk):
    begin = desk.paper.venue.now
    told = follow(desk, AAPL, "AllLast")
    await caught_up(desk)
    for _ in range(20):
        desk.pass_time(0.25)
    await caught_up(desk)
    venue = desk.paper.venue
    taped = venue.past.trades(venue.listing(265598), begin, venue.now, 1000)
    # The tape gives a moment's trades up to, not with, its end.
    assert len(taped) > 3
    assert {(trade.price, trade.size) for trade in taped[1:]} <= {(tick.price, tick.size) for tick in told}
    assert all(tick.tickType == 2 and tick.exchange for tick in told)


async def test_a_fill_of_ones_own_is_told(desk):
    told = follow(desk, AAPL, "Last")
    await caught_up(desk)
    ask = float(desk.paper.venue.quote(265598).ask)
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 7, ask))
    await desk.done(trade)
    await caught_up(desk)
    mine = [tick for tick in told if tick.size == 7]
    assert [(tick.price, tick.specialConditions) for tick in mine] == [(ask, "I")]


async def test_quotes_are_the_venues(desk):
    told = follow(desk, AAPL, "BidAsk")
    await caught_up(desk)
    first = desk.paper.venue.quote(265598)
    assert (told[0].bidPrice, told[0].askPrice) == (float(first.bid), float(first.ask))
    for _ in range(40):
        desk.pass_time(0.25)
    await caught_up(desk)
    last = desk.paper.venue.quote(265598)
    assert (told[-1].bidPrice, told[-1].askPrice) == (float(last.bid), float(last.ask))
    assert (told[-1].bidSize, told[-1].askSize) == (float(last.bid_size), float(last.ask_size))
    assert len(told) > 5


async def test_sizes_can_be_left_out(desk):
    told = follow(desk, AAPL, "BidAsk", ignoreSize=True)
    await caught_up(desk)
    for _ in range(80):
        desk.pass_time(0.25)
    await caught_up(desk)
    prices = [(tick.bidPrice, tick.askPrice) for tick in told]
    assert len(prices) > 2
    assert all(a != b for a, b in itertools.pairwise(prices))


async def test_midpoints(desk):
    told = follow(desk, Forex("EURUSD", conId=12087792), "MidPoint")
    await caught_up(desk)
    for _ in range(40):
        desk.pass_time(0.25)
    await caught_up(desk)
    assert told[-1].midPoint == pytest.approx(float(desk.paper.venue.quote(12087792).mid))
    assert len({tick.midPoint for tick in told}) == len(told) > 1 or len(told) > 3


async def test_a_future_has_trades(desk):
    (front,) = await desk.ib.qualifyContractsAsync(Future("ES", "202606", "CME"))
    told = follow(desk, front, "AllLast")
    await caught_up(desk)
    for _ in range(40):
        desk.pass_time(1)
    await caught_up(desk)
    assert told
    assert {tick.exchange for tick in told} == {"CME"}


async def test_a_cancelled_stream_is_silent(desk):
    told = follow(desk, AAPL, "BidAsk")
    await caught_up(desk)
    desk.ib.cancelTickByTickData(AAPL, "BidAsk")
    await caught_up(desk)
    before = len(told)
    desk.pass_time(60)
    await caught_up(desk)
    assert len(told) == before


async def test_what_has_no_such_ticks(desk):
    option = await an_option(desk)
    (index,) = await desk.ib.qualifyContractsAsync(Index("SPX", "CBOE"))
    asked = ((Forex("EURUSD"), "Last"), (Forex("EURUSD"), "AllLast"), (index, "MidPoint"), (option, "BidAsk"))
    for number, (contract, kind) in enumerate(asked, 6001):
        desk.ib.client.reqTickByTickData(number, contract, kind, 0, False)
        assert f"{kind} tick-by-tick requests are not supported for" in await desk.error(10189, number)


async def test_a_kind_that_does_not_exist(desk):
    desk.ib.client.reqTickByTickData(6001, AAPL, "Both", 0, False)
    assert "Invalid tick-by-tick type: Both" in await desk.error(321, 6001)


async def test_the_sixth_stream(desk):
    for number in range(6001, 6007):
        desk.ib.client.reqTickByTickData(number, AAPL, "Last", 0, False)
    assert await desk.error(10190, 6006) == "Max number of tick-by-tick requests has been reached."
    assert [number for number, code, _ in desk.errors if code == 10190] == [6006]
    desk.ib.client.cancelTickByTickData(6001)
    desk.ib.client.reqTickByTickData(6007, AAPL, "Last", 0, False)
    await caught_up(desk)
    assert len([code for _, code, _ in desk.errors if code == 10190]) == 1


async def test_an_id_is_used_once_and_ended_once(desk):
    desk.ib.client.reqTickByTickData(6001, AAPL, "Last", 0, False)
    desk.ib.client.reqTickByTickData(6001, AAPL, "Last", 0, False)
    assert "Duplicate ticker id" in await desk.error(322, 6001)
    desk.ib.client.cancelTickByTickData(6002)
    assert await desk.error(300, 6002) == "Can't find EId with tickerId:6002"
