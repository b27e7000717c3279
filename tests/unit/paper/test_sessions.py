"""Slow, hostile and many clients: what one does is that one's trouble alone."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ironbridge.exchange import catalog
from ironbridge.paper import Limits, Pacing, PaperClock, PaperGateway
from ironbridge.wire.connection import Connection, Ended
from ironbridge.wire.contract import Contract
from ironbridge.wire.handshake import ServerVersion
from ironbridge.wire.market import ReqMktData, TickPrice
from ironbridge.wire.order import Order
from ironbridge.wire.orders import OpenOrderEnd, ReqAllOpenOrders
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.scanner import ReqScannerParameters
from ironbridge.wire.session import CurrentTime, ErrorMessage, NextValidId, ReqCurrentTime, StartApi
from ironbridge.wire.values import Role

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
AAPL = Contract(con_id=265598, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")


class Client:
    """The client's end of the wire, message by message."""

    def __init__(self, reader, writer, *, highest=178):
        self._reader, self._writer = reader, writer
        self.connection = Connection(Role.CLIENT, max_version=highest)
        self._pending = []

    async def begin(self, client_id):
        self.connection.hello()
        self.flush()
        await self.hears(ServerVersion)
        self.say(StartApi(client_id))

    def say(self, *messages):
        for message in messages:
            self.connection.send(message)
        self.flush()

    def say_raw(self, data):
        self._writer.write(data)

    def flush(self):
        self._writer.write(self.connection.data_to_send())

    async def next(self):
        async with asyncio.timeout(10):
            while not self._pending:
                data = await self._reader.read(1 << 16)
                if data:
                    self.connection.receive_data(data)
                else:
                    self.connection.receive_eof()
                    self._pending.append(Ended())
                self._pending += self.connection.events_received()
        return self._pending.pop(0)

    async def hears(self, kind, fits=lambda _: True):
        while True:
            event = await self.next()
            if isinstance(event, kind) and fits(event):
                return event
            assert not isinstance(event, Ended), f"the gateway hung up before {kind.__name__}"

    async def hears_code(self, code):
        return await self.hears(ErrorMessage, lambda each: each.code == code)

    async def ends(self):
        try:
            while not isinstance(await self.next(), Ended):
                pass
        except ConnectionError:
            pass

    def stop_reading(self):
        self._reader._transport.pause_reading()

    async def close(self):
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


@pytest.fixture
async def gateway(request):
    async with PaperGateway(port=0, step=0.02, limits=getattr(request, "param", None)) as paper:
        yield paper


@pytest.fixture
async def dial():
    """Opens sockets to a gateway, and closes them at the end."""
    made = []

    async def make(gateway, **options):
        client = Client(*await asyncio.open_connection("127.0.0.1", gateway.port), **options)
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def connect(dial):
    """Makes sessions."""

    async def make(gateway, client_id=1, **options):
        client = await dial(gateway, **options)
        await client.begin(client_id)
        return client

    return make


@pytest.fixture
async def bystander(gateway, connect):
    client = await connect(gateway, client_id=99)
    await client.hears_code(2158)
    return client


async def unharmed(client):
    client.say(ReqCurrentTime())
    await client.hears(CurrentTime)


@pytest.mark.parametrize("highest", (151, 157, 163, 173, 176, 178))
async def test_every_version_is_spoken(gateway, highest, connect):
    client = await connect(gateway, highest=highest)
    assert client.connection.version == highest
    assert (await client.hears(NextValidId)).order_id == 1
    client.say(PlaceOrder(1, AAPL, Order(action="BUY", total_quantity=Decimal(1), order_type="MKT")))
    client.say(ReqAllOpenOrders())
    await client.hears(OpenOrderEnd)


@pytest.mark.parametrize(
    "garbage",
    (
        b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n",
        b"API\0\xff\xff\xff\xff",
        b"API\0\0\0\0\4v999",
        b"API\0\0\0\0\x0av1..2 junk",
        b"\0" * 4096,
        b"API\0\0\0\0\0",
    ),
)
async def test_what_is_no_client_is_shown_out(gateway, bystander, garbage, dial):
    client = await dial(gateway)
    client.say_raw(garbage)
    await client.ends()
    await unharmed(bystander)


async def test_random_bytes_end_one_session_only(gateway, bystander, connect):
    for number in range(20):
        client = await connect(gateway, client_id=number)
        client.say_raw(os.urandom(4096))
        client.say_raw(b"\xff" * 8)
        await client.ends()
    await unharmed(bystander)


async def test_a_broken_message_is_answered_and_survived(gateway, connect):
    client = await connect(gateway)
    client.say_raw(b"\0\0\0\x0b" + b"3\x00abc\x00defg\x00")
    error = await client.hears_code(320)
    assert error.text.startswith("Error reading request:Message type 3. Unable to parse data.")
    await unharmed(client)


