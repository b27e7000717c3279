"""What every request and every socket goes through, outermost first: an id, a log line, a time, safe headers.

No exception gets past here: one that nobody foresaw is logged with its request id and answered as a problem that
names only that id.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ironbridge.api.problems import respond, unforeseen
from ironbridge.ops.logs import correlated
from ironbridge.ops.metrics import Metrics

logger = logging.getLogger(__name__)

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._-]{1,64}$")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_API_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Edge:
    """ASGI: correlates, measures and guards.

    Parameters:
        app: what is inside.
        metrics: where requests are counted.
        monotonic: seconds, for durations.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, monotonic: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._metrics = metrics
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        with correlated(request_id=request_id):
            if scope["type"] == "http":
                await self._http(scope, receive, send, request_id)
            else:
                await self._socket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        began = self._monotonic()
        status = 0

        async def mark(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = request_id
                for name, value in (_HEADERS | _API_HEADERS).items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, mark)
        except Exception:  # the last line of defence: a bug must become an answer and a log line, not a dead socket
            logger.exception("A request failed unforeseen.", extra={"path": scope["path"]})
            if status:
                raise  # too late for another answer: the server cuts the connection, so that nobody takes it for whole
            await respond(unforeseen(request_id))(scope, receive, mark)
        finally:
            took = self._monotonic() - began
            operation = getattr(scope.get("route"), "name", "unmatched")
            self._metrics.request(operation, status, took)
            level = logging.INFO if status >= 500 else logging.DEBUG
            logger.log(
                level,
                "%s %s %s",
                scope["method"],
                scope["path"],
                status,
                extra={"milliseconds": round(took * 1000, 1), "status": status},
            )

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception:  # as above; the socket is closed by the server with 1011
            logger.exception("A stream failed unforeseen.", extra={"path": scope["path"]})
            raise


def _request_id(scope: Scope) -> str:
    """The caller's own id where it is a harmless one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.match(value):
            return str(value.decode("ascii"))
    return secrets.token_hex(8)
