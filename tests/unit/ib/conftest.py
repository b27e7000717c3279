"""A gateway made of exact bytes: it says what a test tells it to, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from ironbridge.domain.reports import BrokerReport
from ironbridge.domain.session import Endpoint
from ironbridge.ib import IbGateway
from ironbridge.interfaces import Lane
from ironbridge.session.clock import SystemClock

HANDSHAKE = ("178", "20261120 15:00:00 US/Eastern")


class ScriptedGateway:
    """Greets as a Gateway does; everything after is the test's doing."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[list[str]] = asyncio.Queue()
        self.greeting: tuple[tuple[object, ...], ...] = ((15, 1, "DU1"), (9, 1, 40))
        self.handshake: tuple[str, ...] | bytes = HANDSHAKE
        self.answers: dict[str, Callable[[list[str]], None]] = {}
        self.connections = 0
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None
        self.port = 0
        self.hello = b""
        self.closed = asyncio.Event()
        self.greeted = asyncio.Event()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("127.0.0.1", self.port, 7)

    def hang_up(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def raw(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    def say(self, *fields: object) -> None:
        payload = "".join(f"{field}\0" for field in fields).encode()
        self.raw(len(payload).to_bytes(4, "big") + payload)

    async def hears(self, message_id: int) -> list[str]:
        """The next request of this id; others are passed over."""
        async with asyncio.timeout(5):
            while True:
                fields = await self.received.get()
                if fields[0] == str(message_id):
                    return fields

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writer = writer
        self.closed.clear()
        try:
            prefix = await reader.readexactly(8)
            self.hello = await reader.readexactly(int.from_bytes(prefix[4:], "big"))
            self.greeted.set()
            if isinstance(self.handshake, bytes):
                self.raw(self.handshake)
            elif self.handshake:
                self.say(*self.handshake)
            while True:
                size = int.from_bytes(await reader.readexactly(4), "big")
                fields = (await reader.readexactly(size)).decode().split("\0")[:-1]
                self.received.put_nowait(fields)
                if fields[0] == "71":
                    for message in self.greeting:
                        self.say(*message)
                answer = self.answers.get(fields[0])
                if answer is not None:
                    answer(fields)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()


class FreePace:
    """Admits everything, and remembers in which lanes."""

    def __init__(self) -> None:
        self.lanes: list[Lane] = []
        self.gate: asyncio.Event | None = None
        self.asked = asyncio.Event()
        self.complaints: list[str] = []
        self.foreseen: list[int] = []

    async def admit(self, lane: Lane) -> None:
        self.lanes.append(lane)
        if self.gate is not None:
            self.asked.set()
            await self.gate.wait()

    def foresee(self, messages: int) -> None:
        self.foreseen.append(messages)

    def violated(self, text: str) -> None:
        self.complaints.append(text)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedGateway]:
    script = ScriptedGateway()
    await script.start()
    yield script
    await script.stop()


@pytest.fixture
def pace() -> FreePace:
    return FreePace()


@pytest.fixture
async def gateway(pace: FreePace) -> AsyncIterator[IbGateway]:
    broker = IbGateway(pace, SystemClock(), request_timeout=0.3, connect_timeout=0.3)
    yield broker
    await broker.disconnect()


class Ear:
    """Keeps reports and waits for them."""

    def __init__(self) -> None:
        self.reports: list[BrokerReport] = []
        self._news = asyncio.Event()

    def __call__(self, report: BrokerReport) -> None:
        self.reports.append(report)
        self._news.set()

    async def hears(self, kind: type[Any]) -> Any:
        """The first report of this kind, heard or yet to come."""
        async with asyncio.timeout(5):
            while True:
                for report in self.reports:
                    if isinstance(report, kind):
                        return report
                self._news.clear()
                await self._news.wait()


@pytest.fixture
def ear(gateway: IbGateway) -> Ear:
    listener = Ear()
    gateway.listen(listener)
    return listener


@pytest.fixture
def connected(gateway: IbGateway, server: ScriptedGateway) -> Callable[[], Awaitable[None]]:
    async def connect() -> None:
        await gateway.connect(server.endpoint)

    return connect


class LoopErrors:
    """What the loop's exception handler was told."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    def __call__(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.seen.append(context)
        self._news.set()

    async def wait(self) -> None:
        await asyncio.wait_for(self._news.wait(), 5)


@pytest.fixture
async def event_loop_errors() -> AsyncIterator[LoopErrors]:
    errors = LoopErrors()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(errors)
    yield errors
    loop.set_exception_handler(None)
