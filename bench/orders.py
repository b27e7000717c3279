"""Order submit to acknowledgement, against bare ib_async, over the paper gateway in its own process.

One order at a time: a limit far from the market, until the first open status is back, with no pace in the way on either
side. Ironbridge has then made the intent durable (an fsync) before its first byte went out; ib_async keeps nothing. The
bare limit of that durability, a write and an fsync of the same folder, is measured in the same run.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import ironbridge as ib

COUNT = 150
PRICE = "1.00"


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


async def bare(port: int) -> list[float]:
    from ib_async import IB, LimitOrder, Stock

    session = IB()
    session.client.MaxRequests = 0
    await session.connectAsync("127.0.0.1", port, clientId=11)
    try:
        (contract,) = await session.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
        times = []
        for _ in range(COUNT):
            acknowledged = asyncio.Event()
            begun = time.perf_counter()
            trade = session.placeOrder(contract, LimitOrder("BUY", 1, float(PRICE)))
            trade.statusEvent += lambda t, e=acknowledged: (
                e.set() if t.orderStatus.status in {"PreSubmitted", "Submitted"} else None
            )
            await asyncio.wait_for(acknowledged.wait(), 30)
            times.append(time.perf_counter() - begun)
        return times
    finally:
        session.disconnect()


async def ours(port: int, home: str) -> list[float]:
    async with ib.connect("127.0.0.1", port, client_id=12, home=home, messages_per_second=10_000) as bridge:
        await bridge.contracts.resolve(ib.Stock("AAPL"))
        times = []
        for number in range(COUNT):
            begun = time.perf_counter()
            order = await bridge.orders.submit(ib.Stock("AAPL"), ib.buy(1).limit(PRICE), key=f"bench-{number}")
            await order.accepted()
            times.append(time.perf_counter() - begun)
        return times


def durable(folder: str) -> list[float]:
    times = []
    with (Path(folder) / "bare").open("wb", buffering=0) as file:
        for _ in range(COUNT):
            begun = time.perf_counter()
            file.write(bytes(512))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    return times


async def run() -> None:
    with TemporaryDirectory(prefix="ironbridge-bench-") as home:
        async with gateway() as port:
            peer = statistics.median(await bare(port)) * 1000
            mine = statistics.median(await ours(port, home)) * 1000
        disk = statistics.median(durable(home)) * 1000
    print(f"order submit to acknowledgement, {COUNT} orders one at a time, medians")
    print(f"  bare ib_async   {peer:>9.2f} ms")
    print(f"  ironbridge      {mine:>9.2f} ms   (durable intent before the first byte, durable record of the answer)")
    print(f"  bare write+fsync{disk:>9.2f} ms")
    print(f"  ratio           {mine / peer:>9.2f}      (above 1: ironbridge is slower)")
