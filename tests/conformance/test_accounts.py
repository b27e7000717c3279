"""Accounts: values, portfolio, positions, summaries, profit and loss; what ends with its End, what goes on."""

from __future__ import annotations

import pytest
from tests.conformance.conftest import ACCOUNT
from tests.conformance.vocabulary import AAPL, AAPL_ID, market


def bought(client, quantity=100):
    number = client.place(AAPL, market("BUY", quantity))
    average = client.status(number, "Filled").average
    client.wait("commissionReport")
    return average


def test_no_positions_end_at_once(client):
    client.ask("reqPositions")
    client.wait("positionEnd")
    assert client.heard("position") == []


def test_positions(client):
    average = bought(client)
    client.ask("reqPositions")
    client.wait("positionEnd")
    (position,) = client.heard("position")
    assert (position.account, position.position) == (ACCOUNT, 100)
    assert (position.contract["conId"], position.contract["symbol"]) == (AAPL_ID, "AAPL")
    assert position.average == pytest.approx(average + 0.01)


def test_positions_follow_fills_until_they_are_cancelled(client):
    client.ask("reqPositions")
    client.wait("positionEnd")
    bought(client)
    assert client.wait("position").position == 100
    client.ask("cancelPositions")
    client.settled()
    client.forget()
    client.status(client.place(AAPL, market("SELL", 100)), "Filled")
    client.settled()
    assert client.heard("position") == []


def test_a_closed_position_is_told_as_zero(client):
    client.ask("reqPositions")
    bought(client)
    client.wait("position", position=100)
    client.place(AAPL, market("SELL", 100))
    client.wait("position", position=0)


def test_positions_of_one_account(client):
    bought(client)
    client.ask("reqPositionsMulti", 95, ACCOUNT, "")
    client.wait("positionMultiEnd", number=95)
    (position,) = client.heard("positionMulti", number=95)
    assert (position.account, position.model, position.position) == (ACCOUNT, "", 100)
    client.ask("cancelPositionsMulti", 95)
    client.settled()


def test_account_updates(client):
    client.ask("reqAccountUpdates", True, ACCOUNT)
    client.wait("accountDownloadEnd", account=ACCOUNT)
    client.wait("updateAccountTime")
    values = {each.key: each.value for each in client.heard("updateAccountValue") if each.currency == "USD"}
    for key in ("NetLiquidation", "TotalCashValue", "AvailableFunds", "EquityWithLoanValue", "CashBalance"):
        assert values[key] == "1000000.00", key
    assert values["BuyingPower"] == "2000000.00"
    assert len(client.heard("updateAccountValue")) > 100
    assert {each.account for each in client.heard("updateAccountValue")} == {ACCOUNT}
    assert client.heard("updatePortfolio") == []


def test_a_fill_changes_the_portfolio(client):
    client.ask("reqAccountUpdates", True, ACCOUNT)
    client.wait("accountDownloadEnd")
    client.forget()
    average = bought(client)
    item = client.wait("updatePortfolio")
    assert (item.contract["conId"], item.position, item.account) == (AAPL_ID, 100, ACCOUNT)
    assert item.average == pytest.approx(average + 0.01)
    assert item.value == pytest.approx(item.price * 100, abs=0.02)
    cash = f"{1_000_000 - average * 100 - 1:.2f}"
    client.wait("updateAccountValue", key="TotalCashValue", currency="USD", value=cash)


def test_account_updates_come_every_three_minutes_and_end(client, gateway):
    client.ask("reqAccountUpdates", True, ACCOUNT)
    bought(client)
    client.settled()
    client.forget()
    gateway.clock.advance(181)
    client.wait("updatePortfolio")
    client.ask("reqAccountUpdates", False, ACCOUNT)
    client.settled()
    client.forget()
    gateway.clock.advance(181)
    client.settled()
    assert client.heard("updatePortfolio", "updateAccountValue") == []


def test_account_updates_of_models(client):
    client.ask("reqAccountUpdatesMulti", 96, ACCOUNT, "", False)
    client.wait("accountUpdateMultiEnd", number=96)
    values = {(each.key, each.currency): each.value for each in client.heard("accountUpdateMulti", number=96)}
    assert values["NetLiquidation", "USD"] == "1000000.00"
    client.ask("cancelAccountUpdatesMulti", 96)
    client.settled()


def test_a_summary(client):
    client.ask("reqAccountSummary", 97, "All", "NetLiquidation,BuyingPower,AccountType")
    client.wait("accountSummaryEnd", number=97)
    told = {each.tag: each for each in client.heard("accountSummary", number=97)}
    assert set(told) == {"NetLiquidation", "BuyingPower", "AccountType"}
    assert (told["NetLiquidation"].value, told["NetLiquidation"].currency) == ("1000000.00", "USD")
    assert told["AccountType"].value == "INDIVIDUAL"
    assert {each.account for each in told.values()} == {ACCOUNT}
    client.ask("cancelAccountSummary", 97)
    client.settled()


def test_a_summary_by_currency(client):
    client.ask("reqAccountSummary", 97, "All", "$LEDGER:ALL")
    client.wait("accountSummaryEnd", number=97)
    cash = {each.currency: each.value for each in client.heard("accountSummary", tag="CashBalance")}
    assert float(cash["USD"]) == 1_000_000


def test_two_summaries_at_a_time(client):
    for number in (101, 102, 103):
        client.ask("reqAccountSummary", number, "All", "NetLiquidation")
    assert "Maximum number of account summary requests exceeded" in client.error(322, 103)


def test_an_unknown_account_is_refused(client):
    client.ask("reqAccountUpdates", True, "DU9")
    assert "Invalid account code" in client.error(321)


def test_profit_and_loss(client, gateway):
    bought(client)
    client.ask("reqPnL", 98, ACCOUNT, "")
    told = client.wait("pnl", number=98)
    assert -1000 < told.daily < 1000
    client.settled()
    client.forget()
    gateway.clock.advance(10)
    client.wait("pnl", number=98)
    client.ask("cancelPnL", 98)
    client.settled()


def test_profit_and_loss_of_one_position(client, gateway):
    bought(client)
    client.ask("reqPnLSingle", 99, ACCOUNT, "", AAPL_ID)
    told = client.wait("pnlSingle", number=99)
    assert told.position == 100
    assert told.value == pytest.approx(100 * float(gateway.venue.quote(AAPL_ID).mid), rel=0.01)
    client.ask("cancelPnLSingle", 99)
    client.settled()
