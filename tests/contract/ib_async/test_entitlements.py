"""A user without subscriptions, and a market that is closed, as ib_async sees them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from ib_async import ComboLeg, Contract, Option, Stock
from ib_async.wrapper import RequestError

from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.venue import VenueOptions
from ironbridge.paper import Access, Entitlements, PaperClock, PaperGateway, Rule

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
MSFT = Stock("MSFT", "SMART", "USD", conId=272093)
SPY = Stock("SPY", "SMART", "USD", conId=756733)
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NO_SPY = Entitlements((Rule(Access.NONE, symbol="SPY"), Rule(Access.DELAYED, exchange="NASDAQ")))
DELAY = timedelta(minutes=15)


def a_gateway(start=START, *, sessions=False, entitlements=None):
    return PaperGateway(
        port=0,
        seed=7,
        accounts=(AccountSpec("DU1000001"),),
        clock=PaperClock(start, speed=0),
        options=VenueOptions(real_sessions=sessions),
        entitlements=entitlements,
        step=0.02,
    )


@pytest.fixture
async def paper():
    async with a_gateway(entitlements=NO_SPY) as gateway:
        yield gateway


async def test_live_data_is_refused_and_delayed_offered(desk):
    desk.ib.client.reqMktData(41, AAPL, "", False, False, [])
    assert (await desk.error(10089, 41)).endswith("Delayed market data is available.AAPL NASDAQ.NMS/TOP/ALL")
    desk.ib.client.reqMktData(42, SPY, "", False, False, [])
    assert await desk.error(354, 42) == "Requested market data is not subscribed."


async def test_delayed_data_is_late(desk):
    desk.ib.reqMarketDataType(3)
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    assert "Displaying delayed" in await desk.error(10167)
    assert ticker.marketDataType == 3

    def late():
        quote = desk.paper.venue.quote_at(265598, desk.paper.clock.now() - DELAY)
        return (ticker.bid, ticker.ask, ticker.last, ticker.volume) == tuple(
            float(value) for value in (quote.bid, quote.ask, quote.last, quote.volume)
        )

    await desk.until(late)
    live = desk.paper.venue.quote(265598)
    assert ticker.volume < live.volume
    desk.pass_time(DELAY.total_seconds())
    await desk.until(lambda: ticker.volume == float(live.volume))
    assert (ticker.bid, ticker.ask) == (float(live.bid), float(live.ask))
    assert late()


async def test_a_delayed_snapshot_and_a_delayed_option(desk):
    desk.ib.reqMarketDataType(4)
    (ticker,) = await desk.ib.reqTickersAsync(AAPL)
    assert ticker.marketDataType == 3
    assert ticker.bid == float(desk.paper.venue.quote_at(265598, START - DELAY).bid)
    (option,) = await desk.ib.qualifyContractsAsync(Option("AAPL", "20260320", 260, "C", "SMART"))
    ticker = desk.ib.reqMktData(option)
    await desk.until(lambda: ticker.modelGreeks is not None)
    model = desk.paper.venue.option_model(option.conId, START - DELAY)
    assert ticker.modelGreeks.undPrice == pytest.approx(model.underlying)


async def test_a_delayed_line_ends(desk):
    desk.ib.reqMarketDataType(3)
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    desk.ib.cancelMktData(AAPL)
    await desk.heard()
    volume = ticker.volume
    desk.pass_time(60)
    await desk.heard()
    assert ticker.volume == volume


async def test_what_needs_live_data_is_refused(desk):
    client = desk.ib.client
    client.reqTickByTickData(51, AAPL, "Last", 0, False)
    assert await desk.error(10189, 51) == (
        "Failed to request tick-by-tick data.No market data permissions for ISLAND STK"
    )
    client.reqMktDepth(52, AAPL, 5, False, [])
    assert "Deep market data is not supported" in await desk.error(10092, 52)
    client.reqRealTimeBars(53, AAPL, 5, "TRADES", True, [])
    assert await desk.error(420, 53) == "Invalid Real-time Query:No market data permissions for ISLAND STK"
    client.reqHistoricalTicks(54, AAPL, "20260302-14:00:00", "", 10, "TRADES", True, False, [])
    assert "No market data permissions" in await desk.error(10187, 54)
    client.reqHistogramData(55, AAPL, True, "1 D")
    assert await desk.error(354, 55) == "Requested market data is not subscribed."
    with pytest.raises(RequestError, match="No market data permissions for ISLAND STK"):
        await desk.ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True)
    with pytest.raises(RequestError, match="not subscribed"):
        await desk.ib.reqHeadTimeStampAsync(AAPL, "TRADES", True, 1)


def combination(*legs, symbol="AAPL"):
    combo_legs = [
        ComboLeg(conId=number, ratio=ratio, action=action, exchange="SMART") for number, ratio, action in legs
    ]
    return Contract(secType="BAG", symbol=symbol, currency="USD", exchange="SMART", comboLegs=combo_legs)


async def test_part_of_a_combination_is_not_subscribed(desk):
    desk.ib.client.reqMktData(61, combination((265598, 1, "BUY"), (756733, 1, "SELL")), "", False, False, [])
    assert (await desk.error(10090, 61)).startswith("Part of requested market data is not subscribed.")


@pytest.fixture
async def owner(connect, paper):
    """Nothing is missing here: rules that fit nothing."""
    paper._floor.entitlements = Entitlements()
    return await connect(client=5)


async def test_a_combination_is_quoted_from_its_legs(owner):
    ticker = owner.ib.reqMktData(combination((265598, 1, "BUY"), (272093, 2, "SELL")))
    await owner.until(lambda: ticker.bidSize > 0 and ticker.askSize > 0)

    def right():
        bought, sold = owner.paper.venue.quote(265598), owner.paper.venue.quote(272093)
        bid, ask = bought.bid - 2 * sold.ask, bought.ask - 2 * sold.bid
        return (ticker.bid, ticker.ask) == (float(bid), float(ask))

    assert right()
    owner.pass_time(30)
    await owner.until(right)
    assert ticker.minTick == 0.01


async def test_a_combination_of_nothing(owner):
    owner.ib.client.reqMktData(62, combination(), "", False, False, [])
    assert "legs of the combination" in await owner.error(321, 62)
    owner.ib.client.reqMktData(63, combination((1, 1, "BUY"), (265598, 1, "SELL")), "", False, False, [])
    assert await owner.error(200, 63)


class TestClosedMarket:
    @pytest.fixture
    async def paper(self):
        # A Friday evening, ten seconds before the extended session ends.
        async with a_gateway(datetime(2026, 3, 7, 0, 59, 50, tzinfo=UTC), sessions=True) as gateway:
            yield gateway

    async def test_a_live_line_loses_bid_and_ask_and_finds_them_again(self, desk):
        ticker = desk.ib.reqMktData(AAPL)
        await desk.until(lambda: ticker.hasBidAsk() and ticker.close > 0)
        desk.pass_time(20)
        await desk.until(lambda: (ticker.bid, ticker.ask) == (-1, -1))
        assert (ticker.bidSize, ticker.askSize, ticker.marketDataType) == (0, 0, 1)
        desk.paper.clock.jump(datetime(2026, 3, 9, 8, 0, 5, tzinfo=UTC))
        desk.paper.step()
        await desk.until(ticker.hasBidAsk)
        assert ticker.bid == float(desk.paper.venue.quote(265598).bid)

    async def test_a_frozen_line_keeps_them_and_says_so(self, desk):
        desk.ib.reqMarketDataType(2)
        ticker = desk.ib.reqMktData(AAPL)
        await desk.until(ticker.hasBidAsk)
        assert ticker.marketDataType == 1
        desk.pass_time(20)
        await desk.until(lambda: ticker.marketDataType == 2)
        last = desk.paper.venue.quote(265598)
        assert (ticker.bid, ticker.ask) == (float(last.bid), float(last.ask))
        desk.paper.clock.jump(datetime(2026, 3, 9, 8, 0, 5, tzinfo=UTC))
        desk.paper.step()
        await desk.until(lambda: ticker.marketDataType == 1)

    async def test_a_line_that_begins_in_a_closed_market(self, desk):
        desk.pass_time(3600)
        ticker = desk.ib.reqMktData(AAPL)
        await desk.until(lambda: ticker.last > 0)
        assert (ticker.bid, ticker.ask) == (-1, -1)
        desk.ib.reqMarketDataType(2)
        frozen = desk.ib.reqMktData(MSFT)
        await desk.until(lambda: frozen.hasBidAsk() and frozen.marketDataType == 2)
        desk.ib.reqMarketDataType(4)
        late = desk.ib.reqMktData(SPY)
        await desk.until(lambda: late.hasBidAsk() and late.marketDataType == 4)

    async def test_delayed_data_closes_late(self, desk):
        desk.ib.reqMarketDataType(3)
        ticker = desk.ib.reqMktData(AAPL)
        await desk.until(ticker.hasBidAsk)
        desk.pass_time(60)
        await desk.heard()
        assert ticker.bid > 0
        desk.pass_time(DELAY.total_seconds())
        await asyncio.wait_for(desk.until(lambda: ticker.bid == -1), 5)
        assert ticker.marketDataType == 3
