"""The sessions of the engine: see them, and command each alone (CON-8)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from ironbridge.api import session_views
from ironbridge.api import sessions_views as views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.connection import ConnectionStatus
from ironbridge.api.schemas.sessions import FailbackRequest, GatewaySessions, SessionName

router = APIRouter(prefix="/connection", tags=["connection"], responses=documented(401, 403))


@router.get("/sessions", summary="All sessions and their gateways")
async def get_gateway_sessions(context: ContextDep) -> GatewaySessions:
    """The order session and those for market data, each with its state, its gateways and its lines.

    The `connection` WebSocket tells of changes.
    """
    return views.gateway_sessions(context.bridge)


@router.post("/sessions/{name}/connect", summary="Connect one session", responses=documented(404, 409, 422, 502, 503))
async def connect_session(context: ContextDep, name: SessionName) -> GatewaySessions:
    """Connect it; where it is up already, it stays. The others are not touched."""
    await context.bridge.connect(name)
    return views.gateway_sessions(context.bridge)


@router.post("/sessions/{name}/disconnect", summary="Disconnect one session", responses=documented(404, 422))
async def disconnect_session(context: ContextDep, name: SessionName) -> GatewaySessions:
    """End it; it stays disconnected. Lines of a market-data session move to another where there is room."""
    await context.bridge.disconnect(name)
    return views.gateway_sessions(context.bridge)


@router.post(
    "/sessions/{name}/reconnect", summary="Reconnect one session", responses=documented(404, 409, 422, 502, 503)
)
async def reconnect_session(context: ContextDep, name: SessionName) -> GatewaySessions:
    """End it and connect it again. The others are not touched."""
    await context.bridge.reconnect(name)
    return views.gateway_sessions(context.bridge)


@router.post(
    "/failback",
    name="fail_back",
    summary="Return to the primary",
    responses=documented(400, 409, 413, 415, 422, 502, 503),
)
async def fail_back(context: ContextDep, body: Annotated[FailbackRequest | None, Body()] = None) -> ConnectionStatus:
    """Take the order session from the backup where it is to the primary, and reconcile there.

    409 while orders wait for their answers, unless forced; 502 where the primary does not answer. Then nothing is done.
    """
    await context.bridge.fail_back(force=(body or FailbackRequest()).force)
    return session_views.connection_status(context.bridge)
