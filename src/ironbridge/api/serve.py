"""Listening: a socket of our own, uvicorn on it, and an orderly end.

The port is taken before anything else starts, so that a taken one is an error with the port's name in it and not a
stack trace out of the server. Signals belong to whoever owns the process, never to the server.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from ironbridge.api.limits import GRACE, MAX_SOCKET_MESSAGE
from ironbridge.errors import InvalidSettings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """How a browser on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in _LOOPBACK


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        InvalidSettings: the port is taken, or the host is none of this machine's addresses.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, address = found[0]
        listener = socket.socket(family, kind, proto)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> InvalidSettings:
    if error.errno == errno.EADDRINUSE:
        return InvalidSettings(
            f"Port {port} on {host} is taken by another program.",
            next_step="End that program, or choose another port: PORT=8001 or --port 8001.",
        )
    if error.errno == errno.EACCES:
        return InvalidSettings(
            f"Port {port} on {host} needs more rights than this program has.",
            next_step="Choose a port above 1023: PORT=8000 or --port 8000.",
        )
    return InvalidSettings(
        f"{host} port {port} cannot be listened on: {error.strerror or error}.",
        next_step="Give an address of this machine: HOST=127.0.0.1 or --host 127.0.0.1.",
    )


class _Server(uvicorn.Server):
    """uvicorn's server, that says when it is up and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[Address]:
    """Serve on the socket for the length of the block; the socket is closed at its end.

    Leaving the block stops accepting, closes WebSockets and gives open requests `GRACE` seconds.
    """
    config = uvicorn.Config(
        app,
        http="httptools" if _has("httptools") else "h11",
        ws="websockets-sansio",
        ws_max_size=MAX_SOCKET_MESSAGE,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(GRACE),
    )
    server = _Server(config)
    host, port = listener.getsockname()[:2]
    task = asyncio.create_task(server.serve([listener]), name="http server")
    up = asyncio.create_task(server.up.wait(), name="http server up")
    try:
        await asyncio.wait({task, up}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield Address(host, port)
    finally:
        up.cancel()
        server.should_exit = True
        await task
        listener.close()


def _has(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None
