"""Several sessions and gateways as the service shows them: asked for, told as they change, commanded one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import TypeAdapter
from tests.adversity.doors import Door

from ironbridge.api.schemas import stream as messages
from ironbridge.paper import PaperGateway

from .conftest import Live, running

CONNECTION: TypeAdapter[object] = TypeAdapter(messages.ConnectionServerMessage)
ACCOUNT = "DU1000001"


@pytest.fixture
async def paper() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=5, accounts=(ACCOUNT,), step=0.02) as gateway:
        yield gateway


@pytest.fixture
async def primary(paper: PaperGateway) -> AsyncIterator[Door]:
    async with Door(paper.port) as door:
        yield door


@pytest_asyncio.fixture
async def several(paper: PaperGateway, primary: Door, tmp_path: Path) -> AsyncIterator[Live]:
    async with running(
        tmp_path / "home",
        host="127.0.0.1",
        port=primary.port,
        account=ACCOUNT,
        backups=f"127.0.0.1:{paper.port}",
        breaker_failures=1,
        data_sessions=f"127.0.0.1:{paper.port}/11?name=stocks&kinds=STK&lines=7, 127.0.0.1:{paper.port}/12",
    ) as live:
        await live.ready()
        yield live


async def test_sessions_can_be_asked_for_and_commanded_alone(several: Live, paper: PaperGateway) -> None:
    found = (await several.http.get("/connection/sessions")).json()
    assert found["state"] == "ready"
    assert [(each["name"], each["carries_orders"], each["client_id"]) for each in found["sessions"]] == [
        ("orders", True, several.bridge.settings.client_id), ("stocks", False, 11), ("data-2", False, 12),
    ]  # fmt: skip
    orders, stocks, _ = found["sessions"]
    assert [(each["port"], each["primary"], each["current"]) for each in orders["gateways"]] == [
        (several.bridge.settings.port, True, True), (paper.port, False, False),
    ]  # fmt: skip
    assert (stocks["kinds"], stocks["line_limit"]) == (["STK"], 7)
    after = (await several.http.post("/connection/sessions/stocks/disconnect")).json()
    assert [each["state"] for each in after["sessions"]] == ["ready", "disconnected", "ready"]
    assert after["state"] == "degraded"
    status = (await several.http.get("/connection/status")).json()
    assert status["ready"] is True
    assert [each["name"] for each in status["sessions"]] == ["orders", "stocks", "data-2"]
    assert (await several.http.post("/connection/sessions/stocks/connect")).status_code == 200
    missing = await several.http.post("/connection/sessions/options/reconnect")
    assert missing.status_code == 404
    assert "orders, stocks, data-2" in missing.json()["next_step"]
    page = (await several.http.get(several.url.removesuffix("/api/v1/ib") + "/metrics")).text
    assert 'ironbridge_session_ready{session="data-2"} 1.0' in page


async def test_a_data_sessions_move_is_told(several: Live) -> None:
    async with several.stream("connection") as connection:
        await connection.next()
        await several.http.post("/connection/sessions/data-2/disconnect")
        told = await connection.until(lambda message: message["type"] == "session")
        assert (told["session"], told["after"], told["status"]["state"]) == ("data-2", "disconnected", "ready")
        assert CONNECTION.validate_python(told)
    log = (await several.http.get("/connection/log")).json()["entries"]
    assert any(entry["text"].startswith("data-2: ") for entry in log)


async def test_failover_and_the_way_back_over_rest(several: Live, primary: Door, paper: PaperGateway) -> None:
    async with several.stream("connection") as connection:
        await connection.next()
        await primary.shut()
        alert = await connection.until(lambda message: message["type"] == "alert" and message["kind"] == "failover")
        assert str(paper.port) in alert["text"]
        await several.ready()
        assert (await several.http.get("/connection/status")).json()["port"] == paper.port
        refused = await several.http.post("/connection/failback")
        assert refused.status_code == 502
        assert "stays at" in refused.json()["detail"]
        await primary.open()
        back = await several.http.post("/connection/failback", json={"force": True})
        assert back.status_code == 200
        assert back.json()["port"] == primary.port
        told = await connection.until(lambda message: message["type"] == "alert" and message["kind"] == "failback")
        assert told["severity"] == "info"
    page = (await several.http.get(several.url.removesuffix("/api/v1/ib") + "/metrics")).text
    assert 'ironbridge_session_moves{session="orders"} 2.0' in page
    assert 'ironbridge_connect_attempts{session="orders"} 3.0' in page
    assert 'ironbridge_connect_successes{session="orders"} 3.0' in page
    assert 'ironbridge_breaker_open{session="orders"} 0.0' in page
    assert 'ironbridge_time_to_reconnect_seconds{session="orders"}' in page
