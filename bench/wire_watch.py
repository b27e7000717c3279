"""A proxy that notes when each order's bytes arrive: the same witness for every client.

It is a process of its own with blocking sockets, so that it waits neither for a client's loop nor for its interpreter
lock, and reads the same clock as they do (`time.perf_counter` is one for a whole machine). Each moment is told on its
standard output, a line each.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PLACE_ORDER = b"3\0"
"""How a placeOrder message begins, after its four bytes of length."""


class WireWatch:
    """Between one client and the gateway.

    Attributes:
        port: where the client connects.
        placed: when the bytes of each order came in whole, in order.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.placed: list[float] = []
        self._news = asyncio.Condition()

    async def note(self, moment: float) -> None:
        async with self._news:
            self.placed.append(moment)
            self._news.notify_all()

    async def until(self, count: int) -> None:
        """Return once so many orders have come."""
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(lambda: len(self.placed) >= count)


@asynccontextmanager
async def watched(upstream: int) -> AsyncIterator[WireWatch]:
    """A proxy for one client, for the length of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.wire_watch", str(upstream), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    lines = process.stdout
    watch = WireWatch(int(await lines.readline()))

    async def listen() -> None:
        async for line in lines:
            await watch.note(float(line))

    listening = asyncio.create_task(listen())
    try:
        yield watch
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await listening


def _serve(upstream: int) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    client, _ = listener.accept()
    gateway = socket.create_connection(("127.0.0.1", upstream))
    for each in (client, gateway):
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=_pass, args=(gateway, client), daemon=True).start()
    rest, greeted = b"", False
    while data := client.recv(65536):
        now = time.perf_counter()
        gateway.sendall(data)
        rest += data
        if not greeted:
            # "API\0" comes before the first frame.
            if len(rest) < 4:
                continue
            rest, greeted = rest[4:], True
        while len(rest) >= 4 and len(rest) >= 4 + (size := int.from_bytes(rest[:4], "big")):
            if rest[4:].startswith(PLACE_ORDER):
                print(repr(now), flush=True)
            rest = rest[4 + size :]


def _pass(source: socket.socket, target: socket.socket) -> None:
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
