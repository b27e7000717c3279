"""Everything that is read and done over REST, against a paper gateway on a real socket."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_connection_says_where_it_stands(live: Live) -> None:
    status = (await live.http.get("/connection/status")).json()
    assert (status["state"], status["ready"], status["upstream"]) == ("ready", True, True)
    assert (status["embedded"], status["paper"], status["account"]) == (True, True, "DU1000001")
    assert status["accounts"] == ["DU1000001"]
    health = (await live.http.get("/connection/health")).json()
    assert health["successes"] == 1
    assert health["upstream"]


async def test_the_service_says_how_it_is(live: Live) -> None:
    metrics = (await live.http.get("/health-metrics")).json()
    assert metrics["ready"]
    assert metrics["uptime_s"] > 0
    async with live.stranger() as anyone:
        assert (await anyone.get(f"{live.url}/livez")).json() == {"status": "ok"}
        ready = await anyone.get(f"{live.url}/readyz")
        assert ready.status_code == 200
        assert {check["name"] for check in ready.json()["checks"]} == {"session", "upstream", "orders"}
        assert (await anyone.get(f"{live.url}/metrics")).status_code == 401
    page = (await live.http.get(f"{live.url}/metrics")).text
    assert 'ironbridge_session_state{state="ready"} 1.0' in page
    assert 'ironbridge_orders{state="filled"}' in page
    assert 'operation="get_health_metrics"' in page


async def test_account_and_positions_are_the_brokers(live: Live) -> None:
    account = (await live.http.get("/account")).json()
    assert account["account"] == "DU1000001"
    assert not account["stale"]
    assert Decimal(account["net_liquidation"]) > 0
    values = (await live.http.get("/account/values")).json()["values"]
    assert {"NetLiquidation", "BuyingPower"} <= {value["name"] for value in values}
    made = await live.http.post("/orders", json={"symbol": "MSFT", "side": "BUY", "quantity": "7"})
    assert made.status_code == 201
    await live.bridge.orders.handle(made.json()["key"]).done(timeout=20)
    positions = (await live.http.get("/positions")).json()
    assert ("MSFT", "7") in {(one["symbol"], one["quantity"]) for one in positions["positions"]}
    assert not positions["stale"]
    missing = await live.http.get("/account", params={"account": "DU9"})
    assert (missing.status_code, missing.json()["slug"]) == (422, "invalid-input")


async def test_an_instrument_is_what_the_broker_says(live: Live) -> None:
    found = (await live.http.get("/instruments", params={"text": "ESZ6"})).json()
    assert found["instrument"]["kind"] == "FUT"
    assert found["min_tick"] == "0.25"
    assert found["multiplier"] == "50"
    again = await live.http.get("/instruments", params={"text": found["instrument"]["text"]})
    assert again.json()["instrument"]["con_id"] == found["instrument"]["con_id"]


async def test_quotes_come_for_all_that_can_be_quoted(live: Live) -> None:
    one = (await live.http.get("/quotes/AAPL")).json()
    assert one["bid"] < one["ask"]
    assert one["kind"] == "live"
    many = (await live.http.get("/quotes", params={"symbols": "AAPL, EURUSD,NOPE,AAPL,IND:SPX:CBOE"})).json()
    assert [quote["symbol"] for quote in many["quotes"]] == ["AAPL", "EURUSD", "IND:SPX:CBOE"]
    (failure,) = many["failures"]
    assert (failure["symbol"], failure["problem"]["slug"]) == ("NOPE", "instrument-not-found")


async def test_the_same_key_is_the_same_order(live: Live) -> None:
    order = {"symbol": "AAPL", "side": "BUY", "quantity": 3, "limit_price": "100.5"}
    key = {"Idempotency-Key": "same a/b?c%"}
    first = await live.http.post("/orders", json=order, headers=key)
    assert first.status_code == 201, first.text
    assert (first.json()["state"], first.json()["order_type"]) == ("working", "LMT")
    assert first.headers["Idempotency-Key"] == "same a/b?c%"
    second = await live.http.post("/orders", json=order, headers=key)
    assert second.status_code == 200
    assert second.json()["order_id"] == first.json()["order_id"]
    other = await live.http.post("/orders", json=order | {"quantity": 4}, headers=key)
    assert (other.status_code, other.json()["slug"], other.json()["outcome"]) == (409, "key-conflict", "not_sent")
    location = first.headers["Location"]
    assert (await live.http.get(live.url + location)).json()["limit_price"] == "100.5"
    ended = await live.http.delete(live.url + location)
    assert (ended.status_code, ended.json()["state"]) == (200, "cancelled")
    again = await live.http.delete(live.url + location)
    assert (again.status_code, again.json()["outcome"]) == (409, "not_sent")


async def test_a_market_order_fills_and_shows_what_it_cost(live: Live) -> None:
    made = (await live.http.post("/orders", json={"symbol": "AAPL", "side": "BUY", "quantity": "10"})).json()
    await live.bridge.orders.handle(made["key"]).done(timeout=20)
    order = (await live.http.get(f"/orders/{made['key']}")).json()
    assert (order["state"], order["open"], order["filled"], order["remaining"]) == ("filled", False, "10", "0")
    assert sum(Decimal(fill["quantity"]) for fill in order["fills"]) == 10
    assert order["commissions"][0]["currency"] == "USD"
    assert order["created_at"].endswith("Z")
    listed = (await live.http.get("/orders")).json()
    assert listed["sequence"] >= order["sequence"]
    assert order["key"] not in {one["key"] for one in (await live.http.get("/orders?open=true")).json()["orders"]}


async def test_an_order_that_is_not_waited_for_is_accepted_for_now(live: Live) -> None:
    made = await live.http.post(
        "/orders", params={"wait": 0}, json={"symbol": "AAPL", "side": "SELL", "quantity": 1, "stop_price": 50}
    )
    assert made.status_code == 202
    assert (made.json()["order_type"], made.json()["open"]) == ("STP", True)
    await live.bridge.orders.handle(made.json()["key"]).accepted(20)
    assert (await live.http.delete(f"/orders/{made.json()['key']}")).json()["state"] == "cancelled"


async def test_a_gateway_is_tested_without_a_session(live: Live) -> None:
    fine = (await live.http.post("/connection/test")).json()
    assert fine["ok"]
    assert [step["name"] for step in fine["steps"]] == ["tcp", "api", "session"]
    itself = (await live.http.post("/connection/test", json={"port": int(live.url.rpartition(":")[2])})).json()
    assert not itself["ok"]
    assert itself["next_step"]
    nowhere = (await live.http.post("/connection/test", json={"host": "127.0.0.1", "port": 1})).json()
    assert "Nothing listens on 127.0.0.1 port 1" in nowhere["steps"][0]["detail"]
    assert nowhere["next_step"]
    nameless = (await live.http.post("/connection/test", json={"host": "no.such.host.invalid"})).json()
    assert not nameless["ok"]
    assert (await live.http.get("/connection/status")).json()["ready"]


async def test_settings_are_kept_and_say_when_they_count(live: Live) -> None:
    before = (await live.http.get("/settings")).json()
    assert before["settings"]["host"] == ""
    assert before["pending"] == []
    changed = before["settings"] | {"host": "127.0.0.1", "port": 7496, "market_data_type": 3}
    after = (await live.http.put("/settings", json=changed)).json()
    assert after["settings"] == changed
    assert set(after["pending"]) == {"port"}
    assert after["restart"] == []
    assert any(one["field"] == "port" and "live" in one["message"] for one in after["warnings"])
    assert (await live.http.get("/connection/status")).json()["ready"]
    partial = await live.http.put("/settings", json={"host": "127.0.0.1"})
    assert partial.status_code == 422
    assert (await live.http.put("/settings", json=before["settings"])).json()["pending"] == []


async def test_a_gateway_that_is_not_there_is_said_and_nothing_is_lost(live: Live) -> None:
    before = (await live.http.get("/settings")).json()["settings"]
    orders = (await live.http.get("/orders")).json()["orders"]
    await live.http.put("/settings", json=before | {"host": "127.0.0.1", "port": 1})
    failed = await live.http.post("/connection/reconnect")
    assert (failed.status_code, failed.json()["slug"]) == (502, "connect-failed")
    assert failed.json()["next_step"]
    order = await live.http.post("/orders", json={"symbol": "AAPL", "side": "BUY", "quantity": 1})
    assert (order.status_code, order.json()["slug"], order.json()["outcome"]) == (503, "not-connected", "not_sent")
    quote = await live.http.get("/quotes/AAPL")
    assert (quote.status_code, quote.json()["retryable"]) == (503, True)
    assert (await live.http.get(f"{live.url}/readyz")).status_code == 503
    assert (await live.http.get("/positions")).json()["stale"]
    stopped = (await live.http.post("/connection/disconnect")).json()
    assert stopped["state"] == "disconnected"
    await live.http.put("/settings", json=before)
    assert (await live.http.post("/connection/connect")).status_code == 200
    await live.ready()
    assert (await live.http.get("/orders")).json()["orders"] == orders


async def test_the_console_or_a_page_that_says_how_to_build_it(live: Live) -> None:
    async with live.stranger() as anyone:
        page = await anyone.get(f"{live.url}/")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert (await anyone.get(f"{live.url}/orders/of/the/console")).status_code == 200
        assert (await anyone.get(f"{live.url}/api/v2")).json()["status"] == 404
        assert (await anyone.head(f"{live.url}/")).status_code == 200
        document = (await anyone.get("/openapi.json")).json()
    assert document["info"]["title"] == "Ironbridge"


async def test_the_doctor_looks_without_disturbing_the_session(live: Live) -> None:
    before = (await live.http.get("/connection/status")).json()
    answer = await live.http.post("/connection/doctor")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["healthy"], found["connects"], found["client_id"]) == (True, True, before["client_id"])
    after = (await live.http.get("/connection/status")).json()
    assert (after["state"], after["since"]) == (before["state"], before["since"])


async def test_the_connection_log_is_kept_and_read_page_by_page(live: Live) -> None:
    await live.bridge.reconnect()
    await live.ready()
    newest = (await live.http.get("/connection/log", params={"limit": 2})).json()
    assert len(newest["entries"]) == 2
    older = (await live.http.get("/connection/log", params={"before": newest["next_before"]})).json()
    numbers = [entry["number"] for entry in newest["entries"] + older["entries"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers)
    assert {"connecting", "connected", "syncing"} <= {entry["what"] for entry in older["entries"] + newest["entries"]}
    assert (await live.http.get("/connection/log", params={"limit": 0})).status_code == 422
