"""What every request may use: the bridge, who may come in, time, and the counters.

One object, made by whoever starts the service and put on the app. Handlers name it as `ContextDep` (signed in) or
`OpenContextDep` (anyone).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from ironbridge.api.access import COOKIE, CSRF_HEADER

if TYPE_CHECKING:
    from ironbridge.api.access import Access
    from ironbridge.bridge import Bridge
    from ironbridge.interfaces import Clock


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that handlers work with."""

    bridge: Bridge
    access: Access
    clock: Clock
    started_at: datetime
    embedded: bool = False
    stream_clients: dict[str, int] = field(default_factory=dict)


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
