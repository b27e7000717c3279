"""An advisor with three clients, as ib_async sees it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from ib_async import ComboLeg, Contract, LimitOrder, MarketOrder, Stock

from ironbridge.exchange.accounts import AccountSpec
from ironbridge.paper import PaperClock, PaperGateway
from ironbridge.paper.advisor import Part

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
CASH = {"DU1": 400_000, "DU2": 400_000, "DU3": 1_200_000}
GROUPS = """<?xml version="1.0" encoding="UTF-8"?>
<ListOfGroups>
 <Group><name>Equals</name><ListOfAccts varName="list"><String>DU1</String><String>DU2</String></ListOfAccts>
  <defaultMethod>EqualQuantity</defaultMethod></Group>
 <Group><name>Odd</name><ListOfAccts varName="list"><String>DU1</String></ListOfAccts>
  <defaultMethod>PctChange</defaultMethod></Group>
</ListOfGroups>
"""


def a_gateway(path=None):
    accounts = ["DF1000000", *(AccountSpec(name, (("USD", Decimal(cash)),)) for name, cash in CASH.items())]
    clock = PaperClock(datetime(2026, 3, 2, 15, tzinfo=UTC), speed=0)
    return PaperGateway(port=0, seed=7, accounts=accounts, clock=clock, state_file=path, step=0.02)


@pytest.fixture
async def paper():
    async with a_gateway() as gateway:
        yield gateway


async def replaced(desk, text, part=1):
    ended = desk.ib.wrapper.startReq(77)
    desk.ib.wrapper.replaceFAEnd = desk.ib.wrapper._endReq
    desk.ib.client.replaceFA(77, part, text)
    return await ended


async def test_groups_are_taken_and_told(desk):
    assert await replaced(desk, GROUPS) == "success"
    xml = await desk.ib.requestFAAsync(1)
    assert "<name>Equals</name>" in xml
    assert "<String>DU2</String>" in xml
    assert "<account>DF1000000</account>" in await desk.ib.requestFAAsync(3)
    assert desk.ib.managedAccounts() == ["DF1000000", "DU1", "DU2", "DU3"]


@pytest.mark.parametrize(
    ("text", "cause"),
    (
        ("<ListOfGroups><Group>", "is no XML"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><ListOfGroups/>", "more than elements"),
        (GROUPS.replace("DU2", "DU9"), "Unknown account 'DU9'"),
        (GROUPS.replace("Odd", "Equals"), "given twice"),
    ),
)
async def test_what_is_no_configuration(desk, text, cause):
    desk.ib.client.replaceFA(78, 1, text)
    assert cause in await desk.error(321, 78)


async def test_equal_quantities(desk):
    await replaced(desk, GROUPS)
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 11, faGroup="Equals")))
    await desk.until(lambda: all(fill.commissionReport.execId for fill in trade.fills) and len(trade.fills) >= 2)
    assert trade.orderStatus.filled == 11
    got = {name: sum(f.execution.shares for f in trade.fills if f.execution.acctNumber == name) for name in CASH}
    assert got == {"DU1": 6, "DU2": 5, "DU3": 0}
    held = {each.account: each.position for each in await desk.ib.reqPositionsAsync()}
    assert held == {"DU1": 6, "DU2": 5}


async def test_by_net_liquidation(desk):
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 10, faGroup="All", faMethod="NetLiq")))
    got = {name: sum(f.execution.shares for f in trade.fills if f.execution.acctNumber == name) for name in CASH}
    assert got == {"DU1": 2, "DU2": 2, "DU3": 6}


async def test_a_what_if_of_a_group_is_that_of_its_accounts_together(desk):
    await replaced(desk, GROUPS)
    whole = await desk.ib.whatIfOrderAsync(AAPL, MarketOrder("BUY", 500, faGroup="Equals"))
    alone = [await desk.ib.whatIfOrderAsync(AAPL, MarketOrder("BUY", 250, account=name)) for name in ("DU1", "DU2")]
    for margin in ("initMarginChange", "maintMarginChange", "equityWithLoanAfter"):
        assert float(getattr(whole, margin)) == pytest.approx(sum(float(getattr(each, margin)) for each in alone)), (
            margin
        )
    assert whole.commission == 2.5  # of the order, not of each account's part
    assert not desk.paper.venue.orders()


async def test_a_combination_for_a_group_is_filled_leg_by_leg_for_each(desk):
    await replaced(desk, GROUPS)
    legs = [
        ComboLeg(conId=265598, ratio=1, action="BUY", exchange="SMART"),
        ComboLeg(conId=756733, ratio=2, action="SELL", exchange="SMART"),
    ]
    both = Contract(symbol="AAPL", secType="BAG", exchange="SMART", currency="USD", comboLegs=legs)
    trade = desk.ib.placeOrder(both, MarketOrder("BUY", 6, faGroup="Equals"))
    while not trade.isDone():
        desk.paper.clock.step(timedelta(seconds=1))
        await asyncio.sleep(0.02)
    assert trade.orderStatus.status == "Filled"
    held = {(name, each.con_id): each.quantity for name in ("DU1", "DU2") for each in positions(desk, name)}
    assert held == {("DU1", 265598): 3, ("DU1", 756733): -6, ("DU2", 265598): 3, ("DU2", 756733): -6}
    for name in ("DU1", "DU2"):
        mine = [fill for fill in trade.fills if fill.execution.acctNumber == name]
        bags = [fill for fill in mine if fill.contract.secType == "BAG"]
        assert sum(fill.execution.shares for fill in bags) == 3
        assert bags[-1].execution.cumQty == 3
        assert {fill.contract.symbol for fill in mine if fill.contract.secType == "STK"} == {"AAPL", "SPY"}


def positions(desk, name):
    return [holding for holding in desk.paper.venue.account(name).positions if holding.quantity]


async def test_what_cannot_be_allocated(desk):
    await replaced(desk, GROUPS)
    odd = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100, faGroup="Odd"))
    assert "'PctChange' is not served" in await desk.error(321, odd.order.orderId)
    none = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100, faGroup="Nobody"))
    assert "Unknown FA group 'Nobody'" in await desk.error(321, none.order.orderId)
    nobody = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100))
    assert await desk.error(435, nobody.order.orderId)


async def test_a_summary_of_a_group(desk):
    await replaced(desk, GROUPS)
    heard = []
    desk.ib.wrapper.accountSummary = lambda _, account, tag, *__: heard.append((account, tag))
    desk.ib.client.reqAccountSummary(90, "Equals", "NetLiquidation")
    await desk.heard()
    assert heard == [("DU1", "NetLiquidation"), ("DU2", "NetLiquidation")]


async def test_a_configuration_survives(tmp_path):
    path = tmp_path / "state.json"
    async with a_gateway(path) as first:
        first._floor.advisor.replace(Part.GROUPS, GROUPS)
    async with a_gateway(path) as second:
        assert second._floor.advisor.group("Equals").accounts == ("DU1", "DU2")
