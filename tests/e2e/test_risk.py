"""Risk over REST, WebSocket and the command line: limits changed while the service runs, the kill switch."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from .conftest import Live, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER = {"symbol": "AAPL", "side": "BUY", "quantity": "1", "order_type": "LMT", "limit_price": "1"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    async with running(tmp_path_factory.mktemp("risk") / "home") as found:
        yield found


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def as_before(live: Live) -> AsyncIterator[None]:
    before = (await live.http.get("/risk")).json()["limits"]
    yield
    for each in (await live.http.get("/risk")).json()["limits"]:
        await live.http.delete(f"/risk/limits/{each['scope']}")
    for each in before:
        scope = each.pop("scope")
        await live.http.put(f"/risk/limits/{scope}", json=each)


async def command(live: Live, *words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("ironbridge")), *words, "--home", str(live.home),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_limits_of_the_start_are_shown(live: Live) -> None:
    risk = (await live.http.get("/risk")).json()
    (limits,) = risk["limits"]
    assert (limits["scope"], limits["max_quantity"], limits["max_notional"]) == ("all", "100000", "1000000")
    assert risk["kill_switch"]["state"] == "off"
    assert risk["uses"][0]["account"] == live.bridge.portfolio.accounts[0]


async def test_a_limit_counts_from_then_on_and_is_recorded(live: Live) -> None:
    answer = await live.http.put("/risk/limits/strategy:momentum", json={"max_quantity": "5", "order_rate": None})
    assert answer.status_code == 200
    refused = await live.http.post("/orders", json=ORDER | {"quantity": "6", "strategy": "momentum"})
    assert refused.json()["slug"] == "order-refused"
    assert refused.json()["details"] == {"rule": "max_quantity", "limit": "5", "value": "6"}
    assert (await live.http.post("/orders", json=ORDER | {"quantity": "6"})).status_code == 201
    entries = (await live.http.get("/audit", params={"what": "limits.changed"})).json()["entries"]
    assert entries[0]["subject"] == "strategy:momentum"
    assert entries[0]["details"] == {"max_quantity": {"before": None, "after": "5"}}
    assert (await live.http.delete("/risk/limits/strategy:momentum")).status_code == 200
    assert (await live.http.post("/orders", json=ORDER | {"quantity": "6", "strategy": "momentum"})).status_code == 201


@pytest.mark.parametrize(
    ("scope", "body", "words"),
    (
        ("every", {}, "not a scope"),
        ("instrument:XX:AAPL", {}, "names no instruments"),
        ("all", {"max_position": "-1"}, "below zero"),
        ("all", {"max_daily_loss": "0"}, "not above zero"),
        ("all", {"max_quantity": "1e999"}, "max_quantity"),
        ("all", {"max_weight": "1"}, "max_weight"),
        ("all", {"order_rate": {"count": 1}}, "order_rate"),
        ("all", {"on_daily_loss": "panic"}, "on_daily_loss"),
        ("all", {"denied": ["a b|"]}, "names no instruments"),
        ("strategy:x", {"max_daily_loss": "1"}, "whole account"),
    ),
)
async def test_limits_that_cannot_be_meant_change_nothing(live: Live, scope: str, body: dict, words: str) -> None:
    before = (await live.http.get("/risk")).json()["limits"]
    answer = await live.http.put(f"/risk/limits/{scope}", json=body)
    assert answer.status_code == 422, answer.text
    assert words in answer.text
    assert (await live.http.get("/risk")).json()["limits"] == before


async def test_the_kill_switch_over_rest_and_websocket(live: Live) -> None:
    key = (await live.http.post("/orders", json=ORDER)).headers["Idempotency-Key"]
    async with live.stream("risk") as stream:
        first = await stream.next()
        assert (first["type"], first["risk"]["kill_switch"]["state"]) == ("snapshot", "off")
        answer = await live.http.post("/risk/kill?wait=20", json={"reason": "drill"})
        assert answer.json()["kill_switch"]["state"] == "verified"
        told = await stream.until(lambda message: message["risk"]["kill_switch"]["state"] == "verified")
        assert told["event"] == "switch_moved"
        assert (await live.http.get(f"/orders/{key}")).json()["state"] == "cancelled"
        refused = await live.http.post("/orders", json=ORDER)
        assert (refused.status_code, refused.json()["details"]["rule"]) == (422, "kill_switch")
        await stream.until(lambda message: message.get("event") == "order_refused")
        assert (await live.http.post("/risk/release", json={"reason": "over"})).json()["kill_switch"]["state"] == "off"
    assert (await live.http.post("/risk/release", json={"reason": "again"})).status_code == 422
    assert (await live.http.post("/risk/kill", json={"reason": ""})).status_code == 422
    assert (await live.http.post("/risk/kill", json={})).status_code == 422
    assert (await live.http.post("/orders", json=ORDER)).status_code == 201


async def test_the_command_line(live: Live) -> None:
    code, out, err = await command(live, "limits", "all", "max_position=500", "denied=OPT:*,TSLA", "order_rate=10/60")
    assert code == 0, err
    shown = [line.split() for line in out.splitlines()]
    assert ["all", "max_position", "500"] in shown
    assert "OPT:*, TSLA" in out
    assert "10 in 60 s" in out
    assert ["all", "max_quantity", "100000"] in shown  # what is not named stays
    code, out, err = await command(live, "limits", "all", "max_position=none", "denied=none")
    assert "max_position" not in out
    code, _, err = await command(live, "limits", "all", "max_position=many")
    assert code != 0
    assert "max_position" in err
    code, out, err = await command(live, "kill", "a drill", "--json")
    assert (code, json.loads(out)["state"]) == (0, "verified")
    code, out, err = await command(live, "limits")
    assert "KILL SWITCH verified" in out
    code, out, err = await command(live, "release", "over")
    assert "off" in out
    code, out, err = await command(live, "release", "over")
    assert code != 0
    assert "not engaged" in err
