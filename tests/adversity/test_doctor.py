"""Broken set-ups, each made over a real socket, and the true cause named in each (CON-10)."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from ib_async.client import Client

from ironbridge.domain.diagnosis import Diagnosis, Severity
from ironbridge.domain.session import Endpoint
from ironbridge.ib import IbGateway
from ironbridge.ops.examination import examine
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import (
    BreakFarm,
    Drop,
    Hang,
    Ignore,
    LoseUpstream,
    NotLoggedIn,
    OnMessage,
    Refuse,
    SendError,
)
from ironbridge.session import SlidingWindowPacer, SystemClock
from ironbridge.session.doctor import FINDINGS, OLDEST_SERVER, Wanted, diagnose
from ironbridge.wire.connection import Connection
from ironbridge.wire.framing import frame
from ironbridge.wire.handshake import Hello
from ironbridge.wire.market import ReqMktData, TickSnapshotEnd
from ironbridge.wire.orders import OpenOrderEnd, ReqAllOpenOrders, ReqOpenOrders
from ironbridge.wire.session import (
    CurrentTime,
    ErrorMessage,
    ManagedAccounts,
    NextValidId,
    ReqCurrentTime,
    StartApi,
)
from ironbridge.wire.values import Role

CLIENT = 5
PATIENCE = 0.6
"""Seconds for a step; each set-up here is silent in one step or two."""

READ_ONLY = "Error validating request.-'bY' : cause - The API interface is currently in Read-Only mode."
FIRST_LINE, SECOND_LINE = 1_900_000_000, 1_900_000_001


async def doctor(port: int, wanted: Wanted | None = None, *, host: str = "127.0.0.1", **more: Any) -> Diagnosis:
    wanted = wanted or Wanted()
    found = await examine(
        host, port, CLIENT, timeout=PATIENCE, market_data_type=wanted.market_data_type, usual_ports=(), **more
    )
    diagnosis = diagnose(found, wanted)
    for finding in diagnosis.findings:
        assert finding.id in FINDINGS
        assert finding.remedy or finding.severity is Severity.INFO, finding
    return diagnosis


def ids(diagnosis: Diagnosis) -> list[str]:
    return [finding.id for finding in diagnosis.findings if finding.severity is not Severity.INFO]


# ------------------------------------------------------------------------------- a TWS that is made to order


@dataclass
class Scripted:
    """A gateway that says what it is told to, and keeps what it was asked."""

    accounts: str = "DU1000001"
    version: int = 176
    epoch: Callable[[], int] = lambda: int(SystemClock().now().timestamp())
    asked: list[Any] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(Role.SERVER, max_version=self.version)
        try:
            while data := await reader.read(4096):
                connection.receive_data(data)
                for event in connection.events_received():
                    if isinstance(event, Hello):
                        connection.accept("20261121 10:00:00 EST")
                    else:
                        self.asked.append(event)
                        for answer in self.answers(event):
                            connection.send(answer)
                writer.write(connection.data_to_send())
        except OSError:
            pass
        finally:
            writer.close()

    def answers(self, event: Any) -> list[Any]:
        match event:
            case StartApi():
                return [ManagedAccounts(self.accounts), NextValidId(1)]
            case ReqCurrentTime():
                return [CurrentTime(self.epoch())]
            case ReqOpenOrders() | ReqAllOpenOrders():
                return [OpenOrderEnd()]
            case ReqMktData():
                return [TickSnapshotEnd(event.req_id)]
            case _:
                return []


@asynccontextmanager
async def listening(serve: Callable[..., Any]) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def say_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: bytes) -> None:
    await reader.read(1)
    writer.write(words)
    await writer.drain()
    writer.close()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


OWN_ADDRESS = f"127.{os.getpid() % 250 + 1}.{os.getpid() // 250 % 250}.7"
"""Loopback addresses are many on Linux: on one of our own IB's very ports are free, whoever tests beside us."""


@asynccontextmanager
async def on_port(port: int, account: str) -> AsyncIterator[None]:
    try:
        async with PaperGateway(OWN_ADDRESS, port, accounts=(account,), step=0.02):
            yield
    except OSError as error:
        pytest.skip(f"{OWN_ADDRESS} cannot be listened on here: {error}")


# ------------------------------------------------------------------------------------------------ all is well


async def test_a_good_set_up_has_nothing_to_mend(gateway: PaperGateway) -> None:
    found = await doctor(gateway.port)
    assert (ids(found), found.connects, found.healthy) == ([], True, True)
    assert found.examined.accounts == ("DU1000001",)
    assert abs(found.examined.skew or 0) < 2
    assert {quote.symbol: quote.ticked for quote in found.examined.quotes} == {"SPY": True, "AAPL": True}


