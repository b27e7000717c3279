"""No single request keeps the other clients waiting: what is long is done in slices, between which all are served.

Time is that of the processor, spent by the loop's own thread between two of its rounds, measured in a piece of
work done by the same processor at the same time, so that neither a busy machine nor a slow one matters; what a slice
may take is `BOUND`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from datetime import UTC, datetime

import pytest

from ironbridge.paper import Limits, Pacing, PaperClock, PaperGateway
from ironbridge.wire.framing import FrameReader, frame

YARDSTICK = 400_000
"""Additions that a processor of today does in about 0.0125 s."""
BOUND = 20.0
"""Yardsticks, about 0.25 s: a client that looks at its heartbeat notices nothing."""
WORK = 0.5
"""Seconds of a request's work that are watched; some of them have ten."""
TO_THE_END = {"days of five seconds": 30.0}
"""One whose answer is long is watched until it has come."""
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

STOCK = (265598, "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "")
EURO = (12087792, "EUR", "CASH", "", "0.0", "", "", "IDEALPRO", "", "USD", "", "")
CALL = (986443064, "AAPL", "OPT", "", "0.0", "", "", "SMART", "", "USD", "", "")
CHAIN = (0, "SPX", "OPT", "", "0.0", "", "", "SMART", "", "USD", "", "")
NO_CHAIN = (0, "SPX", "OPT", "", "0.0", "", "7", "SMART", "", "EUR", "", "")


def measured():
    """Seconds of processor time that the yardstick takes at this moment."""
    begun, total = time.thread_time(), 0
    for number in range(YARDSTICK):
        total += number
    return time.thread_time() - begun


def said(*fields):
    return frame("".join(f"{field}\0" for field in fields).encode())


def bars(contract, duration, size, what="TRADES", *, regular=0):
    return said(20, 1, *contract, 0, "", size, duration, regular, what, 1, 0, "")


def legs(number):
    return (0, "AAPL", "BAG", "", "0.0", "", "", "SMART", "", "USD", "", "", number, *(265598, 1, "BUY", "") * number)


REQUESTS = {
    "a whole option chain": said(9, 8, 1, *CHAIN, 0, "", "", ""),
    "a chain that does not exist": said(9, 8, 1, *NO_CHAIN, 0, "", "", ""),
    "a quote of no one option": said(1, 11, 1, *CHAIN, 0, "", 0, 0, ""),
    "bars of no one option": bars(CHAIN, "1 Y", "1 day"),
    "a year of minutes": bars(STOCK, "1 Y", "1 min", regular=1),
    "days of five seconds": bars(STOCK, "5 D", "5 secs"),
    "too many bars": bars(STOCK, "100 Y", "5 secs"),
    "a hundred years of days": bars(STOCK, "100 Y", "1 day"),
    "a hundred years of months": bars(EURO, "100 Y", "1 month", "BID_ASK"),
    "an option's year of days": bars(CALL, "1 Y", "1 day", "MIDPOINT"),
    "an option's months": bars(CALL, "2 Y", "1 month"),
    "a hundred years of sessions": bars(STOCK, "100 Y", "1 day", "SCHEDULE"),
    "a histogram": said(88, 1, *STOCK, 0, 1, "100 years"),
    "old ticks": said(96, 1, *CALL, 0, "20200302 14:30:00 UTC", "", 1000, "BID_ASK", 0, 0, ""),
    "a model without an answer": said(54, 3, 1, *CALL, "1e300", "1e-300", ""),
    "a combination of many": said(1, 11, 1, *legs(20_000), 0, "", 0, 0, ""),
    "all news": said(86, 1, 265598, "BRFG+DJNL", "20000101 00:00:00", "", 1_000_000, ""),
    "a scanner": said(22, 1, 50, "STK", "STK.US", "TOP_PERC_GAIN", *[""] * 18, ""),
    "a million empty fields": frame(b"999\0" + b"\0" * 1_000_000),
    "an order of half a million fields": frame(b"3\0" + b"1\0" * 500_000),
    "a crowd of requests": said(49, 1) * 10_000,
}


class Slices:
    """The longest stretch of processor time that the loop's thread took between two rounds."""

    def __init__(self):
        self.longest = 0.0

    async def watch(self):
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest, before = max(self.longest, now - before), now


class Client:
    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._frames = FrameReader()
        self.heard = 0
        self.ended = False
        """Bars have come whole."""

    async def begin(self, number):
        self._writer.write(b"API\0" + frame(b"v100..178"))
        await self.answered()
        self._writer.write(said(71, 2, number, ""))
        await self.answered()

    async def answered(self):
        """Until there was an answer, whatever it is."""
        before = self.heard
        while self.heard == before:
            data = await self._reader.read(1 << 16)
            assert data, "the gateway hung up"
            payloads = self._frames.feed(data)
            self.heard += len(payloads)
            self.ended = any(payload.startswith(b"17\x00") for payload in payloads)

    def say(self, data):
        self._writer.write(data)

    async def close(self):
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


@pytest.fixture
async def gateway():
    clock = PaperClock(START)
    async with PaperGateway(port=0, seed=7, clock=clock, limits=Limits(pacing=Pacing.OFF)) as running:
        yield running


async def connected(gateway, number):
    client = Client(*await asyncio.open_connection("127.0.0.1", gateway.port))
    await client.begin(number)
    return client


@pytest.fixture(autouse=True)
def nothing_of_before():
    """What earlier tests have left in memory is not walked by the collector while a slice is measured."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("name", REQUESTS)
async def test_others_are_served_meanwhile(gateway, name):
    hungry, other = await connected(gateway, 1), await connected(gateway, 2)
    hungry.say(bars(STOCK, "1 D", "1 hour"))  # what is loaded with the first bars is not this request's
    await hungry.answered()
    hungry.ended = False
    yardstick = measured()
    slices = Slices()
    watching = asyncio.create_task(slices.watch())
    reading = asyncio.create_task(read_all(hungry))
    begun = time.thread_time()
    hungry.say(REQUESTS[name])
    rounds = 0
    while time.thread_time() - begun < TO_THE_END.get(name, WORK) and not reading.done():
        other.say(said(49, 1))
        await other.answered()
        rounds += 1
    watching.cancel()
    reading.cancel()
    await asyncio.gather(watching, reading, return_exceptions=True)
    await hungry.close()
    await other.close()
    assert hungry.ended or name not in TO_THE_END
    assert rounds > 2
    assert slices.longest < BOUND * max(yardstick, measured())


async def read_all(client):
    while not client.ended:
        await client.answered()


async def test_a_long_answer_comes_whole(gateway):
    """A chain has tens of thousands of contracts: they come as fast as they are read, and nothing is cut off."""
    client = await connected(gateway, 1)
    client.say(said(9, 8, 1, 0, "AAPL", "OPT", "202606", "0.0", "", "", "SMART", "", "USD", "", "", 0, "", "", ""))
    heard, ids = FrameReader(), []
    while not ids or ids[-1] != "52":
        data = await client._reader.read(1 << 12)
        assert data, "the gateway hung up"
        ids += [payload.split(b"\0")[0].decode() for payload in heard.feed(data)]
    details = ids.count("10")
    assert details > 100
    assert len({"10", "52"} & set(ids)) == 2
    await client.close()


async def test_a_chain_is_made_no_faster_than_it_is_read(gateway):
    client = await connected(gateway, 1)
    client.say(said(9, 8, 1, *CHAIN, 0, "", "", ""))
    await client.answered()
    most, begun = 0, time.thread_time()
    while time.thread_time() - begun < 3 * WORK:
        await asyncio.sleep(0.01)
        most = max(most, gateway.unread)
    assert 0 < most < 4 << 20
    assert gateway.clients == (1,)
    await client.close()
