"""The engine's defences at the socket, where the scenarios of the incidents do not reach."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ironbridge as ib
from ironbridge.domain.instrument import Stock
from ironbridge.domain.market import MarketNoticed, Quality, Quote
from ironbridge.domain.reports import LinkEnded, Notice
from ironbridge.domain.session import Endpoint, SessionState
from ironbridge.errors import IronbridgeError, RequestTimeout
from ironbridge.ib import IbGateway
from ironbridge.marketdata import MarketStream
from ironbridge.paper import Limits, Pacing, PaperClock, PaperGateway
from ironbridge.paper.faults import Hang, LoseUpstream, RestoreUpstream, SendError, Swallow
from ironbridge.session import SlidingWindowPacer, SystemClock

OPEN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday in New York: the hours that contracts tell are of that week, and say nothing of today."""

AAPL, MSFT = ib.Stock("AAPL"), ib.Stock("MSFT")


@pytest.fixture
async def gateway() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=11, accounts=("DU1000001",), clock=PaperClock(OPEN), step=0.02) as paper:
        yield paper


async def fresh(stream: MarketStream, symbol: str) -> Quote:
    async with asyncio.timeout(20):
        async for event in stream:
            if isinstance(event, Quote) and event.instrument.symbol == symbol and event.quality is Quality.GOOD:
                return event
    raise AssertionError("the stream ended")


async def test_i07_streams_that_died_without_a_word_are_asked_for_anew(gateway: PaperGateway, tmp_path: Path) -> None:
    async with ib.connect("127.0.0.1", gateway.port, home=tmp_path, stale_after=0.3) as bridge:
        async with bridge.market.subscribe(AAPL, MSFT) as stream:
            await fresh(stream, "AAPL")
            await fresh(stream, "MSFT")
            number = gateway.faults.inject(Swallow("ErrorMessage", count=None))
            gateway.faults.inject(LoseUpstream())
            gateway.faults.inject(RestoreUpstream(data_lost=True))
            gateway.faults.withdraw(number)
            assert bridge.session.state is SessionState.READY, "nobody has told the engine"
            silent = bridge.market.asked_again
            await asked_anew(bridge)
            await fresh(stream, "AAPL")
            await fresh(stream, "MSFT")
            assert bridge.market.asked_again >= silent + 2
        assert gateway.clients == (1,)


async def asked_anew(bridge: ib.Bridge) -> None:
    """Return when a line has been asked for anew."""
    before = bridge.market.asked_again
    async with asyncio.timeout(20):
        while bridge.market.asked_again == before:  # noqa: ASYNC110 - a count, of which nobody is told
            await asyncio.sleep(0.01)


async def test_i07_a_competing_session_is_told_to_those_who_read(gateway: PaperGateway, tmp_path: Path) -> None:
    async with (
        ib.connect("127.0.0.1", gateway.port, home=tmp_path, stale_after=0.3) as bridge,
        bridge.market.subscribe(AAPL) as stream,
        asyncio.timeout(20),
    ):
        await fresh(stream, "AAPL")
        (line,) = bridge.market._pool.lines
        gateway.faults.inject(SendError(10197, id=line.number or 0))
        async for event in stream:
            if isinstance(event, MarketNoticed):
                break
        assert (event.instrument.symbol, event.code) == ("AAPL", 10197)
        assert "competing live session" in event.text


async def test_i10_no_request_hangs_on_a_gateway_that_hangs(gateway: PaperGateway) -> None:
    clock = SystemClock()
    broker = IbGateway(SlidingWindowPacer(clock), clock, request_timeout=0.3, connect_timeout=0.3)
    await broker.connect(Endpoint("127.0.0.1", gateway.port, 5))
    gateway.faults.inject(Hang())
    began = time.monotonic()
    answers = await asyncio.gather(
        broker.open_orders(), broker.completed_orders(), broker.executions(), broker.positions(),
        broker.follow_account("DU1000001"), broker.contracts(Stock("AAPL")), broker.server_time(),
        return_exceptions=True,
    )  # fmt: skip
    assert [type(answer) for answer in answers] == [RequestTimeout] * len(answers)
    with pytest.raises(IronbridgeError):
        await broker.open_orders()
    await broker.disconnect()
    assert not broker.connected
    assert time.monotonic() - began < 5


async def test_i13_a_busy_desk_breaks_no_limit(tmp_path: Path) -> None:
    limits = Limits(pacing=Pacing.STRICT)
    async with (
        PaperGateway(port=0, seed=7, limits=limits, step=0.05) as strict,
        ib.connect("127.0.0.1", strict.port, home=tmp_path, client_id=1) as bridge,
    ):
        heard: list[object] = []
        end = bridge.session._broker.listen(heard.append)
        async with bridge.market.subscribe(AAPL, MSFT, ib.Stock("SPY"), ib.Forex("EURUSD")), asyncio.timeout(60):
            handles = await asyncio.gather(
                *(
                    bridge.orders.submit(AAPL, ib.buy(1 + number).limit("1.00"), key=f"busy-{number}")
                    for number in range(60)
                )
            )
            await asyncio.gather(*(bridge.orders.cancel(handle.key) for handle in handles))
            await asyncio.gather(*(handle.done(30) for handle in handles))
            await bridge.session.reconnect()
            await bridge.session.until(SessionState.READY, 20)
        end()
        assert [notice for notice in heard if isinstance(notice, Notice) and notice.code in (100, 101, 162)] == []
        assert sum(isinstance(report, LinkEnded) for report in heard) == 1, "the one that was asked for"
        assert bridge.pacing.usage.status().violations == 0
