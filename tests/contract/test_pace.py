"""The pace against a gateway that counts strictly and hangs up at the third violation (I-13)."""

from __future__ import annotations

import asyncio
import time

import pytest

from ironbridge.domain.instrument import Stock
from ironbridge.domain.reports import LinkEnded, Notice
from ironbridge.domain.session import Endpoint
from ironbridge.ib import IbGateway
from ironbridge.paper import Limits, Pacing, PaperGateway
from ironbridge.session import SlidingWindowPacer, SystemClock


@pytest.fixture
async def strict():
    limits = Limits(pacing=Pacing.STRICT, lines=500)
    async with PaperGateway(port=0, seed=7, limits=limits, step=0.05) as gateway:
        yield gateway


async def test_a_flood_of_requests_breaks_no_limit_and_wastes_little(strict):
    clock = SystemClock()
    pacer = SlidingWindowPacer(clock)
    broker = IbGateway(pacer, clock, request_timeout=10)
    heard = []
    broker.listen(heard.append)
    await broker.connect(Endpoint("127.0.0.1", strict.port, 1))
    await broker.contracts(Stock("AAPL"))
    began = time.monotonic()
    asked = 240
    await asyncio.gather(*(broker.contracts(Stock("AAPL")) for _ in range(asked)))
    took = time.monotonic() - began
    assert [notice for notice in heard if isinstance(notice, Notice) and notice.code == 100] == []
    assert not any(isinstance(report, LinkEnded) for report in heard)
    # The first window's worth goes at once, the rest at the pace.
    assert asked - pacer.status().rate >= 0.9 * 47 * (took - 1.0)
    await broker.disconnect()


async def test_a_cancel_overtakes_a_flood(strict):
    clock = SystemClock()
    pacer = SlidingWindowPacer(clock, rate=10)
    broker = IbGateway(pacer, clock, request_timeout=20)
    await broker.connect(Endpoint("127.0.0.1", strict.port, 1))
    flood = [asyncio.create_task(broker.contracts(Stock("AAPL"))) for _ in range(60)]
    await asyncio.sleep(0)
    began = time.monotonic()
    await broker.cancel(77)
    assert time.monotonic() - began < 1.5, "the next free slot, though sixty were asked for before"
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    await broker.disconnect()
