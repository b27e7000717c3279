"""The heartbeat of the session: begin it, end it, set its interval."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from ironbridge.api.context import Context, ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.connection import MonitorStart, MonitorState

router = APIRouter(prefix="/monitor", tags=["connection"], responses=documented(401, 403, 503))


@router.post("/start", summary="Begin the heartbeats", responses=documented(400, 409, 413, 415, 422))
async def start_monitor(context: ContextDep, body: Annotated[MonitorStart | None, Body()] = None) -> MonitorState:
    """They run from the start on; here they begin again, or go on with another interval."""
    await context.bridge.monitor(on=True, interval=body.interval_s if body else None)
    return _state(context)


@router.post("/stop", summary="End the heartbeats")
async def stop_monitor(context: ContextDep) -> MonitorState:
    """Until they are begun again a gateway that hangs behind an open socket is not found by itself."""
    await context.bridge.monitor(on=False)
    return _state(context)


def _state(context: Context) -> MonitorState:
    bridge = context.bridge
    health = bridge.session.health()
    return MonitorState(
        running=health.monitoring,
        interval_s=bridge.settings.heartbeat_interval,
        heartbeats=health.heartbeats,
        missed=health.heartbeats_missed,
        last_heartbeat=health.last_heartbeat,
        round_trip_ms=health.round_trip_ms,
    )
