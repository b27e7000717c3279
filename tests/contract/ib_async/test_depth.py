"""Books: what ib_async holds is the venue's book, whatever happened in between."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from ib_async import Forex, Future, Index, LimitOrder, MarketOrder, Stock
from ib_async.wrapper import RequestError

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


async def caught_up(desk):
    await desk.ib.reqCurrentTimeAsync()


def held(levels):
    return [(level.price, level.size) for level in levels]


def true(levels):
    return [(float(level.price), float(level.size)) for level in levels]


async def random_life(desk, dice, rounds=40):
    """Orders near the market come, rest, fill and go while time passes."""
    trades = []
    for _ in range(rounds):
        quote = desk.paper.venue.quote(265598)
        choice = dice.random()
        if choice < 0.5:
            buy = dice.random() < 0.5
            near = float(quote.bid if buy else quote.ask) + dice.randint(-4, 4) / 100
            order = LimitOrder("BUY" if buy else "SELL", dice.randint(1, 900), round(near, 2), outsideRth=True)
            trades.append(desk.ib.placeOrder(AAPL, order))
        elif choice < 0.6:
            trades.append(desk.ib.placeOrder(AAPL, MarketOrder("BUY", dice.randint(1, 500))))
        elif choice < 0.8 and trades:
            trade = dice.choice(trades)
            if trade.isActive():
                desk.ib.cancelOrder(trade.order)
        await caught_up(desk)
        desk.pass_time(dice.choice((0.25, 0.5, 1, 5)))
    await caught_up(desk)


@pytest.mark.parametrize("seed", (1, 2, 3))
async def test_the_book_is_the_venues_after_a_random_run(desk, seed):
    ticker = desk.ib.reqMktDepth(AAPL, 8)
    await caught_up(desk)
    await random_life(desk, random.Random(seed))
    book = desk.paper.venue.book(265598, 8)
    assert held(ticker.domBids) == true(book.bids)
    assert held(ticker.domAsks) == true(book.asks)
    assert ticker.domBids[0].price < ticker.domAsks[0].price
    assert {level.marketMaker for level in ticker.domBids} == {""}


async def test_the_smart_book_adds_up_to_the_venues(desk):
    ticker = desk.ib.reqMktDepth(AAPL, 60, isSmartDepth=True)
    await caught_up(desk)
    await random_life(desk, random.Random(4))
    book = desk.paper.venue.book(265598, 60)
    for rows, levels in ((ticker.domBids, book.bids), (ticker.domAsks, book.asks)):
        sums = defaultdict(float)
        for row in rows:
            sums[row.price] += row.size
            assert row.marketMaker
        assert list(sums.items()) == true(levels)
    assert len({row.marketMaker for row in ticker.domBids}) > 2


async def test_no_more_rows_than_asked_for(desk):
    for smart in (False, True):
        ticker = desk.ib.reqMktDepth(AAPL, 3, isSmartDepth=smart)
        await caught_up(desk)
        for _ in range(20):
            desk.pass_time(1)
            await caught_up(desk)
            assert len(ticker.domBids) == len(ticker.domAsks) == 3
        desk.ib.cancelMktDepth(AAPL, smart)


async def test_ones_own_order_stands_in_the_book_at_once(desk):
    ticker = desk.ib.reqMktDepth(AAPL, 5)
    await caught_up(desk)
    bid, size = held(ticker.domBids)[0]
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 123, bid))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    await caught_up(desk)
    assert held(ticker.domBids)[0] == (bid, size + 123)
    desk.ib.cancelOrder(trade.order)
    await desk.done(trade)
    await caught_up(desk)
    assert held(ticker.domBids)[0] == (bid, size)


async def test_one_exchange_shows_its_part(desk, connect):
    other = await connect(client=2)
    whole = desk.ib.reqMktDepth(AAPL, 60, isSmartDepth=True)
    await caught_up(desk)
    name = whole.domAsks[0].marketMaker
    part = other.ib.reqMktDepth(Stock("AAPL", name, "USD", conId=265598), 60)
    await caught_up(other)
    assert part.domAsks[0] == whole.domAsks[0]
    assert held(part.domAsks) == held(row for row in whole.domAsks if row.marketMaker == name)
    assert held(part.domBids) == held(row for row in whole.domBids if row.marketMaker == name)


async def test_other_kinds_have_books(desk):
    (future,) = await desk.ib.qualifyContractsAsync(Future("ES", "202606", "CME"))
    for contract in (Forex("EURUSD", conId=12087792), future):
        ticker = desk.ib.reqMktDepth(contract, 4)
        await caught_up(desk)
        assert held(ticker.domBids) == true(desk.paper.venue.book(contract.conId, 4).bids)


async def test_a_cancelled_book_is_silent(desk):
    ticker = desk.ib.reqMktDepth(AAPL, 5)
    await caught_up(desk)
    desk.ib.cancelMktDepth(AAPL)
    await caught_up(desk)
    desk.pass_time(30)
    await caught_up(desk)
    assert ticker.domBids == []
    desk.ib.client.cancelMktDepth(77, False)
    assert await desk.error(310, 77) == "Can't find the subscribed market depth with tickerId:77"


async def test_the_fourth_book(desk):
    for number in range(6001, 6005):
        desk.ib.wrapper.startTicker(number, AAPL, f"depth{number}")
        desk.ib.client.reqMktDepth(number, AAPL, 5, False, [])
    assert await desk.error(309, 6004) == "Max number (3) of market depth requests has been reached."


async def test_what_has_no_book(desk):
    (index,) = await desk.ib.qualifyContractsAsync(Index("SPX", "CBOE"))
    desk.ib.client.reqMktDepth(6001, index, 5, False, [])
    assert "Deep market data is not supported" in await desk.error(10092, 6001)
    desk.ib.client.reqMktDepth(6002, AAPL, 0, False, [])
    assert "rows" in await desk.error(321, 6002)
    desk.ib.client.reqMktDepth(6003, Stock("NOSUCH", "SMART", "USD"), 5, False, [])
    await desk.error(200, 6003)


async def test_who_shows_books(desk):
    exchanges = await desk.ib.reqMktDepthExchangesAsync()
    assert {"NASDAQ", "ARCA", "CME", "IDEALPRO"} <= {each.exchange for each in exchanges}
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(lambda: ticker.bboExchange)
    components = await desk.ib.reqSmartComponentsAsync(ticker.bboExchange)
    assert ("NASDAQ", "Q") in {(each.exchange, each.exchangeLetter) for each in components}
    assert [each.bitNumber for each in components] == list(range(len(components)))
    with pytest.raises(RequestError) as refused:
        await desk.ib.reqSmartComponentsAsync("zz")
    assert refused.value.code == 322
