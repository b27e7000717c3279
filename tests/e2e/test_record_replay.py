"""Recording between an unmodified ib_async and the paper gateway, decoding the file, and playing it back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ib_async import IB, Future, LimitOrder, MarketOrder, Stock

from ironbridge.errors import ConnectFailed, InvalidInput, IronbridgeError, StorageError
from ironbridge.paper import PaperClock, PaperGateway
from ironbridge.paper.describe import Readable, understood
from ironbridge.paper.record import Address, Recorder
from ironbridge.paper.recording import Closed, Entry, Header, Opened, Said, Torn
from ironbridge.paper.replay import Replay
from ironbridge.paper.script import sections_of
from ironbridge.paper.sources import header_and_entries
from ironbridge.wire.connection import Connection
from ironbridge.wire.session import ManagedAccounts, StartApi
from ironbridge.wire.values import Role

IRONBRIDGE = Path(sys.executable).with_name("ironbridge")
ACCOUNT = "DU7654321"
REF = "momentum-v2"
AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


# -- the program that is recorded, and played to


@dataclass
class Seen:
    """What a program of ib_async saw."""

    quote: tuple[float, float] = (0, 0)
    fill: tuple[str, float, float] = ("", 0, 0)
    filled_by: list[str] = field(default_factory=list)
    cancelled_by: list[str] = field(default_factory=list)
    positions: list[tuple[str, float, float]] = field(default_factory=list)
    contracts: list[str] = field(default_factory=list)
    account: str = ""
    refused: list[tuple[int, str]] = field(default_factory=list)


class Listening:
    """An ib_async client, and a way to wait for what it hears."""

    def __init__(self) -> None:
        self.ib = IB()
        self.errors: list[tuple[int, int, str]] = []
        self._news = asyncio.Event()
        self.ib.errorEvent += lambda number, code, text, _: (self.errors.append((number, code, text)), self._news.set())
        for news in (self.ib.updateEvent, self.ib.orderStatusEvent, self.ib.commissionReportEvent,
                     self.ib.disconnectedEvent):  # fmt: skip
            news.connect(lambda *_: self._news.set())

    async def until(self, done: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not done():
                self._news.clear()
                await self._news.wait()


async def trade(port: int, *, client_id: int = 1, skip: int = 0) -> Seen:
    """Quotes, an order that fills, one that is cancelled, positions. `skip` shifts the ids that it uses."""
    listening = Listening()
    ib = listening.ib
    seen = Seen()
    await ib.connectAsync("127.0.0.1", port, clientId=client_id, timeout=10)
    try:
        for _ in range(skip):
            ib.client.getReqId()
        seen.account = ib.managedAccounts()[0]
        found = await ib.reqContractDetailsAsync(AAPL)
        seen.contracts = [f"{one.contract.localSymbol} {one.longName}" for one in found]
        ticker = ib.reqMktData(AAPL)
        await listening.until(lambda: ticker.bid > 0 and ticker.ask > 0)
        seen.quote = (ticker.bid, ticker.ask)
        bought = ib.placeOrder(AAPL, MarketOrder("BUY", 10, orderRef=REF))
        await listening.until(lambda: bought.fills and bought.fills[0].commissionReport.execId)
        seen.fill = (bought.fills[0].execution.side, bought.fills[0].execution.price, bought.orderStatus.filled)
        seen.filled_by = [entry.status for entry in bought.log]
        low = ib.placeOrder(AAPL, LimitOrder("BUY", 5, 100.0, orderRef=REF + "-low"))
        await listening.until(lambda: low.orderStatus.status == "Submitted")
        ib.cancelOrder(low.order)
        await listening.until(low.isDone)
        seen.cancelled_by = [entry.status for entry in low.log]
        await listening.until(lambda: any(code == 202 for _, code, _ in listening.errors))
        assert {number for number, code, _ in listening.errors if code == 202} == {low.order.orderId}
        positions = await ib.reqPositionsAsync()
        seen.positions = [(one.contract.symbol, one.position, one.avgCost) for one in positions]
        seen.refused = [(code, text) for _, code, text in listening.errors if code < 2000]
    finally:
        ib.disconnect()
    return seen


@pytest.fixture
async def gateway() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=7, accounts=(ACCOUNT,), step=0.02) as paper:
        yield paper


@asynccontextmanager
async def recording(port: int, path: Path, **options: Any) -> AsyncIterator[Recorder]:
    async with Recorder(Address("127.0.0.1", port), Address("127.0.0.1", 0), path, **options) as recorder:
        yield recorder


def entries(path: Path) -> tuple[Header, list[Entry | Torn]]:
    with path.open("rb") as stream:
        header, found = header_and_entries(lambda: stream.read(1 << 16))
        return header, list(found)


def messages(path: Path) -> list[Readable]:
    return [one for one in understood(entries(path)[1]) if isinstance(one.entry, Said)]


@asynccontextmanager
async def replaying(path: Path, **options: Any) -> AsyncIterator[Replay]:
    header, found = entries(path)
    async with Replay(header, sections_of(found), port=0, speed=100, **options) as replay:
        yield replay


# -- record, decode, replay


async def test_a_day_is_recorded_decoded_and_played_again(gateway: PaperGateway, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    async with recording(gateway.port, path) as recorder:
        then = await trade(recorder.port)
    assert (then.fill[0], then.fill[2], then.account) == ("BOT", 10, ACCOUNT)

    readable = messages(path)
    assert [one.problem for one in readable if one.problem] == []
    assert {"PlaceOrder", "ExecDetails", "Position", "TickPrice"} <= {type(one.message).__name__ for one in readable}
    text = path.read_text()
    assert ACCOUNT not in text
    assert REF not in text
    assert not {str(execution.perm_id) for execution, _ in gateway.venue.executions()} & set(re.findall(r"\d+", text))

    async with replaying(path) as replay:
        for skip in (0, 5):  # the second time under other ids
            now = await trade(replay.port, skip=skip)
            assert now.account == "DU0000001"
            now.account = then.account
            assert now == then


async def test_nothing_is_masked_when_told_so(gateway: PaperGateway, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    async with recording(gateway.port, path, mask=False) as recorder:
        await trade(recorder.port)
    assert ACCOUNT in path.read_text()
    assert REF in path.read_text()
    assert not entries(path)[0].masked


async def test_every_client_has_its_own_section(gateway: PaperGateway, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    async with recording(gateway.port, path) as recorder:
        clients = [IB() for _ in range(4)]
        await asyncio.gather(
            *(ib.connectAsync("127.0.0.1", recorder.port, clientId=10 + n) for n, ib in enumerate(clients))
        )
        for ib in clients:
            ib.disconnect()
    sections = sections_of(entries(path)[1])
    assert sorted(section.client_id for section in sections) == [10, 11, 12, 13]
    async with replaying(path) as replay:
        second = IB()
        await second.connectAsync("127.0.0.1", replay.port, clientId=12)
        assert second.client.serverVersion() == 178
        second.disconnect()


async def test_what_was_never_recorded_is_named(gateway: PaperGateway, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    async with recording(gateway.port, path) as recorder:
        await trade(recorder.port)
    notices: list[str] = []
    async with replaying(path, notice=notices.append) as replay:
        listening = Listening()
        await listening.ib.connectAsync("127.0.0.1", replay.port, clientId=1)
        sold = listening.ib.placeOrder(AAPL, MarketOrder("SELL", 10))
        await listening.until(sold.isDone)
        details = await listening.ib.reqContractDetailsAsync(Future("ES", "202606", "CME"))
        assert await listening.ib.reqCurrentTimeAsync() is not None
        listening.ib.disconnect()
    assert details == []
    told = {code: text for number, code, text in listening.errors if number > 0}
    assert told[201] == "Order rejected - reason:the recording holds no PlaceOrder SELL 10 MKT AAPL STK."
    assert told[322] == "Error processing request: the recording holds no ReqContractDetails ES FUT 202606."
    assert len(notices) == 2


async def test_an_order_is_not_played_to_two(gateway: PaperGateway, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    async with recording(gateway.port, path) as recorder:
        await trade(recorder.port)
    async with replaying(path, notice=lambda _: None) as replay:
        listening = Listening()
        await listening.ib.connectAsync("127.0.0.1", replay.port, clientId=1)
        first, second = (listening.ib.placeOrder(AAPL, MarketOrder("BUY", 10)) for _ in range(2))
        await listening.until(lambda: first.isDone() and second.isDone())
        listening.ib.disconnect()
    assert (first.orderStatus.status, first.filled()) == ("Filled", 10)
    assert second.filled() == 0


async def test_an_older_client_is_played_to_at_its_own_version(gateway: PaperGateway, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    async with recording(gateway.port, path) as recorder:
        await trade(recorder.port)
    async with replaying(path) as replay:
        listening = Listening()
        listening.ib.client.MaxClientVersion = 163
        await listening.ib.connectAsync("127.0.0.1", replay.port, clientId=1)
        assert listening.ib.client.serverVersion() == 163
        ticker = listening.ib.reqMktData(AAPL)
        bought = listening.ib.placeOrder(AAPL, MarketOrder("BUY", 10))
        await listening.until(lambda: ticker.bid > 0 and bought.isDone())
        listening.ib.disconnect()


async def test_a_cut_is_played_as_a_cut(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    async with PaperGateway(port=0, accounts=(ACCOUNT,)) as paper, recording(paper.port, path) as recorder:
        listening = Listening()
        await listening.ib.connectAsync("127.0.0.1", recorder.port, clientId=1)
        await paper.stop()
        await listening.until(lambda: not listening.ib.isConnected())
    assert [one.by for one in entries(path)[1] if isinstance(one, Closed)] == ["gateway"]
    async with replaying(path) as replay, asyncio.timeout(10):
        client = Connection(Role.CLIENT)
        reader, writer = await asyncio.open_connection("127.0.0.1", replay.port)
        client.hello()
        writer.write(client.data_to_send())
        client.receive_data(await reader.readuntil(b"T\0"))
        client.send(StartApi(1))
        writer.write(client.data_to_send())
        client.receive_data(await reader.read())
        writer.close()
    assert ManagedAccounts("DU0000001") in client.events_received()


# -- the proxy passes bytes


class Peer:
    """A gateway of this test's own: keeps what it hears, says what it is told to."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.writers: list[asyncio.StreamWriter] = []
        self.seen = 0
        self._news = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        self.seen += 1
        self._news.set()
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                self.heard += data
                self._news.set()
        self.writers.remove(writer)
        writer.close()
        self._news.set()

    async def until(self, done: Callable[[], Any]) -> None:
        async with asyncio.timeout(10):
            while not done():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def proxied(path: Path, **options: Any) -> AsyncIterator[tuple[Peer, Recorder]]:
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    async with server, recording(server.sockets[0].getsockname()[1], path, **options) as recorder:
        await peer.until(lambda: peer.seen == 1 and not peer.writers)  # the recorder's look whether anything listens
        yield peer, recorder


