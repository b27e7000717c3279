"""The servers that `bench gateway` feeds its readers from, each in a process of its own.

``python -m bench.rush gateway`` is a paper gateway whose clock is not real: as soon as one line comes on stdin, its
virtual time is moved on by a step as often as the processor allows, and each step goes the whole way: venue, tape,
market-data desk, encoder, socket. It waits only where a reader leaves too much unread.
``python -m bench.rush orders`` is the same gateway in real time.
``python -m bench.rush bare FILE`` is a socket without any of that: it greets, and then hands each client that same
prepared block of bytes over and over. ``python -m bench.rush echo FILE`` answers each order with the prepared block.

All print their port first.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.flood import frame

STEP = timedelta(milliseconds=250)
"""The venue's own grid: each step of it can move every listing once."""
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
UNREAD = 4 << 20
"""Bytes left unread by a client at which the gateway's clock waits for it."""


def told() -> asyncio.Event:
    """Set when a line comes on stdin."""
    event, loop = asyncio.Event(), asyncio.get_running_loop()

    def wait() -> None:
        if sys.stdin.readline():
            loop.call_soon_threadsafe(event.set)

    threading.Thread(target=wait, daemon=True).start()
    return event


async def gateway(speed: float) -> None:
    from ironbridge.paper import Limits, Pacing, PaperClock, PaperGateway

    clock = PaperClock(START, speed)
    limits = Limits(pacing=Pacing.OFF, unread_bytes=256 << 20)
    async with PaperGateway(port=0, accounts=("DU1000001",), clock=clock, limits=limits) as running:
        gc.freeze()
        print(running.port, flush=True)
        await told().wait()
        while True:
            clock.step(STEP)
            running.step()
            await asyncio.sleep(0)
            while running.unread > UNREAD:  # noqa: ASYNC110  a socket tells nobody when it has been read
                await asyncio.sleep(0.001)


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(4)
    await message(reader)
    writer.write(frame(176, "20261120 09:30:00 EST"))
    await message(reader)
    writer.write(frame(15, 1, "DU1000001") + frame(9, 1, 1))


async def message(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))


async def bare(block: bytes) -> None:
    go = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await greet(reader, writer)
            await go.wait()
            while True:
                writer.write(block)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await told().wait()
    go.set()
    await asyncio.Event().wait()


async def echo(block: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await greet(reader, writer)
            while True:
                if (await message(reader)).startswith(b"3\0"):
                    writer.write(block)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


def main(kind: str, file: str | None = None) -> None:
    import uvloop

    block = Path(file).read_bytes() if file is not None else b""
    uvloop.run(
        {
            "gateway": lambda: gateway(0.0),
            "orders": lambda: gateway(1.0),
            "bare": lambda: bare(block),
            "echo": lambda: echo(block),
        }[kind]()
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