async def test_it_asks_and_does_nothing_else() -> None:
    """Over all that it ever sends: no order, no cancel, nothing that binds or changes."""
    for client in (0, CLIENT):
        server = Scripted()
        async with listening(server.serve) as port:
            await examine("127.0.0.1", port, client, timeout=PATIENCE, market_data_type=3, usual_ports=())
        asked = {type(message).__name__ for message in server.asked}
        orders = "ReqAllOpenOrders" if client == 0 else "ReqOpenOrders"  # the latter binds manual orders to client 0
        assert asked == {"StartApi", "ReqCurrentTime", orders, "ReqMarketDataType", "ReqMktData"}
        assert all(message.snapshot for message in server.asked if isinstance(message, ReqMktData))
        assert not any(message.regulatory_snapshot for message in server.asked if isinstance(message, ReqMktData))


async def test_it_leaves_no_session_behind(gateway: PaperGateway) -> None:
    assert (await doctor(gateway.port)).healthy
    assert (await doctor(gateway.port)).healthy, "the client id is free again"


# -------------------------------------------------------------------------------------------- no connection


async def test_nothing_listens(free_port: int) -> None:
    found = await doctor(free_port)
    assert (ids(found), found.connects) == (["nothing-listens"], False)


async def test_nothing_listens_here_but_next_door(gateway: PaperGateway, free_port: int) -> None:
    found = diagnose(
        await examine("127.0.0.1", free_port, CLIENT, timeout=PATIENCE, usual_ports=(gateway.port,)), Wanted()
    )
    assert ids(found) == ["nothing-listens"]
    assert str(gateway.port) in found.findings[0].remedy


async def test_no_such_host() -> None:
    assert ids(await doctor(4002, host="no such host")) == ["no-host"]


