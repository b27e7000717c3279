"""One home, several ways in at once: the service, a library program, and commands with and without a service."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ironbridge as ib
from ironbridge.cli.app import run_app
from ironbridge.errors import HomeInUse

from .conftest import running

if TYPE_CHECKING:
    from collections.abc import Callable


def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        run_app(list(arguments))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


async def use(home: Path) -> None:
    async with ib.connect(home=home):
        pass


def test_a_command_without_a_service_is_the_same_order_by_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOST", "PORT", "PAPER_PORT", "IBKR_HOST", "IBKR_PORT", "IRONBRIDGE_HOME"):
        monkeypatch.delenv(name, raising=False)
    asyncio.run(use(tmp_path / "home"))
    home = ("--home", str(tmp_path / "home"))
    order = ("order", "buy", "10", "AAPL", "--limit", "50", "--key", "low", "--json", *home)
    code, out, err = say(capsys, *order)
    assert (code, json.loads(out)["open"]) == (0, True), err
    assert "opens a session of its own" in err
    first = json.loads(out)
    code, out, _ = say(capsys, *order)
    again = json.loads(out)
    assert (code, again["order_id"], again["created_at"]) == (0, first["order_id"], first["created_at"])
    code, _, err = say(capsys, "order", "buy", "11", "AAPL", "--limit", "50", "--key", "low", *home)
    assert (code, "already stands for" in err) == (1, True)
    code, out, _ = say(capsys, "cancel", "low", "--wait", "20", *home)
    assert (code, "cancelled" in out) == (0, True)


async def test_a_program_joins_the_service_and_its_paper_gateway(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with running(home) as live:
        with pytest.raises(HomeInUse, match="owned by ironbridge run"):
            async with ib.connect(home=home):
                pass
        async with ib.connect(home=home, client_id=7) as bridge:
            assert bridge.paper is None
            handle = await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(2).limit("1.00"), key="shared")
            await handle.accepted()
            assert await seen(live.bridge, lambda: [one.key for one in live.bridge.orders.list()] == ["shared"])
            # The same key over REST is the same order, and another content a conflict.
            body = {"symbol": "AAPL", "side": "BUY", "quantity": "2", "limit_price": "1.00"}
            headers = {"Idempotency-Key": "shared"}
            again = await live.http.post("/orders", json=body, headers=headers)
            assert (again.status_code, again.json()["order_id"]) == (200, handle.order.order_id)
            other = await live.http.post("/orders", json={**body, "quantity": "3"}, headers=headers)
            assert (other.status_code, other.json()["slug"]) == (409, "key-conflict")
            cancelled = await live.http.delete("/orders/shared")
            assert cancelled.status_code == 409
            assert "client id 7" in cancelled.json()["detail"]
            await handle.cancel()
            await handle.done(timeout=20)
            assert await seen(live.bridge, lambda: live.bridge.orders.get("shared").ended)
        second = running(home)
        with pytest.raises(HomeInUse, match="has its service already"):
            await second.__aenter__()
        assert (await live.bridge.audit.verify()).intact


async def seen(bridge: ib.Bridge, told: Callable[[], bool]) -> bool:
    """Whether it is so within a second, looked at after each change."""
    with bridge.topics.orders.subscribe() as changes:
        async with asyncio.timeout(1):
            while not told():
                await anext(changes)
    return True
