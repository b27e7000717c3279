"""Several sessions and gateways as the service shows them: asked for, told as they change, commanded one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import TypeAdapter
from tests.adversity.doors import Door

from ironbridge.api.schemas import stream as messages
from ironbridge.cli.app import run_app
from ironbridge.domain.session import SessionState
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
        for each in live.bridge.sessions:
            await each.supervisor.until(SessionState.READY, 20)
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


async def test_each_session_shows_its_own_limits_queue_and_clock(several: Live) -> None:
    several.bridge.session.configure(replace(several.bridge.session.options, heartbeat_interval=0.05))
    for each in several.bridge.sessions:
        each.supervisor.configure(replace(each.supervisor.options, heartbeat_interval=0.05))
    async with several.stream("connection") as connection:
        first = await connection.next()
        assert [each["session"] for each in (first["pacing"], *first["data_pacing"])] == ["orders", "stocks", "data-2"]
        async with several.stream("market-data") as quotes:
            await quotes.send({"action": "subscribe", "symbols": ["AAPL", "MSFT", "SPY", "IBM", "QQQ", "GOOG"]})
            alert = await connection.until(lambda m: m["type"] == "alert" and m["kind"] == "limit-near")
            assert alert["text"].startswith("Market-data session stocks: ")
            told = (await several.http.get("/connection/pacing", params={"session": "stocks"})).json()
            assert told["session"] == "stocks"
            assert next(each for each in told["limits"] if each["limit"] == "lines")["used"] == 6
            sessions = (await several.http.get("/connection/sessions")).json()["sessions"]
            assert [each["near"] for each in sessions] == [[], ["lines"], []]
    for each in several.bridge.sessions:
        async with asyncio.timeout(10):
            while each.supervisor.health().clock_skew is None:  # noqa: ASYNC110 - only the order session tells its beats
                await asyncio.sleep(0.01)
    sessions = (await several.http.get("/connection/sessions")).json()["sessions"]
    assert all(abs(each["clock_skew_s"]) < 1 for each in sessions)
    page = (await several.http.get(several.url.removesuffix("/api/v1/ib") + "/metrics")).text
    for name in ("orders", "stocks", "data-2"):
        assert f'ironbridge_clock_skew_seconds{{session="{name}"}}' in page
        assert f'ironbridge_session_eta_seconds{{session="{name}"}}' in page
    assert (await several.http.get("/connection/pacing", params={"session": "options"})).status_code == 404


async def test_data_sessions_are_changed_while_the_service_runs(several: Live, paper: PaperGateway) -> None:
    here = f"127.0.0.1:{paper.port}"
    refused = await several.http.patch("/profiles/default", json={"data_sessions": [f"{here}/11"]})
    assert refused.status_code == 409, "an argument sets it"
    async with running(
        several.bridge.settings.home.parent / "other", host="127.0.0.1", port=paper.port, client_id=3
    ) as live:
        await live.ready()
        async with live.stream("connection") as connection:
            await connection.next()
            wrong = await live.http.patch("/profiles/default", json={"data_sessions": ["10.0.0.1"]})
            assert wrong.status_code == 422
            changed = await live.http.patch("/profiles/default", json={"data_sessions": [f"{here}/21?lines=3"]})
            assert changed.status_code == 200, changed.text
            await connection.until(lambda m: m["type"] == "session" and m["after"] == "ready")
            settings = (await live.http.get("/settings")).json()
            assert (settings["pending"], settings["restart"]) == ([], [])
            await live.http.patch("/profiles/default", json={"data_sessions": []})
            await connection.until(lambda m: m["type"] == "session" and m["after"] == "disconnected")
        assert [each["name"] for each in (await live.http.get("/connection/sessions")).json()["sessions"]] == ["orders"]
        entries = (await live.http.get("/audit")).json()["entries"]
        assert any("data_sessions" in str(entry) for entry in entries)


async def test_the_command_line_lists_the_sessions(several: Live, capsys: pytest.CaptureFixture[str]) -> None:
    def typed() -> str:
        with pytest.raises(SystemExit):
            run_app(["status", "--url", several.url, "--token", several.token])
        return " ".join(capsys.readouterr().out.split())

    said = await asyncio.to_thread(typed)
    assert "session orders" in said
    assert "session stocks" in said
    assert "market data (STK), client 11" in said
