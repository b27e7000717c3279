"""Hostile clients on real sockets: whatever they say, the gateway neither falls, hangs nor grows, and a well-behaved
client beside them keeps getting its answers. `scripts/fuzz` does the same a million times, without sockets."""

from __future__ import annotations

import gc
import logging
import resource
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fuzz.choices import Choices
from fuzz.messages import REQUESTS, VERSIONS, payload
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ironbridge.paper import Limits, Pacing
from ironbridge.testing import RunningGateway
from ironbridge.wire import (
    Connection,
    CurrentTime,
    ErrorMessage,
    ManagedAccounts,
    ReqAccountUpdates,
    ReqCurrentTime,
    ReqHistoricalData,
    ReqMktData,
    ReqPositions,
    Role,
    StartApi,
    TickPrice,
    codec_for,
    frame,
)
from ironbridge.wire.contract import Contract

PATIENCE = 10.0
"""Seconds in which an answer must have come."""
FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
GROWTH = 24 << 20
"""Bytes that some hundred hostile connections may leave behind: allocator and caches, not what they sent."""


class Client:
    """A well-behaved client with a blocking socket."""

    def __init__(self, port: int, number: int) -> None:
        self._wire = Connection(Role.CLIENT)
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._seen: list[Any] = []
        self._wire.hello()
        self._flush()
        self.until(lambda event: type(event).__name__ == "ServerVersion")
        self.say(StartApi(number))
        self.until(lambda event: isinstance(event, ManagedAccounts))

    def say(self, message: Any) -> None:
        self._wire.send(message)
        self._flush()

    def _flush(self) -> None:
        self._socket.sendall(self._wire.data_to_send())

    def until(self, found: Callable[[Any], bool]) -> Any:
        """The next event of that sort; what came before it is forgotten."""
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            while self._seen:
                event = self._seen.pop(0)
                if found(event):
                    return event
            data = self._socket.recv(65536)
            assert data, "the gateway has closed a well-behaved client's connection"
            self._wire.receive_data(data)
            self._seen += self._wire.events_received()
        raise AssertionError("no answer came")

    def time(self) -> int:
        self.say(ReqCurrentTime())
        answer: CurrentTime = self.until(lambda event: isinstance(event, CurrentTime))
        return answer.epoch

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def gateway() -> Iterator[RunningGateway]:
    with RunningGateway(limits=Limits(pacing=Pacing.OFF, unread_bytes=1 << 20)) as running:
        yield running


@pytest.fixture
def witness(gateway: RunningGateway, caplog: pytest.LogCaptureFixture) -> Iterator[Client]:
    """It must be served to the end, and nothing may have gone wrong inside."""
    caplog.set_level(logging.ERROR)
    client = Client(gateway.port, 99)
    yield client
    assert client.time() > 0
    client.close()
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


def attack(port: int, *pieces: bytes) -> None:
    """Say it and leave without reading an answer; the gateway may have hung up first."""
    link = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    with link, suppress(BrokenPipeError, ConnectionResetError):
        for piece in pieces:
            link.sendall(piece)


def greeted(port: int, version: int, number: int) -> socket.socket:
    """A connection whose session has begun."""
    link = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    link.sendall(b"API\0" + frame(f"v100..{version}".encode()))
    assert link.recv(4096)
    link.sendall(frame(codec_for(version).encode(StartApi(number), Role.CLIENT)))
    return link


def test_noise_is_hung_up_on(gateway: RunningGateway, witness: Client) -> None:
    @FEW
    @given(st.binary(max_size=4096))
    def noise(data: bytes) -> None:
        attack(gateway.port, data)
        attack(gateway.port, b"API\0" + data)
        assert witness.time() > 0

    noise()


def test_any_messages_in_any_order_are_answered_or_refused(gateway: RunningGateway, witness: Client) -> None:
    @FEW
    @given(st.binary(min_size=64, max_size=600))
    def story(data: bytes) -> None:
        choices = Choices(data)
        version = choices.one_of(VERSIONS)
        link = greeted(gateway.port, version, 1 + choices.below(5))
        with link, suppress(BrokenPipeError, ConnectionResetError):
            while choices.left:
                link.sendall(frame(payload(choices, REQUESTS, version)))
        assert witness.time() > 0

    story()


def test_half_messages_are_waited_for_and_forgotten(gateway: RunningGateway, witness: Client) -> None:
    @FEW
    @given(st.binary(min_size=64, max_size=200), st.integers(1, 40))
    def half(data: bytes, cut: int) -> None:
        choices = Choices(data)
        whole = frame(payload(choices, REQUESTS, 176))
        with greeted(gateway.port, 176, 3) as link:
            link.sendall(whole[: max(1, len(whole) - cut)])
        assert witness.time() > 0

    half()


