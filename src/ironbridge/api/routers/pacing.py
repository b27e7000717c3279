"""How near the traffic to IB is to IB's limits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ironbridge.api import pacing_views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.pacing import Pacing
from ironbridge.domain.gateways import ORDERS

router = APIRouter(prefix="/connection", tags=["connection"], responses=documented(401, 403))


SessionQuery = Annotated[
    str,
    Query(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="Whose; as `GET /connection/sessions` names it."),
]


@router.get("/pacing", summary="The use of IB's limits, and what waits", responses=documented(404, 422))
async def get_connection_pacing(context: ContextDep, session: SessionQuery = ORDERS) -> Pacing:
    """Each limit with its use, each lane with its queue, as of now. The `connection` WebSocket tells of changes."""
    return pacing_views.pacing(context.bridge.sessions.kept(session).pacing.usage.status())
