"""IB's limits as the service shows them: asked for, told as they change, counted, and warned of."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from ironbridge.api.schemas import stream as messages
from ironbridge.paper.faults import SendError

from .conftest import Live, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONNECTION: TypeAdapter[object] = TypeAdapter(messages.ConnectionServerMessage)


def limit(pacing: dict[str, list[dict[str, object]]], name: str) -> dict[str, object]:
    return next(each for each in pacing["limits"] if each["limit"] == name)


async def test_every_limit_and_queue_can_be_asked_for(live: Live) -> None:
    pacing = (await live.http.get("/connection/pacing")).json()
    assert {each["limit"]: each["allowed"] for each in pacing["limits"]} == {
        "messages": 48, "history": 60, "history_contract": 5, "history_open": 50, "lines": 100, "depth": 3,
        "tick_by_tick": 5,
    }  # fmt: skip
    assert [lane["lane"] for lane in pacing["lanes"]] == ["cancel", "order", "control", "data"]
    assert pacing["admitted"] > 0
    assert pacing["violations"] == 0


async def test_the_use_is_told_as_it_changes_and_counted(tmp_path: Path) -> None:
    async with running(tmp_path / "home", market_data_lines=5) as live, live.stream("connection") as connection:
        first = await connection.next()
        assert limit(first["pacing"], "lines")["allowed"] == 5
        async with live.stream("market-data") as quotes:
            await quotes.send({"action": "subscribe", "symbols": ["AAPL", "MSFT", "EURUSD", "SPY"]})
            told = await connection.until(lambda m: m["type"] == "pacing" and limit(m["pacing"], "lines")["used"] == 4)
            assert limit(told["pacing"], "lines")["near"] is True
            assert CONNECTION.validate_python(told)
            page = (await live.http.get(live.url.removesuffix("/api/v1/ib") + "/metrics")).text
            assert 'ironbridge_limit_used{limit="lines"} 4.0' in page
            assert 'ironbridge_lane_waiting{lane="order"} 0.0' in page


async def test_a_limit_that_is_nearly_used_up_is_an_alert(tmp_path: Path) -> None:
    async with running(tmp_path / "home", market_data_lines=5) as live, live.stream("connection") as connection:
        await connection.next()
        async with live.stream("market-data") as quotes:
            await quotes.send({"action": "subscribe", "symbols": ["AAPL", "MSFT", "EURUSD", "SPY"]})
            alert = await connection.until(lambda m: m["type"] == "alert" and m["kind"] == "limit-near")
            assert alert["text"] == "4 of 5 are used of the limit on market-data lines."


async def test_what_ib_says_of_a_stream_reaches_the_browser(tmp_path: Path) -> None:
    async with running(tmp_path / "home") as live, live.stream("market-data") as quotes:
        await quotes.send({"action": "subscribe", "symbols": ["AAPL"]})
        await quotes.until(lambda m: m["type"] == "market_data")
        assert live.bridge.paper is not None
        (line,) = live.bridge.market._pool.lines
        live.bridge.paper.faults.inject(SendError(10197, id=line.number or 0))
        notice = await quotes.until(lambda m: m["type"] == "notice")
        assert (notice["symbol"], notice["code"]) == ("AAPL", 10197)
        assert "competing live session" in notice["text"]


async def test_what_waits_is_shown_with_its_time_and_follows_a_faster_pace(tmp_path: Path) -> None:
    symbols = ["AAPL", "MSFT", "SPY", "EURUSD", "IBM", "QQQ", "GOOG", "AMZN"]
    async with running(tmp_path / "home", messages_per_second=1) as live, live.stream("market-data") as quotes:
        changed = await live.http.patch("/profiles/default", json={"messages_per_second": 2})
        assert changed.status_code == 409, "an argument sets it"
    async with running(tmp_path / "home") as live, live.stream("market-data") as quotes:
        await live.http.patch("/profiles/default", json={"messages_per_second": 1})
        await quotes.send({"action": "subscribe", "symbols": symbols})
        async with live.stream("connection") as connection:
            await connection.until(
                lambda m: m["type"] in {"snapshot", "pacing"} and m["pacing"]["lanes"][-1]["waiting"] >= 2
            )
        pacing = (await live.http.get("/connection/pacing")).json()
        lanes = {lane["lane"]: lane for lane in pacing["lanes"]}
        assert lanes["data"]["eta_s"] > 1
        assert lanes["cancel"]["eta_s"] < lanes["data"]["eta_s"], "a cancel passes what waits"
        page = (await live.http.get(f"{live.url}/metrics")).text
        waiting = next(line for line in page.splitlines() if line.startswith('ironbridge_lane_waiting{lane="data"}'))
        eta = next(line for line in page.splitlines() if line.startswith('ironbridge_lane_eta_seconds{lane="data"}'))
        assert float(waiting.split()[1]) >= 1
        assert float(eta.split()[1]) > 1
        await live.http.patch("/profiles/default", json={"messages_per_second": 48})
        async with live.stream("connection") as connection:
            await connection.until(
                lambda m: m["type"] in {"snapshot", "pacing"} and m["pacing"]["lanes"][-1]["waiting"] == 0
            )
