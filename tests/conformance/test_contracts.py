"""Instruments: details of every kind, what fits several or none, the search, option parameters, market rules."""

from __future__ import annotations

import pytest
from tests.conformance.vocabulary import AAPL_ID, EURUSD, SPX, contract, numbered, stock


def details_of(client, wanted, number=21):
    client.ask("reqContractDetails", number, wanted)
    client.wait("contractDetailsEnd", number=number)
    return [each.details for each in client.heard("contractDetails", number=number)]


def test_a_stock(client):
    (found,) = details_of(client, stock("AAPL"))
    about = found["contract"]
    assert about["conId"] == AAPL_ID
    assert (about["symbol"], about["secType"], about["currency"]) == ("AAPL", "STK", "USD")
    assert about["primaryExchange"] == "NASDAQ"
    assert found["longName"] == "APPLE INC"
    assert found["minTick"] == 0.01
    assert found["timeZoneId"] == "US/Eastern"
    assert found["stockType"] == "COMMON"
    assert {"MKT", "LMT", "STP", "TRAIL"} <= set(found["orderTypes"].split(","))
    assert len(found["validExchanges"].split(",")) == len(found["marketRuleIds"].split(","))
    assert found["tradingHours"].startswith("20260302:")
    assert "20260302:0930-20260302:1600" in found["liquidHours"]


def test_by_number_alone(client):
    (found,) = details_of(client, numbered(AAPL_ID))
    assert found["contract"]["symbol"] == "AAPL"


def test_a_currency_pair(client):
    (found,) = details_of(client, EURUSD)
    assert found["contract"]["localSymbol"] == "EUR.USD"
    assert found["contract"]["exchange"] == "IDEALPRO"
    assert 0 < found["minTick"] < 0.001


def test_an_index(client):
    (found,) = details_of(client, SPX)
    assert (found["contract"]["conId"], found["contract"]["secType"]) == (416904, "IND")


def test_a_future(client):
    (found,) = details_of(client, contract("FUT", "ES", "CME", lastTradeDateOrContractMonth="202606"))
    about = found["contract"]
    assert about["multiplier"] == "50"
    assert about["localSymbol"] == "ESM6"
    assert about["lastTradeDateOrContractMonth"] == "20260618"
    assert found["contractMonth"] == "202606"
    assert found["minTick"] == 0.25
    assert found["lastTradeTime"] == "08:30:00"
    assert (about["primaryExchange"], found["industry"], found["category"]) == ("", "", "")
    assert found["aggGroup"] is None  # IB says "no value": a future is not grouped


@pytest.mark.parametrize(
    ("symbol", "exchange", "under"),
    (
        ("ES", "CME", 11004968), ("MES", "CME", 362673777), ("NQ", "CME", 11004958), ("MNQ", "CME", 362687422),
        ("CL", "NYMEX", 17340715), ("MCL", "NYMEX", 500567051), ("GC", "COMEX", 17340718), ("MGC", "COMEX", 79702479),
    ),
)  # fmt: skip
def test_a_future_stands_on_an_index_of_its_own_name(client, symbol, exchange, under):
    """Not on what its price follows: IB names for each product an index that has the product's symbol."""
    found = details_of(client, contract("FUT", symbol, exchange))
    assert {(each["underSymbol"], each["underSecType"], each["underConId"]) for each in found} == {
        (symbol, "IND", under)
    }


def test_an_option(client):
    wanted = contract("OPT", "AAPL", lastTradeDateOrContractMonth="202606", strike=270.0, right="C", multiplier="100")
    (found, *_) = details_of(client, wanted)
    about = found["contract"]
    assert (about["strike"], about["right"], about["multiplier"]) == (270.0, "C", "100")
    assert about["lastTradeDateOrContractMonth"].startswith("202606")
    assert found["underConId"] == AAPL_ID
    assert found["underSymbol"] == "AAPL"


def test_a_whole_expiry_is_one_request(client):
    (first, *_) = details_of(client, contract("OPT", "AAPL", lastTradeDateOrContractMonth="202606", right="P"))
    expiry = first["contract"]["lastTradeDateOrContractMonth"]
    chain = details_of(client, contract("OPT", "AAPL", lastTradeDateOrContractMonth=expiry), number=22)
    assert len(chain) > 50
    assert {each["contract"]["lastTradeDateOrContractMonth"] for each in chain} == {expiry}
    assert len({each["contract"]["conId"] for each in chain}) == len(chain)


def test_several_that_fit_are_all_named(client):
    found = details_of(client, contract("FUT", "ES", "CME"))
    assert len({each["contract"]["conId"] for each in found}) == len(found) > 1


def test_an_ambiguous_one_has_no_price(client):
    client.ask("reqMktData", 23, contract("FUT", "ES", "CME"), "", False, False, [])
    assert client.error(200, 23) == "The contract description specified for ES is ambiguous."


def test_none_that_fits_is_an_error_and_no_end(client):
    client.ask("reqContractDetails", 24, stock("NOSUCH"))
    assert client.error(200, 24) == "No security definition has been found for the request"
    client.settled()
    assert client.heard("contractDetailsEnd") == []


def test_the_search_for_symbols(client):
    client.ask("reqMatchingSymbols", 25, "AAP")
    samples = client.wait("symbolSamples", number=25).samples
    (found,) = [each for each in samples if each["contract"]["conId"] == AAPL_ID]
    assert found["contract"]["symbol"] == "AAPL"
    assert "OPT" in found["derivativeSecTypes"]
    client.ask("reqMatchingSymbols", 29, "MES")
    (micro, *_) = client.wait("symbolSamples", number=29).samples
    assert (micro["contract"]["secType"], micro["derivativeSecTypes"]) == ("IND", ["FUT"])
    client.ask("reqMatchingSymbols", 26, "ZZZZZZZ")
    assert client.wait("symbolSamples", number=26).samples == []


def test_option_parameters(client):
    client.ask("reqSecDefOptParams", 27, "AAPL", "", "STK", AAPL_ID)
    client.wait("securityDefinitionOptionParameterEnd", number=27)
    found = client.heard("securityDefinitionOptionParameter", number=27)
    (smart,) = [each for each in found if (each.exchange, each.trading_class) == ("SMART", "AAPL")]
    assert (int(smart.under), smart.multiplier) == (AAPL_ID, "100")
    assert len(smart.expirations) > 10
    assert all(len(each) == 8 for each in smart.expirations)
    assert 270.0 in smart.strikes


@pytest.mark.parametrize(
    ("wanted", "increment"), ((stock("AAPL"), 0.01), (contract("FUT", "ES", "CME"), 0.25)), ids=("stock", "future")
)
def test_market_rules(client, wanted, increment):
    (found, *_) = details_of(client, wanted)
    rule = int(found["marketRuleIds"].split(",")[0])
    client.ask("reqMarketRule", rule)
    increments = client.wait("marketRule", rule=rule).increments
    assert increments[0]["lowEdge"] == 0
    assert increments[0]["increment"] in {increment, 0.0001}


def test_depth_exchanges_and_smart_components(client):
    client.ask("reqMktDepthExchanges")
    exchanges = client.wait("mktDepthExchanges").exchanges
    assert "STK" in {each["secType"] for each in exchanges}
    client.ask("reqSmartComponents", 28, "9c0001")
    components = client.wait("smartComponents", number=28).components
    assert "NASDAQ" in {each["exchange"] for each in components}
