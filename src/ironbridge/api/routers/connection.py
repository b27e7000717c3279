"""The connection to the gateway: see it, make it, end it, test an address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from ironbridge.api import session_views as views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.connection import (
    ConnectionHealth,
    ConnectionLogPage,
    ConnectionStatus,
    ConnectionTest,
    ConnectionTestResult,
    DiagnosisView,
)
from ironbridge.settings import port_warning

router = APIRouter(prefix="/connection", tags=["connection"], responses=documented(401, 403))


@router.get("/status", summary="Where the connection stands")
async def get_connection_status(context: ContextDep) -> ConnectionStatus:
    """State, reason, account and endpoint, as of now. The `connection` WebSocket tells of changes."""
    return views.connection_status(context.bridge)


@router.get("/health", summary="What is measured on the connection")
async def get_connection_health(context: ContextDep) -> ConnectionHealth:
    """Heartbeat, round trip, clock skew, attempts."""
    return views.connection_health(context.bridge)


@router.get("/log", summary="What has happened to the connection", responses=documented(422, 503))
async def get_connection_log(
    context: ContextDep,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many entries at most.")] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="Only entries before this number.")] = None,
) -> ConnectionLogPage:
    """Moves of the session and alerts, newest first, as they are kept in the database."""
    return views.log_page(await context.bridge.log.page(limit + 1, before), limit)


@router.post("/connect", summary="Connect and reconcile", responses=documented(409, 502, 503, 504))
async def connect(context: ContextDep) -> ConnectionStatus:
    """Connect to the gateway of the settings. Where a session is up already, it stays.

    Answers when the session is up or has failed; it never races with the automatic reconnect.
    """
    await context.bridge.connect()
    return views.connection_status(context.bridge)


@router.post("/disconnect", summary="Disconnect and stay disconnected")
async def disconnect(context: ContextDep) -> ConnectionStatus:
    """End the session. Orders at the broker stay as they are; nothing reconnects until `connect`."""
    await context.bridge.disconnect()
    return views.connection_status(context.bridge)


@router.post("/reconnect", summary="Disconnect, connect, reconcile", responses=documented(409, 502, 503, 504))
async def reconnect(context: ContextDep) -> ConnectionStatus:
    """Open a fresh session with the saved settings."""
    await context.bridge.reconnect()
    return views.connection_status(context.bridge)


@router.post(
    "/test",
    name="test_connection",
    summary="Test settings that need not be saved",
    responses=documented(400, 404, 413, 415, 422, 503),
)
async def try_connection(
    context: ContextDep, body: Annotated[ConnectionTest | None, Body()] = None
) -> ConnectionTestResult:
    """Examine a gateway as `doctor` does. It cannot disturb a session: none of our own client ids is used.

    A test that fails is an answer (200 with `ok` false), not an error. It takes half a minute at most.
    """
    wanted = (body or ConnectionTest()).model_dump(exclude_none=True)
    bridge = context.bridge
    profile = wanted.pop("profile", None)
    found = await bridge.test_connection(wanted, profile=profile)
    warning = port_warning(found.examined.port)
    return views.test_result(found, [warning] if warning else [])


@router.post("/doctor", name="examine_connection", summary="Say what is wrong with the set-up")
async def examine_connection(context: ContextDep) -> DiagnosisView:
    """Examine the gateway of the settings, and say in words what is wrong and what to do.

    It only asks: nothing that could trade, change or cancel is sent. Where our own session holds the client id the
    questions go under another one, and the session goes on.
    """
    return views.diagnosis_view(await context.bridge.diagnose())
