"""Top of book: the order in which a stream begins, live and delayed, snapshots, generic ticks, options, refusals."""

from __future__ import annotations

import pytest
from tests.conformance.vocabulary import AAPL, AAPL_ID, EURUSD, SPX, call_near, contract, stock

from ironbridge.paper import Access, Entitlements, Rule

UNPAID = Entitlements((Rule(Access.NONE, symbol="SPY"), Rule(Access.DELAYED, exchange="NASDAQ")))
BID, ASK, LAST = 1, 2, 4
TICKS = (
    "marketDataType",
    "tickReqParams",
    "tickPrice",
    "tickSize",
    "tickString",
    "tickGeneric",
    "tickOptionComputation",
)


def stream(client, wanted, number=31, generic="", *, snapshot=False):
    client.ask("reqMktData", number, wanted, generic, snapshot, False, [])
    return number


def price(client, number, kind):
    return client.wait("tickPrice", number=number, kind=kind).price


def test_a_stream_begins_with_its_parameters(client):
    stream(client, AAPL)
    client.wait("tickPrice", kind=ASK)
    client.settled()
    first, *rest = client.heard(*TICKS)
    assert first.name == "tickReqParams"
    assert (first.min_tick, first.permissions) == (0.01, 3)
    assert first.exchange
    kinds = {each.kind for each in rest if each.name == "tickPrice"}
    assert {1, 2, 4, 6, 7, 9, 14} <= kinds
    assert {0, 3, 5, 8} <= {each.kind for each in rest if each.name == "tickSize"}
    assert client.heard("marketDataType") == []


def test_prices_are_the_venues(client, gateway):
    stream(client, AAPL)
    quote = gateway.venue.quote(AAPL_ID)
    assert price(client, 31, BID) == float(quote.bid)
    assert price(client, 31, ASK) == float(quote.ask)
    assert client.wait("tickSize", number=31, kind=0).size == float(quote.bid_size)


def test_a_stream_moves(client, gateway):
    stream(client, AAPL)
    client.settled()
    client.forget()
    gateway.clock.advance(20)
    client.wait("tickPrice", number=31, kind=BID)
    client.wait("tickSize", number=31, kind=8)
    client.settled()
    last = client.heard("tickPrice", number=31, kind=BID)[-1]
    assert last.price == float(gateway.venue.quote(AAPL_ID).bid)


def test_a_cancelled_stream_is_silent(client, gateway):
    stream(client, AAPL)
    client.settled()
    client.ask("cancelMktData", 31)
    client.settled()
    client.forget()
    gateway.clock.advance(60)
    client.settled()
    assert client.heard(*TICKS) == []


def test_a_number_is_used_again_after_its_cancellation(client):
    for _ in range(2):
        stream(client, AAPL)
        client.wait("tickPrice", number=31, kind=BID)
        client.ask("cancelMktData", 31)
        client.forget()


def test_cancelling_what_is_not_there(client):
    client.ask("cancelMktData", 77)
    assert client.error(300, 77) == "Can't find EId with tickerId:77"


def test_a_number_in_use(client):
    stream(client, AAPL)
    stream(client, stock("MSFT"))
    assert "Duplicate ticker id" in client.error(322, 31)


def test_an_unknown_contract(client):
    stream(client, stock("NOSUCH"))
    assert client.error(200, 31) == "No security definition has been found for the request"


def test_delayed_data_is_announced_and_numbered_apart(client):
    client.ask("reqMarketDataType", 3)
    stream(client, AAPL)
    client.wait("tickPrice", number=31, kind=67)
    client.settled()
    told = client.heard(*TICKS)
    assert (told[0].name, told[0].kind) == ("marketDataType", 3)
    assert told[1].name == "tickReqParams"
    kinds = {each.kind for each in told if each.name == "tickPrice"}
    assert {66, 67, 68, 72, 73, 75} <= kinds
    assert not kinds & {1, 2, 4}
    assert {69, 70, 71, 74} <= {each.kind for each in told if each.name == "tickSize"}


