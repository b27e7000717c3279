"""Orders: their whole life as a client sees it, and what is refused with which code."""

from __future__ import annotations

import pytest
from ib_async import Index, LimitOrder, MarketOrder, Order, Stock, StopOrder, TagValue

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
FAR = 100.0
"""A limit far below the market: it rests."""


class Wire:
    """The raw order messages that a client receives, in order."""

    def __init__(self, ib):
        self.said = []
        for name in ("openOrder", "orderStatus", "execDetails", "commissionReport", "error"):
            self._tap(ib.wrapper, name)

    def _tap(self, wrapper, name):
        inner = getattr(wrapper, name)

        def tapped(*args):
            self.said.append(self._describe(name, args))
            return inner(*args)

        setattr(wrapper, name, tapped)

    @staticmethod
    def _describe(name, args):
        match name:
            case "openOrder":
                return ("openOrder", args[3].status)
            case "orderStatus":
                return ("orderStatus", args[1])
            case "execDetails":
                return ("execDetails", args[0])
            case "error":
                return ("error", args[1])
            case _:
                return (name,)


async def test_a_market_order_is_told_as_recorded(desk):
    wire = Wire(desk.ib)
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 10)))
    await desk.until(lambda: trade.fills and trade.fills[0].commissionReport.execId)
    assert wire.said == [
        ("openOrder", "PreSubmitted"),
        ("orderStatus", "PreSubmitted"),
        ("execDetails", -1),
        ("openOrder", "Filled"),
        ("orderStatus", "Filled"),
        ("openOrder", "Filled"),
        ("commissionReport",),
    ]


async def test_a_market_order_fills_at_the_market(desk):
    quote = desk.paper.venue.quote(265598)
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 10, orderRef="mine")))
    assert trade.orderStatus.status == "Filled"
    assert trade.orderStatus.avgFillPrice == float(quote.ask)
    assert trade.order.permId > 0
    (fill,) = trade.fills
    assert fill.execution.shares == 10
    assert fill.execution.orderRef == "mine"
    await desk.until(lambda: fill.commissionReport.execId)
    assert fill.commissionReport.commission == 1.0
    assert fill.commissionReport.currency == "USD"
    await desk.until(desk.ib.positions)
    (position,) = desk.ib.positions()
    assert (position.contract.symbol, position.position) == ("AAPL", 10)
    assert position.avgCost == pytest.approx(float(quote.ask) + 0.1)


async def test_a_large_order_fills_in_parts(desk):
    trade = desk.ib.placeOrder(AAPL, MarketOrder("BUY", 3000))
    while trade.isActive():
        desk.pass_time(1)
        await desk.ib.reqCurrentTimeAsync()
    assert len(trade.fills) > 1
    assert sum(fill.execution.shares for fill in trade.fills) == 3000
    assert [fill.execution.cumQty for fill in trade.fills][-1] == 3000
    assert len({fill.execution.execId for fill in trade.fills}) == len(trade.fills)


async def test_a_limit_order_rests_and_is_cancelled(desk):
    wire = Wire(desk.ib)
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 10, FAR))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    assert wire.said == [
        ("openOrder", "PreSubmitted"),
        ("orderStatus", "PreSubmitted"),
        ("openOrder", "Submitted"),
        ("orderStatus", "Submitted"),
    ]
    wire.said.clear()
    desk.ib.cancelOrder(trade.order)
    assert await desk.error(202, trade.order.orderId) == "Order Canceled - reason:"
    assert wire.said == [("orderStatus", "PendingCancel"), ("orderStatus", "Cancelled"), ("error", 202)]
    assert trade.orderStatus.remaining == 10


async def test_a_limit_order_is_modified_into_a_fill(desk):
    order = LimitOrder("BUY", 10, FAR)
    trade = desk.ib.placeOrder(AAPL, order)
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    perm = trade.order.permId
    order.lmtPrice = FAR + 1
    desk.ib.placeOrder(AAPL, order)
    assert {each.order.lmtPrice for each in await desk.ib.reqOpenOrdersAsync()} == {FAR + 1}
    order.lmtPrice = round(float(desk.paper.venue.quote(265598).ask) + 1, 2)
    desk.ib.placeOrder(AAPL, order)
    await desk.done(trade)
    assert trade.orderStatus.status == "Filled"
    assert trade.order.permId == perm
    assert trade.orderStatus.avgFillPrice < order.lmtPrice


async def test_a_stop_waits_for_its_trigger(desk):
    trade = desk.ib.placeOrder(AAPL, StopOrder("SELL", 10, FAR))
    await desk.until(lambda: trade.orderStatus.status == "PreSubmitted")
    assert trade.orderStatus.whyHeld == "trigger"


