"""An order's story in words, and an unknown order closed by hand: refused while IB shows it, recorded where it is."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

import ironbridge as ib
from ironbridge.cli.app import run_app
from ironbridge.domain.lifecycle import OrderState
from ironbridge.paper.faults import Ignore

from .conftest import running


async def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    def typed() -> int:
        with pytest.raises(SystemExit) as ended:
            run_app(list(arguments))
        return int(ended.value.code or 0)

    code = await asyncio.to_thread(typed)
    said = capsys.readouterr()
    return code, said.out, said.err


async def test_a_story_and_an_end_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    async with running(home, answer_timeout=1) as live:
        where = ("--home", str(home))
        code, out, _ = await say(capsys, "order", "buy", "3", "AAPL", "--key", "a/b", "--wait", "20", *where)
        assert code == 0, out
        await live.bridge.orders.handle("a/b").done(timeout=20)
        code, out, _ = await say(capsys, "story", "a/b", *where)
        assert (code, "BUY 3 MKT DAY AAPL" in out, "fill" in out, "cli" in out) == (0, True, True, True)
        told = (await live.http.get("/orders/a%2Fb/story")).json()
        assert [one["what"] for one in told["entries"]][:2] == ["order.submitted", "order.sent"]
        assert (await live.http.get("/orders/nowhere/story")).status_code == 404

        # One that never arrived: the gateway does not see the request.
        assert live.bridge.paper is not None
        live.bridge.paper.faults.inject(Ignore("PlaceOrder"))
        handle = await live.bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1).limit("1.00"), key="lost")
        async for update in handle.events():
            if update.order.state is OrderState.UNKNOWN:
                break
        shown = await say(capsys, "resolve", "a/b", "--as", "cancelled", "--why", "a slip of mine", *where)
        assert (shown[0], "a/b" in shown[2]) == (1, True)
        code, out, _ = await say(
            capsys, "resolve", "lost", "--as", "never-sent", "--why", "not in TWS's trail", "--json", *where
        )
        assert (code, json.loads(out)["state"]) == (0, "closed")
        (entry,) = (await live.http.get("/audit", params={"what": "order.resolved"})).json()["entries"]
        assert (entry["subject"], "found never-sent: not in TWS's trail" in entry["text"]) == ("lost", True)
        assert (await live.bridge.audit.verify()).intact