async def exchange(port: int, peer: Peer, said: list[bytes], answered: list[bytes]) -> tuple[bytes, bytes]:
    """Say and be answered, in turns; returns what arrived at the gateway and at the client."""
    async with asyncio.timeout(20):
        peer.heard.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for data in said:
            writer.write(data)
        await writer.drain()
        want = b"".join(said)
        await peer.until(lambda: len(peer.heard) >= len(want) and peer.writers)
        for data in answered:
            peer.writers[-1].write(data)
        got = await reader.readexactly(len(b"".join(answered)))
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        await peer.until(lambda: not peer.writers)
        return bytes(peer.heard), got


STREAMS = st.lists(st.one_of(st.binary(max_size=200), st.sampled_from((b"API\0", b"\0\0\0\x09v100..178", b"\xff" * 9,
                   b"\0\0\0\x08178\x00now\0", b"\0\0\0\x0b71\x002\x001\x00\x00\0\0"))), max_size=8)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=STREAMS, answered=STREAMS, mask=st.booleans())
def test_any_bytes_pass_unchanged_and_never_end_the_recorder(
    tmp_path_factory: pytest.TempPathFactory, said: list[bytes], answered: list[bytes], mask: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / "day.jsonl"

    async def twice() -> None:
        async with proxied(path, mask=mask, notice=lambda _: None) as (peer, recorder):
            for _ in range(2):  # the second time shows that the first has ended nothing
                heard, got = await exchange(recorder.port, peer, said, answered)
                assert (heard, got) == (b"".join(said), b"".join(answered))
            assert not recorder.failed

    asyncio.run(twice())
    told = [(type(one), one.link) for one in entries(path)[1] if isinstance(one, Opened | Closed)]
    assert sorted(told, key=str) == sorted([(Opened, 1), (Opened, 2), (Closed, 1), (Closed, 2)], key=str)


async def test_bytes_through_the_proxy_are_those_without_it(tmp_path: Path) -> None:
    """Two gateways of one seed and a clock that stands still: what one says directly, the other says through us."""

    async def told(port: int) -> bytes:
        client = Connection(Role.CLIENT)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        client.hello()
        writer.write(client.data_to_send())
        greeting = await reader.readuntil(b"T\0")
        client.receive_data(greeting)
        client.send(StartApi(1))
        writer.write(client.data_to_send() + b"\0\0\0\x0561\x001\0" + b"\0\0\0\x0549\x001\0")
        rest = await reader.readuntil(b"49\x001\0")
        writer.close()
        return greeting + rest

    found = []
    for through in (False, True):
        clock = PaperClock(START, speed=0)
        async with asyncio.timeout(20), PaperGateway(port=0, seed=3, accounts=(ACCOUNT,), clock=clock) as paper:
            if through:
                async with recording(paper.port, tmp_path / "day.jsonl") as recorder:
                    found.append(await told(recorder.port))
            else:
                found.append(await told(paper.port))
    assert found[0] == found[1]
    assert ACCOUNT.encode() in found[1]


async def test_a_client_that_does_not_read_slows_the_gateway_and_not_the_memory(tmp_path: Path) -> None:
    async with proxied(tmp_path / "day.jsonl", notice=lambda _: None) as (peer, recorder):
        reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port, limit=1 << 12)
        await peer.until(lambda: peer.writers)
        gateway = peer.writers[0]
        much = b"x" * (64 << 20)
        gateway.write(much)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await gateway.drain()
        assert gateway.transport.get_write_buffer_size() > 32 << 20, "the bytes wait where they come from"
        async with asyncio.timeout(30):
            assert await reader.readexactly(len(much)) == much
        writer.close()