async def test_what_the_client_sent_comes_back(desk, connect):
    order = LimitOrder(
        "SELL", 7, 900.5, tif="GTC", outsideRth=True, orderRef="echo", ocaGroup="group", ocaType=1, hidden=False,
        displaySize=3, goodAfterTime="", algoStrategy="Adaptive", triggerMethod=2,
    )  # fmt: skip
    order.algoParams = [TagValue("adaptivePriority", "Normal")]
    trade = desk.ib.placeOrder(AAPL, order)
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    other = await connect(client=9)
    (seen,) = await other.ib.reqAllOpenOrdersAsync()
    shown = seen.order
    for name in ("action", "totalQuantity", "orderType", "lmtPrice", "tif", "outsideRth", "orderRef", "ocaGroup"):
        assert getattr(shown, name) == getattr(order, name), name
    assert (shown.ocaType, shown.displaySize, shown.triggerMethod) == (1, 3, 2)
    assert (shown.algoStrategy, shown.algoParams) == ("Adaptive", [TagValue("adaptivePriority", "Normal")])
    assert (shown.clientId, shown.permId, shown.account) == (1, trade.order.permId, "DU1000001")
    assert (shown.clearingIntent, shown.dontUseAutoPriceForHedge, shown.adjustedOrderType) == ("IB", True, "None")
    assert shown.trailStopPrice == 901.5
    assert seen.contract.conId == 265598
    assert seen.contract.right == "?"


async def test_only_the_owner_hears(desk, connect):
    other = await connect(client=2)
    wire = Wire(other.ib)
    await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    await other.ib.reqCurrentTimeAsync()
    assert wire.said == []
    assert other.ib.openTrades() == []
    await other.until(other.ib.positions)


async def test_client_zero_hears_of_all(desk, connect):
    master = await connect(client=0)
    await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    await master.until(lambda: [fill for fill in master.ib.fills() if fill.execution.clientId == 1])


async def test_a_client_cancels_only_its_own(desk, connect):
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 10, FAR))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    other = await connect(client=2)
    other.ib.client.cancelOrder(trade.order.orderId, "")
    text = await other.error(10147, trade.order.orderId)
    assert text == f"OrderId {trade.order.orderId} that needs to be cancelled is not found."
    assert trade.isActive()


async def test_all_are_cancelled_at_once(desk):
    trades = [desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, FAR + number)) for number in range(3)]
    await desk.until(lambda: all(trade.orderStatus.status == "Submitted" for trade in trades))
    desk.ib.reqGlobalCancel()
    for trade in trades:
        await desk.done(trade)
    assert await desk.ib.reqAllOpenOrdersAsync() == []


async def test_orders_outlive_their_session(desk, connect):
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 10, FAR, tif="GTC"))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    desk.ib.disconnect()
    await desk.gone()
    again = await connect(client=1)
    (found,) = again.ib.openTrades()
    assert (found.order.permId, found.order.orderId) == (trade.order.permId, trade.order.orderId)
    assert again.ib.client.getReqId() > trade.order.orderId
    again.ib.cancelOrder(found.order)
    await again.done(found)


async def test_what_is_done_is_listed(desk, connect):
    filled = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 3)))
    gone = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 4, FAR))
    await desk.until(lambda: gone.orderStatus.status == "Submitted")
    desk.ib.cancelOrder(gone.order)
    await desk.done(gone)
    other = await connect(client=5)
    completed = {each.order.permId: each for each in await other.ib.reqCompletedOrdersAsync(apiOnly=False)}
    assert completed[filled.order.permId].orderStatus.status == "Filled"
    assert completed[gone.order.permId].orderStatus.status == "Cancelled"
    assert await other.ib.reqExecutionsAsync() == []
    desk.ib.disconnect()
    await desk.gone()
    again = await connect(client=1)
    (fill,) = again.ib.fills()
    assert fill.execution.permId == filled.order.permId
    assert fill.commissionReport.commission == 1.0


async def test_a_bracket(desk):
    bracket = desk.ib.bracketOrder("BUY", 10, FAR, takeProfitPrice=500, stopLossPrice=50)
    trades = [desk.ib.placeOrder(AAPL, order) for order in bracket]
    parent, profit, loss = trades
    await desk.until(lambda: loss.orderStatus.status == "PreSubmitted" and parent.orderStatus.status == "Submitted")
    assert profit.orderStatus.whyHeld == "child"
    assert loss.orderStatus.whyHeld == "child,trigger"
    assert profit.orderStatus.parentId == parent.order.orderId
    bracket.parent.lmtPrice = round(float(desk.paper.venue.quote(265598).ask) + 1, 2)
    desk.ib.placeOrder(AAPL, bracket.parent)
    await desk.done(parent)
    await desk.until(lambda: profit.orderStatus.status == "Submitted")
    bracket.takeProfit.lmtPrice = round(float(desk.paper.venue.quote(265598).bid) - 1, 2)
    desk.ib.placeOrder(AAPL, bracket.takeProfit)
    await desk.done(profit)
    await desk.done(loss)
    assert (profit.orderStatus.status, loss.orderStatus.status) == ("Filled", "Cancelled")


