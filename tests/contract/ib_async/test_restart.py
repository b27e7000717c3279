"""The gateway's own death: what its clients were told of is there again."""

from __future__ import annotations

import pytest
from ib_async import IB, LimitOrder, MarketOrder, Stock

from ironbridge.errors import StorageError
from ironbridge.paper import PaperClock, PaperGateway

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


def make(path, clock=None):
    return PaperGateway(port=0, seed=7, state_file=path, clock=clock, step=0.02)


async def client(gateway):
    ib = IB()
    await ib.connectAsync("127.0.0.1", gateway.port, clientId=1, timeout=5)
    return ib


async def reached(trade, status):
    while trade.orderStatus.status != status:
        await trade.statusEvent


async def test_orders_fills_and_positions_survive(tmp_path):
    path = tmp_path / "folder" / "gateway.json"
    first = make(path)
    await first.start()
    ib = await client(first)
    filled = ib.placeOrder(AAPL, MarketOrder("BUY", 7, orderRef="first"))
    await reached(filled, "Filled")
    resting = ib.placeOrder(AAPL, LimitOrder("BUY", 3, 100, tif="GTC", orderRef="second", outsideRth=True))
    await reached(resting, "Submitted")
    kept = path.read_bytes()
    cash = first.venue.account("DU1234567").total_cash
    ib.disconnect()
    await first.stop()
    # What was on disk when the client had just been told, as a kill would have left it.
    path.write_bytes(kept)

    async with make(path) as second:
        ib = await client(second)
        (position,) = ib.positions()
        assert position.position == 7
        (fill,) = ib.fills()
        assert (fill.execution.execId, fill.execution.orderRef) == (filled.fills[0].execution.execId, "first")
        (trade,) = ib.openTrades()
        order = trade.order
        assert (order.permId, order.orderId, order.orderRef) == (resting.order.permId, resting.order.orderId, "second")
        assert (order.lmtPrice, order.tif, order.outsideRth) == (100, "GTC", True)
        assert second.venue.account("DU1234567").total_cash == cash
        assert ib.client.getReqId() > resting.order.orderId
        completed = await ib.reqCompletedOrdersAsync(apiOnly=False)
        assert [each.order.permId for each in completed] == [filled.order.permId]
        ib.cancelOrder(order)
        await reached(trade, "Cancelled")
        again = ib.placeOrder(AAPL, MarketOrder("SELL", 7))
        await reached(again, "Filled")
        assert again.order.permId not in {filled.order.permId, order.permId}
        ib.disconnect()


async def test_a_change_is_on_disk_before_the_client_hears_of_it(tmp_path):
    path = tmp_path / "gateway.json"
    async with make(path) as gateway:
        ib = await client(gateway)
        seen = []
        ib.openOrderEvent += lambda trade: seen.append(str(trade.order.permId).encode() in path.read_bytes())
        await reached(ib.placeOrder(AAPL, LimitOrder("BUY", 3, 100)), "Submitted")
        assert seen
        assert all(seen)
        ib.disconnect()


async def test_a_clock_that_begins_earlier_does_not_turn_the_venue_back(tmp_path):
    path = tmp_path / "gateway.json"
    async with make(path) as gateway:
        moment = gateway.venue.now
        gateway.step()
    late = PaperClock(moment.replace(year=moment.year - 1), speed=0)
    async with make(path, late) as gateway:
        ib = await client(gateway)
        await reached(ib.placeOrder(AAPL, MarketOrder("BUY", 1)), "Filled")
        assert gateway.venue.now >= moment
        ib.disconnect()


@pytest.mark.parametrize("content", (b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1, "venue": {}, "tickets": {}}'))
def test_a_file_that_is_no_state_is_refused(tmp_path, content):
    path = tmp_path / "gateway.json"
    path.write_bytes(content)
    with pytest.raises(StorageError, match="Move"):
        make(path)
    assert path.read_bytes() == content
