"""Paper by default (CON-11): a live account is refused at every way in, primary and backup, unless armed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.adversity.doors import Door

import ironbridge as ib
from ironbridge.bootstrap import open_bridge
from ironbridge.cli.app import run_app
from ironbridge.cli.run import service
from ironbridge.domain.session import SessionState
from ironbridge.errors import IronbridgeError, LiveAccountRefused
from ironbridge.paper import PaperGateway
from ironbridge.settings import load_settings

from .conftest import API

LIVE, OTHER = "U1234567", "U7654321"


@pytest.fixture
async def live() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=5, accounts=(LIVE,), step=0.02) as gateway:
        yield gateway


def given(gateway: PaperGateway, home: Path, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": gateway.port, "client_id": 4, "home": home, **more}


@pytest.mark.parametrize("more", ({}, {"account": LIVE}, {"live_account": OTHER}))
async def test_the_library_refuses_it(live: PaperGateway, tmp_path: Path, more: dict[str, str]) -> None:
    with pytest.raises(LiveAccountRefused, match=f"{LIVE} is a live account, and it is not armed") as refused:
        async with ib.connect(**given(live, tmp_path / "home", **more)):
            pass
    assert f"set live_account to {LIVE}" in (refused.value.next_step or "")
    assert refused.value.outcome.value == "not_sent"
    assert live.venue.orders() == []


async def test_the_very_account_is_let_through(live: PaperGateway, tmp_path: Path) -> None:
    async with ib.connect(**given(live, tmp_path / "home", live_account=LIVE)) as bridge:
        assert (bridge.session.account, bridge.session.state) == (LIVE, SessionState.READY)
        order = await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1).limit("1.00"))
        await order.accepted()
        with pytest.raises(IronbridgeError, match=OTHER):
            await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1).limit("1.00"), account=OTHER)


async def test_rest_refuses_it_and_cannot_arm_it(live: PaperGateway, tmp_path: Path) -> None:
    settings = load_settings(given(live, tmp_path / "home", http_port=0), {})
    async with service(settings) as (bridge, address, token):
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=address.url + API, headers=headers, timeout=30) as http:
            refused = await http.post("/connection/connect")
            assert (refused.status_code, refused.json()["slug"]) == (403, "live-account-refused"), refused.text
            assert LIVE in refused.json()["detail"]
            status = (await http.get("/connection/status")).json()
            assert (status["state"], status["ready"]) == ("failed", False)
            order = await http.post("/orders", json={"symbol": "AAPL", "side": "BUY", "quantity": "1"})
            assert (order.status_code, order.json()["outcome"]) == (503, "not_sent")
            for path in ("/profiles/default", "/settings"):
                act = http.patch if path != "/settings" else http.put
                armed = await act(path, json={"live_account": LIVE})
                assert armed.status_code == 422, "no request arms an account"
            tested = (await http.post("/connection/test", json={"host": "127.0.0.1", "port": live.port})).json()
            assert (tested["ok"], tested["findings"][0]["id"]) == (False, "live-account-not-armed")
        assert bridge.session.state is SessionState.FAILED
    assert live.venue.orders() == []


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        run_app(list(arguments))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


async def test_a_command_of_its_own_refuses_it(
    live: PaperGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "ironbridge.toml").write_text(f'host = "127.0.0.1"\nport = {live.port}\n', encoding="utf-8")
    order = ("order", "buy", "1", "AAPL", "--limit", "1", "--home", str(home))
    code, words = await asyncio.to_thread(typed, capsys, *order)
    assert code != 0
    assert f"{LIVE} is a live account, and it is not armed" in words
    doctor = ("doctor", "--ib-host", "127.0.0.1", "--ib-port", str(live.port), "--home", str(home), "--json")
    code, words = await asyncio.to_thread(typed, capsys, *doctor)
    assert code != 0
    assert "live-account-not-armed" in [each["id"] for each in json.loads(words)["findings"]]
    assert live.venue.orders() == []


async def test_a_backup_with_a_live_account_is_refused_aloud(live: PaperGateway, tmp_path: Path) -> None:
    async with PaperGateway(port=0, seed=5, accounts=("DU1000001",), step=0.02) as paper, Door(paper.port) as door:
        settings = given(live, tmp_path / "home", port=door.port, account="DU1000001", breaker_failures=1)
        settings["backups"] = f"127.0.0.1:{live.port}"
        async with open_bridge(load_settings(settings, {})) as bridge:
            with bridge.topics.alerts.subscribe() as alerts:
                await door.shut()
                async for alert in alerts:
                    if alert.kind == "backup-refused":
                        break
            assert f"no account DU1000001; it has {LIVE}" in alert.text
            await bridge.session.until(SessionState.RECONNECTING, 10)
            with pytest.raises(IronbridgeError):
                await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1).limit("1.00"))
    assert live.venue.orders() == []
