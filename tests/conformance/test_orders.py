"""Single orders: their whole life as the gateway tells it, kind by kind, and how they are changed and ended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.conformance.conftest import ACCOUNT
from tests.conformance.vocabulary import AAPL, AAPL_ID, EURUSD, call_near, contract, limit, market, order, stop

from ironbridge.exchange.venue import VenueOptions

FAR = 100.0
"""A limit far below the market: it rests."""


def test_a_market_order_is_told_as_recorded(client):
    number = client.place(AAPL, market("BUY", 10))
    client.wait("commissionReport")
    assert client.story(number) == [
        ("openOrder", "PreSubmitted"),
        ("orderStatus", "PreSubmitted"),
        ("execDetails", -1),
        ("openOrder", "Filled"),
        ("orderStatus", "Filled"),
        ("openOrder", "Filled"),
        ("commissionReport", "USD"),
    ]


def test_a_fill_tells_everything(client, gateway):
    ask = float(gateway.venue.quote(AAPL_ID).ask)
    number = client.place(AAPL, market("BUY", 10, orderRef="mine"))
    filled = client.status(number, "Filled")
    assert (filled.filled, filled.remaining, filled.average, filled.last) == (10, 0, ask, ask)
    assert (filled.client, filled.parent, filled.why_held) == (1, 0, "")
    assert filled.perm_id > 0
    told = client.wait("execDetails")
    done = told.execution
    assert told.contract["conId"] == AAPL_ID
    assert (done["orderId"], done["permId"], done["clientId"]) == (number, filled.perm_id, 1)
    assert (done["side"], done["shares"], done["price"], done["cumQty"], done["avgPrice"]) == ("BOT", 10, ask, 10, ask)
    assert (done["acctNumber"], done["orderRef"]) == (ACCOUNT, "mine")
    assert str(done["time"]).startswith("2026")
    report = client.wait("commissionReport").report
    assert (report["execId"], report["commission"], report["currency"]) == (done["execId"], 1.0, "USD")
    last = client.heard("openOrder", number=number)[-1]
    assert last.state["commission"] == 1.0


def test_a_limit_order_rests_and_is_cancelled(client):
    number = client.place(AAPL, limit("BUY", 10, FAR))
    client.status(number, "Submitted")
    client.settled()
    assert client.story(number) == [
        ("openOrder", "PreSubmitted"),
        ("orderStatus", "PreSubmitted"),
        ("openOrder", "Submitted"),
        ("orderStatus", "Submitted"),
    ]
    client.forget()
    client.ask("cancelOrder", number)
    assert client.error(202, number).startswith("Order Canceled - reason:")
    assert client.story(number) == [("orderStatus", "PendingCancel"), ("orderStatus", "Cancelled"), ("error", 202)]
    assert client.heard("orderStatus")[-1].remaining == 10


def test_what_was_sent_comes_back(client):
    sent = limit(
        "SELL", 7, 900.5, tif="GTC", outsideRth=True, orderRef="echo", ocaGroup="group", ocaType=1, triggerMethod=2,
        displaySize=3, algoStrategy="Adaptive",
        algoParams=[{"$": "TagValue", "tag": "adaptivePriority", "value": "Normal"}],
    )  # fmt: skip
    number = client.place(AAPL, sent)
    client.status(number, "Submitted")
    shown = client.heard("openOrder", number=number)[-1]
    for name in (
        "action", "totalQuantity", "orderType", "lmtPrice", "tif", "outsideRth", "orderRef", "ocaGroup", "ocaType",
        "triggerMethod", "displaySize", "algoStrategy",
    ):  # fmt: skip
        assert shown.order[name] == sent[name], name
    assert [(each["tag"], each["value"]) for each in shown.order["algoParams"]] == [("adaptivePriority", "Normal")]
    assert shown.order["account"] == ACCOUNT
    assert shown.order["permId"] > 0
    assert (shown.order["exemptCode"], shown.order["clearingIntent"]) == (-1, "IB")
    assert shown.contract["conId"] == AAPL_ID
    assert shown.contract["right"] in {"?", ""}


def test_a_change_of_price_keeps_the_order(client):
    number = client.place(AAPL, limit("BUY", 10, FAR))
    perm = client.status(number, "Submitted").perm_id
    client.forget()
    client.place(AAPL, limit("BUY", 10, FAR + 1), number)
    shown = client.wait("openOrder", number=number)
    assert (shown.order["lmtPrice"], shown.order["permId"]) == (FAR + 1, perm)


def test_a_change_of_quantity_keeps_the_order(client):
    number = client.place(AAPL, limit("BUY", 10, FAR))
    client.status(number, "Submitted")
    client.forget()
    client.place(AAPL, limit("BUY", 25, FAR), number)
    assert client.wait("orderStatus", number=number).remaining == 25


def test_an_order_is_changed_into_a_fill(client, gateway):
    number = client.place(AAPL, limit("BUY", 10, FAR))
    perm = client.status(number, "Submitted").perm_id
    above = round(float(gateway.venue.quote(AAPL_ID).ask) + 1, 2)
    client.place(AAPL, limit("BUY", 10, above), number)
    filled = client.status(number, "Filled")
    assert filled.perm_id == perm
    assert filled.average < above
    client.wait("commissionReport")


def test_a_large_order_fills_in_parts(client, gateway):
    number = client.place(AAPL, market("BUY", 3000))
    client.settled()
    for _ in range(60):
        if client.heard("orderStatus", number=number, status="Filled"):
            break
        gateway.clock.advance(1)
        client.settled()
    client.status(number, "Filled")
    parts = [each.execution for each in client.heard("execDetails")]
    assert len(parts) > 1
    assert sum(part["shares"] for part in parts) == 3000
    assert [part["cumQty"] for part in parts] == sorted(part["cumQty"] for part in parts)
    assert len({part["execId"] for part in parts}) == len(parts)
    partial = [each for each in client.heard("orderStatus", number=number) if 0 < each.filled < 3000]
    assert all(each.filled + each.remaining == 3000 for each in partial)
    assert len(client.wait_all(len(parts), "commissionReport")) == len(parts)


def test_immediate_or_cancel_leaves_nothing(client):
    number = client.place(AAPL, limit("BUY", 10, FAR, tif="IOC"))
    client.status(number, "Cancelled")
    client.ask("reqOpenOrders")
    client.wait("openOrderEnd")
    assert client.heard("execDetails") == []


def test_immediate_or_cancel_takes_what_there_is(client, gateway):
    quote = gateway.venue.quote(AAPL_ID)
    wanted = int(quote.ask_size) + 2000
    number = client.place(AAPL, limit("BUY", wanted, float(quote.ask), tif="IOC"))
    ended = client.status(number, "Cancelled")
    assert 0 < ended.filled < wanted
    assert ended.filled + ended.remaining == wanted
    assert sum(each.execution["shares"] for each in client.heard("execDetails")) == ended.filled


def test_fill_or_kill_takes_all_or_nothing(client, gateway):
    ask = float(gateway.venue.quote(AAPL_ID).ask)
    small = client.place(AAPL, limit("BUY", 1, ask, tif="FOK"))
    client.status(small, "Filled")
    large = client.place(AAPL, limit("BUY", 5000, ask, tif="FOK"))
    client.until(
        lambda: [s for s in client.heard("orderStatus", number=large) if s.status in {"Cancelled", "Inactive"}]
    )
    assert [each for each in client.heard("execDetails") if each.execution["orderId"] == large] == []


def test_a_stop_waits_and_fires(client, gateway):
    bid = float(gateway.venue.quote(AAPL_ID).bid)
    number = client.place(AAPL, stop("SELL", 10, 50))
    assert client.status(number, "PreSubmitted").why_held == "trigger"
    client.place(AAPL, stop("SELL", 10, round(bid + 5, 2)), number)
    client.settled()
    gateway.clock.advance(30)
    assert client.status(number, "Filled").filled == 10


def test_a_stop_limit_becomes_a_limit(client):
    number = client.place(AAPL, order("BUY", 5, "STP LMT", auxPrice=FAR, lmtPrice=FAR))
    told = client.until(
        lambda: [s for s in client.heard("orderStatus", number=number) if s.status in {"PreSubmitted", "Submitted"}]
    )
    assert told[-1].remaining == 5
    shown = client.heard("openOrder", number=number)[-1]
    assert (shown.order["orderType"], shown.order["lmtPrice"], shown.order["auxPrice"]) == ("STP LMT", FAR, FAR)


@pytest.mark.parametrize(
    ("kind", "more"),
    (
        ("TRAIL", {"auxPrice": 5.0}),
        ("TRAIL", {"trailingPercent": 2.0}),
        ("TRAIL LIMIT", {"auxPrice": 5.0, "trailStopPrice": 250.0, "lmtPriceOffset": 0.5}),
        ("MIT", {"auxPrice": FAR}),
        ("LIT", {"auxPrice": FAR, "lmtPrice": FAR}),
        ("MOC", {}),
        ("LOC", {"lmtPrice": FAR}),
        ("REL", {"lmtPrice": FAR, "auxPrice": 0.01}),
    ),
    ids=("trail", "trail-percent", "trail-limit", "mit", "lit", "moc", "loc", "rel"),
)
def test_other_kinds_are_taken_shown_and_cancelled(client, kind, more):
    action = "SELL" if kind.startswith("TRAIL") else "BUY"
    number = client.place(AAPL, order(action, 5, kind, **more))
    client.until(
        lambda: [s for s in client.heard("orderStatus", number=number) if s.status in {"PreSubmitted", "Submitted"}]
    )
    shown = client.heard("openOrder", number=number)[-1]
    assert shown.order["orderType"] == kind
    for name, value in more.items():
        assert shown.order[name] == value, name
    client.ask("cancelOrder", number)
    client.status(number, "Cancelled")


def test_nothing_is_said_of_what_is_not_transmitted(client):
    number = client.place(AAPL, limit("BUY", 10, FAR, transmit=False))
    client.settled()
    assert client.story(number) == []
    client.place(AAPL, limit("BUY", 10, FAR), number)
    client.status(number, "Submitted")


def test_a_what_if_answers_with_margins_and_changes_nothing(client, gateway):
    number = client.place(AAPL, market("BUY", 100, whatIf=True))
    shown = client.wait("openOrder", number=number)
    state = shown.state
    assert state["status"] == "PreSubmitted"
    assert float(state["initMarginChange"]) > 1000
    assert float(state["equityWithLoanBefore"]) == 1_000_000
    assert state["commission"] == 1.0
    client.settled()
    assert client.heard("orderStatus") == []
    assert gateway.venue.orders() == []
    client.place(AAPL, limit("BUY", 1, FAR), number)
    client.status(number, "Submitted")


def test_a_what_if_of_the_impossible_is_refused(client):
    number = client.place(AAPL, market("BUY", 100, whatIf=True, transmit=False))
    client.error(413, number)


def test_another_asset_has_its_own_commission(client):
    number = client.place(EURUSD, market("BUY", 50_000))
    client.status(number, "Filled")
    assert client.wait("commissionReport").report["commission"] == 2.0


def test_a_future_is_traded(client):
    number = client.place(contract("FUT", "ES", "CME", lastTradeDateOrContractMonth="202606"), market("SELL", 1))
    filled = client.status(number, "Filled")
    assert (filled.average / 0.25).is_integer()
    assert client.wait("execDetails").execution["side"] == "SLD"


def test_an_option_is_traded(client, gateway):
    number = client.place(call_near(gateway.venue.quote(AAPL_ID).mid), market("BUY", 2))
    client.status(number, "Filled")
    told = client.wait("execDetails")
    assert (told.contract["secType"], told.contract["strike"], told.contract["right"]) == (
        "OPT",
        call_near(gateway.venue.quote(AAPL_ID).mid)["strike"],
        "C",
    )


def test_a_good_till_date_order_ends_by_itself(client, gateway):
    number = client.place(AAPL, limit("BUY", 5, FAR, tif="GTD", goodTillDate="20260302 15:30:00 UTC"))
    client.status(number, "Submitted")
    gateway.clock.advance(1801)
    client.status(number, "Cancelled")


def test_an_order_for_later_waits_for_its_time(client, gateway):
    number = client.place(AAPL, market("BUY", 5, goodAfterTime="20260302 15:30:00 UTC"))
    client.status(number, "PreSubmitted")
    client.settled()
    assert client.heard("execDetails") == []
    gateway.clock.advance(1801)
    client.status(number, "Filled")


def test_a_part_of_a_share(client):
    number = client.place(AAPL, market("BUY", 0.5))
    assert client.status(number, "Filled").filled == 0.5
    assert client.wait("execDetails").execution["shares"] == 0.5


def test_an_amount_of_money(client):
    number = client.place(EURUSD, market("BUY", 0, cashQty=20_000))
    client.status(number, "Filled")
    assert client.heard("openOrder", number=number)[0].order["cashQty"] == 20_000


def test_an_option_is_exercised(client, gateway):
    option = {**call_near(gateway.venue.quote(AAPL_ID).mid), "strike": 150.0}
    client.status(client.place(option, market("BUY", 1)), "Filled")
    client.ask("reqPositions")
    client.wait("positionEnd")
    client.forget()
    client.ask("exerciseOptions", 900, option, 1, 1, ACCOUNT, 0)
    shares = client.until(lambda: [each for each in client.heard("position") if each.contract["secType"] == "STK"])
    assert shares[-1].position == 100


@pytest.mark.paper_gateway(
    start_at=datetime(2026, 2, 28, 15, 0, tzinfo=UTC), options=VenueOptions(real_sessions=True), speed=0
)
def test_an_order_of_a_saturday_waits_for_monday(client):
    number = client.place(AAPL, limit("BUY", 1, FAR))
    text = client.error(399, number)
    assert "will not be placed at the exchange until 2026-03-02 09:30:00 US/Eastern" in text
    client.status(number, "PreSubmitted")
    client.settled()
    assert client.heard("execDetails") == []
