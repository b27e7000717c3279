"""Accounts: values, portfolio, positions, summaries, profit and loss, for several accounts and several clients."""

from __future__ import annotations

import pytest
from ib_async import IB, LimitOrder, MarketOrder, Stock

from ironbridge.exchange.accounts import AccountSpec
from ironbridge.paper import PaperGateway

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
ACCOUNT = "DU1000001"


def values(desk, currency="USD"):
    return {each.tag: each.value for each in desk.ib.accountValues() if each.currency == currency}


async def test_a_statement_is_whole(desk):
    base = values(desk)
    for tag in ("NetLiquidation", "TotalCashValue", "AvailableFunds", "EquityWithLoanValue", "CashBalance"):
        assert base[tag] == "1000000.00", tag
    assert base["BuyingPower"] == "2000000.00"
    assert values(desk, "BASE")["TotalCashBalance"] == "1000000.00"
    assert values(desk, "")["AccountReady"] == "true"
    assert len(desk.ib.accountValues()) > 100


async def test_a_fill_changes_the_statement(desk):
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 100)))
    cost = trade.orderStatus.avgFillPrice * 100 + 1
    await desk.until(lambda: values(desk)["TotalCashValue"] == f"{1_000_000 - cost:.2f}")
    (item,) = desk.ib.portfolio()
    assert (item.position, item.account) == (100, ACCOUNT)
    assert item.marketValue == pytest.approx(item.marketPrice * 100)
    assert item.averageCost == pytest.approx(cost / 100)
    assert float(values(desk)["InitMarginReq"]) > 0


async def test_a_closed_position_is_said_to_be_closed(desk):
    await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 10)))
    await desk.until(desk.ib.positions)
    await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("SELL", 10)))
    await desk.until(lambda: not desk.ib.positions() and not desk.ib.portfolio())


async def test_the_statement_is_said_again_in_time(desk):
    await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 100)))
    await desk.until(desk.ib.portfolio)
    before = desk.ib.portfolio()[0].marketPrice
    desk.pass_time(181)
    await desk.until(lambda: desk.ib.portfolio()[0].marketPrice != before)
    assert values(desk)["NetLiquidation"] != "1000000.00"


async def test_summaries(desk):
    summary = {each.tag: each for each in await desk.ib.accountSummaryAsync()}
    assert summary["NetLiquidation"].value == "1000000.00"
    assert summary["NetLiquidation"].currency == "USD"
    assert summary["AccountType"].value == "INDIVIDUAL"


async def test_summaries_by_currency(desk):
    heard = []
    desk.ib.accountSummaryEvent += heard.append
    desk.ib.client.reqAccountSummary(71, "All", "$LEDGER:USD")
    await desk.until(
        lambda: {each.tag for each in heard} >= {"CashBalance", "ExchangeRate", "NetLiquidationByCurrency"}
    )
    assert {each.currency for each in heard} == {"USD"}


async def test_two_summaries_at_most(desk):
    for number in (71, 72, 73):
        desk.ib.client.reqAccountSummary(number, "All", "NetLiquidation")
    assert "Maximum number of account summary requests exceeded" in await desk.error(322, 73)
    desk.ib.client.cancelAccountSummary(71)
    desk.ib.client.reqAccountSummary(74, "All", "NetLiquidation")
    await desk.ib.reqCurrentTimeAsync()
    assert [number for number, code, _ in desk.errors if code == 322] == [73]


async def test_profit_and_loss(desk):
    pnl = desk.ib.reqPnL(ACCOUNT)
    await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 100)))
    single = desk.ib.reqPnLSingle(ACCOUNT, "", AAPL.conId)
    await desk.until(lambda: pnl.dailyPnL < 0 and single.position == 100)
    assert single.value == pytest.approx(float(desk.paper.venue.account(ACCOUNT).positions[0].market_value))
    before = single.unrealizedPnL
    desk.pass_time(10)
    await desk.until(lambda: single.unrealizedPnL != before)


async def test_positions_of_all_accounts_and_of_one():
    accounts = (AccountSpec("DU1"), AccountSpec("DU2"))
    async with PaperGateway(port=0, accounts=accounts) as paper:
        ib = IB()
        ib.RaiseRequestErrors = True
        await ib.connectAsync("127.0.0.1", paper.port, clientId=1)
        assert ib.managedAccounts() == ["DU1", "DU2"]
        filled = ib.placeOrder(AAPL, MarketOrder("BUY", 3, account="DU2"))
        await filled.filledEvent
        assert [(each.account, each.position) for each in await ib.reqPositionsAsync()] == [("DU2", 3)]
        heard = []
        ib.errorEvent += lambda *args: heard.append(args[:2])
        number = ib.client.getReqId()
        ib.client.placeOrder(number, AAPL, MarketOrder("BUY", 1))
        await ib.reqCurrentTimeAsync()
        assert (number, 435) in heard
        ib.disconnect()


async def test_an_unknown_account(desk):
    desk.ib.client.reqAccountUpdatesMulti(71, "DU9", "", False)
    assert "Invalid account code 'DU9'" in await desk.error(321, 71)


async def test_short_sales_need_margin_and_buying_power_is_counted(desk):
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("SELL", 100)))
    assert trade.orderStatus.status == "Filled"
    await desk.until(desk.ib.positions)
    assert desk.ib.positions()[0].position == -100
    resting = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100.0))
    await desk.until(lambda: resting.orderStatus.status == "Submitted")
    assert float(values(desk)["BuyingPower"]) < 2_000_000
