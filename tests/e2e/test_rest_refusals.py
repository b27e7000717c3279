"""Bad input over REST: a clear problem with a next step, whatever is wrong, and nothing is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ironbridge.domain.risk import RiskLimits
from ironbridge.domain.scope import Scope

if TYPE_CHECKING:
    from .conftest import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = {"Content-Type": "application/json"}
GOOD: dict[str, Any] = {"symbol": "AAPL", "side": "BUY", "quantity": "1", "limit_price": "100"}


def problem(response: httpx.Response) -> dict[str, Any]:
    """The body as a problem, which every error must be."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    found: dict[str, Any] = response.json()
    assert found["status"] == response.status_code
    assert found["type"] == f"urn:ironbridge:problem:{found['slug']}"
    assert found["request_id"] == response.headers["X-Request-ID"]
    assert found["title"]
    assert found["detail"]
    return found


@pytest.mark.parametrize(
    ("change", "words"),
    (
        ({"quantity": "-5"}, "not positive"),
        ({"quantity": 0}, "not positive"),
        ({"quantity": "ten"}, "number"),
        ({"quantity": True}, "number"),
        ({"quantity": "NaN"}, "finite"),
        ({"quantity": "1e999999999"}, "too large"),
        ({"quantity": "1" * 41}, "longer than 40"),
        ({"quantity": None}, "neither how many"),
        ({"limit_price": "100.001"}, "tick"),
        ({"limit_price": None, "order_type": "LMT"}, "limit price"),
        ({"order_type": "MKT"}, "takes no limit price"),
        ({"side": "HOLD"}, "'BUY' or 'SELL'"),
        ({"symbol": ""}, "at least 1 character"),
        ({"symbol": "FUT"}, ""),
        ({"symbol": "A" * 500}, "at most 400"),
        ({"time_in_force": "FOREVER"}, "'DAY'"),
        ({"outside_hours": "yes"}, "boolean"),
        ({"account": "du-1"}, "pattern"),
        ({"colour": "red"}, "extra"),
    ),
)
async def test_an_order_that_cannot_be_meant(live: Live, change: dict[str, Any], words: str) -> None:
    known = len((await live.http.get("/orders")).json()["orders"])
    response = await live.http.post("/orders", json=GOOD | change)
    found = problem(response)
    assert response.status_code in {404, 422}, response.text
    assert words in found["detail"]
    assert found["outcome"] == "not_sent"
    assert found["next_step"]
    assert len((await live.http.get("/orders")).json()["orders"]) == known


async def test_an_order_beyond_a_limit_names_limit_and_value(live: Live) -> None:
    found = problem(await live.http.post("/orders", json=GOOD | {"quantity": "100001"}))
    assert found["slug"] == "order-refused"
    assert (found["details"]["limit"], found["details"]["value"]) == ("100000", "100001")
    assert found["details"]["rule"]


async def test_an_order_that_the_broker_refuses_carries_its_words(live: Live) -> None:
    limits = live.bridge.risk.policy.limits[Scope()]
    await live.bridge.risk.set_limits("all", RiskLimits())
    try:
        response = await live.http.post("/orders?wait=10", json=GOOD | {"quantity": "90000000", "limit_price": "250"})
    finally:
        await live.bridge.risk.set_limits("all", limits)
    found = problem(response)
    assert (response.status_code, found["slug"], found["outcome"]) == (422, "order-rejected", "rejected")
    assert found["details"]["code"] == 201
    key = response.headers["Idempotency-Key"]
    assert found["details"]["key"] == key
    assert (await live.http.get(f"/orders/{key}")).json()["state"] == "rejected"


async def test_what_is_not_there(live: Live) -> None:
    for method, path in (("GET", "/orders/none"), ("DELETE", "/orders/none")):
        found = problem(await live.http.request(method, path))
        assert (found["status"], found["slug"]) == (404, "order-not-found")
    assert problem(await live.http.get("/quotes/NOPE"))["slug"] == "instrument-not-found"
    assert problem(await live.http.get("/nothing/here"))["status"] == 404
    wrong = await live.http.put("/orders", json=GOOD)
    assert problem(wrong)["status"] == 405
    assert "POST" in wrong.headers["Allow"]


async def test_what_could_be_several_things_lists_them(live: Live) -> None:
    found = problem(await live.http.get("/instruments", params={"text": "FUT:ES"}))
    assert (found["status"], found["slug"]) == (422, "ambiguous-instrument")
    assert len(found["details"]["candidates"]) > 1


