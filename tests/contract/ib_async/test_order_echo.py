"""Scaled and adjusted orders are shown as they were sent, field by field, at every version of the protocol."""

from __future__ import annotations

import pytest
from ib_async import IB, LimitOrder, Order, Stock

AAPL = Stock("AAPL", "SMART", "USD")
VERSIONS = range(151, 179)
"""ib_async announces 157 and more; its encoder and decoder follow the version that is agreed."""

SCALED = {
    "scaleInitLevelSize": 30, "scaleSubsLevelSize": 10, "scalePriceIncrement": 0.5, "scalePriceAdjustValue": 0.25,
    "scalePriceAdjustInterval": 60, "scaleProfitOffset": 1.5, "scaleAutoReset": True, "scaleInitPosition": 5,
    "scaleInitFillQty": 3, "scaleRandomPercent": True,
}  # fmt: skip
ADJUSTED = {
    "adjustedOrderType": "TRAIL LIMIT", "triggerPrice": 150.5, "lmtPriceOffset": 0.25, "adjustedStopPrice": 149.5,
    "adjustedStopLimitPrice": 149.0, "adjustedTrailingAmount": 2.5, "adjustableTrailingUnit": 1,
}  # fmt: skip


@pytest.fixture
async def speaking(paper):
    """Makes clients that speak this version and no other."""
    made = []

    async def speak(version: int, client: int) -> IB:
        ib = IB()
        made.append(ib)
        ib.client.MinClientVersion = ib.client.MaxClientVersion = version
        await ib.connectAsync("127.0.0.1", paper.port, clientId=client, timeout=5)
        assert ib.client.serverVersion() == version
        return ib

    yield speak
    for ib in made:
        ib.disconnect()


@pytest.mark.parametrize("version", VERSIONS)
async def test_they_are_shown_as_sent(speaking, version):
    sender, reader = await speaking(version, 1), await speaking(version, 2)
    sender.placeOrder(AAPL, LimitOrder("BUY", 100, 1.0, **SCALED))
    sender.placeOrder(AAPL, Order(action="SELL", totalQuantity=1, orderType="STP", auxPrice=10.0, **ADJUSTED))
    await sender.reqCurrentTimeAsync()
    told = {trade.order.action: trade.order for trade in await reader.reqAllOpenOrdersAsync()}
    assert {name: getattr(told["BUY"], name) for name in SCALED} == SCALED
    assert {name: getattr(told["SELL"], name) for name in ADJUSTED} == ADJUSTED
