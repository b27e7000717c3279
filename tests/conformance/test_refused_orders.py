"""What is refused, with which code and in which words; and that nothing comes of it."""

from __future__ import annotations

import pytest
from tests.conformance.vocabulary import AAPL, SPX, contract, limit, market, order, stock

FAR = 100.0


def refused(name, what, wanted, code, text):
    return pytest.param(what, wanted, code, text, id=name)


@pytest.mark.parametrize(
    ("what", "wanted", "code", "text"),
    (
        refused("off-tick", AAPL, limit("BUY", 10, 100.001), 110, "minimum price variation"),
        refused("unknown", stock("NOSUCH"), market("BUY", 1), 200, "No security definition"),
        refused("ambiguous", contract("FUT", "ES", "CME"), market("BUY", 1), 200, "ambiguous"),
        refused("buying-power", AAPL, limit("BUY", 500_000, 200), 201, "Order rejected - reason:"),
        refused("index", SPX, market("BUY", 1), 201, "Order rejected - reason:"),
        refused("type", AAPL, order("BUY", 1, "NONSENSE"), 321, "Invalid order type was entered"),
        refused("exchange", stock("AAPL", exchange=""), market("BUY", 1), 321, "Missing order exchange"),
        refused("account", AAPL, market("BUY", 1, account="DU9"), 321, "Invalid account code 'DU9'"),
        refused("time-in-force", AAPL, market("BUY", 1, tif="SOON"), 321, "Invalid time in force: SOON"),
        refused("action", AAPL, market("HOLD", 1), 321, "Invalid action was entered: HOLD"),
        refused(
            "good-till", AAPL, limit("BUY", 1, FAR, tif="GTD", goodTillDate="soon"), 343, "time-zone entered is invalid"
        ),
        refused("unsupported", AAPL, order("BUY", 1, "BOX TOP"), 387, "Unsupported order type"),
        refused("size", AAPL, market("BUY", 0), 434, "The order size cannot be zero."),
    ),
)
def test_an_order_is_refused(client, gateway, what, wanted, code, text):
    number = client.place(what, wanted)
    assert text in client.error(code, number)
    client.settled()
    assert gateway.venue.orders() == []
    assert client.heard("execDetails") == []


def test_too_little_money_makes_an_order_inactive(client):
    number = client.place(AAPL, limit("BUY", 500_000, 200))
    client.error(201, number)
    client.settled()
    statuses = {each.status for each in client.heard("orderStatus", number=number)}
    assert statuses <= {"Inactive"}


def test_an_order_id_is_used_once(client):
    number = client.place(AAPL, market("BUY", 1))
    client.status(number, "Filled")
    client.place(AAPL, market("BUY", 1), number)
    assert client.error(104, number) == "Can't modify a filled order."
    second = client.place(AAPL, limit("BUY", 1, FAR), number + 5)
    client.status(second, "Submitted")
    client.place(AAPL, limit("BUY", 1, FAR), number + 3)
    assert client.error(103, number + 3) == "Duplicate order id"


def test_a_change_into_another_order_is_refused(client):
    number = client.place(AAPL, limit("BUY", 1, FAR))
    client.status(number, "Submitted")
    client.place(stock("MSFT"), limit("BUY", 1, FAR), number)
    client.error(105, number)
    client.ask("reqOpenOrders")
    client.wait("openOrderEnd")
    assert client.heard("openOrder", number=number)[-1].contract["symbol"] == "AAPL"


def test_cancelling_what_is_not_there(client):
    client.ask("cancelOrder", 141)
    assert client.error(10147, 141) == "OrderId 141 that needs to be cancelled is not found."


def test_cancelling_what_is_filled(client):
    number = client.place(AAPL, market("BUY", 1))
    client.status(number, "Filled")
    client.ask("cancelOrder", number)
    expected = f"OrderId {number} that needs to be cancelled can not be cancelled, state: Filled."
    assert client.error(10148, number) == expected


def test_cancelling_what_is_cancelled(client):
    number = client.place(AAPL, limit("BUY", 1, FAR))
    client.status(number, "Submitted")
    client.ask("cancelOrder", number)
    client.status(number, "Cancelled")
    client.ask("cancelOrder", number)
    assert client.error(10148, number).endswith("state: Cancelled.")


def test_only_client_zero_binds(client):
    client.ask("reqAutoOpenOrders", True)
    client.error(327)
