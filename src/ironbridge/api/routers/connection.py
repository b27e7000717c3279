"""The connection to the gateway: see it, make it, end it, test an address."""

from __future__ import annotations

from fastapi import APIRouter

from ironbridge.api import views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.connection import (
    ConnectionHealth,
    ConnectionStatus,
    ConnectionTest,
    ConnectionTestResult,
)

router = APIRouter(prefix="/connection", tags=["connection"], responses=documented(401, 403))


@router.get("/status", summary="Where the connection stands")
async def get_connection_status(context: ContextDep) -> ConnectionStatus:
    """State, reason, account and endpoint, as of now. The `connection` WebSocket tells of changes."""
    return views.connection_status(context.bridge.session.status(), context.embedded)


@router.get("/health", summary="What is measured on the connection")
async def get_connection_health(context: ContextDep) -> ConnectionHealth:
    """Heartbeat, round trip, clock skew, attempts."""
    session = context.bridge.session
    return views.connection_health(session.status(), session.health())


@router.post("/connect", summary="Connect and reconcile", responses=documented(409, 502, 503, 504))
async def connect(context: ContextDep) -> ConnectionStatus:
    """Connect to the gateway of the settings. Where a session is up already, it stays.

    Answers when the session is up or has failed; it never races with the automatic reconnect.
    """
    await context.bridge.session.connect()
    return views.connection_status(context.bridge.session.status(), context.embedded)


@router.post("/disconnect", summary="Disconnect and stay disconnected")
async def disconnect(context: ContextDep) -> ConnectionStatus:
    """End the session. Orders at the broker stay as they are; nothing reconnects until `connect`."""
    await context.bridge.session.disconnect()
    return views.connection_status(context.bridge.session.status(), context.embedded)


@router.post("/reconnect", summary="Disconnect, connect, reconcile", responses=documented(409, 502, 503, 504))
async def reconnect(context: ContextDep) -> ConnectionStatus:
    """Open a fresh session with the saved settings."""
    await context.bridge.session.reconnect()
    return views.connection_status(context.bridge.session.status(), context.embedded)


@router.post("/test", name="test_connection", summary="Test an address", responses=documented(400, 422))
async def try_connection(context: ContextDep, body: ConnectionTest | None = None) -> ConnectionTestResult:
    """Ask whether a gateway answers at an address. It takes no client id and cannot disturb a session.

    A test that fails is an answer (200 with `ok` false), not an error.
    """
    raise NotImplementedError
