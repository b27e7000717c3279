"""Ticks per second into quotes, against bare ib_async on the same bytes.

A flood server in its own process sends one prepared stream of prices. Bare ib_async takes it into a `Ticker`,
Ironbridge through its link, feed and hub into `Quote`s; its reader takes the newest whenever the loop comes round,
which is what conflation means. Time runs from the request to the marked last price. The two take turns, so that a noisy
machine disturbs both; the medians are compared.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

from bench.flood import END_PRICE
from ironbridge.domain.instrument import Contract, Instrument, Kind
from ironbridge.domain.market import Quote
from ironbridge.domain.session import Endpoint
from ironbridge.ib import IbGateway
from ironbridge.marketdata import MarketData
from ironbridge.session import SlidingWindowPacer, SystemClock

COUNT = 200_000
ROUNDS = 3


@asynccontextmanager
async def flood(count: int) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.flood", str(count), stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


async def bare(port: int) -> float:
    """Seconds that ib_async takes for the stream."""
    from ib_async import IB, StartupFetchNONE, Stock

    ib = IB()
    ib.client.MaxRequests = 0
    await ib.connectAsync("127.0.0.1", port, clientId=1, fetchFields=StartupFetchNONE)
    try:
        contract = Stock("AAPL", "SMART", "USD")
        contract.conId = 265598
        done = asyncio.Event()
        begun = time.perf_counter()
        ticker = ib.reqMktData(contract)
        ticker.updateEvent += lambda t: done.set() if t.last == END_PRICE else None
        await asyncio.wait_for(done.wait(), 120)
        return time.perf_counter() - begun
    finally:
        ib.disconnect()


async def ours(port: int) -> tuple[float, int]:
    """Seconds that Ironbridge takes for it, and how many quotes its reader took."""
    clock = SystemClock()
    gateway = IbGateway(SlidingWindowPacer(clock, 48), clock)
    instrument = Instrument(Kind.STOCK, "AAPL", con_id=265598)
    contract = Contract(
        instrument, "APPLE INC", Decimal("0.01"), (), Decimal(1), Decimal(1), Decimal(1), frozenset({"LMT"}),
        ("SMART",), "US/Eastern", "", "", 0, datetime.now(UTC),
    )  # fmt: skip

    async def resolve(_: Instrument) -> Contract:
        return contract

    market = MarketData(gateway, resolve, clock)
    await gateway.connect(Endpoint("127.0.0.1", port, 1))
    await market.synchronise()
    try:
        taken = 0
        begun = time.perf_counter()
        async with asyncio.timeout(120), market.subscribe(instrument) as stream:
            async for event in stream:
                taken += 1
                if isinstance(event, Quote) and event.last == END_PRICE:
                    break
        return time.perf_counter() - begun, taken
    finally:
        await market.stop()
        await gateway.disconnect()


async def run() -> None:
    peer: list[float] = []
    mine: list[float] = []
    taken = 0
    async with flood(COUNT) as port:
        for _ in range(ROUNDS):
            peer.append(await bare(port))
            seconds, taken = await ours(port)
            mine.append(seconds)
    fast, slow = COUNT / statistics.median(mine), COUNT / statistics.median(peer)
    print(f"ticks into quotes, {COUNT:,} prices, median of {ROUNDS} rounds in turn")
    print(f"  bare ib_async   {slow:>12,.0f} ticks/s")
    print(f"  ironbridge      {fast:>12,.0f} ticks/s   ({taken:,} quotes taken by the reader in the last round)")
    print(f"  ratio           {fast / slow:>12.2f}   (above 1: ironbridge is faster)")
