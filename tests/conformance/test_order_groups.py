"""Orders that depend on each other: brackets, one-cancels-all, combinations, conditions."""

from __future__ import annotations

from tests.conformance.vocabulary import AAPL, AAPL_ID, contract, limit, market, stock, stop

FAR = 100.0


def bracket(client, price):
    """A parent at this price, its profit target and its stop, sent as all programs do: the last one transmits."""
    parent, profit, loss = (client.next_order_id() for _ in range(3))
    client.place(AAPL, limit("BUY", 10, price, transmit=False), parent)
    client.place(AAPL, limit("SELL", 10, 900, parentId=parent, transmit=False), profit)
    client.settled()
    assert client.heard("openOrder", "orderStatus") == []
    client.place(AAPL, stop("SELL", 10, 50, parentId=parent), loss)
    return parent, profit, loss


def test_a_bracket_waits_for_its_parent(client):
    parent, profit, loss = bracket(client, FAR)
    client.status(parent, "Submitted")
    first = client.wait("orderStatus", number=profit)
    assert (first.status, first.parent, first.why_held) == ("PreSubmitted", parent, "child")
    second = client.wait("orderStatus", number=loss)
    assert (second.status, second.parent, second.why_held) == ("PreSubmitted", parent, "child,trigger")
    shown = client.heard("openOrder", number=loss)[-1]
    assert shown.order["parentId"] == parent
    assert shown.order["ocaGroup"] == str(client.heard("openOrder", number=parent)[-1].order["permId"])


def test_a_filled_parent_wakes_its_children(client, gateway):
    ask = float(gateway.venue.quote(AAPL_ID).ask)
    parent, profit, loss = bracket(client, round(ask + 1, 2))
    client.status(parent, "Filled")
    client.status(profit, "Submitted")
    client.wait("orderStatus", number=loss)
    assert client.until(lambda: client.heard("orderStatus", number=loss)[-1].why_held == "trigger")


def test_one_child_ends_the_other(client, gateway):
    quote = gateway.venue.quote(AAPL_ID)
    parent, profit, loss = bracket(client, round(float(quote.ask) + 1, 2))
    client.status(profit, "Submitted")
    client.place(AAPL, limit("SELL", 10, round(float(quote.bid) - 1, 2), parentId=parent), profit)
    client.status(profit, "Filled")
    client.status(loss, "Cancelled")
    assert client.error(202, loss)


def test_a_cancelled_parent_takes_its_children_along(client):
    parent, profit, loss = bracket(client, FAR)
    client.wait("orderStatus", number=loss)
    client.ask("cancelOrder", parent)
    for number in (parent, profit, loss):
        client.status(number, "Cancelled")


def test_a_parent_that_is_missing(client):
    number = client.place(AAPL, limit("BUY", 10, FAR, parentId=99))
    assert client.error(10006, number) == "Missing parent order."


def test_one_cancels_all(client, gateway):
    numbers = [client.place(AAPL, limit("BUY", 10, FAR + n, ocaGroup="either", ocaType=1)) for n in range(3)]
    for number in numbers:
        client.status(number, "Submitted")
    ask = float(gateway.venue.quote(AAPL_ID).ask)
    client.place(AAPL, limit("BUY", 10, round(ask + 1, 2), ocaGroup="either", ocaType=1), numbers[0])
    client.status(numbers[0], "Filled")
    for number in numbers[1:]:
        client.status(number, "Cancelled")
        assert client.error(202, number)


def test_a_combination_is_filled_leg_by_leg(client):
    client.ask("reqContractDetails", 81, stock("MSFT"))
    microsoft = client.wait("contractDetails", number=81).details["contract"]["conId"]
    legs = [
        {"$": "ComboLeg", "conId": AAPL_ID, "ratio": 1, "action": "BUY", "exchange": "SMART"},
        {"$": "ComboLeg", "conId": microsoft, "ratio": 1, "action": "SELL", "exchange": "SMART"},
    ]
    number = client.place(contract("BAG", "AAPL,MSFT", comboLegs=legs), market("BUY", 5))
    client.status(number, "Filled")
    shown = client.heard("openOrder", number=number)[0]
    assert shown.contract["secType"] == "BAG"
    assert [leg["conId"] for leg in shown.contract["comboLegs"]] == [AAPL_ID, microsoft]

    def legs_filled():
        return {each.contract["conId"] for each in client.heard("execDetails") if each.contract["secType"] == "STK"}

    assert client.until(lambda: legs_filled() == {AAPL_ID, microsoft})
    # The combination has an execution of its own, and it comes before those of its legs.
    first = client.heard("execDetails")[0]
    assert (first.contract["secType"], first.execution["shares"], first.execution["side"]) == ("BAG", 5, "BOT")
    client.forget()
    client.ask("reqExecutions", 82, {"$": "ExecutionFilter", "secType": "BAG"})
    client.wait("execDetailsEnd", number=82)
    assert [each.execution["execId"] for each in client.heard("execDetails")] == [first.execution["execId"]]


def test_a_condition_is_kept_and_shown(client):
    condition = {
        "$": "PriceCondition", "conId": AAPL_ID, "exchange": "SMART", "isMore": True, "price": 5000.0,
        "triggerMethod": 0,
    }  # fmt: skip
    number = client.place(AAPL, market("BUY", 5, conditions=[condition]))
    client.status(number, "PreSubmitted")
    (shown,) = client.heard("openOrder", number=number)[-1].order["conditions"]
    assert shown["price"] == 5000.0
    assert int(shown["conId"]) == AAPL_ID
    assert bool(shown["isMore"]) is True
    client.settled()
    assert client.heard("execDetails") == []


def test_an_order_is_scaled_and_shown(client):
    scale = {"scaleInitLevelSize": 10, "scaleSubsLevelSize": 10, "scalePriceIncrement": 0.5}
    number = client.place(AAPL, limit("BUY", 100, FAR, **scale))
    client.status(number, "Submitted")
    shown = client.heard("openOrder", number=number)[-1].order
    assert {name: shown[name] for name in scale} == scale
