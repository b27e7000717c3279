"""What every request may use: the bridge, who may come in, time, and the counters.

One object, made by whoever starts the service and put on the app. Handlers name it as `ContextDep` (signed in) or
`OpenContextDep` (anyone).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import unquote

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from ironbridge.api.access import COOKIE, CSRF_HEADER, Identity
from ironbridge.domain.audit import Actor, ActorKind, acting

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


WHY_HEADER = "X-Ironbridge-Why"
"""Why the caller does it, percent-encoded, for the audit log."""

CLI_AGENT = "ironbridge-cli"


async def _signed_in(
    context: OpenContextDep,
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> AsyncIterator[Context]:
    # Asynchronous, so that who acts is set in the context in which the handler runs.
    identity = request.state.identity = context.access.admit(
        request.method,
        bearer=bearer.credentials if bearer else None,
        cookie=cookie,
        csrf=request.headers.get(CSRF_HEADER),
    )
    with acting(_actor(request, identity)):
        yield context


def _actor(request: Request, identity: Identity) -> Actor:
    """Who asks, for the audit. The name that a command line gives is its own word, and stands with the way in."""
    agent, _, user = request.headers.get("User-Agent", "").partition(" ")
    if identity.method == "cookie":
        via = "console"
    else:
        via = f"cli {user[:80]}".strip() if agent.startswith(CLI_AGENT) else "rest"
    return Actor(ActorKind.USER, "token holder", via, unquote(request.headers.get(WHY_HEADER, ""))[:2000])


ContextDep = Annotated[Context, Depends(_signed_in)]
