"""How a stream ends: with the client, with the topic, or because the reader was too slow."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.websockets import WebSocket, WebSocketState

from ironbridge.api import stream
from ironbridge.api.stream import Socket, converse
from ironbridge.errors import InvalidInput, SlowConsumer
from ironbridge.ops.metrics import Metrics


@dataclass
class Wire:
    """The server's end of a WebSocket: what the client says, and what it was sent."""

    said: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    sent: list[dict[str, Any]] = field(default_factory=list)
    stuck: bool = False

    async def receive(self) -> dict[str, Any]:
        return await self.said.get()

    async def send(self, message: Any) -> None:
        if self.stuck and message["type"] == "websocket.send":
            await asyncio.Event().wait()
        self.sent.append(dict(message))

    def open(self) -> WebSocket:
        socket = WebSocket({"type": "websocket", "headers": []}, self.receive, self.send)
        socket.client_state = socket.application_state = WebSocketState.CONNECTED
        return socket


def context() -> Any:
    return SimpleNamespace(metrics=Metrics())


async def _never() -> None:
    await asyncio.Event().wait()


async def _understand(text: str) -> None:
    raise InvalidInput(f"{text} means nothing.")


async def test_when_the_client_leaves_all_ends() -> None:
    wire, made = Wire(), context()
    socket = Socket(wire.open(), made, "orders")
    wire.said.put_nowait({"type": "websocket.receive", "text": "hm"})
    wire.said.put_nowait({"type": "websocket.receive", "bytes": b"\xff"})
    wire.said.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await converse(wire.open(), made, "orders", socket.hear(_understand), _never())
    assert [message["type"] for message in wire.sent] == ["websocket.send", "websocket.send"]
    assert "hm means nothing" in wire.sent[0]["text"]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    (
        (SlowConsumer("It fell behind."), 1013, "It fell behind."),
        (RuntimeError("inside"), 1011, "log"),
        (None, 1001, "stopping"),
    ),
)
async def test_the_client_is_told_why_it_ended(error: Exception | None, code: int, words: str) -> None:
    wire, made = Wire(), context()
    socket = Socket(wire.open(), made, "orders")

    async def tell() -> None:
        if error is not None:
            raise error

    await converse(wire.open(), made, "orders", socket.hear(_understand), tell())
    (closed,) = wire.sent
    assert (closed["type"], closed["code"]) == ("websocket.close", code)
    assert words in closed["reason"]
    assert len(closed["reason"].encode()) <= 123
    assert "inside" not in closed["reason"]
    page = made.metrics.page()
    assert (b'ironbridge_stream_slow_clients_total{stream="orders"} 1.0' in page) == (code == 1013)


async def test_a_reader_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SEND_TIMEOUT", 0.01)
    wire, made = Wire(stuck=True), context()
    socket = Socket(wire.open(), made, "market-data")
    await converse(wire.open(), made, "market-data", socket.hear(_understand), socket.send("x"))
    assert (wire.sent[0]["type"], wire.sent[0]["code"]) == ("websocket.close", 1013)