@pytest.mark.parametrize("how", ("closes", "half-closes", "dies"))
async def test_when_the_gateway_ends_the_client_hears_all_and_is_closed(tmp_path: Path, how: str) -> None:
    async with proxied(tmp_path / "day.jsonl", notice=lambda _: None) as (peer, recorder):
        reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
        await peer.until(lambda: peer.writers)
        gateway = peer.writers[0]
        gateway.write(b"last words")
        await gateway.drain()
        assert await reader.readexactly(5) == b"last "
        match how:
            case "closes":
                gateway.close()
            case "half-closes":
                gateway.write_eof()
            case _:
                gateway.transport.abort()
        async with asyncio.timeout(10):
            assert await reader.read() == b"words"
        writer.close()
        await peer.until(lambda: not peer.writers)
    assert [one.by for one in entries(tmp_path / "day.jsonl")[1] if isinstance(one, Closed)] == ["gateway"]


async def test_a_gateway_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    notices: list[str] = []
    async with proxied(tmp_path / "day.jsonl", notice=notices.append) as (peer, recorder):
        port = recorder.upstream.port
        recorder.upstream = Address("127.0.0.1", 1)
        reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()
        assert "turned away" in notices[0]
        recorder.upstream = Address("127.0.0.1", port)
        assert await exchange(recorder.port, peer, [b"hello"], [b"again"]) == (b"hello", b"again")


