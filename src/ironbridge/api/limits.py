"""Every bound of the service's edge, with its reason, and the one on request bodies.

What comes from outside is bounded before it is read: bodies here, numbers in `schemas.values`, sockets and their
backlogs by the constants below.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ironbridge.errors import IronbridgeError

MAX_BODY = 64 * 1024
"""Bytes of a request body; the longest legal one is a settings document of a few kilobytes."""

MAX_SOCKET_MESSAGE = 64 * 1024
"""Bytes of one WebSocket message from a client: a hundred symbols are eight kilobytes."""

MAX_SYMBOLS = 200
"""Symbols on one WebSocket: twice the market-data lines that IB gives to start with."""

MAX_QUOTES = 50
"""Symbols of one request for quotes."""

MAX_STREAMS = 200
"""WebSockets open at once; each keeps a backlog."""

STREAM_BACKLOG = 2_000
"""Messages that may wait for one slow reader before it is told to start afresh."""

SEND_TIMEOUT = 20.0
"""Seconds in which a reader must take a message, or it is taken for gone."""

GRACE = 5.0
"""Seconds that open requests get when the service stops."""


class TooManyStreams(IronbridgeError):
    slug = "too-many-streams"
    retryable = True


class BodyLimit:
    """ASGI: refuses bodies beyond `MAX_BODY`, declared or not, before they are gathered in memory."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            if _declared(scope) > self._limit:
                raise _too_large(self._limit)
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise _too_large(self._limit)
            return message

        await self._app(scope, bounded, send)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"The body is longer than {limit} bytes.")
