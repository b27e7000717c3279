"""Quotes: subscriptions, snapshots, kinds, generic ticks, refusals."""

from __future__ import annotations

import asyncio
import math

import pytest
from ib_async import Forex, Future, Index, Option, Stock
from ib_async.wrapper import RequestError

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


async def qualified(desk, contract):
    (found,) = await desk.ib.qualifyContractsAsync(contract)
    assert found is not None
    return found


async def test_a_stream_begins_whole_and_moves(desk):
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    assert ticker.minTick == 0.01
    assert 0 < ticker.bid < ticker.ask
    assert ticker.bidSize > 0
    assert ticker.askSize > 0
    for field in ("last", "open", "high", "low", "close", "volume"):
        assert getattr(ticker, field) > 0, field
    assert ticker.low <= ticker.last <= ticker.high
    before = (ticker.bid, ticker.ask, ticker.bidSize, ticker.askSize, ticker.volume)

    def moved():
        return (ticker.bid, ticker.ask, ticker.bidSize, ticker.askSize, ticker.volume) != before

    desk.pass_time(5)
    await desk.until(moved)
    assert round(ticker.bid * 100) == pytest.approx(ticker.bid * 100)


async def test_two_watchers_see_the_same(desk, connect):
    other = await connect(client=2)
    mine, theirs = desk.ib.reqMktData(AAPL), other.ib.reqMktData(AAPL)
    await desk.until(mine.hasBidAsk)
    await other.until(theirs.hasBidAsk)
    desk.pass_time(7)
    quote = desk.paper.venue.quote(265598)
    await desk.until(lambda: mine.bid == float(quote.bid))
    await other.until(lambda: theirs.bid == float(quote.bid))
    assert (mine.ask, mine.askSize) == (theirs.ask, theirs.askSize)


async def test_a_cancelled_stream_is_silent(desk):
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    desk.ib.cancelMktData(AAPL)
    await desk.ib.reqCurrentTimeAsync()
    bid, volume = ticker.bid, ticker.volume
    desk.pass_time(60)
    await desk.ib.reqCurrentTimeAsync()
    assert (ticker.bid, ticker.volume) == (bid, volume)


async def test_cancelling_what_is_not_there(desk):
    desk.ib.client.cancelMktData(77)
    assert await desk.error(300, 77) == "Can't find EId with tickerId:77"


async def test_a_ticker_id_is_used_once(desk):
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    number = desk.ib.wrapper.ticker2ReqId["mktData"][ticker]
    desk.ib.client.reqMktData(number, AAPL, "", False, False, [])
    assert "Duplicate ticker id" in await desk.error(322, number)


async def test_an_unknown_contract(desk):
    desk.ib.client.reqMktData(41, Stock("NOSUCH", "SMART", "USD"), "", False, False, [])
    assert await desk.error(200, 41) == "No security definition has been found for the request"


async def test_a_snapshot_ends_by_itself(desk):
    ticker = desk.ib.reqMktData(AAPL, snapshot=True)
    await desk.until(ticker.hasBidAsk)
    (ticker,) = await desk.ib.reqTickersAsync(AAPL)
    assert ticker.last > 0


async def test_delayed_data_comes_as_delayed(desk):
    desk.ib.reqMarketDataType(3)
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(lambda: ticker.marketDataType == 3 and ticker.hasBidAsk())
    assert {66, 67, 68} <= {tick.tickType for tick in ticker.ticks}


async def test_an_index_has_no_book(desk):
    ticker = desk.ib.reqMktData(await qualified(desk, Index("SPX", "CBOE")))
    await desk.until(lambda: ticker.last > 0)
    assert math.isnan(ticker.bid)


async def test_other_kinds_have_quotes(desk):
    for contract in (Forex("EURUSD"), Future("ES", "202606", "CME")):
        ticker = desk.ib.reqMktData(await qualified(desk, contract))
        await desk.until(ticker.hasBidAsk)
        assert ticker.ask > ticker.bid


async def test_an_option_brings_its_model(desk):
    (chain,) = [
        each
        for each in await desk.ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598)
        if each.exchange == "SMART" and each.tradingClass == "AAPL"
    ]
    spot = float(desk.paper.venue.quote(265598).mid)
    strike = min(chain.strikes, key=lambda each: abs(each - spot))
    option = await qualified(desk, Option("AAPL", sorted(chain.expirations)[3], strike, "C", "SMART"))
    ticker = desk.ib.reqMktData(option)
    await desk.until(lambda: ticker.modelGreeks is not None)
    assert 0.1 < ticker.modelGreeks.delta < 0.9
    assert ticker.modelGreeks.impliedVol > 0.05
    assert ticker.modelGreeks.undPrice == pytest.approx(spot, rel=0.01)


async def test_generic_ticks(desk):
    ticker = desk.ib.reqMktData(AAPL, "100,101,104,106,165,225,233,236")
    await desk.until(lambda: not math.isnan(ticker.impliedVolatility) and not math.isnan(ticker.shortableShares))
    assert ticker.histVolatility > 0
    assert ticker.low52week < ticker.last < ticker.high52week
    desk.pass_time(30)
    await desk.until(lambda: ticker.rtTime is not None)
    assert ticker.rtVolume > 0


async def test_generic_ticks_that_do_not_exist(desk):
    desk.ib.reqMktData(AAPL, "999")
    assert "Incorrect generic tick list of 999.  Legal ones for (STK) are: " in await desk.error(321)


async def test_the_hundred_and_first_line(desk):
    stock = Stock("SPY", "SMART", "USD", conId=756733)
    for number in range(5001, 5101):
        desk.ib.client.reqMktData(number, stock, "", False, False, [])
    desk.ib.client.reqMktData(5101, stock, "", False, False, [])
    assert await desk.error(101, 5101) == "Max number of tickers has been reached"


async def test_details_of_what_is_listed(desk):
    (details,) = await desk.ib.reqContractDetailsAsync(AAPL)
    assert details.contract.conId == 265598
    assert details.contract.primaryExchange == "NASDAQ"
    assert details.minTick == 0.01
    assert "LMT" in details.orderTypes.split(",")
    assert details.timeZoneId == "US/Eastern"
    assert details.tradingSessions()
    rule = await desk.ib.reqMarketRuleAsync(int(details.marketRuleIds.split(",")[0]))
    assert rule[0].increment == 0.01


async def test_several_that_fit(desk):
    found = await desk.ib.reqContractDetailsAsync(Future("ES", exchange="CME"))
    months = {each.contract.lastTradeDateOrContractMonth for each in found}
    assert len(months) == len(found) > 1
    desk.ib.client.reqMktData(42, Future("ES", exchange="CME"), "", False, False, [])
    assert await desk.error(200, 42) == "The contract description specified for ES is ambiguous."


async def test_none_that_fits(desk):
    with pytest.raises(RequestError) as refused:
        await desk.ib.reqContractDetailsAsync(Stock("NOSUCH", "SMART", "USD"))
    assert refused.value.code == 200


async def test_symbols_are_searched(desk):
    found = await desk.ib.reqMatchingSymbolsAsync("AAP")
    assert "AAPL" in [each.contract.symbol for each in found]


async def test_all_at_once(connect):
    desks = await asyncio.gather(*(connect(client=number) for number in range(10, 18)))
    tickers = [desk.ib.reqMktData(AAPL) for desk in desks]
    for desk, ticker in zip(desks, tickers, strict=True):
        await desk.until(ticker.hasBidAsk)
    assert len({ticker.bid for ticker in tickers}) == 1