async def test_a_file_that_can_no_longer_be_written_costs_no_connection(tmp_path: Path) -> None:
    notices: list[str] = []
    async with proxied(tmp_path / "day.jsonl", notice=notices.append) as (peer, recorder):
        assert recorder._file is not None
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, recorder._file._file)
        os.close(full)
        assert await exchange(recorder.port, peer, [b"hello"], [b"again"]) == (b"hello", b"again")
        assert recorder.failed
    assert [text for text in notices if "Recording has ended, the connections go on" in text]


async def test_what_cannot_be_started_says_why_and_what_to_do(tmp_path: Path) -> None:
    here = Address("127.0.0.1", 0)
    with pytest.raises(ConnectFailed, match=r"No gateway answers at 127\.0\.0\.1:1") as absent:
        await Recorder(Address("127.0.0.1", 1), here, tmp_path / "a").start()
    assert "ironbridge paper" in absent.value.next_step
    async with PaperGateway(port=0) as paper:
        upstream = Address("127.0.0.1", paper.port)
        with pytest.raises(IronbridgeError, match="cannot listen on") as taken:
            await Recorder(upstream, upstream, tmp_path / "b").start()
        assert taken.value.next_step
        (tmp_path / "c").write_text("mine")
        with pytest.raises(StorageError, match="exists"):
            await Recorder(upstream, here, tmp_path / "c").start()
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "b").exists()
    with pytest.raises(InvalidInput, match="nothing that can be replayed"):
        sections_of([])
