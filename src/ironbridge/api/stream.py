"""One WebSocket: who may open it, how it is spoken on, how it ends.

A stream is three things at once: what it sends, what it hears, and the watch for the client's leaving; the first to end
ends them all. Sending waits for the reader, so what piles up is bounded where it is kept: quotes conflate in the hub's
reader, all else has a backlog in its topic, and a client that falls behind that is closed with 1013 and told to start
afresh. Nothing here polls.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from ironbridge.api.access import COOKIE, ForeignOrigin
from ironbridge.api.context import Context
from ironbridge.api.limits import MAX_STREAMS, SEND_TIMEOUT, TooManyStreams
from ironbridge.api.problems import problem_of, respond
from ironbridge.api.schemas.stream import ErrorMessage
from ironbridge.errors import IronbridgeError, SlowConsumer

logger = logging.getLogger(__name__)

GOING_AWAY = 1001
INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013

_REASON_BYTES = 120
"""A close frame carries 123 bytes of reason."""


class Streams:
    """The WebSockets that are open, by name."""

    def __init__(self) -> None:
        self.clients: Counter[str] = Counter()

    def __repr__(self) -> str:
        return f"<Streams: {self.clients.total()} open>"


class Socket:
    """A WebSocket that is open, as the streams use it."""

    def __init__(self, websocket: WebSocket, context: Context, name: str) -> None:
        self._websocket = websocket
        self._metrics = context.metrics
        self._name = name

    async def send(self, message: BaseModel | str) -> None:
        """Send one message and wait until the reader has room for the next.

        Raises:
            SlowConsumer: the reader took nothing for `SEND_TIMEOUT`.
        """
        text = message if isinstance(message, str) else message.model_dump_json()
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._websocket.send_text(text)
        except TimeoutError:
            raise SlowConsumer(
                f"Nothing was read for {SEND_TIMEOUT:g} s.", next_step="Connect again and start from the snapshot."
            ) from None
        self._metrics.stream_sent(self._name)

    async def hear(self, understand: Callable[[str], Awaitable[None]]) -> None:
        """Hand over what the client says, until it leaves. What raises is answered, and the stream goes on."""
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            try:
                await understand(text if text is not None else message.get("bytes", b"").decode("utf-8", "replace"))
            except IronbridgeError as error:
                await self.send(error_message(error))


@asynccontextmanager
async def opened(websocket: WebSocket, context: Context, name: str) -> AsyncIterator[Socket | None]:
    """Admit the client and open its socket for the block; None where it was refused, and has been told so."""
    try:
        admit(context, websocket)
        if context.streams.clients.total() >= MAX_STREAMS:
            raise TooManyStreams(
                f"{MAX_STREAMS} streams are open already.", next_step="Close one, or share one between its readers."
            )
    except IronbridgeError as error:
        request_id = websocket.scope["state"]["request_id"]
        await websocket.send_denial_response(respond(problem_of(error, request_id)))
        yield None
        return
    await websocket.accept()
    context.streams.clients[name] += 1
    context.metrics.stream_opened(name)
    try:
        yield Socket(websocket, context, name)
    finally:
        context.streams.clients[name] -= 1
        context.metrics.stream_closed(name)


async def converse(
    websocket: WebSocket, context: Context, name: str, hear: Awaitable[None], *tell: Awaitable[None]
) -> None:
    """Hear and tell at once until either is done, then close with what it ended on."""
    hearing = asyncio.ensure_future(hear)
    tasks = {hearing, *(asyncio.ensure_future(one) for one in tell)}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    ended = hearing if hearing in done else done.pop()
    error = ended.exception()
    if isinstance(error, WebSocketDisconnect) or (ended is hearing and error is None):
        return
    if isinstance(error, SlowConsumer):
        context.metrics.stream_too_slow(name)
        await _close(websocket, TRY_AGAIN_LATER, str(error))
    elif error is not None:
        logger.error("The %s stream failed unforeseen.", name, exc_info=error)
        await _close(websocket, INTERNAL_ERROR, "The service made a mistake; its log has the particulars.")
    else:
        await _close(websocket, GOING_AWAY, "The stream has ended; the service is stopping.")


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            await websocket.close(code, reason.encode()[:_REASON_BYTES].decode("utf-8", "ignore"))
    except (WebSocketDisconnect, RuntimeError, TimeoutError):
        # The client was faster, or is not there to hear it: either way the socket is over.
        logger.debug("A stream was gone before it could be closed with %s.", code)


def admit(context: Context, connection: HTTPConnection) -> None:
    """Let the client in, or raise. A cookie counts only from a page of this very service (its Origin).

    Raises:
        AccessDenied: or one of its kinds.
    """
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        context.access.admit("GET", bearer=token, cookie=None)
        return
    context.access.admit("GET", bearer=None, cookie=connection.cookies.get(COOKIE))
    origin = connection.headers.get("origin", "")
    if origin.partition("://")[2] != connection.headers.get("host"):
        raise ForeignOrigin(
            f"A page of {origin or 'no origin'} may not use this session.",
            next_step="Open the console at this service's own address, or send the token as a bearer token.",
        )


def error_message(error: IronbridgeError, symbol: str | None = None) -> ErrorMessage:
    """An error as a message of a stream."""
    problem = problem_of(error)
    return ErrorMessage(
        slug=problem.slug,
        title=problem.title,
        detail=problem.detail,
        next_step=problem.next_step,
        outcome=problem.outcome,
        retryable=problem.retryable,
        symbol=symbol,
        details=problem.details,
    )
