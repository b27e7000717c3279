"""Connecting and disconnecting, over and over, leaves nothing behind: the engine may run for months.

A hundred cycles here; ``CYCLES=1000 pytest tests/adversity/test_cycles.py`` runs a thousand.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import ironbridge as ib
from ironbridge.domain.session import SessionState
from ironbridge.errors import IronbridgeError
from ironbridge.ib.link import Link
from ironbridge.ib.requests import Requests
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import Drop

CYCLES = int(os.environ.get("CYCLES", "100"))
SAMPLES = 5
GROWTH = 2
"""Memory blocks a cycle that count as flat: one lost future with its callbacks is more."""
NOISE = 2_000
"""Blocks that come and go: the pace remembers the messages of its last windows, the loop its cancelled timers."""

FD = Path("/proc/self/fd")


def sockets() -> int:
    return sum(1 for link in FD.iterdir() if os.path.realpath(link).rpartition("/")[2].startswith("socket:"))


def alive(*kinds: type) -> Counter[str]:
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects() if type(each) in kinds)


def tasks() -> Counter[str]:
    return Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())


def footprint(bridge: ib.Bridge) -> dict[str, object]:
    """What may pile up, counted while there is no session."""
    broker = bridge.session._broker
    return {
        "tasks": tasks(),
        "listeners": len(broker._listeners),
        "readers": {name: len(getattr(bridge.topics, name)._readers) for name in bridge.topics.__slots__},
        "synchronisers": len(bridge.session._synchronisers),
        # One that lingers after its reader has left goes by its own clock.
        "lines": sum(1 for line in bridge.market.watching() if line.readers),
        "sockets": sockets(),
        "files": len(list(FD.iterdir())),
        "links": alive(Link, Requests),
    }


async def settled(bridge: ib.Bridge, wanted: dict[str, object]) -> dict[str, object]:
    """The footprint as soon as it is as wanted, or as it is after seconds: a task that ends by itself is none left."""
    for _ in range(100):
        if (found := footprint(bridge)) == wanted:
            break
        await asyncio.sleep(0.05)
    return found


async def gone(paper: PaperGateway) -> None:
    """Return when the gateway has seen its clients leave."""
    async with asyncio.timeout(10):
        while paper.clients:  # noqa: ASYNC110 - the gateway tells nobody; each turn lets it read one more end
            await asyncio.sleep(0)


@pytest.fixture
def quiet() -> Iterator[None]:
    """No logs: pytest keeps them all for its report, which would be the only thing that grows."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
@pytest.mark.skipif(not FD.exists(), reason="counts the entries of /proc/self/fd")
@pytest.mark.timeout(60 + CYCLES)
async def test_cycles_leave_nothing_behind(gateway: PaperGateway, tmp_path: Path) -> None:
    async with ib.connect(
        "127.0.0.1", gateway.port, home=tmp_path, client_id=1, messages_per_second=10_000
    ) as bridge, bridge.market.subscribe(ib.Stock("AAPL")):  # fmt: skip
        first: dict[str, object] = {}
        memory = []
        for number in range(CYCLES + 1):
            if number:
                await bridge.connect()
                await bridge.session.until(SessionState.READY, 10)
                assert gateway.clients == (1,)
            async with bridge.market.subscribe(ib.Stock("MSFT")) as stream, asyncio.timeout(10):
                await anext(stream)
            if number % 7 == 3:
                # Cut in mid-flight now and then: an abandoned attempt must leave as little as an orderly end.
                gateway.faults.inject(Drop())
                with suppress(IronbridgeError):
                    await bridge.reconnect()
            await bridge.disconnect()
            await gone(gateway)
            if number and number % (CYCLES // SAMPLES) == 0:
                await bridge.market._pool.tend()
                first = first or footprint(bridge)
                assert await settled(bridge, first) == first
                memory.append(sys.getallocatedblocks())
        assert first["links"] == Counter()
        allowed = NOISE + GROWTH * CYCLES
        assert memory[-1] - memory[0] < allowed, f"memory blocks at the samples: {memory}"


async def test_the_end_of_an_engine_is_the_end_of_all_of_it(gateway: PaperGateway, tmp_path: Path) -> None:
    async def live() -> None:
        async with ib.connect("127.0.0.1", gateway.port, home=tmp_path, client_id=1) as bridge:
            async with bridge.market.subscribe(ib.Stock("AAPL")) as stream, asyncio.timeout(10):
                await anext(stream)
            gateway.faults.inject(Drop())
        await gone(gateway)

    await live()
    before = (tasks(), sockets(), alive(Link, Requests))
    for _ in range(5):
        await live()
    assert (tasks(), sockets(), alive(Link, Requests)) == before
    assert before[2] == Counter()
