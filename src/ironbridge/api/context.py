"""What every request may use: the bridge, who may come in, time, and the counters.

One object, made by whoever starts the service and put on the app. Handlers name it as `ContextDep` (signed in) or
`OpenContextDep` (anyone).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from ironbridge.api.access import COOKIE, CSRF_HEADER

if TYPE_CHECKING:
    from ironbridge.api.access import Access
    from ironbridge.api.stream import Streams
    from ironbridge.bridge import Bridge
    from ironbridge.interfaces import Clock
    from ironbridge.ops.metrics import Metrics
    from ironbridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that handlers work with.

    Parameters:
        bridge: the engine.
        access: who may come in.
        metrics: where things are counted.
        streams: the WebSockets that are open.
        clock: time.
        started_at: when the service began.
        started_with: the settings it began with.
    """

    bridge: Bridge
    access: Access
    metrics: Metrics
    streams: Streams
    clock: Clock
    started_at: datetime
    started_with: Settings


_bearer = HTTPBearer(
    auto_error=False, scheme_name="token", description="The access token, from `ironbridge token`. For programs."
)
_cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    scheme_name="session",
    description=f"The session cookie of a signed-in browser; all but GET also need the {CSRF_HEADER} header.",
)


def _context(connection: HTTPConnection) -> Context:
    return cast("Context", connection.app.state.context)


OpenContextDep = Annotated[Context, Depends(_context)]


def _signed_in(
    context: OpenContextDep,
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> Context:
    request.state.identity = context.access.admit(
        request.method,
        bearer=bearer.credentials if bearer else None,
        cookie=cookie,
        csrf=request.headers.get(CSRF_HEADER),
    )
    return context


ContextDep = Annotated[Context, Depends(_signed_in)]
