"""The paths that users of earlier systems know: each is there and does what its name says."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import running

if TYPE_CHECKING:
    from .conftest import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("method", "path", "told"),
    (
        ("GET", "/connection/status", "state"),
        ("GET", "/connection/health", "round_trip_ms"),
        ("GET", "/health-metrics", "uptime_s"),
        ("GET", "/settings", "settings"),
        ("GET", "/account", "net_liquidation"),
        ("POST", "/connection/connect", "state"),
        ("POST", "/connection/test", "steps"),
        ("POST", "/monitor/stop", "running"),
        ("POST", "/monitor/start", "running"),
        ("POST", "/connection/reconnect", "state"),
        ("POST", "/connection/disconnect", "state"),
    ),
)
async def test_the_path_is_there(live: Live, method: str, path: str, told: str) -> None:
    response = await live.http.request(method, path)
    assert response.status_code == 200, response.text
    assert told in response.json()


async def test_heartbeats_are_begun_ended_and_timed(tmp_path: Path) -> None:
    async with running(tmp_path / "home") as live:

        async def health() -> dict[str, object]:
            found: dict[str, object] = (await live.http.get("/connection/health")).json()
            return found

        assert (await health())["monitoring"] is True
        with live.bridge.topics.heartbeats.subscribe() as beats:
            begun = (await live.http.post("/monitor/start", json={"interval_s": 0.05})).json()
            assert (begun["running"], begun["interval_s"]) == (True, 0.05)
            async with asyncio.timeout(10):  # the wait of half a minute that was under way is cut short
                await anext(beats)
                await anext(beats)
        ended = (await live.http.post("/monitor/stop")).json()
        assert ended["running"] is False
        assert (await health())["monitoring"] is False
        await live.bridge.reconnect()
        await live.ready()
        with live.bridge.topics.heartbeats.subscribe() as beats:
            with pytest.raises(TimeoutError):  # a new session does not begin them; ten beats would be due
                async with asyncio.timeout(0.5):
                    await anext(beats)
            assert (await live.http.post("/monitor/start")).json()["running"] is True
            async with asyncio.timeout(10):
                await anext(beats)
        assert (await live.http.get("/settings")).json()["version"] == 2, "the interval is kept"
        deeds = [one["what"] for one in (await live.http.get("/audit", params={"what": "monitor"})).json()["entries"]]
        assert deeds == ["monitor.started", "monitor.stopped", "monitor.started"]
        for bad in ({"interval_s": 0}, {"interval_s": "1"}, {"every": 1}):
            assert (await live.http.post("/monitor/start", json=bad)).status_code == 422
    async with running(tmp_path / "home", heartbeat_interval=20.0) as live:
        fixed = await live.http.post("/monitor/start", json={"interval_s": 5})
        assert (fixed.status_code, fixed.json()["slug"]) == (409, "setting-fixed")
