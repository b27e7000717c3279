"""Signing in from a browser, and who is asking."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ironbridge.api.context import ContextDep, OpenContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.service import SessionView, SignIn

router = APIRouter(prefix="/session", tags=["session"])


@router.post("", summary="Sign in with the access token", responses=documented(400, 401, 403, 413, 422, 429))
async def sign_in(context: OpenContextDep, body: SignIn, request: Request, response: Response) -> SessionView:
    """Set the session cookie. Programs need no session: they send `Authorization: Bearer <token>`."""
    raise NotImplementedError


@router.get("", summary="Who is asking", responses=documented(401))
async def get_session(context: ContextDep, request: Request) -> SessionView:
    """How this request is signed in; for a cookie also its CSRF token."""
    raise NotImplementedError


@router.delete("", status_code=204, summary="Sign out", responses=documented(401, 403))
async def sign_out(context: ContextDep, request: Request, response: Response) -> None:
    """End the session of this cookie."""
    raise NotImplementedError
