"""A line to the clients that takes its time: no answer comes before its latency, and none overtakes another."""

from __future__ import annotations

import asyncio

import pytest
from ib_async import MarketOrder, Stock

from ironbridge.errors import InvalidInput
from ironbridge.paper import Latency, PaperClock, PaperGateway, parse_latency
from ironbridge.paper.faults import Drop
from ironbridge.paper.latency import LateTransport

from .conftest import ACCOUNT, START

AAPL = Stock("AAPL", "SMART", "USD")
CHUNKS = [b"%d;" % number for number in range(200)]


@pytest.fixture
async def paper():
    late = Latency(0.05, 0.08)
    clock = PaperClock(START, speed=0)
    async with PaperGateway(port=0, seed=7, accounts=(ACCOUNT,), clock=clock, step=0.02, latency=late) as gateway:
        yield gateway


async def taken(desk) -> float:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await desk.ib.reqCurrentTimeAsync()
    return loop.time() - begun


async def test_no_answer_comes_before_its_latency(connect):
    loop = asyncio.get_running_loop()
    begun = loop.time()
    desk = await connect()
    assert loop.time() - begun >= 0.1, "the hello and the start are answered late, one after the other"
    assert await taken(desk) >= 0.05


async def test_an_order_is_told_of_in_order(desk):
    said = []
    desk.ib.orderStatusEvent += lambda trade: said.append(trade.orderStatus.status)
    desk.ib.execDetailsEvent += lambda *_: said.append("fill")
    desk.ib.commissionReportEvent += lambda *_: said.append("commission")
    desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1))
    await desk.until(lambda: "commission" in said)
    assert said.index("fill") < said.index("commission")
    for number in range(9001, 9031):
        desk.ib.client.cancelMktData(number)
    await desk.error(300, 9030)
    assert [number for number, code, _ in desk.errors if code == 300] == list(range(9001, 9031))


async def test_it_is_changed_while_the_gateway_runs(desk):
    desk.paper.faults.inject(Latency(0.2))
    assert await taken(desk) >= 0.2
    desk.paper.faults.inject(Latency(0))
    await taken(desk)
    desk.paper.faults.inject(Latency(3))
    desk.ib.client.reqCurrentTime()
    desk.paper.faults.inject(Drop())
    await desk.until(lambda: not desk.ib.isConnected())


@pytest.mark.parametrize("latency", (Latency(0.0, 0.02), Latency(0.01)))
async def test_nothing_overtakes_and_the_end_comes_last(latency):
    """Bytes through a real socket, each piece with a delay of its own."""
    lines = []

    class Speaker(asyncio.Protocol):
        def connection_made(self, transport):
            line = LateTransport(transport, lambda: latency, "7/1")
            lines.append(line)
            for chunk in CHUNKS:
                line.write(chunk)
            line.write_eof()
            unread = line.get_write_buffer_size()
            assert unread == sum(map(len, CHUNKS)), "what is on the line is unread"

    server = await asyncio.get_running_loop().create_server(Speaker, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        async with asyncio.timeout(10):
            assert await reader.read() == b"".join(CHUNKS)
        assert lines[0].get_write_buffer_size() == 0
        writer.close()


@pytest.mark.parametrize(
    ("text", "latency"),
    (("30ms", Latency(0.03)), ("0.2s", Latency(0.2)), ("30ms..80ms", Latency(0.03, 0.08)), ("0s", Latency(0.0))),
)
def test_it_is_read_from_text(text, latency):
    assert parse_latency(text) == latency


@pytest.mark.parametrize("text", ("", "30", "-30ms", "soon", "30ms..", "80ms..30ms", "1ms..2ms..3ms", "4s", "nans"))
def test_nonsense_is_refused(text):
    with pytest.raises(InvalidInput) as caught:
        parse_latency(text)
    assert caught.value.next_step


@pytest.mark.parametrize("latency", (Latency(-1), Latency(float("nan")), Latency(0.2, 0.1), Latency(0, 60)))
async def test_a_line_cannot_be_that_late(desk, latency):
    with pytest.raises(InvalidInput, match="latency cannot be"):
        desk.paper.faults.inject(latency)
    with pytest.raises(InvalidInput, match="latency cannot be"):
        PaperGateway(port=0, latency=latency)
