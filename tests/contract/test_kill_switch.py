"""The kill switch and the hands of the risk department, over a real socket against the paper gateway (RSK-3, RSK-4)."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from ib_async import IB, LimitOrder
from ib_async import Stock as IbStock

import ironbridge as ib
from ironbridge.bootstrap import open_bridge
from ironbridge.domain.risk import LossAction, RiskLimits, SwitchState
from ironbridge.errors import OrderRefused
from ironbridge.paper.faults import Swallow
from ironbridge.settings import load_settings


def settings(tmp_path, **changes):
    return load_settings({"home": tmp_path / "home", "paper_port": 0, **changes}, {})


@pytest.fixture
async def bridge(tmp_path):
    async with open_bridge(settings(tmp_path)) as bridge:
        yield bridge


async def test_everything_is_cancelled_of_whoever_made_it(bridge) -> None:
    aapl = ib.Stock("AAPL")
    mine = [await bridge.orders.submit(aapl, ib.buy(1).limit(price)) for price in ("1.00", "1.01")]
    for order in mine:
        await order.accepted()
    other = IB()
    await other.connectAsync("127.0.0.1", bridge.paper.port, clientId=77)
    theirs = other.placeOrder(IbStock("AAPL", "SMART", "USD"), LimitOrder("BUY", 1, 1.02))
    while theirs.orderStatus.status not in {"Submitted", "PreSubmitted"}:
        await theirs.statusEvent
    switch = await bridge.risk.kill("drill", wait=20)
    assert (switch.state, switch.left) == (SwitchState.VERIFIED, ())
    assert [(await order.done()).state for order in mine] == ["cancelled", "cancelled"]
    while theirs.orderStatus.status != "Cancelled":
        await theirs.statusEvent
    other.disconnect()
    with pytest.raises(OrderRefused, match="drill"):
        await bridge.orders.submit(aapl, ib.buy(1).limit("1.00"))
    await bridge.risk.release("the drill is over")
    await (await bridge.orders.submit(aapl, ib.buy(1).limit("1.00"))).accepted()


async def test_a_restart_does_not_release_it(tmp_path) -> None:
    async with open_bridge(settings(tmp_path)) as bridge:
        await bridge.risk.kill("overnight", wait=20)
    async with open_bridge(settings(tmp_path)) as bridge:
        assert bridge.risk.switch.state is SwitchState.VERIFIED
        with pytest.raises(OrderRefused, match="overnight"):
            await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1))


async def test_a_cancel_that_is_not_heard_is_not_taken_for_done(bridge) -> None:
    order = await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1).limit("1.00"))
    await order.accepted()
    bridge.paper.faults.inject(Swallow("OpenOrderEnd", count=None))
    switch = await bridge.risk.kill("drill", wait=1)
    assert switch.state is not SwitchState.VERIFIED
    bridge.paper.faults.clear()
    async with asyncio.timeout(60):
        while bridge.risk.switch.state is not SwitchState.VERIFIED:
            with bridge.topics.risk.subscribe() as moves:
                await anext(moves)


async def test_at_the_daily_loss_positions_are_closed(bridge) -> None:
    aapl = ib.Stock("AAPL")
    await (await bridge.orders.submit(aapl, ib.buy(100))).done(30)
    resting = await bridge.orders.submit(aapl, ib.buy(1).limit("1.00"))
    await resting.accepted()
    (account,) = bridge.portfolio.accounts
    async with asyncio.timeout(30):
        while bridge.portfolio.daily_pnl(account) is None or bridge.portfolio.daily_pnl(account) >= 0:
            with bridge.topics.portfolio.subscribe() as changes:
                await anext(changes)
    await bridge.risk.set_limits("all", RiskLimits(max_daily_loss=Decimal("0.01"), on_daily_loss=LossAction.CLOSE))
    assert (await resting.done(30)).state == "cancelled"
    async with asyncio.timeout(60):
        while any(position.quantity for position in bridge.portfolio.positions()):
            with bridge.topics.portfolio.subscribe() as changes:
                await anext(changes)
    with pytest.raises(OrderRefused, match="daily loss limit"):
        await bridge.orders.submit(aapl, ib.buy(1))
    (loss,) = bridge.risk.losses
    assert (loss.account, loss.action) == (account, LossAction.CLOSE)
    await bridge.risk.release_loss(account, "a drill")
    assert bridge.risk.losses == ()
