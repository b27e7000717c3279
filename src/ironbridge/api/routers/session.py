"""Signing in from a browser, and who is asking."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Request, Response

from ironbridge.api.access import COOKIE, Identity, TooManyAttempts
from ironbridge.api.context import ContextDep, OpenContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.service import SessionView, SignIn
from ironbridge.domain.audit import Act, Actor, ActorKind, Deed
from ironbridge.errors import AccessDenied

router = APIRouter(prefix="/session", tags=["session"])


@router.post("", summary="Sign in with the access token", responses=documented(400, 401, 413, 415, 422, 429))
async def sign_in(context: OpenContextDep, body: SignIn, request: Request, response: Response) -> SessionView:
    """Set the session cookie. Programs need no session: they send `Authorization: Bearer <token>`."""
    peer = request.client.host if request.client else "unknown"
    audit, by = context.bridge.audit, Actor(ActorKind.USER, "token holder", f"console, from {peer}")
    try:
        cookie, session = context.access.sign_in(body.token.get_secret_value(), peer)
    except AccessDenied as denied:
        # Guessing is slowed down by the throttle, which so bounds the entries too.
        if not isinstance(denied, TooManyAttempts):
            await audit.record(Act(Deed.SIGN_IN_FAILED, peer, denied.message), by=by)
        raise
    await audit.record(Act(Deed.USER_SIGNED_IN, peer), by=by)
    response.set_cookie(
        COOKIE,
        cookie,
        expires=session.expires_at,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return _view(Identity("cookie", session))


@router.get("", summary="Who is asking", responses=documented(401))
async def get_session(context: ContextDep, request: Request) -> SessionView:  # noqa: ARG001 - it admits the request
    """How this request is signed in; for a cookie also its CSRF token."""
    return _view(request.state.identity)


@router.delete("", status_code=204, summary="Sign out", responses=documented(401, 403))
async def sign_out(context: ContextDep, request: Request, response: Response) -> None:
    """End the session of this cookie."""
    context.access.sign_out(request.cookies.get(COOKIE))
    await context.bridge.audit.record(Act(Deed.USER_SIGNED_OUT, request.client.host if request.client else "unknown"))
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


def _view(identity: Identity) -> SessionView:
    session = identity.session
    return SessionView(
        method=identity.method,
        csrf_token=session.csrf if session else None,
        expires_at=session.expires_at if session else None,
        version=version("ironbridge"),
    )
