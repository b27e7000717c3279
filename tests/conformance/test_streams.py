"""Streams beyond the top of book: every tick, depth with and without market makers, bars of five seconds."""

from __future__ import annotations

import pytest
from tests.conformance.conftest import START
from tests.conformance.vocabulary import AAPL, AAPL_ID, EURUSD, stock

TICK_CALLBACKS = {
    "Last": "tickByTickAllLast",
    "AllLast": "tickByTickAllLast",
    "BidAsk": "tickByTickBidAsk",
    "MidPoint": "tickByTickMidPoint",
}


@pytest.mark.parametrize("kind", TICK_CALLBACKS)
def test_every_tick(client, gateway, kind):
    callback = TICK_CALLBACKS[kind]
    client.ask("reqTickByTickData", 51, AAPL, kind, 0, False)
    client.settled()
    gateway.clock.advance(20)
    tick = client.wait(callback, number=51)
    assert START.timestamp() <= tick.time <= START.timestamp() + 20
    match kind:
        case "BidAsk":
            assert 0 < tick.bid < tick.ask
            assert tick.bid_size > 0
        case "MidPoint":
            assert tick.middle > 0
        case _:
            assert tick.kind == (1 if kind == "Last" else 2)
            assert tick.price > 0
            assert tick.size > 0
            assert tick.exchange
    client.ask("cancelTickByTickData", 51)
    client.settled()
    client.forget()
    gateway.clock.advance(20)
    client.settled()
    assert client.heard(callback) == []


def test_ticks_before_a_stream(client):
    client.ask("reqTickByTickData", 51, AAPL, "Last", 10, False)
    earlier = client.wait("historicalTicksLast", number=51)
    assert len(earlier.ticks) == 10


def test_five_streams_of_every_tick(client):
    for number, symbol in enumerate(("AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META"), 61):
        client.ask("reqTickByTickData", number, stock(symbol), "Last", 0, False)
    assert client.error(10190, 66) == "Max number of tick-by-tick requests has been reached."


def rows(client, callback, number):
    """The book as a client builds it from the rows that it is told."""
    book = {0: {}, 1: {}}
    for each in client.heard(callback, number=number):
        side = book[each.side]
        match each.operation:
            case 0:
                for row in sorted((row for row in side if row >= each.row), reverse=True):
                    side[row + 1] = side.pop(row)
                side[each.row] = each.price
            case 1:
                side[each.row] = each.price
            case 2:
                side.pop(each.row)
                for row in sorted(row for row in side if row > each.row):
                    side[row - 1] = side.pop(row)
    return [[book[side][row] for row in sorted(book[side])] for side in (1, 0)]


def test_depth(client, gateway):
    client.ask("reqMktDepth", 52, AAPL, 5, False, [])
    client.wait("updateMktDepth", number=52, row=4, side=0)
    client.settled()
    gateway.clock.advance(30)
    client.settled()
    bids, asks = rows(client, "updateMktDepth", 52)
    book = gateway.venue.quote(AAPL_ID)
    assert (bids[0], asks[0]) == (float(book.bid), float(book.ask))
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert len(bids) == len(asks) == 5
    client.ask("cancelMktDepth", 52, False)
    client.settled()
    client.forget()
    gateway.clock.advance(10)
    client.settled()
    assert client.heard("updateMktDepth") == []


def test_depth_by_market_maker(client):
    client.ask("reqMktDepth", 53, AAPL, 3, True, [])
    client.wait("updateMktDepthL2", number=53, row=2, side=1)
    client.settled()
    told = client.heard("updateMktDepthL2", number=53)
    assert all(each.maker for each in told)
    assert all(each.smart is True for each in told)


def test_three_books_at_a_time(client):
    for number in range(71, 75):
        client.ask("reqMktDepth", number, AAPL, 5, False, [])
    assert client.error(309, 74) == "Max number (3) of market depth requests has been reached."


def test_cancelling_a_book_that_is_not_there(client):
    client.ask("cancelMktDepth", 79, False)
    client.error(310, 79)


def test_bars_of_five_seconds(client, gateway):
    client.ask("reqRealTimeBars", 54, AAPL, 5, "TRADES", False, [])
    client.settled()
    gateway.clock.advance(11)
    first, second = client.wait_all(2, "realtimeBar", number=54)
    assert (first.time, second.time) == (START.timestamp(), START.timestamp() + 5)
    assert first.low <= first.open <= first.high
    client.ask("cancelRealTimeBars", 54)
    client.settled()
    client.forget()
    gateway.clock.advance(11)
    client.settled()
    assert client.heard("realtimeBar") == []


def test_bars_of_what_is_never_traded(client):
    client.ask("reqRealTimeBars", 55, EURUSD, 5, "TRADES", False, [])
    client.error(420, 55)
