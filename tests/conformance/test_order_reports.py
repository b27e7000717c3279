"""What stands open, what is done, what was filled: asked for, filtered, and kept over a disconnection."""

from __future__ import annotations

import pytest
from tests.conformance.conftest import ACCOUNT
from tests.conformance.vocabulary import AAPL, limit, market, stock

from ironbridge.paper.faults import Drop

FAR = 100.0


def resting(client, price=FAR, **more):
    number = client.place(AAPL, limit("BUY", 1, price, **more))
    client.status(number, "Submitted")
    return number


def test_nothing_open_ends_at_once(client):
    for request in ("reqOpenOrders", "reqAllOpenOrders"):
        client.forget()
        client.ask(request)
        client.wait("openOrderEnd")
        assert client.heard("openOrder", "orderStatus") == []


def test_open_orders(client):
    numbers = [resting(client, FAR + n) for n in range(3)]
    client.forget()
    client.ask("reqOpenOrders")
    client.wait("openOrderEnd")
    told = client.heard("openOrder", "orderStatus")
    assert [each.name for each in told] == ["openOrder", "orderStatus"] * 3
    assert [each.number for each in told][::2] == numbers
    assert {each.order["lmtPrice"] for each in told[::2]} == {FAR, FAR + 1, FAR + 2}


def test_all_are_cancelled_at_once(client, gateway):
    numbers = [resting(client, FAR + n) for n in range(3)]
    client.ask("reqGlobalCancel")
    for number in numbers:
        client.status(number, "Cancelled")
    assert gateway.venue.orders() == []


def test_what_is_done_is_listed(client):
    filled = client.place(AAPL, market("BUY", 3))
    client.status(filled, "Filled")
    gone = resting(client)
    client.ask("cancelOrder", gone)
    client.status(gone, "Cancelled")
    client.ask("reqCompletedOrders", False)
    client.wait("completedOrdersEnd")
    done = {each.state["status"]: each for each in client.heard("completedOrder")}
    assert set(done) == {"Filled", "Cancelled"}
    assert done["Filled"].order["filledQuantity"] == 3
    assert done["Filled"].contract["symbol"] == "AAPL"
    assert done["Filled"].state["completedTime"].startswith("20260302")
    assert done["Cancelled"].order["lmtPrice"] == FAR


def test_executions_are_told_again_on_request(client):
    number = client.place(AAPL, market("BUY", 3))
    client.wait("commissionReport")
    pushed = client.wait("execDetails").execution
    client.forget()
    client.ask("reqExecutions", 91, {"$": "ExecutionFilter"})
    client.wait("execDetailsEnd", number=91)
    (again,) = client.heard("execDetails")
    assert again.number == 91
    assert again.execution["execId"] == pushed["execId"]
    assert again.execution["orderId"] == number
    (report,) = client.heard("commissionReport")
    assert report.report["execId"] == pushed["execId"]


@pytest.mark.parametrize(
    ("only", "count"),
    (
        ({"symbol": "AAPL"}, 1),
        ({"symbol": "IBM"}, 0),
        ({"side": "SELL"}, 1),
        ({"secType": "STK"}, 2),
        ({"secType": "FUT"}, 0),
        ({"acctCode": ACCOUNT}, 2),
        ({"acctCode": "DU9"}, 0),
        ({"clientId": 1}, 2),
        ({"clientId": 8}, 0),
        ({"time": "20260302-14:59:00"}, 2),
        ({"time": "20260302-15:01:00"}, 0),
    ),
    ids=lambda value: "-".join(map(str, [*value, *value.values()])) if isinstance(value, dict) else str(value),
)
def test_executions_are_filtered(client, only, count):
    bought = client.place(AAPL, market("BUY", 3))
    client.status(bought, "Filled")
    sold = client.place(stock("MSFT"), market("SELL", 2))
    client.status(sold, "Filled")
    client.settled()
    client.forget()
    client.ask("reqExecutions", 92, {"$": "ExecutionFilter", **only})
    client.wait("execDetailsEnd", number=92)
    assert len(client.heard("execDetails", number=92)) == count


def test_orders_outlive_their_session(client, gateway, connect):
    number = resting(client, tif="GTC")
    perm = client.heard("orderStatus", number=number)[-1].perm_id
    gateway.faults.inject(Drop())
    client.wait("connectionClosed")
    again = connect(1)
    assert again.wait("nextValidId").number > number
    again.ask("reqOpenOrders")
    again.wait("openOrderEnd")
    (found,) = again.heard("openOrder")
    assert (found.number, found.order["permId"]) == (number, perm)
    again.ask("cancelOrder", number)
    again.status(number, "Cancelled")


def test_ids_rise_with_their_use(client):
    number = client.place(AAPL, market("BUY", 1), 500)
    client.status(number, "Filled")
    client.ask("reqIds", 1)
    assert client.wait("nextValidId").number == 501
