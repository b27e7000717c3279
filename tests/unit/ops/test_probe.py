"""What answers at an address, in words, whatever it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ironbridge.ops.probe import probe
from ironbridge.paper import PaperGateway

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    async def and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(and_close, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_a_gateway_is_known_and_no_client_id_is_taken() -> None:
    async with PaperGateway(port=0) as gateway:
        found = await probe("127.0.0.1", gateway.port, timeout=5)
        assert found.ok
        assert (found.server_version or 0) >= 100
        assert [(step.name, step.ok) for step in found.steps] == [("tcp", True), ("api", True)]
        assert gateway.clients == ()


async def test_something_else_is_told_apart() -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with listening(web) as port:
        found = await probe("127.0.0.1", port, timeout=5)
    assert not found.ok
    assert "no TWS" in found.steps[1].detail
    assert found.next_step


async def test_one_that_hangs_up_is_told_from_one_that_hangs() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)

    async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(hangs_up) as port:
        rude = await probe("127.0.0.1", port, timeout=5)
    assert not rude.ok
    assert "Trusted IPs" in rude.next_step
    async with listening(hangs) as port:
        silent = await probe("127.0.0.1", port, timeout=0.05)
    assert "said nothing for 0.05 s" in silent.steps[1].detail


@pytest.mark.parametrize(
    ("host", "words"),
    (("127.0.0.1", "Nothing listens"), ("no.such.host.invalid", "no host"), ("a" * 300, "no host"), ("..", "no host")),
)
async def test_nothing_there_is_said(host: str, words: str) -> None:
    found = await probe(host, 1, timeout=5)
    assert not found.ok
    assert words in found.steps[0].detail
    assert found.next_step
