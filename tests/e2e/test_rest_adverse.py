"""What a caller is told when the gateway is silent, lost or refuses: the truth about the outcome, and what to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.session import SessionState
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import (
    Drop,
    LoseUpstream,
    Refuse,
    RejectOrder,
    RestoreUpstream,
    Resume,
    Silence,
    SilentOrder,
)

from .conftest import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .conftest import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER = {"symbol": "AAPL", "side": "BUY", "quantity": "1", "limit_price": "100"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    home = tmp_path_factory.mktemp("adverse") / "home"
    async with running(home, answer_timeout=1.0, stale_after=1.0) as found:
        yield found


def paper(live: Live) -> PaperGateway:
    assert live.bridge.paper is not None
    return live.bridge.paper


async def submit(live: Live, key: str, wait: float, **change: Any) -> Any:
    return await live.http.post("/orders", json=ORDER | change, headers={"Idempotency-Key": key}, params={"wait": wait})


async def test_an_order_that_is_never_answered_is_first_open_then_unknown_then_found(live: Live) -> None:
    paper(live).faults.inject(SilentOrder())
    soon = await submit(live, "silent", 0.1)
    assert (soon.status_code, soon.json()["state"]) == (202, "sent")
    again = await submit(live, "silent", 0)
    assert (again.status_code, again.json()["order_id"]) == (200, soon.json()["order_id"])
    async with live.stream("orders") as stream:
        snapshot = await stream.next()
        states = [order["state"] for order in snapshot["orders"] if order["key"] == "silent"]
        while states[-1] not in {"working", "accepted"}:
            states.append((await stream.until(lambda m: m["type"] == "order"))["order"]["state"])
    assert "unknown" in states
    assert (await live.http.delete("/orders/silent?wait=10")).json()["state"] == "cancelled"


async def test_an_order_whose_fate_is_unknown_says_so_and_names_its_key(live: Live) -> None:
    gateway = paper(live)
    gateway.faults.inject(SilentOrder())
    gateway.faults.inject(Refuse())
    request = asyncio.create_task(submit(live, "lost", 4))
    with live.bridge.topics.orders.subscribe() as updates:
        async with asyncio.timeout(10):
            async for update in updates:
                if update.order.state is OrderState.SENT:
                    break
    gateway.faults.inject(Drop())
    response = await request
    body = response.json()
    assert (response.status_code, body["slug"], body["outcome"]) == (504, "order-unknown", "unknown")
    assert response.headers["Idempotency-Key"] == body["details"]["key"] == "lost"
    assert "not send it again" in body["next_step"]
    assert (await live.http.get("/health-metrics")).json()["orders_unknown"] == 1
    gateway.faults.inject(Resume())
    assert (await live.http.post("/connection/reconnect")).status_code == 200
    await live.bridge.session.until(SessionState.READY, 20)
    assert (await live.http.get("/orders/lost")).json()["state"] == "working"
    assert (await live.http.delete("/orders/lost?wait=10")).json()["state"] == "cancelled"


async def test_a_refusal_of_the_gateway_comes_with_its_own_words(live: Live) -> None:
    paper(live).faults.inject(RejectOrder(code=201, text="Order rejected - reason:No trading permissions"))
    response = await submit(live, "refused", 5)
    body = response.json()
    assert (response.status_code, body["slug"], body["details"]["code"]) == (422, "order-rejected", 201)
    assert "No trading permissions" in body["detail"]
    assert (await submit(live, "refused", 0)).json()["state"] == "rejected"


async def test_while_ib_is_lost_nothing_is_sent_and_that_is_said(live: Live) -> None:
    gateway = paper(live)
    async with live.stream("connection") as stream:
        await stream.next()
        gateway.faults.inject(LoseUpstream())
        await stream.until(lambda m: m["type"] == "connection" and not m["status"]["upstream"])
        response = await submit(live, "upstream", 1)
        assert (response.status_code, response.json()["slug"]) == (503, "upstream-lost")
        assert response.json()["outcome"] == "not_sent"
        ready = await live.http.get(f"{live.url}/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        gateway.faults.inject(RestoreUpstream())
        await stream.until(lambda m: m["type"] == "connection" and m["after"] == "ready")
    assert (await submit(live, "upstream", 5)).status_code == 201
    assert (await live.http.delete("/orders/upstream?wait=10")).json()["state"] == "cancelled"


async def test_a_stream_that_falls_silent_says_that_it_is_stale(live: Live) -> None:
    gateway = paper(live)
    async with live.stream("market-data") as stream:
        await stream.send({"action": "subscribe", "symbols": ["AAPL"]})
        await stream.until(lambda m: m["type"] == "market_data" and m["quality"] == "good")
        gateway.faults.inject(Silence())
        await stream.until(lambda m: m["type"] == "market_data" and m["quality"] == "stale")
        gateway.faults.inject(Resume())
        await stream.until(lambda m: m["type"] == "market_data" and m["quality"] == "good")


async def test_a_dropped_socket_is_a_gap_and_nothing_else(live: Live) -> None:
    gateway = paper(live)
    async with live.stream("market-data") as market, live.stream("portfolio") as portfolio:
        await market.send({"action": "subscribe", "symbols": ["AAPL"]})
        await market.until(lambda m: m["type"] == "market_data")
        assert not (await portfolio.next())["stale"]
        gateway.faults.inject(Drop())
        assert (await portfolio.until(lambda m: m["type"] == "snapshot"))["stale"]
        assert (await market.until(lambda m: m["type"] == "gap"))["symbol"] == "AAPL"
        await market.until(lambda m: m["type"] == "market_data" and m["quality"] == "good")
        assert not (await portfolio.until(lambda m: m["type"] == "snapshot"))["stale"]


async def test_the_profile_may_give_up(live: Live) -> None:
    gateway = paper(live)
    settings = (await live.http.get("/settings")).json()["settings"]
    await live.http.put("/settings", json=settings | {"retry_attempts": 1})
    gateway.faults.inject(Refuse())
    async with live.stream("connection") as stream:
        await stream.next()
        gateway.faults.inject(Drop())
        given_up = await stream.until(lambda m: m["type"] == "connection" and m["after"] == "failed")
        assert "Given up after 1 failed attempts" in given_up["reason"]
    gateway.faults.inject(Resume())
    await live.http.put("/settings", json=settings)
    assert (await live.http.post("/connection/connect")).status_code == 200
    await live.bridge.session.until(SessionState.READY, 20)
