"""The journal read back, and the broker asked how orders stand: what a restart costs before trading goes on.

Replay: a journal of 100,000 events, from the open file to a book with every order as it stands, against the bare limit,
the driver reading the same rows. Reconcile: 1,000 open orders, from the first question to the last repair, against the
gateway's own answers to the same questions.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import ironbridge as ib
from bench.orders import AAPL, PRICE, gateway
from ironbridge.domain.events import CommissionReceived, Fill, FillReceived, OrderEvent, OrderMoved
from ironbridge.domain.lifecycle import Trigger
from ironbridge.domain.order import OrderRequest
from ironbridge.orders.book import Book
from ironbridge.session import SystemClock
from ironbridge.store import Database, SqlJournal

EVENTS, PER_ORDER = 100_000, 5
OPEN_ORDERS = 1_000
BUNCH = 500


def life(key: str, number: int) -> list[OrderEvent]:
    """What follows the intent of an order that is filled."""
    fill = Fill(f"0000e0d5.{number:08x}.01.01", ib.buy(1).side, Decimal(1), Decimal(PRICE), SystemClock().now(), "NYSE")
    return [
        OrderMoved(key, Trigger.SENT),
        OrderMoved(key, Trigger.WORKING, perm_id=number + 1),
        FillReceived(key, fill, number + 1),
        CommissionReceived(key, fill.execution_id, Decimal(1), "USD", None),
    ]


async def write_journal(path: Path) -> None:
    clock = SystemClock()
    database = Database.at(path)
    await database.open()
    journal = SqlJournal(database, clock)
    instrument = replace(AAPL, con_id=265598)
    keys = [f"key-{n}" for n in range(EVENTS // PER_ORDER)]
    for first in range(0, len(keys), BUNCH):
        bunch = keys[first : first + BUNCH]
        requests = [OrderRequest(key, instrument, ib.buy(1).limit(PRICE), "DU1000001") for key in bunch]
        await asyncio.gather(*(journal.claim(request, 1, 1) for request in requests))
        await journal.append([event for n, key in enumerate(bunch, first) for event in life(key, n)])
    await database.close()


async def replay() -> None:
    with TemporaryDirectory(prefix="ironbridge-bench-", dir=os.environ.get("BENCH_FOLDER")) as folder:
        path = Path(folder) / "journal.db"
        await write_journal(path)
        begun = time.perf_counter()
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT sequence, at, key, kind, version, payload FROM order_events").fetchall()
        bare = time.perf_counter() - begun
        connection.close()
        begun, cpu = time.perf_counter(), time.process_time()
        database = Database.at(path)
        await database.open()
        book = Book()
        for recorded in await SqlJournal(database, SystemClock()).replay():
            book.take(recorded)
        ours, spent = time.perf_counter() - begun, time.process_time() - cpu
        await database.close()
    print(f"replay of {len(rows):,} events of {sum(1 for _ in book):,} orders")
    print(f"  ironbridge, to the book  {ours:>7.2f} s    {spent:.2f} s of it on the processor (aim: 2 s)")
    print(f"  the driver alone, rows   {bare:>7.2f} s    ({ours / bare:.0f} times)")


async def reconcile() -> None:
    async with gateway() as port:
        with TemporaryDirectory(prefix="ironbridge-bench-", dir=os.environ.get("BENCH_FOLDER")) as home:
            settings = {"home": home, "client_id": 12, "messages_per_second": 10_000, "answer_timeout": 60}
            async with ib.connect("127.0.0.1", port, **settings) as bridge:
                handles = await asyncio.gather(
                    *(bridge.orders.submit(AAPL, ib.buy(1).limit(PRICE)) for _ in range(OPEN_ORDERS))
                )
                await asyncio.gather(*(handle.accepted(60) for handle in handles))
                answers, ours = [], []
                for _ in range(5):
                    answers.append(await questions(port))
                    begun = time.perf_counter()
                    await bridge.orders.synchronise()
                    ours.append(time.perf_counter() - begun)
    mine, gateways = min(ours), min(answers)
    print(f"reconcile with {OPEN_ORDERS:,} open orders, best of {len(ours)}")
    print(f"  ironbridge               {mine:>7.2f} s")
    print(f"  the gateway's answers    {gateways:>7.2f} s    (asked by bare ib_async: open, completed, executions)")
    print(f"  beyond them              {mine - gateways:>7.2f} s    (aim: 1 s)")


async def questions(port: int) -> float:
    """Seconds that bare ib_async takes for the same questions, as the same client cannot: as another."""
    from ib_async import IB, ExecutionFilter

    session = IB()
    session.client.MaxRequests = 0
    await session.connectAsync("127.0.0.1", port, clientId=13)
    try:
        begun = time.perf_counter()
        await session.reqAllOpenOrdersAsync()
        await session.reqCompletedOrdersAsync(apiOnly=False)
        await session.reqExecutionsAsync(ExecutionFilter())
        return time.perf_counter() - begun
    finally:
        session.disconnect()


async def run() -> None:
    await replay()
    await reconcile()
