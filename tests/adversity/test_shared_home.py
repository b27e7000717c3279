"""Several processes on one home: one order for a key, one owner for a client id, and each sees what the others do.

Each engine but the test's own is a process of its own, over one paper gateway on a real socket (I-12, I-19).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ironbridge as ib
from ironbridge.domain.audit import AuditFilter
from ironbridge.domain.lifecycle import OrderState
from ironbridge.errors import HomeInUse, KeyConflict, OrderError
from ironbridge.home import PROCESSES
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import SilentOrder, TakeOver

SHARER = Path(__file__).with_name("sharer.py")


@dataclass
class Process:
    """An engine in a process of its own."""

    process: subprocess.Popen[str]
    began: dict[str, Any]

    async def do(self, do: str, key: str, **more: Any) -> dict[str, Any]:
        self.tell(do, key, **more)
        return await self.answer()

    def tell(self, do: str, key: str, **more: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, "key": key, **more}) + "\n")
        self.process.stdin.flush()

    async def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            line = await asyncio.to_thread(self.process.stdout.readline)
        assert line, "the process has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)
        if number == signal.SIGKILL:
            await asyncio.to_thread(self.process.wait)


Start = Callable[[int], Any]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start(gateway: PaperGateway, home: Path, stack: ExitStack) -> Start:
    async def begin(client_id: int) -> Process:
        arguments = [sys.executable, str(SHARER), str(gateway.port), str(home), str(client_id)]
        process = await asyncio.to_thread(
            subprocess.Popen, arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        stack.enter_context(process)
        stack.callback(process.kill)
        made = Process(process, {})
        made.began = await made.answer()
        return made

    return begin


@pytest.fixture
async def bridge(gateway: PaperGateway, home: Path) -> AsyncIterator[ib.Bridge]:
    """The test's own engine, under client id 9."""
    async with ib.connect("127.0.0.1", gateway.port, home=home, client_id=9) as bridge:
        yield bridge


async def eventually(told: Callable[[], bool], bridge: ib.Bridge, seconds: float = 1.0) -> None:
    """Return as soon as it is so, which changes of orders bring about; fail where that takes longer than promised."""
    with bridge.topics.orders.subscribe() as changes:
        async with asyncio.timeout(seconds):
            while not told():
                await anext(changes)


def known(bridge: ib.Bridge, key: str, *states: OrderState) -> Callable[[], bool]:
    return lambda: any(order.key == key and (not states or order.state in states) for order in bridge.orders.list())


async def test_four_processes_submit_one_key_at_once_and_one_order_is_made(gateway: PaperGateway, start: Start) -> None:
    processes = await asyncio.gather(*(start(client_id) for client_id in (1, 2, 3, 4)))
    for round_ in range(5):
        for process in processes:
            process.tell("submit", f"same-{round_}")
        answers = [await process.answer() for process in processes]
        assert len({(answer["client_id"], answer["order_id"]) for answer in answers}) == 1, answers
        assert len(gateway.venue.orders()) == round_ + 1


async def test_what_another_process_does_shows_within_a_second(
    gateway: PaperGateway, start: Start, bridge: ib.Bridge
) -> None:
    other = await start(1)
    await other.do("submit", "theirs")
    await eventually(known(bridge, "theirs", OrderState.WORKING), bridge)
    handle = await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(3).limit("1.00"), key="theirs")
    assert (handle.order.client_id, len(gateway.venue.orders())) == (1, 1)
    ended = asyncio.create_task(handle.done(timeout=20))
    assert (await other.do("cancel", "theirs"))["state"] == "cancelled"
    assert (await ended).state is OrderState.CANCELLED
    with pytest.raises(KeyConflict):
        await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(4).limit("1.00"), key="theirs")
    assert (await bridge.audit.verify()).intact


async def test_a_fill_there_is_a_fill_here_once(start: Start, bridge: ib.Bridge) -> None:
    other = await start(1)
    await other.do("submit", "bought", limit=None)
    await eventually(known(bridge, "bought", OrderState.FILLED), bridge)
    await bridge.orders.synchronise()
    order = bridge.orders.get("bought")
    assert (order.filled, len(order.fills)) == (3, 1)
    story = await bridge.orders.story("bought")
    assert sum(type(recorded.event).__name__ == "FillReceived" for recorded in story) == 1


async def test_a_client_id_has_one_owner_and_a_killed_one_leaves_it_free(
    gateway: PaperGateway, home: Path, start: Start, bridge: ib.Bridge
) -> None:
    owner = await start(1)
    await owner.do("submit", "before")
    second = await start(1)
    assert second.began["error"] == HomeInUse.slug
    assert f"(process {owner.began['ready']})" in second.began["words"]
    assert "--client-id" in second.began["words"]
    with pytest.raises(OrderError, match="client id 1"):
        await bridge.orders.cancel("before")
    await owner.signal(signal.SIGKILL)
    heir = await start(1)
    assert heir.began.get("ready"), heir.began
    assert (await heir.do("cancel", "before"))["state"] == "cancelled"
    (entry,) = await bridge.audit.page(AuditFilter(what="session.taken_over"))
    assert f"process {owner.began['ready']}" in entry.text


async def test_ids_come_from_one_place_whoever_comes_after(start: Start) -> None:
    ids = []
    for n in range(3):
        process = await start(1)
        ids.append((await process.do("submit", f"k{n}"))["order_id"])
        await process.signal(signal.SIGKILL)
    assert ids == sorted(set(ids))


def make_stuck(home: Path) -> None:
    """As if the processes had not been heard of for long."""
    for file in (home / PROCESSES).iterdir():
        os.utime(file, (1, 1))


async def test_an_owner_that_stood_still_sends_nothing_after_it_was_taken_over(
    gateway: PaperGateway, home: Path, start: Start
) -> None:
    """I-19: the process is alive, believes itself the owner, and is not."""
    old = await start(1)
    await old.do("submit", "first")
    await old.signal(signal.SIGSTOP)
    make_stuck(home)
    gateway.faults.inject(TakeOver())
    heir = await start(1)
    assert heir.began.get("ready"), heir.began
    assert (await heir.do("state", "first"))["state"] == "working"
    # What it is asked to do waits for it as it wakes: it has not looked at its lease since.
    old.tell("submit", "second")
    old.tell("cancel", "first")
    await old.signal(signal.SIGCONT)
    for _ in range(2):
        answer = await old.answer()
        assert (answer["error"], answer["outcome"]) in {("lease-lost", "not_sent"), ("not-connected", "not_sent")}, (
            answer
        )
    assert [order.terms.quantity for order in gateway.venue.orders()] == [3]
    assert (await heir.do("submit", "second"))["state"] == "working"
    assert len(gateway.venue.orders()) == 2


async def test_orders_of_another_process_are_not_judged_here(gateway: PaperGateway, home: Path, start: Start) -> None:
    """One that starts while another's order awaits its answer must not call that lost."""
    other = await start(1)
    gateway.faults.inject(SilentOrder())
    other.tell("submit", "in-flight")
    async with ib.connect("127.0.0.1", gateway.port, home=home, client_id=9) as bridge:
        await eventually(known(bridge, "in-flight", OrderState.SENT), bridge, 5)
        bridge.orders.interrupted("as a drop would")
        await bridge.orders.synchronise()
        assert bridge.orders.get("in-flight").state is OrderState.SENT
    await other.signal(signal.SIGKILL)