@pytest.mark.parametrize(
    "words", (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.6\r\n", frame(b"hello\0there\0"))
)
async def test_something_else_listens(words: bytes) -> None:
    async with listening(lambda reader, writer: say_and_close(reader, writer, words)) as port:
        assert ids(await doctor(port)) == ["not-a-gateway"]


async def test_a_gateway_that_hangs(gateway: PaperGateway) -> None:
    gateway.faults.inject(Hang())
    assert ids(await doctor(gateway.port)) == ["no-answer"]


async def test_a_gateway_that_does_not_trust_this_machine(gateway: PaperGateway) -> None:
    gateway.faults.inject(Refuse())
    found = await doctor(gateway.port)
    assert ids(found) == ["closed-at-greeting"]
    assert "Trusted IPs" in found.findings[0].remedy


async def test_a_gateway_too_old(gateway: PaperGateway) -> None:
    assert Client.MinClientVersion == OLDEST_SERVER
    async with listening(lambda reader, writer: say_and_close(reader, writer, frame(b"76\x0020160101\0"))) as port:
        assert ids(await doctor(port)) == ["server-too-old"]
    server = Scripted(version=OLDEST_SERVER - 1)
    async with listening(server.serve) as port:
        assert ids(await doctor(port)) == ["server-too-old"]
    server = Scripted(version=OLDEST_SERVER)
    async with listening(server.serve) as port:
        assert ids(await doctor(port)) == []


async def test_a_gateway_too_new() -> None:
    async with listening(lambda reader, writer: say_and_close(reader, writer, frame(b"300\x0020300101\0"))) as port:
        assert ids(await doctor(port)) == ["server-too-new"]


# --------------------------------------------------------------------------------------------- no session


async def test_the_client_id_is_taken_and_the_rest_is_examined_all_the_same(gateway: PaperGateway) -> None:
    clock = SystemClock()
    other = IbGateway(SlidingWindowPacer(clock), clock)
    await other.connect(Endpoint("127.0.0.1", gateway.port, CLIENT))
    gateway.faults.inject(BreakFarm("ushmds"))
    found = await doctor(gateway.port)
    assert ids(found) == ["client-id-in-use", "farm-broken"]
    assert (found.connects, found.examined.client_id) == (False, CLIENT)
    ours = await doctor(gateway.port, id_is_ours=True)
    assert (ids(ours), ours.connects) == (["farm-broken"], True)
    assert other.connected, "the session that holds the id was not disturbed"
    await other.disconnect()


async def test_the_gateway_is_not_logged_in(gateway: PaperGateway) -> None:
    gateway.faults.inject(NotLoggedIn())
    found = await doctor(gateway.port)
    assert (ids(found), found.connects) == (["not-logged-in"], False)


async def test_the_session_is_refused_as_it_begins() -> None:
    class Refusing(Scripted):
        def answers(self, event: Any) -> list[Any]:
            raise ConnectionResetError(event)

    async with listening(Refusing().serve) as port:
        assert ids(await doctor(port)) == ["session-refused"]


async def test_the_session_stalls(gateway: PaperGateway) -> None:
    gateway.faults.inject(Ignore("ReqCurrentTime", count=None))
    assert ids(await doctor(gateway.port)) == ["stalled"]


async def test_the_session_breaks_off(gateway: PaperGateway) -> None:
    gateway.faults.inject(Drop(), OnMessage("ReqOpenOrders"))
    assert "session-broke" in ids(await doctor(gateway.port))


# ----------------------------------------------------------------------------------- a session, and yet


async def test_ib_behind_the_gateway_is_lost(gateway: PaperGateway) -> None:
    gateway.faults.inject(LoseUpstream(), OnMessage("ReqCurrentTime"))
    assert ids(await doctor(gateway.port)) == ["upstream-lost"]


async def test_the_api_is_read_only(gateway: PaperGateway) -> None:
    gateway.faults.inject(Ignore("ReqOpenOrders", count=None))
    gateway.faults.inject(SendError(321, READ_ONLY), OnMessage("ReqCurrentTime"))
    assert ids(await doctor(gateway.port)) == ["read-only"]


async def test_another_321_is_not_taken_for_read_only() -> None:
    class Refusing(Scripted):
        def answers(self, event: Any) -> list[Any]:
            if isinstance(event, ReqOpenOrders):
                return [ErrorMessage(-1, 321, "Error validating request.-'a0' : cause - The account code is required.")]
            return super().answers(event)

    async with listening(Refusing().serve) as port:
        assert ids(await doctor(port)) == ["orders-silent"]


@pytest.mark.parametrize(
    ("code", "finding"),
    (
        (354, "no-market-data-permission"),
        (10089, "no-market-data-permission"),
        (10167, "delayed-market-data"),
        (10197, "competing-session"),
    ),
)
async def test_market_data_is_not_what_it_should_be(gateway: PaperGateway, code: int, finding: str) -> None:
    gateway.faults.inject(Ignore("ReqMktData", count=None))
    for line in (FIRST_LINE, SECOND_LINE):
        gateway.faults.inject(SendError(code, "Requested market data …", id=line), OnMessage("OpenOrderEnd"))
    found = await doctor(gateway.port)
    assert ids(found) == [finding]
    assert "SPY and AAPL" in found.findings[0].sentence
    assert found.connects


async def test_delayed_data_that_was_asked_for_is_no_finding(gateway: PaperGateway) -> None:
    gateway.faults.inject(Ignore("ReqMktData", count=None))
    for line in (FIRST_LINE, SECOND_LINE):
        gateway.faults.inject(SendError(10167, "Delayed.", id=line), OnMessage("OpenOrderEnd"))
    assert (await doctor(gateway.port, Wanted(market_data_type=3))).healthy


async def test_a_closed_market_is_no_fault() -> None:
    async with listening(Scripted().serve) as port:
        found = await doctor(port)
    assert found.healthy
    assert [finding.id for finding in found.findings] == ["no-quote"]


@pytest.mark.parametrize(("seconds", "skewed"), ((0, False), (-1, False), (-40, True), (90, True)))
async def test_the_clocks_differ(seconds: int, skewed: bool) -> None:
    server = Scripted(epoch=lambda: int(SystemClock().now().timestamp()) + seconds)
    async with listening(server.serve) as port:
        assert ids(await doctor(port)) == (["clock-skew"] if skewed else [])


# ------------------------------------------------------------------------------------------- accounts and ports


async def test_the_account_of_the_settings_is_another_logins(gateway: PaperGateway) -> None:
    found = await doctor(gateway.port, Wanted(account="DU7777777"))
    assert ids(found) == ["unknown-account"]
    assert "DU1000001" in found.findings[0].sentence


async def test_a_live_account_that_is_not_armed() -> None:
    async with listening(Scripted(accounts="U1234567").serve) as port:
        assert ids(await doctor(port)) == ["live-account-not-armed"]
        assert ids(await doctor(port, Wanted(live_account="U1234567"))) == []


async def test_a_paper_login_where_live_is_armed(gateway: PaperGateway) -> None:
    found = await doctor(gateway.port, Wanted(live_account="U1234567"))
    assert ids(found) == ["paper-where-live-is-armed"]


@pytest.mark.parametrize("port", (7497, 4002))
async def test_a_live_account_on_a_port_that_says_paper(port: int) -> None:
    async with on_port(port, "U1234567"):
        found = await doctor(port, Wanted(live_account="U1234567"), host=OWN_ADDRESS)
    assert ids(found) == ["live-account-on-paper-port"]


@pytest.mark.parametrize("port", (7496, 4001))
async def test_a_paper_account_on_a_port_that_says_live(port: int) -> None:
    async with on_port(port, "DU1000001"):
        assert ids(await doctor(port, host=OWN_ADDRESS)) == ["paper-on-live-port"]
