"""IB's codes over REST and on the command line: explained, overridden for good, restored; an unknown one told once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import ironbridge as ib
from ironbridge.cli.app import run_app
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.reports import Notice
from ironbridge.paper.faults import SendOrderError

from .conftest import running


async def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    def typed() -> int:
        with pytest.raises(SystemExit) as ended:
            run_app(list(arguments))
        return int(ended.value.code or 0)

    code = await asyncio.to_thread(typed)
    return code, capsys.readouterr().out


async def test_a_code_is_explained_overridden_and_restored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    async with running(home) as live:
        told = (await live.http.get("/codes/10349")).json()
        assert (told["meaning"], told["overridden"]) == ("advisory", False)
        listed = (await live.http.get("/codes")).json()["codes"]
        assert {"201", "2104", "354"} <= {str(one["code"]) for one in listed}
        unknown = (await live.http.get("/codes/77777")).json()
        assert (unknown["meaning"], "ends nothing" in unknown["explained"]) == ("unrecognised", True)
        wrong = await live.http.put("/codes/77777", json={"meaning": "unrecognised"})
        assert (wrong.status_code, wrong.json()["slug"]) == (422, "invalid-input")
        body = {"meaning": "advisory", "next_step": "Nothing: it is the desk's greeting."}
        assert (await live.http.put("/codes/77777", json=body)).json()["overridden"]
        code, out = await say(capsys, "codes", "77777", "--home", str(home))
        assert (code, "the desk's greeting" in out, "by your own rule" in out) == (0, True, True)
        (entry,) = (await live.http.get("/audit", params={"what": "code"})).json()["entries"]
        assert (entry["what"], entry["details"]) == (
            "code.overridden", {"before": "unrecognised", "after": "advisory"},
        )  # fmt: skip
    async with running(home) as live:
        assert (await live.http.get("/codes/77777")).json()["meaning"] == "advisory"
        assert (await live.http.delete("/codes/77777")).json()["meaning"] == "unrecognised"
    code, out = await say(capsys, "codes", "201", "--home", str(home))
    assert (code, "It ends an order: refused." in out) == (0, True)
    code, out = await say(capsys, "codes", "--home", str(home))
    assert (code, "10349" in out) == (0, True)


async def test_an_unknown_code_leaves_the_order_alive_and_is_told_once(tmp_path: Path) -> None:
    async with ib.connect(home=tmp_path) as bridge:
        assert bridge.paper is not None
        handle = await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1).limit("1.00"), key="alive")
        await handle.accepted()
        alerts = bridge.topics.alerts.subscribe()
        with bridge.topics.orders.subscribe() as changes:
            for _ in range(3):
                bridge.paper.faults.inject(SendOrderError(88888, "Something new"))
            bridge.paper.faults.inject(SendOrderError(10349, "TIF was set to DAY by preset"))
            while (await anext(changes)).order.notices[-1:] != ((10349, "TIF was set to DAY by preset"),):
                pass
        assert handle.order.state is OrderState.WORKING
        assert bridge.codes.codes.met == {88888: 3}
        alert = await anext(alerts)
        assert (alert.kind, "88888" in alert.text) == ("unknown-code", True)
        # A second code comes next: had the first been told again, it would stand before it.
        bridge.orders._heard(Notice(None, 88889, "of the session"))
        assert "88889" in (await anext(alerts)).text