@pytest.mark.paper_gateway(entitlements=UNPAID, speed=0)
def test_data_that_is_not_paid_for(client):
    stream(client, stock("SPY"), 32)
    assert client.error(354, 32) == "Requested market data is not subscribed."
    stream(client, AAPL, 33)
    assert "Delayed market data is available." in client.error(10089, 33)
    client.ask("reqMarketDataType", 3)
    stream(client, AAPL, 34)
    assert "Displaying delayed market data." in client.error(10167, 34)
    assert price(client, 34, 66) > 0


def test_live_data_comes_back_for_new_requests(client):
    client.ask("reqMarketDataType", 3)
    client.ask("reqMarketDataType", 1)
    stream(client, AAPL)
    assert price(client, 31, BID) > 0
    client.settled()
    assert client.heard("tickPrice", kind=66) == []


def test_an_unknown_kind_of_data_is_refused(client):
    client.ask("reqMarketDataType", 9)
    assert "Invalid market data type" in client.error(321)


def test_a_snapshot_ends(client, gateway):
    stream(client, AAPL, snapshot=True)
    client.wait("tickSnapshotEnd", number=31)
    assert {BID, ASK, LAST} <= {each.kind for each in client.heard("tickPrice", number=31)}
    client.forget()
    gateway.clock.advance(30)
    client.settled()
    assert client.heard(*TICKS) == []


def test_a_snapshot_has_no_generic_ticks(client):
    stream(client, AAPL, generic="233", snapshot=True)
    assert "not applicable to generic ticks" in client.error(321, 31)


def test_an_index_has_a_last_and_no_book(client):
    stream(client, SPX)
    assert price(client, 31, LAST) > 1000
    client.settled()
    assert [each for each in client.heard("tickPrice") if each.kind in {BID, ASK} and each.price > 0] == []


def test_a_pair_has_a_book_and_no_last(client):
    stream(client, EURUSD)
    assert 0 < price(client, 31, BID) < price(client, 31, ASK)
    client.settled()
    assert [each for each in client.heard("tickPrice", kind=LAST) if each.price > 0] == []


def test_a_future(client):
    stream(client, contract("FUT", "ES", "CME", lastTradeDateOrContractMonth="202606"))
    assert (price(client, 31, BID) / 0.25).is_integer()
    assert client.wait("tickReqParams").min_tick == 0.25


def test_an_option_brings_its_greeks(client, gateway):
    stream(client, call_near(gateway.venue.quote(AAPL_ID).mid))
    model = client.wait("tickOptionComputation", number=31, kind=13)
    assert 0.1 < model.delta < 0.9
    assert 0.05 < model.volatility < 2
    assert model.price > 0
    assert model.gamma > 0
    assert model.vega > 0
    assert model.theta < 0
    assert model.under > 100
    client.settled()
    assert {10, 11, 13} <= {each.kind for each in client.heard("tickOptionComputation")}


def test_generic_ticks(client, gateway):
    stream(client, AAPL, generic="100,101,104,106,165,225,233,236")
    for kind in (15, 20):
        assert price(client, 31, kind) > 0
    for kind in (23, 24):
        assert 0 < client.wait("tickGeneric", number=31, kind=kind).value < 3
    client.wait("tickGeneric", number=31, kind=46)
    client.forget()
    gateway.clock.advance(30)
    trade = client.wait("tickString", number=31, kind=48).value.split(";")
    assert len(trade) == 6


def test_generic_ticks_that_do_not_exist(client):
    stream(client, AAPL, generic="999")
    assert "Incorrect generic tick list of 999." in client.error(321, 31)


def test_the_account_has_a_hundred_lines(client):
    for number in range(1001, 1101):
        client.ask("reqMktData", number, stock("SPY"), "", False, False, [])
    client.ask("reqMktData", 1101, stock("SPY"), "", False, False, [])
    assert client.error(101, 1101) == "Max number of tickers has been reached"
    client.ask("cancelMktData", 1001)
    client.forget()
    stream(client, AAPL, 1102)
    assert price(client, 1102, BID) > 0
