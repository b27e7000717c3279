"""Opening a session: what a good greeting gives, and which error each bad one is."""

from __future__ import annotations

import asyncio
import gc
import socket

import pytest

from ironbridge.domain.reports import LinkEnded, Notice
from ironbridge.domain.session import Endpoint
from ironbridge.errors import ClientIdInUse, ConnectFailed, NotConnected
from ironbridge.ib.link import Link


async def test_a_session_is_open_when_accounts_and_order_id_are_known(gateway, server):
    server.greeting = ((15, 1, "DU1,DU2,"), (9, 1, 40))
    info = await gateway.connect(server.endpoint)
    assert (info.server_version, info.accounts, info.next_order_id) == (178, ("DU1", "DU2"), 40)
    assert gateway.connected
    assert server.hello == b"v157..178"
    assert await server.hears(71) == ["71", "2", "7", ""]


async def test_notices_of_the_greeting_are_reported(gateway, server, ear):
    server.greeting = ((15, 1, "DU1"), (9, 1, 1), (4, 2, -1, 2104, "Market data farm connection is OK:usfarm", ""))
    await gateway.connect(server.endpoint)
    assert await ear.hears(Notice) == Notice(None, 2104, "Market data farm connection is OK:usfarm")


@pytest.mark.parametrize("host", ("127.0.0.1", "localhost"))
async def test_nothing_listens(gateway, host):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(ConnectFailed, match=f"Nothing listens on {host}:{port}") as caught:
            await gateway.connect(Endpoint(host, port, 7))
    assert "4002" in caught.value.next_step


async def test_unknown_host(gateway):
    with pytest.raises(ConnectFailed, match="no host named"):
        await gateway.connect(Endpoint("no-such-host.invalid", 4002, 7))


async def test_client_id_in_use(gateway, server):
    server.greeting = ((4, 2, -1, 326, "Unable to connect as the client id is already in use.", ""),)
    with pytest.raises(ClientIdInUse, match="Client id 7 is in use"):
        await gateway.connect(server.endpoint)
    await asyncio.wait_for(server.closed.wait(), 5)
    assert not gateway.connected


async def test_takes_the_connection_and_says_nothing(gateway, server):
    server.handshake = ()
    with pytest.raises(ConnectFailed, match=r"did not answer the API greeting within 0\.3 s"):
        await gateway.connect(server.endpoint)
    await asyncio.wait_for(server.closed.wait(), 5)


async def test_not_logged_in(gateway, server):
    server.greeting = ((9, 1, 1),)
    with pytest.raises(ConnectFailed, match="gave no accounts within") as caught:
        await gateway.connect(server.endpoint)
    assert "logged in" in caught.value.next_step


async def test_hangs_up_on_the_greeting(gateway, server):
    server.handshake = ()
    waiting = asyncio.create_task(gateway.connect(server.endpoint))
    await asyncio.wait_for(server.greeted.wait(), 5)
    server.hang_up()
    with pytest.raises(ConnectFailed, match="closed it without an answer"):
        await waiting


async def test_hangs_up_after_the_client_id(gateway, server):
    server.greeting = ()
    waiting = asyncio.create_task(gateway.connect(server.endpoint))
    await server.hears(71)
    server.hang_up()
    with pytest.raises(ConnectFailed, match="after the client id was named"):
        await waiting


@pytest.mark.parametrize(
    ("answer", "words"),
    (
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "bytes; the longest allowed"),
        (b"\0\0\0\x04abc\0", "not the TWS protocol"),
        (b"\0\0\0\x04100\0", "not the TWS protocol"),
        (b"\0\0\0\x07100\0now", "did not answer"),
        (b"\0\0\0\x08100\0now\0", "speaks version 100"),
        (b"\0\0\0\x08999\0now\0", "speaks version 999"),
    ),
)
async def test_something_else_answers(gateway, server, answer, words):
    server.handshake = answer
    with pytest.raises(ConnectFailed, match=words):
        await gateway.connect(server.endpoint)
    assert not gateway.connected


async def test_connecting_again_closes_the_socket_before(gateway, server, ear):
    await gateway.connect(server.endpoint)
    await gateway.connect(server.endpoint)
    assert server.connections == 2
    assert [type(report) for report in ear.reports] == [LinkEnded]
    assert gateway.connected


async def test_the_end_of_the_link_is_reported_once(gateway, server, ear):
    await gateway.connect(server.endpoint)
    server.hang_up()
    assert await ear.hears(LinkEnded) == LinkEnded("the gateway closed it")
    await gateway.disconnect()
    assert len(ear.reports) == 1
    assert not gateway.connected


async def test_nothing_can_be_asked_without_a_session(gateway):
    for ask in (gateway.open_orders, gateway.positions, gateway.executions, gateway.server_time):
        with pytest.raises(NotConnected):
            await ask()


async def test_a_cancelled_attempt_leaves_no_socket(gateway, server):
    server.handshake = ()
    attempt = asyncio.create_task(gateway.connect(server.endpoint))
    await asyncio.wait_for(server.greeted.wait(), 5)
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    await asyncio.wait_for(server.closed.wait(), 5)


async def test_two_hundred_cycles_leave_no_task_behind(gateway, server):
    before = len(asyncio.all_tasks())
    for _ in range(200):
        await gateway.connect(server.endpoint)
        await gateway.disconnect()
        await asyncio.wait_for(server.closed.wait(), 5)
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) <= before + 1
    assert server.connections == 200


async def test_a_connect_that_is_given_up_as_its_socket_opens_leaves_no_error_behind(gateway, server, monkeypatch):
    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    open_one = Link.connection_made

    def connection_made(link, transport):
        open_one(link, transport)
        attempts[0].cancel()  # the socket is there; the wait for the greeting has not begun

    monkeypatch.setattr(Link, "connection_made", connection_made)
    attempts = [asyncio.create_task(gateway.connect(server.endpoint))]
    with pytest.raises(asyncio.CancelledError):
        await attempts[0]
    await asyncio.wait_for(server.closed.wait(), 5)
    attempts.clear()
    gc.collect()
    assert problems == []
    assert not gateway.connected
