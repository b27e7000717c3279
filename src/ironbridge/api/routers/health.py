"""The service's own health: for people under the API, for machines at the root."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ironbridge.api.context import ContextDep, OpenContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.service import HealthMetrics, Liveness, Readiness

router = APIRouter(tags=["health"], responses=documented(401, 403))
probes = APIRouter(tags=["health"])


@router.get("/health-metrics", summary="The service in numbers")
async def get_health_metrics(context: ContextDep) -> HealthMetrics:
    """Uptime, session, orders and stream clients."""
    raise NotImplementedError


@probes.get("/livez", summary="The process answers")
async def livez() -> Liveness:
    """200 for as long as the event loop turns."""
    return Liveness()


@probes.get(
    "/readyz",
    summary="Orders may be sent",
    responses={503: {"model": Readiness, "description": "Not ready; `checks` says why."}},
)
async def readyz(context: OpenContextDep, response: Response) -> Readiness:
    """Ready: the session is up, IB is behind it, orders are reconciled."""
    raise NotImplementedError


@probes.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(401)},
)
async def metrics(context: ContextDep) -> Response:
    """In the Prometheus text format; needs the token as a bearer token."""
    raise NotImplementedError