@pytest.mark.parametrize("length", (1 << 20, (1 << 20) + 1, 0x7FFFFFFF, 0xFFFFFFFF))
def test_a_huge_length_is_neither_believed_nor_stored(gateway: RunningGateway, witness: Client, length: int) -> None:
    with greeted(gateway.port, 176, 3) as link:
        link.sendall(struct.pack(">I", length) + b"x" * 65536)
        if length > 1 << 20:
            # It may still say what it had to say; then the connection ends, and soon.
            with suppress(ConnectionResetError):
                while link.recv(65536):
                    pass
        assert witness.time() > 0


def test_a_client_that_never_reads_is_cut_off_alone(gateway: RunningGateway, witness: Client) -> None:
    scan = frame(b"24\x001\0")  # scanner parameters: the longest answer for the fewest bytes
    before = resident()
    with greeted(gateway.port, 176, 4) as link, suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(100):
            link.sendall(scan * 1000)
            assert witness.time() > 0
    assert gateway.call(lambda paper: paper.clients) == (99,)
    assert resident() - before < GROWTH


def test_the_queries_of_those_who_left_keep_nobody_waiting(gateway: RunningGateway, witness: Client) -> None:
    stock = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
    year = ReqHistoricalData(1, stock, bar_size="1 min", duration="1 Y", use_rth=0)
    for number in range(10, 14):
        with greeted(gateway.port, 176, number) as link:
            for query in range(5):
                link.sendall(frame(codec_for(176).encode(replace(year, req_id=query), Role.CLIENT)))
            assert witness.time() > 0
            link.shutdown(socket.SHUT_WR)
            while link.recv(65536):
                pass
    assert gateway.call(lambda paper: len(paper._floor._jobs)) == 0


def test_a_flood_of_requests_is_served_in_turns(gateway: RunningGateway, witness: Client) -> None:
    """Half a megabyte of requests in one piece: the others wait for a few of them, not for all."""
    ask = frame(codec_for(176).encode(ReqPositions(), Role.CLIENT))
    account = frame(codec_for(176).encode(ReqAccountUpdates(True, ""), Role.CLIENT))
    flood = (ask + account) * 15_000
    waits = []
    with greeted(gateway.port, 176, 6) as link:
        link.setblocking(False)
        for _ in range(20):
            with suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                flood = flood[link.send(flood) :]
            with suppress(BlockingIOError, ConnectionResetError):
                link.recv(1 << 20)
            begun = time.monotonic()
            assert witness.time() > 0
            waits.append(time.monotonic() - begun)
    assert sorted(waits)[len(waits) // 2] < 0.5


def test_many_connections_leave_room_for_the_one_that_was_there(gateway: RunningGateway, witness: Client) -> None:
    crowd = [socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE) for _ in range(120)]
    witness.say(ReqMktData(7, Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")))
    assert witness.until(lambda event: isinstance(event, TickPrice)).req_id == 7
    for link in crowd:
        # The gateway closes its end when it has forgotten the connection.
        with suppress(OSError):
            link.shutdown(socket.SHUT_WR)
            while link.recv(4096):
                pass
        link.close()
    late = Client(gateway.port, 98)
    assert late.time() > 0
    late.close()


def test_wrong_types_are_refused_by_field(gateway: RunningGateway, witness: Client) -> None:
    witness.say(ReqCurrentTime())
    with greeted(gateway.port, 176, 5) as link:
        reader = Connection(Role.CLIENT)
        reader.hello()
        reader.receive_data(frame(b"176\0now\0"))
        link.sendall(frame(b"1\x0011\0seven\0" + b"\0" * 20))
        found: list[Any] = []
        while not any(isinstance(event, ErrorMessage) and event.code == 320 for event in found):
            data = link.recv(65536)
            assert data
            reader.receive_data(data)
            found += reader.events_received()
    refusal = next(event for event in found if isinstance(event, ErrorMessage) and event.code == 320)
    assert "field req_id" in refusal.text


def test_hostile_clients_leave_no_memory_behind(gateway: RunningGateway, witness: Client) -> None:
    big = frame(b"1\0" + b"x" * 900_000)[:-10]

    def storm() -> None:
        for number in range(40):
            with greeted(gateway.port, 176, number % 5 + 10) as link:
                link.sendall(big)
            assert witness.time() > 0

    storm()
    gc.collect()
    before = resident()
    storm()
    storm()
    gc.collect()
    assert resident() - before < GROWTH


def resident() -> int:
    """Bytes of this process, in which the gateway lives."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()