async def test_nothing_is_said_of_what_is_not_transmitted(desk):
    wire = Wire(desk.ib)
    order = LimitOrder("BUY", 10, FAR, transmit=False)
    trade = desk.ib.placeOrder(AAPL, order)
    await desk.ib.reqCurrentTimeAsync()
    assert wire.said == []
    order.transmit = True
    desk.ib.placeOrder(AAPL, order)
    await desk.until(lambda: trade.orderStatus.status == "Submitted")


async def test_a_what_if_changes_nothing(desk):
    state = await desk.ib.whatIfOrderAsync(AAPL, MarketOrder("BUY", 100))
    assert float(state.initMarginChange) > 1000
    assert float(state.equityWithLoanBefore) == 1_000_000
    assert state.commission == 1.0
    assert desk.ib.positions() == []
    assert await desk.ib.reqAllOpenOrdersAsync() == []


def refused(number, contract, order, code, text):
    return pytest.param(contract, order, code, text, id=str(number))


@pytest.mark.parametrize(
    ("contract", "order", "code", "text"),
    (
        refused(110, AAPL, LimitOrder("BUY", 10, 100.001), 110, "does not conform to the minimum price variation"),
        refused(200, Stock("NOSUCH", "SMART", "USD"), MarketOrder("BUY", 1), 200, "No security definition"),
        refused(201, AAPL, LimitOrder("BUY", 500_000, 200), 201, "Order rejected - reason:"),
        refused("201-index", Index("SPX", "CBOE"), MarketOrder("BUY", 1), 201, "Order rejected - reason:"),
        refused(
            "321-type", AAPL, Order(action="BUY", totalQuantity=1, orderType="NONSENSE"), 321, "Invalid order type"
        ),
        refused("321-exchange", Stock("AAPL"), MarketOrder("BUY", 1), 321, "Missing order exchange"),
        refused("321-account", AAPL, MarketOrder("BUY", 1, account="DU9"), 321, "Invalid account code 'DU9'"),
        refused("321-tif", AAPL, MarketOrder("BUY", 1, tif="SOON"), 321, "Invalid time in force: SOON"),
        refused("321-side", AAPL, MarketOrder("HOLD", 1), 321, "Invalid action was entered: HOLD"),
        refused(
            343, AAPL, LimitOrder("BUY", 1, FAR, tif="GTD", goodTillDate="soon"), 343, "time-zone entered is invalid"
        ),
        refused(387, AAPL, Order(action="BUY", totalQuantity=1, orderType="BOX TOP"), 387, "Unsupported order type"),
        refused(434, AAPL, MarketOrder("BUY", 0), 434, "The order size cannot be zero."),
        refused(10006, AAPL, LimitOrder("BUY", 1, FAR, parentId=99), 10006, "Missing parent order."),
    ),
)
async def test_refusals(desk, contract, order, code, text):
    number = desk.ib.client.getReqId()
    desk.ib.client.placeOrder(number, contract, order)
    assert text in await desk.error(code, number)
    assert await desk.ib.reqAllOpenOrdersAsync() == []


async def test_an_order_id_is_used_once(desk):
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    number = trade.order.orderId
    desk.ib.client.placeOrder(number, AAPL, MarketOrder("BUY", 1))
    assert await desk.error(104, number) == "Can't modify a filled order."
    desk.ib.client.placeOrder(number - 1, AAPL, MarketOrder("BUY", 1))
    assert await desk.error(103, number - 1) == "Duplicate order id"


async def test_cancelling_what_is_over(desk):
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    number = trade.order.orderId
    desk.ib.client.cancelOrder(number, "")
    text = await desk.error(10148, number)
    assert text == f"OrderId {number} that needs to be cancelled can not be cancelled, state: Filled."


async def test_only_client_zero_binds(desk):
    desk.ib.client.reqAutoOpenOrders(True)
    assert "client" in await desk.error(327)


async def test_ids_rise(desk):
    first = desk.ib.client.getReqId()
    await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    desk.ib.client.reqIds(1)
    await desk.ib.reqCurrentTimeAsync()
    assert desk.ib.client.getReqId() > first
