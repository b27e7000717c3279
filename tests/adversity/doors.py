"""Doors to one gateway: each looks like a gateway of its own to whoever comes, and can be shut, frozen and opened.

Two gateways of one login show the same orders, positions and executions, because all of it is kept at IB. Here it is
kept by the one paper gateway behind the doors. A door is a plain relay of bytes over real sockets.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Self


class Door:
    """One address that leads to a gateway.

    Parameters:
        port: the gateway's port on this machine.
    """

    def __init__(self, port: int) -> None:
        self._behind = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._held: dict[asyncio.StreamWriter, bytearray] = {}
        self._frozen = False
        self.on_enter: Callable[[], None] = lambda: None
        """Called when somebody has come in."""
        self.entered = 0
        """How often somebody has come in."""
        self.port = free_port()

    async def open(self) -> None:
        """Let in whoever comes, and everything pass."""
        self._frozen = False
        for sink in tuple(self._held):
            self._let_go(sink)
        if self._server is None:
            self._server = await asyncio.start_server(self._enter, "127.0.0.1", self.port)

    async def shut(self) -> None:
        """As a gateway that is killed: who is in is thrown out, and nobody listens any more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if server is not None:
            await server.wait_closed()

    def drop(self) -> None:
        """Throw out who is in, and let in who comes."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def freeze(self) -> None:
        """As a program that hangs: its machine takes what comes and keeps sockets open, and nothing passes any more."""
        self._frozen = True

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.entered += 1
        self.on_enter()
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            there, out = await asyncio.open_connection("127.0.0.1", self._behind)
            both = [asyncio.create_task(self._pass(reader, out)), asyncio.create_task(self._pass(there, writer))]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in both:
                    each.cancel()
                out.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        held = self._held.setdefault(sink, bytearray())
        with suppress(OSError):
            try:
                while data := await source.read(65536):
                    held += data
                    if not self._frozen:
                        self._let_go(sink)
                        await sink.drain()
            finally:
                del self._held[sink]

    def _let_go(self, sink: asyncio.StreamWriter) -> None:
        held = self._held[sink]
        sink.write(bytes(held))
        held.clear()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.shut()


def free_port() -> int:
    """A port that nobody is given while the door is shut, as one of those for outgoing connections would be."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
