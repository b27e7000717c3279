"""A whole service in this process: engine, embedded paper gateway, HTTP and WebSockets, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect

from ironbridge.bridge import Bridge
from ironbridge.cli.run import service
from ironbridge.domain.session import SessionState
from ironbridge.settings import load_settings

API = "/api/v1/ib"


class Stream:
    """One WebSocket of the service, as its client reads it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: Any) -> None:
        await self.connection.send(message if isinstance(message, str) else json.dumps(message))

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            found: dict[str, Any] = json.loads(await self.connection.recv())
            return found

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that fits; those before it are passed over."""
        async with asyncio.timeout(20):
            while True:
                message = await self.next()
                if wanted(message):
                    return message


@dataclass(frozen=True, slots=True)
class Live:
    """The running service and a signed-in client of it."""

    bridge: Bridge
    url: str
    token: str
    home: Path
    http: httpx.AsyncClient

    async def ready(self) -> None:
        await self.bridge.session.until(SessionState.READY, 20)

    def stranger(self) -> httpx.AsyncClient:
        """A client that is not signed in."""
        return httpx.AsyncClient(base_url=self.url + API, timeout=20)

    @asynccontextmanager
    async def _stream(self, path: str, headers: dict[str, str]) -> AsyncIterator[Stream]:
        async with connect(f"ws{self.url[4:]}{API}/ws/{path}", additional_headers=headers, proxy=None) as connection:
            yield Stream(connection)

    def stream(self, path: str, headers: dict[str, str] | None = None) -> AbstractAsyncContextManager[Stream]:
        wanted = {"Authorization": f"Bearer {self.token}"} if headers is None else headers
        return self._stream(path, wanted)


@asynccontextmanager
async def running(home: Path, **settings: Any) -> AsyncIterator[Live]:
    """The service on a home of its own, READY."""
    given = {"home": home, "http_port": 0, "paper_port": 0, "http_host": "127.0.0.1", **settings}
    async with service(load_settings(given, environment={})) as (bridge, address, token):
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=address.url + API, headers=headers, timeout=30) as http:
            live = Live(bridge, address.url, token, home, http)
            await live.ready()
            yield live


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    async with running(tmp_path_factory.mktemp("service") / "home") as found:
        yield found
