"""Several clients at once: each hears what a real one would hear, and none disturbs another."""

from __future__ import annotations

from tests.conformance.vocabulary import AAPL, AAPL_ID, limit, market

FAR = 100.0
ABOUT_ORDERS = ("openOrder", "orderStatus", "execDetails", "commissionReport")


def test_only_the_owner_hears_of_an_order(client, connect):
    other = connect(2)
    number = client.place(AAPL, market("BUY", 1))
    client.status(number, "Filled")
    client.wait("commissionReport")
    other.settled()
    assert other.heard(*ABOUT_ORDERS) == []


def test_open_orders_are_ones_own_unless_all_are_asked_for(client, connect):
    number = client.place(AAPL, limit("BUY", 1, FAR))
    client.status(number, "Submitted")
    other = connect(2)
    other.ask("reqOpenOrders")
    other.wait("openOrderEnd")
    assert other.heard("openOrder") == []
    other.forget()
    other.ask("reqAllOpenOrders")
    other.wait("openOrderEnd")
    (found,) = other.heard("openOrder")
    assert (found.number, found.order["clientId"]) == (number, 1)


def test_the_same_number_is_another_order_of_another_client(client, connect):
    other = connect(2)
    first = client.place(AAPL, limit("BUY", 1, FAR), 7)
    second = other.place(AAPL, limit("BUY", 1, FAR), 7)
    perms = {client.status(first, "Submitted").perm_id, other.status(second, "Submitted").perm_id}
    assert len(perms) == 2


def test_a_client_cancels_only_its_own(client, connect, gateway):
    number = client.place(AAPL, limit("BUY", 1, FAR))
    client.status(number, "Submitted")
    other = connect(2)
    other.ask("cancelOrder", number)
    assert other.error(10147, number) == f"OrderId {number} that needs to be cancelled is not found."
    assert len(gateway.venue.orders()) == 1


def test_executions_are_ones_own(client, connect):
    client.place(AAPL, market("BUY", 1))
    client.wait("commissionReport")
    other = connect(2)
    other.ask("reqExecutions", 131, {"$": "ExecutionFilter"})
    other.wait("execDetailsEnd", number=131)
    assert other.heard("execDetails") == []


def test_client_zero_hears_of_all(client, connect):
    master = connect(0)
    number = client.place(AAPL, market("BUY", 1))
    client.wait("commissionReport")
    told = master.wait("execDetails")
    assert (told.execution["clientId"], told.execution["orderId"]) == (1, number)
    master.ask("reqExecutions", 132, {"$": "ExecutionFilter"})
    master.wait("execDetailsEnd", number=132)
    assert [each.execution["clientId"] for each in master.heard("execDetails", number=132)] == [1]


def test_client_zero_may_bind(connect):
    master = connect(0)
    master.ask("reqAutoOpenOrders", True)
    master.settled()
    assert [each for each in master.heard("error") if each.code == 327] == []


def test_positions_are_the_accounts(client, connect):
    other = connect(2)
    other.ask("reqPositions")
    other.wait("positionEnd")
    client.place(AAPL, market("BUY", 4))
    assert other.wait("position").position == 4


def test_a_completed_order_is_seen_by_all(client, connect):
    client.place(AAPL, market("BUY", 1))
    client.wait("commissionReport")
    other = connect(2)
    other.ask("reqCompletedOrders", False)
    other.wait("completedOrdersEnd")
    (done,) = other.heard("completedOrder")
    assert done.state["status"] == "Filled"


def test_all_see_the_same_prices(connect, gateway):
    clients = [connect(number) for number in range(10, 16)]
    for each in clients:
        each.ask("reqMktData", 1, AAPL, "", False, False, [])
        each.settled()
    gateway.clock.advance(10)
    bid = float(gateway.venue.quote(AAPL_ID).bid)
    for each in clients:
        each.wait("tickPrice", number=1, kind=1, price=bid)


def test_one_that_sends_rubbish_harms_itself_alone(client, connect):
    other = connect(2)
    other.raw(3, "x")
    other.error(320)
    client.settled()
    other.settled()
