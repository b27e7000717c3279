"""HTTP for the control port: h11 on asyncio, and nothing else that HTTP can do.

Owns sockets, sizes and times; what a request means is its handler's. It listens on loopback alone and answers JSON.
A page in a browser on the same machine must not be able to steer a gateway: a request that names another host, or that
a browser sends on behalf of a page, is refused.

Invariants: no request and no client takes unbounded memory or time; whatever a handler does, the client gets an answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import h11
import orjson

from ironbridge.errors import InvalidInput, IronbridgeError

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024
"""Far more than the longest scenario."""
MAX_HEAD_BYTES = 16 * 1024
MAX_CONNECTIONS = 32
IDLE_SECONDS = 30.0
"""A client that says nothing, or does not finish saying it, is not kept longer."""
CLOSE_SECONDS = 2.0

REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           413: "Content Too Large", 500: "Internal Server Error"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whole.

    Parameters:
        method: GET or POST, in capitals.
        path: without the query.
        query: its parameters, the last of each name.
        body: as text.
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: str = ""


class Problem(Exception):
    """A request that cannot be answered as it was meant.

    Parameters:
        status: of HTTP.
        message: one sentence that names what is wrong.
        next_step: one sentence that says what to do now.
        slug: its kind, for programs.
    """

    def __init__(self, status: int, message: str, next_step: str = "", slug: str = "invalid-request") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.next_step = next_step
        self.slug = slug


Handler = Callable[[Request], Any]
"""Gives what is to be answered, JSON-compatible. Raises Problem or IronbridgeError."""


@dataclass(eq=False)
class ControlServer:
    """The listening socket.

    Parameters:
        handler: answers requests.
        port: to listen on; 0 takes a free one.
        host: a loopback address.

    Raises:
        InvalidInput: the address is not loopback.
    """

    handler: Handler
    wanted_port: int = 0
    host: str = "127.0.0.1"
    _server: asyncio.Server | None = None
    _clients: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not is_loopback(self.host):
            raise InvalidInput(
                f"The control port cannot listen on {self.host}.",
                next_step="It has no passwords: give a loopback address, and reach it from afar through ssh.",
            )

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._server is None:
            return self.wanted_port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen.

        Raises:
            IronbridgeError: the address cannot be listened on.
        """
        try:
            self._server = await asyncio.start_server(self._serve, self.host, self.wanted_port, limit=MAX_HEAD_BYTES)
        except OSError as error:
            raise IronbridgeError(
                f"The control port cannot listen on {self.host}:{self.wanted_port}: {error.strerror or error}.",
                next_step="Stop what listens there, or choose another --control-port.",
            ) from error

    async def stop(self) -> None:
        """Close every socket. Stopping twice is stopping once."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await server.wait_closed()
        except TimeoutError:
            logger.warning("sockets of the control port did not close")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    # -- one client

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "streams are served in tasks"
        try:
            if len(self._clients) < MAX_CONNECTIONS:
                self._clients.add(task)
                await self._converse(reader, writer)
        except (OSError, TimeoutError) as error:
            logger.debug("a client of the control port is gone: %r", error)
        except asyncio.CancelledError:
            # The server stops; streams would report a client that is sent away as an error.
            writer.transport.abort()
        finally:
            self._clients.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        while True:
            async with asyncio.timeout(IDLE_SECONDS):
                try:
                    request = await _next_request(http, reader, writer)
                except h11.RemoteProtocolError as error:
                    request = None
                    problem = Problem(400, f"This is not HTTP: {error}.", "Send HTTP/1.1.")
                    status, answer = problem.status, _problem(problem)
                except Problem as problem:
                    request = None
                    status, answer = problem.status, _problem(problem)
                else:
                    if request is None:
                        return
                    status, answer = self._answer(request)
                _say(http, writer, status, answer, request)
                await writer.drain()
            if request is None or http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                return
            http.start_next_cycle()

    def _answer(self, request: Request) -> tuple[int, bytes]:
        try:
            return 200, orjson.dumps(self.handler(request), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        except Problem as problem:
            return problem.status, _problem(problem)
        except IronbridgeError as error:
            return 400, _problem(Problem(400, error.message, error.next_step, error.slug))
        except Exception:
            # The last line: a fault of ours in one request is answered, and neither ends the gateway nor the client.
            logger.exception("%s %s could not be answered", request.method, request.path)
            return 500, _problem(Problem(500, "The gateway could not do this.", "Look at its log.", "internal-error"))


def is_loopback(host: str) -> bool:
    """Whether this names nothing but the machine itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _next_request(
    http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    """The next request, or None where the client is gone.

    Raises:
        Problem: it is not to be answered.
        RemoteProtocolError: it is no HTTP.
    """
    head: h11.Request | None = None
    body = bytearray()
    while True:
        match http.next_event():
            case h11.NEED_DATA:
                if http.they_are_waiting_for_100_continue:
                    writer.write(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                http.receive_data(await reader.read(1 << 16))
            case h11.Request() as request:
                head = request
                _admit(request)
            case h11.Data(data=data):
                body += data
                if len(body) > MAX_BODY_BYTES:
                    raise Problem(413, f"A body may have {MAX_BODY_BYTES} bytes.", "Send less.")
            case h11.EndOfMessage() if head is not None:
                return _whole(head, bytes(body))
            case _:
                return None


def _admit(request: h11.Request) -> None:
    """Refuse what a page in a browser sends, by its own name or by a name that it made point here (DNS rebinding)."""
    headers = {name: value.decode("latin-1") for name, value in request.headers}
    host = urlsplit(f"//{headers.get(b'host', '')}").hostname
    if host is None or not is_loopback(host):
        raise Problem(403, f"This port is not {host!r}.", "Name it 127.0.0.1 or localhost.", "forbidden")
    if b"origin" in headers or headers.get(b"sec-fetch-site", "none") != "none":
        raise Problem(403, "Pages in a browser may not steer a gateway.", "Use a program, or curl.", "forbidden")


def _whole(head: h11.Request, body: bytes) -> Request:
    try:
        parts = urlsplit(head.target.decode("ascii"))
        text = body.decode("utf-8")
    except ValueError:
        raise Problem(400, "The request is not UTF-8.", "Send JSON in UTF-8.") from None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(head.method.decode("ascii"), parts.path, query, text)


def _problem(problem: Problem) -> bytes:
    """As RFC 9457 has it, with what to do next."""
    return orjson.dumps(
        {
            "type": f"urn:ironbridge:{problem.slug}",
            "title": REASONS[problem.status],
            "status": problem.status,
            "detail": problem.message,
            "next_step": problem.next_step,
        },
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )


def _say(
    http: h11.Connection, writer: asyncio.StreamWriter, status: int, answer: bytes, request: Request | None
) -> None:
    """Answer; where there was no whole request, nothing more can be read from this client."""
    if http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
        return
    kind = "application/json" if status == 200 else "application/problem+json"
    headers = [("content-type", kind), ("content-length", str(len(answer))), ("cache-control", "no-store")]
    if request is None:
        headers.append(("connection", "close"))
    response = h11.Response(status_code=status, reason=REASONS[status].encode(), headers=headers)
    body = [] if request is not None and request.method == "HEAD" else [h11.Data(data=answer)]
    for event in (response, *body, h11.EndOfMessage()):
        writer.write(http.send(event) or b"")