async def test_bodies_that_are_no_json(live: Live) -> None:
    broken = problem(await live.http.post("/orders", content=b'{"symbol": "AAPL",', headers=JSON))
    assert (broken["status"], "not JSON" in broken["detail"]) == (400, True)
    garbage = problem(await live.http.post("/orders", content=b"\xff\xfe\x00", headers=JSON))
    assert garbage["status"] == 400
    form = problem(await live.http.post("/orders", content=json.dumps(GOOD), headers={"Content-Type": "text/plain"}))
    assert (form["status"], "Content-Type" in form["next_step"]) == (415, True)
    empty = problem(await live.http.post("/orders", headers=JSON))
    assert empty["status"] == 422
    listed = problem(await live.http.post("/orders", json=[GOOD]))
    assert listed["status"] == 422


async def test_bodies_that_are_too_large(live: Live) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 1024

    declared = await live.http.post("/orders", content=b" " * 70_000, headers=JSON)
    assert problem(declared)["status"] == 413
    chunked = await live.http.post("/orders", content=endless(), headers=JSON)
    assert problem(chunked)["status"] == 413


@pytest.mark.parametrize(
    ("key", "words"),
    (("k" * 201, "200"), ("", "character"), ("ключ".encode(), "key")),
    ids=["long", "empty", "cyrillic"],
)
async def test_a_key_that_cannot_be_one(live: Live, key: str | bytes, words: str) -> None:
    response = await live.http.post("/orders", json=GOOD, headers={b"Idempotency-Key": key})  # type: ignore[dict-item]  # bytes on purpose
    assert problem(response)["status"] == 422
    assert words in response.text


async def test_parameters_that_cannot_be_meant(live: Live) -> None:
    for path in (
        "/orders?open=perhaps",
        "/quotes",
        "/quotes?symbols=,",
        "/quotes/AAPL?timeout=0",
        "/instruments?text=",
    ):
        assert problem(await live.http.get(path))["status"] == 422, path
    many = ",".join(f"S{n}" for n in range(60))
    assert "60 symbols" in problem(await live.http.get("/quotes", params={"symbols": many}))["detail"]
    settings = (await live.http.get("/settings")).json()["settings"]
    for bad in ({"port": 0}, {"port": "4002"}, {"client_id": -1}, {"market_data_type": 9}, {"host": "a b"}):
        assert problem(await live.http.put("/settings", json=settings | bad))["status"] == 422, bad


async def test_strangers_stay_outside(live: Live) -> None:
    paths = ["/connection/status", "/settings", "/account", "/positions", "/orders", "/quotes/AAPL", "/health-metrics"]
    async with live.stranger() as anyone:
        for path in paths:
            response = await anyone.get(path)
            assert problem(response)["slug"] == "access-denied", path
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
        wrong = await anyone.get("/orders", headers={"Authorization": "Bearer wrong"})
        assert problem(wrong)["status"] == 401
        assert live.token not in wrong.text
        assert problem(await anyone.post("/orders", json=GOOD))["status"] == 401


async def test_a_browser_signs_in_and_must_echo_its_secret(live: Live) -> None:
    async with live.stranger() as browser:
        assert problem(await browser.post("/session", json={"token": "wrong"}))["status"] == 401
        signed_in = await browser.post("/session", json={"token": live.token})
        assert signed_in.status_code == 200
        cookie = signed_in.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        csrf = signed_in.json()["csrf_token"]
        assert (await browser.get("/session")).json()["csrf_token"] == csrf
        assert (await browser.get("/account")).status_code == 200
        forged = await browser.post("/orders", json=GOOD)
        assert (problem(forged)["status"], forged.json()["slug"]) == (403, "csrf-required")
        own = {"X-Ironbridge-CSRF": csrf}
        made = await browser.post("/orders", json=GOOD, headers=own)
        assert made.status_code == 201
        assert (await browser.delete(f"/orders/{made.json()['key']}", headers=own)).status_code == 200
        assert (await browser.delete("/session", headers=own)).status_code == 204
        assert problem(await browser.get("/account"))["status"] == 401


async def test_every_answer_is_guarded_and_can_be_found_in_the_log(live: Live) -> None:
    response = await live.http.get("/orders", headers={"X-Request-ID": "mine-1"})
    assert response.headers["X-Request-ID"] == "mine-1"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    unsafe = await live.http.get("/orders", headers={"X-Request-ID": "a b<script>"})
    assert unsafe.headers["X-Request-ID"] != "a b<script>"
    assert "server" not in unsafe.headers
