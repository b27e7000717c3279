"""Orders outside trading hours, where the venue keeps real sessions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ib_async import Future, LimitOrder, MarketOrder, Stock

from ironbridge.exchange.venue import VenueOptions
from ironbridge.paper import PaperClock, PaperGateway

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
OPENS = datetime(2026, 3, 9, 13, 30, tzinfo=UTC)


def a_gateway(start):
    options = VenueOptions(real_sessions=True)
    return PaperGateway(
        port=0, seed=7, accounts=("DU1000001",), clock=PaperClock(start, speed=0), options=options, step=0.02
    )


@pytest.fixture
async def paper():
    # Saturday noon.
    async with a_gateway(datetime(2026, 3, 7, 17, 0, tzinfo=UTC)) as gateway:
        yield gateway


def jump(desk, moment):
    desk.paper.clock.jump(moment)
    desk.paper.step()


async def test_an_order_on_saturday_works_on_monday(desk):
    trade = desk.ib.placeOrder(AAPL, MarketOrder("BUY", 3))
    assert await desk.error(399, trade.order.orderId) == (
        "Order Message:\nBUY 3 AAPL NASDAQ.NMS\n"
        "Warning: Your order will not be placed at the exchange until 2026-03-09 09:30:00 US/Eastern."
    )
    await desk.until(lambda: trade.orderStatus.status == "PreSubmitted")
    jump(desk, datetime(2026, 3, 9, 13, 29, tzinfo=UTC))
    await desk.heard()
    assert trade.orderStatus.status == "PreSubmitted"
    jump(desk, OPENS)
    await desk.done(trade)
    assert trade.orderStatus.status == "Filled"
    assert trade.fills[0].execution.time >= OPENS


async def test_an_order_for_extended_hours_works_in_them(desk):
    order = LimitOrder("SELL", 2, 1, outsideRth=True, tif="GTC")
    trade = desk.ib.placeOrder(AAPL, order)
    assert "until 2026-03-09 04:00:00 US/Eastern." in await desk.error(399, trade.order.orderId)
    jump(desk, datetime(2026, 3, 9, 8, 0, 10, tzinfo=UTC))
    await desk.done(trade)
    assert trade.orderStatus.status == "Filled"
    # And while they run, nothing is warned of.
    again = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 2, 5000, outsideRth=True))
    await desk.done(again)
    assert again.orderStatus.status == "Filled"
    assert [number for number, code, _ in desk.errors if code == 399] == [trade.order.orderId]


async def test_a_regular_order_waits_in_extended_hours(desk):
    jump(desk, datetime(2026, 3, 9, 12, 0, tzinfo=UTC))
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 2, 5000))
    assert "2026-03-09 09:30:00" in await desk.error(399, trade.order.orderId)
    await desk.heard()
    assert trade.orderStatus.status == "PreSubmitted"


async def test_orders_for_an_auction_wait_unwarned(desk):
    opening = desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1, tif="OPG"))
    await desk.until(lambda: opening.orderStatus.status == "PreSubmitted")
    await desk.heard()
    assert 399 not in [code for _, code, _ in desk.errors]


async def test_futures_trade_at_night_without_being_told_to(desk):
    jump(desk, datetime(2026, 3, 9, 3, 0, tzinfo=UTC))
    (future,) = await desk.ib.qualifyContractsAsync(Future("ES", "20260320", "CME"))
    trade = await desk.done(desk.ib.placeOrder(future, MarketOrder("BUY", 1)))
    assert trade.orderStatus.status == "Filled"
    assert 399 not in [code for _, code, _ in desk.errors]