@pytest.mark.parametrize("gateway", (Limits(unread_bytes=100_000),), indirect=True)
async def test_a_client_that_does_not_read_is_cut_off(bystander, gateway, connect):
    slow = await connect(gateway, client_id=5)
    await slow.hears_code(2158)
    slow.stop_reading()
    slow.say(ReqMktData(1, AAPL))
    async with asyncio.timeout(20):
        while 5 in gateway.clients:
            # Each asks for a whole answer and reads none of it.
            slow.say(*(ReqScannerParameters() for _ in range(100)))
            await unharmed(bystander)
    assert gateway.clients == (99,)


STOCKS = [Contract(con_id=row.con_id, exchange="SMART") for row in catalog.STOCKS]
STEP = timedelta(milliseconds=250)


async def test_a_client_that_does_not_read_its_ticks_is_cut_off_and_costs_the_others_nothing(connect):
    limits = Limits(pacing=Pacing.OFF, unread_bytes=200_000)
    async with PaperGateway(port=0, clock=PaperClock(START, 0.0), limits=limits) as gateway:
        quick, slow = await connect(gateway, client_id=1), await connect(gateway, client_id=5)
        quick.say(*(ReqMktData(n, each) for n, each in enumerate(STOCKS)))
        slow.say(*(ReqMktData(n, STOCKS[n % len(STOCKS)]) for n in range(20 * len(STOCKS))))
        await unharmed(quick)
        await unharmed(slow)
        slow.stop_reading()
        most = 0
        async with asyncio.timeout(60):
            while 5 in gateway.clients:
                gateway.clock.step(STEP)
                gateway.step()
                most = max(most, gateway.unread)
                await quick.hears(TickPrice)
                await unharmed(quick)
        # One step's ticks beyond the bound at most: then it was cut off.
        assert most < 2 * limits.unread_bytes
        assert gateway.clients == (1,)
        assert gateway.unread == 0


async def test_memory_stays_flat_while_many_watch(connect):
    async with PaperGateway(port=0, clock=PaperClock(START, 0.0), limits=Limits(pacing=Pacing.OFF)) as gateway:
        clients = [await connect(gateway, client_id=number) for number in range(32)]
        for client in clients:
            client.say(*(ReqMktData(n, each) for n, each in enumerate(STOCKS[:20])))

        async def run(steps):
            """The objects that there are after so many more steps, all of whose ticks were read."""
            for _ in range(steps):
                gateway.clock.step(STEP)
                gateway.step()
                await asyncio.gather(*(unharmed(client) for client in clients))
            gc.collect()
            return sys.getallocatedblocks()

        await run(20)
        before = await run(10)
        after = await run(40)
        # 40 steps tell some 70,000 ticks: a hundredth of an object for each would show.
        assert after - before < 1000


async def test_silence_before_the_hello_holds_no_place(gateway, connect, dial):
    quiet = [await dial(gateway) for _ in range(10)]
    client = await connect(gateway)
    await unharmed(client)
    assert len(quiet) == 10


async def test_thirty_two_clients_and_not_one_more(gateway, connect):
    clients = [await connect(gateway, client_id=number) for number in range(32)]
    for client in clients:
        await client.hears_code(2158)
        client.say(ReqMktData(1, AAPL))
    for client in clients:
        await client.hears(TickPrice)
    late = await connect(gateway, client_id=32)
    await late.ends()
    assert len(gateway.clients) == 32


async def test_a_strict_gateway_counts_messages(connect):
    async with PaperGateway(port=0, limits=Limits(pacing=Pacing.STRICT)) as strict:
        client = await connect(strict)
        await client.hears_code(2158)
        client.say(*(ReqCurrentTime() for _ in range(60)))
        error = await client.hears_code(100)
        assert error.text == "Max rate of messages per second has been exceeded:max=50 rec=51 (1)"
        await unharmed(client)


async def test_a_lenient_gateway_only_counts(gateway, connect):
    client = await connect(gateway)
    client.say(*(ReqCurrentTime() for _ in range(200)))
    for _ in range(200):
        await client.hears(CurrentTime)


async def test_one_client_closing_takes_its_lines_along(gateway, connect):
    client = await connect(gateway, client_id=3)
    client.say(ReqMktData(1, AAPL))
    await client.hears(TickPrice)
    await client.close()
    async with asyncio.timeout(5):
        while gateway.clients:  # noqa: ASYNC110  no event tells of it; sockets do
            await asyncio.sleep(0)
    # Nobody watches any more: the venue has nothing to tell.
    gateway.clock.run_at(1000)
    assert not [event for event in gateway.venue.advance(gateway.clock.now()) if hasattr(event, "quote")]
