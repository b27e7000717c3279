"""Scanners, news, bulletins and the option calculators; and what needs a subscription that a paper account has not."""

from __future__ import annotations

import pytest
from tests.conformance.vocabulary import AAPL, AAPL_ID, call_near


def scan(code="TOP_PERC_GAIN", **more):
    return {
        "$": "ScannerSubscription", "numberOfRows": 10, "instrument": "STK", "locationCode": "STK.US.MAJOR",
        "scanCode": code, **more,
    }  # fmt: skip


def test_a_scanner(client):
    client.ask("reqScannerSubscription", 111, scan(), [], [])
    client.wait("scannerDataEnd", number=111)
    rows = client.heard("scannerData", number=111)
    assert [row.rank for row in rows] == list(range(10))
    assert all(row.details["contract"]["conId"] > 0 for row in rows)
    client.ask("cancelScannerSubscription", 111)
    client.error(162, 111)


def test_a_scanner_is_told_again(client, gateway):
    client.ask("reqScannerSubscription", 111, scan(), [], [])
    client.wait("scannerDataEnd", number=111)
    client.forget()
    gateway.clock.advance(31)
    client.wait("scannerDataEnd", number=111)


def test_a_scanner_with_a_filter(client):
    client.ask("reqScannerSubscription", 112, scan(abovePrice=300.0), [], [])
    client.wait("scannerDataEnd", number=112)
    assert client.heard("scannerData", number=112)


def test_a_scanner_that_is_not_offered(client):
    client.ask("reqScannerSubscription", 113, scan("NO_SUCH_SCAN"), [], [])
    assert "NO_SUCH_SCAN" in client.error(162, 113)


def test_the_parameters_of_scanners(client):
    client.ask("reqScannerParameters")
    assert "TOP_PERC_GAIN" in client.wait("scannerParameters").xml


def test_news(client):
    client.ask("reqNewsProviders")
    providers = client.wait("newsProviders").providers
    codes = "+".join(each["code"] for each in providers)
    client.ask("reqHistoricalNews", 114, AAPL_ID, codes, "", "", 3, [])
    client.wait("historicalNewsEnd", number=114)
    first, second, _ = client.heard("historicalNews", number=114)
    assert first.headline
    assert first.time >= second.time
    client.ask("reqNewsArticle", 115, first.provider, first.article, [])
    assert client.wait("newsArticle", number=115).text


def test_news_on_a_line(client, gateway):
    client.ask("reqMktData", 116, AAPL, "mdoff,292", False, False, [])
    client.settled()
    gateway.clock.advance(3 * 86_400)
    told = client.wait("tickNews", number=116)
    assert told.headline
    assert told.provider


def test_a_provider_that_there_is_not(client):
    client.ask("reqHistoricalNews", 117, AAPL_ID, "NOBODY", "", "", 3, [])
    client.error(10276, 117)


def test_bulletins(client):
    client.ask("reqNewsBulletins", True)
    told = client.wait("updateNewsBulletin")
    assert told.text
    client.ask("cancelNewsBulletins")
    client.settled()


def test_the_calculators(client, gateway):
    spot = float(gateway.venue.quote(AAPL_ID).mid)
    option = call_near(spot)
    client.ask("calculateOptionPrice", 118, option, 0.3, spot, [])
    priced = client.wait("tickOptionComputation", number=118)
    assert priced.kind == 53
    assert 0.2 < priced.delta < 0.8
    assert priced.under == spot
    client.ask("calculateImpliedVolatility", 119, option, priced.price, spot, [])
    assert client.wait("tickOptionComputation", number=119).volatility == pytest.approx(0.3, abs=1e-4)
    client.ask("cancelCalculateOptionPrice", 118)
    client.ask("cancelCalculateImpliedVolatility", 119)
    client.settled()


def test_fundamentals_need_a_subscription(client):
    client.ask("reqFundamentalData", 120, AAPL, "ReportSnapshot", [])
    client.error(430, 120)


def test_who_the_user_is(client, driver):
    if driver.version < 167:
        # The protocol had no such request yet: it is refused, for whoever sends it all the same.
        client.raw(104, 121)
        assert "needs version 167 and this connection has 157" in client.error(320, 121)
        return
    client.ask("reqUserInfo", 121)
    client.wait("userInfo", number=121)
