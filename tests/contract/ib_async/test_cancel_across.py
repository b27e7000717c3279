"""Whether a client may cancel another's order: as the documents have it, and as a gateway was recorded to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ib_async import LimitOrder, Stock

from ironbridge.paper import PaperClock, PaperGateway

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


@pytest.fixture(params=(True, False), ids=("across", "own only"))
async def paper(request):
    clock = PaperClock(datetime(2026, 3, 2, 15, tzinfo=UTC), speed=0)
    across = request.param
    async with PaperGateway(
        port=0, seed=7, accounts=("DU1",), clock=clock, cancel_across_clients=across, step=0.02
    ) as gateway:
        gateway.across = across
        yield gateway


async def test_another_clients_order(desk, connect, paper):
    other = await connect(client=2)
    order = LimitOrder("BUY", 1, 100, tif="GTC", orderId=500)
    trade = desk.ib.placeOrder(AAPL, order)
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    told = []
    other.ib.wrapper.orderStatus = lambda *args: told.append((args[0], args[1], args[8]))
    other.ib.client.cancelOrder(500)
    if paper.across:
        await desk.done(trade)
        assert trade.orderStatus.status == "Cancelled"
        assert await other.error(202, 500) == "Order Canceled - reason:"
        assert told == [(500, "PendingCancel", 2), (500, "Cancelled", 2)]
        other.ib.client.cancelOrder(500)
        assert (await other.error(10148, 500)).endswith("state: Cancelled.")
    else:
        assert await other.error(10147, 500) == "OrderId 500 that needs to be cancelled is not found."
        assert trade.orderStatus.status == "Submitted"
        assert told == []
    other.ib.client.cancelOrder(501)
    assert await other.error(10147, 501)
