"""How near the traffic to IB is to IB's limits."""

from __future__ import annotations

from fastapi import APIRouter

from ironbridge.api import pacing_views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.pacing import Pacing

router = APIRouter(prefix="/connection", tags=["connection"], responses=documented(401, 403))


@router.get("/pacing", summary="The use of IB's limits, and what waits")
async def get_connection_pacing(context: ContextDep) -> Pacing:
    """Each limit with its use, each lane with its queue, as of now. The `connection` WebSocket tells of changes."""
    return pacing_views.pacing(context.bridge.pacing.usage.status())
