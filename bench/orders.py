"""Orders against bare ib_async, over the paper gateway in its own process, with no pace in the way on either side.

Submit to wire: from the call to the moment at which a proxy between client and gateway has the order's bytes. By then
Ironbridge has made the intent durable; the bare limit of that, one commit of the same row to a database on the same
disk by the driver alone, is measured in between, turn by turn, so that all three see the same machine. What is above
their sum is ours: resolving, checks, risk gate, encoding, the way to the database's thread and back.

Submit to acknowledgement: until the first open status is back, with 1, 10 and 50 orders in flight.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ironbridge as ib
from bench.wire_watch import WireWatch, watched

COUNT = 200
"""Orders for submit to wire; as many for each number in flight."""

IN_FLIGHT = (1, 10, 50)
QUIET_SECONDS = 0.01
"""Between two turns: several times what an order's answers take to be read and recorded."""

PRICE = "1.00"
AAPL = ib.Stock("AAPL")


@asynccontextmanager
async def gateway() -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "ironbridge"), "paper", "--port", "0", stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        while line := (await process.stdout.readline()).decode():
            if found := re.search(r"127\.0\.0\.1:(\d+)", line):
                yield int(found[1])
                return
        raise SystemExit("ironbridge paper ended without an address")
    finally:
        process.terminate()
        await process.wait()


class Bare:
    """ib_async as its users use it."""

    def __init__(self, session: Any, contract: Any) -> None:
        self._session = session
        self._contract = contract

    @classmethod
    @asynccontextmanager
    async def on(cls, port: int) -> AsyncIterator[Bare]:
        from ib_async import IB, Stock

        session = IB()
        session.client.MaxRequests = 0
        await session.connectAsync("127.0.0.1", port, clientId=11)
        try:
            (contract,) = await session.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
            yield cls(session, contract)
        finally:
            session.disconnect()

    def place(self) -> Any:
        from ib_async import LimitOrder

        return self._session.placeOrder(self._contract, LimitOrder("BUY", 1, float(PRICE)))

    async def acknowledged(self) -> None:
        taken = asyncio.Event()
        trade = self.place()
        trade.statusEvent += lambda trade: (
            taken.set() if trade.orderStatus.status in {"PreSubmitted", "Submitted"} else None
        )
        await asyncio.wait_for(taken.wait(), 30)


class Durable:
    """One commit of an intent's row, by the driver alone, as durable as the journal's."""

    def __init__(self, folder: str) -> None:
        self._connection = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE intents (n INTEGER PRIMARY KEY, payload TEXT)")

    def commit(self) -> float:
        begun = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO intents (payload) VALUES (?)", ("x" * 700,))
        self._connection.execute("COMMIT")
        return time.perf_counter() - begun


async def to_wire(bare: Bare, bridge: ib.Bridge, theirs: WireWatch, ours: WireWatch, folder: str) -> None:
    """Turn by turn: bare, ours, the disk."""
    disk = Durable(folder)
    peer, mine, commits = [], [], []
    for number in range(COUNT):
        await quiet()
        begun = time.perf_counter()
        bare.place()
        await theirs.until(number + 1)
        peer.append(theirs.placed[number] - begun)

        await quiet()
        begun = time.perf_counter()
        await bridge.orders.submit(AAPL, ib.buy(1).limit(PRICE), key=f"wire-{number}")
        await ours.until(number + 1)
        mine.append(ours.placed[number] - begun)

        await quiet()
        commits.append(disk.commit())
    peer_us, mine_us, commit_us = (statistics.median(each) * 1e6 for each in (peer, mine, commits))
    print(f"submit to bytes on the wire, {COUNT} orders one at a time, medians")
    print(f"  bare ib_async            {peer_us:>8.0f} us")
    print(f"  ironbridge               {mine_us:>8.0f} us   ({mine_us / peer_us:.1f} times bare; durable by then)")
    print(f"  one durable commit       {commit_us:>8.0f} us   (the driver alone, same disk)")
    print(f"  beyond bare and commit   {mine_us - peer_us - commit_us:>8.0f} us   (aim: 300)")


async def quiet() -> None:
    """What the last order brought about, at either client, is over: it is no part of the next one's way out."""
    await asyncio.sleep(QUIET_SECONDS)


async def in_flight(one: Callable[[], Awaitable[None]], width: int) -> tuple[float, float]:
    """Median seconds of one order, and orders a second, with so many in flight."""
    times: list[float] = []

    async def worker() -> None:
        for _ in range(COUNT // width):
            begun = time.perf_counter()
            await one()
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(width)))
    return statistics.median(times), len(times) / (time.perf_counter() - begun)


async def to_acknowledgement(bare: Bare, bridge: ib.Bridge) -> None:
    async def ours() -> None:
        await (await bridge.orders.submit(AAPL, ib.buy(1).limit(PRICE))).accepted()

    print(f"submit to acknowledgement, {COUNT} orders, medians")
    print("  in flight   bare ib_async        ironbridge      ratio   orders/s bare   ironbridge")
    for width in IN_FLIGHT:
        peer, peer_rate = await in_flight(bare.acknowledged, width)
        mine, mine_rate = await in_flight(ours, width)
        print(
            f"  {width:>9} {peer * 1000:>12.2f} ms {mine * 1000:>14.2f} ms {mine / peer:>10.1f}"
            f" {peer_rate:>15.0f} {mine_rate:>12.0f}"
        )


async def run() -> None:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="ironbridge-bench-", dir=os.environ.get("BENCH_FOLDER")))
        port = await stack.enter_async_context(gateway())
        theirs, ours = [await stack.enter_async_context(watched(port)) for _ in range(2)]
        bare = await stack.enter_async_context(Bare.on(theirs.port))
        settings = {"home": folder, "client_id": 12, "messages_per_second": 10_000}
        bridge = await stack.enter_async_context(ib.connect("127.0.0.1", ours.port, **settings))
        await bridge.contracts.resolve(AAPL)
        for _ in range(20):  # what is compiled, cached and opened once is no part of an order
            await bare.acknowledged()
            await (await bridge.orders.submit(AAPL, ib.buy(1).limit(PRICE))).accepted()
        theirs.placed.clear()
        ours.placed.clear()
        await to_wire(bare, bridge, theirs, ours, folder)
        await to_acknowledgement(bare, bridge)
