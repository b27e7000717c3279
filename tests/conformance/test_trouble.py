"""What goes wrong at a real gateway, made to go wrong here: every client reads it, and none loses its place."""

from __future__ import annotations

import pytest
from tests.conformance.vocabulary import AAPL, AAPL_ID, limit, market

from ironbridge.paper.faults import (
    BreakFarm,
    Duplicate,
    LoseUpstream,
    MendFarm,
    RejectOrder,
    RestoreUpstream,
    SendError,
    Sentinels,
    Silence,
)

FAR = 100.0


@pytest.mark.parametrize("data_lost", (False, True), ids=("1102", "1101"))
def test_upstream_is_lost_and_found(client, gateway, data_lost):
    client.ask("reqMktData", 1, AAPL, "", False, False, [])
    client.settled()
    gateway.faults.inject(LoseUpstream())
    client.error(1100, -1)
    gateway.clock.advance(5)
    client.settled()
    client.forget()
    gateway.faults.inject(RestoreUpstream(data_lost=data_lost))
    client.error(1101 if data_lost else 1102, -1)
    client.settled()
    client.forget()
    gateway.clock.advance(10)
    client.settled()
    assert bool(client.heard("tickPrice", number=1)) is not data_lost


def test_fills_go_on_while_upstream_is_lost(client, gateway):
    bid = gateway.venue.quote(AAPL_ID).bid
    number = client.place(AAPL, limit("BUY", 1, float(bid)))
    client.status(number, "Submitted")
    gateway.faults.inject(LoseUpstream())
    client.error(1100)
    while not gateway.venue.executions():
        gateway.clock.advance(10)
    client.status(number, "Filled")
    assert client.wait("execDetails").execution["orderId"] == number


def test_a_farm_breaks_and_is_mended(client, gateway):
    gateway.faults.inject(BreakFarm("usfarm"))
    assert client.error(2103, -1) == "Market data farm connection is broken:usfarm"
    gateway.faults.inject(MendFarm("usfarm"))
    assert client.error(2104, -1) == "Market data farm connection is OK:usfarm"


@pytest.mark.parametrize("code", (399, 404, 10349, 2109))
def test_news_of_an_order_does_not_end_it(client, gateway, code):
    number = client.place(AAPL, limit("BUY", 1, FAR))
    client.status(number, "Submitted")
    gateway.faults.inject(SendError(code, id=number))
    client.error(code, number)
    client.ask("reqOpenOrders")
    client.wait("openOrderEnd")
    assert client.heard("orderStatus", number=number)[-1].status == "Submitted"


def test_a_competing_session(client, gateway):
    client.ask("reqMktData", 1, AAPL, "", False, False, [])
    client.settled()
    gateway.faults.inject(Silence(code=10197))
    client.error(10197, 1)


def test_an_order_is_rejected_with_any_code(client, gateway):
    gateway.faults.inject(RejectOrder(460, "No trading permissions."))
    number = client.place(AAPL, market("BUY", 1))
    assert client.error(460, number) == "No trading permissions."


def test_what_is_said_twice_is_heard_twice(client, gateway):
    gateway.faults.inject(Duplicate("OrderStatus", copies=1, count=None))
    number = client.place(AAPL, limit("BUY", 1, FAR))
    client.status(number, "Submitted")
    client.settled()
    assert len(client.heard("orderStatus", number=number, status="Submitted")) == 2


def test_no_value_is_read_as_no_value(client, gateway):
    gateway.faults.inject(Sentinels("OpenOrder"))
    gateway.faults.inject(Sentinels("CommissionReport"))
    number = client.place(AAPL, market("BUY", 1))
    report = client.wait("commissionReport").report
    assert report["realizedPNL"] is None
    shown = client.heard("openOrder", number=number)[-1]
    assert shown.order["lmtPrice"] is None
    assert shown.state["commission"] is None
