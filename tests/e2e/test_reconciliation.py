"""Reconciliation over REST and the command line, with orders and fills of another program on the same login."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

import ironbridge as ib
from ironbridge.domain.lifecycle import OrderState
from ironbridge.paper.faults import Ignore, Swallow

from .conftest import Live, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    # IB tells executions of other clients to client 0 alone.
    home = tmp_path_factory.mktemp("reconciliation") / "home"
    async with running(home, client_id=0, answer_timeout=0.5, request_timeout=2.0) as found:
        yield found


async def command(live: Live, *words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("ironbridge")), *words, "--home", str(live.home),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_it_is_asked_at_the_start_and_nothing_is_in_doubt(live: Live) -> None:
    found = (await live.http.get("/reconciliation")).json()
    assert found["settled"] is True
    assert found["last"]["why"] == "a new session"
    assert (found["last"]["open"], found["last"]["repairs"], found["failure"]) == (0, [], "")
    assert found["interval_s"] == 300
    assert found["next_at"] is not None


async def test_the_interval_counts_at_once(live: Live) -> None:
    answer = await live.http.patch("/profiles/default", json={"reconcile_interval": 600})
    assert answer.status_code == 200, answer.text
    assert (await live.http.get("/reconciliation")).json()["interval_s"] == 600


async def test_what_another_program_does_is_shown_as_its_own(live: Live, tmp_path: Path) -> None:
    port = live.bridge.paper.port
    async with ib.connect("127.0.0.1", port, home=tmp_path, client_id=9) as other:
        resting = await other.orders.submit(ib.Stock("AAPL"), ib.buy(2).limit("1.00"), key="theirs")
        await resting.accepted()
        bought = await other.orders.submit(ib.Stock("MSFT"), ib.buy(3), key="theirs-too")
        await bought.done(10)
        found = (await live.http.post("/reconciliation")).json()
        (order,) = found["foreign_orders"]
        assert (order["client_id"], order["symbol"], order["quantity"], order["ref"]) == (9, "AAPL", "2", "theirs")
        assert {(one["client_id"], one["symbol"]) for one in found["last"]["foreign_executions"]} == {(9, "MSFT")}
        assert sum(int(one["quantity"]) for one in found["last"]["foreign_executions"]) == 3
        assert found["last"]["why"] == "asked for"
        code, out, _ = await command(live, "reconcile", "--last")
        assert code == 0
        assert "Open orders that were not made here" in out
        assert "Executions of orders that were not made here" in out
        await (await resting.cancel()).cancelled()
    assert (await live.http.post("/reconciliation")).json()["foreign_orders"] == []
    acts = (await live.http.get("/audit", params={"what": "orders.reconciled"})).json()
    assert acts["entries"], "who had it asked is recorded"


async def test_a_question_without_its_answer_concludes_nothing(live: Live) -> None:
    before = (await live.http.get("/reconciliation")).json()["last"]
    number = live.bridge.paper.faults.inject(Swallow("CompletedOrdersEnd"))
    answer = await live.http.post("/reconciliation")
    assert answer.status_code == 504, answer.text
    live.bridge.paper.faults.withdraw(number)
    found = (await live.http.get("/reconciliation")).json()
    assert found["last"] == before
    assert "completed orders" in found["failure"]
    assert found["settled"] is False
    assert (await live.http.post("/reconciliation")).json()["failure"] == ""


async def test_an_order_without_a_fate_ends_the_command_with_4(live: Live) -> None:
    live.bridge.paper.faults.inject(Ignore("PlaceOrder"))
    handle = await live.bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1).limit("1.00"), key="dropped")
    with live.bridge.orders.follow("dropped") as news:
        while handle.order.state is not OrderState.UNKNOWN:
            await news.next()
    code, out, err = await command(live, "reconcile", "--json")
    found = json.loads(out)
    assert code == 4
    assert [(one["key"], one["state"]) for one in found["doubtful"]] == [("dropped", "unknown")]
    code, _, err = await command(live, "reconcile")
    assert code == 4
    assert "dropped is unknown" in err
    await live.bridge.orders.close_by_hand("dropped", by="a test", reason="the gateway has dropped it")
    code, out, err = await command(live, "reconcile")
    assert (code, err) == (0, "")
    assert "Every order's fate is known" in out
