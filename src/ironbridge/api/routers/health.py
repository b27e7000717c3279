"""The service's own health: for people under the API, for machines at the root."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version

from fastapi import APIRouter, Response

from ironbridge.api.context import ContextDep, OpenContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.service import Check, HealthMetrics, Liveness, Readiness
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.session import SessionState
from ironbridge.errors import NotConnected
from ironbridge.ops.metrics import CONTENT_TYPE

router = APIRouter(tags=["health"], responses=documented(401, 403))
probes = APIRouter(tags=["health"])


@router.get("/health-metrics", summary="The service in numbers")
async def get_health_metrics(context: ContextDep) -> HealthMetrics:
    """Uptime, session, orders and stream clients."""
    session = context.bridge.session
    status, health = session.status(), session.health()
    orders = context.bridge.orders.list()
    states = Counter(order.state for order in orders)
    return HealthMetrics(
        version=version("ironbridge"),
        started_at=context.started_at,
        uptime_s=round((context.clock.now() - context.started_at).total_seconds(), 3),
        state=status.state.value,
        ready=status.state is SessionState.READY,
        upstream=status.upstream,
        round_trip_ms=health.round_trip_ms,
        clock_skew_s=health.clock_skew,
        connect_attempts=health.attempts,
        connect_successes=health.successes,
        orders_open=sum(not order.ended for order in orders),
        orders_unknown=states[OrderState.UNKNOWN],
        orders_total=len(orders),
        stream_clients=dict(context.streams.clients),
    )


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
    session = context.bridge.session
    status = session.status()
    try:
        session.require_orders()
        orders = Check(name="orders", ok=True, detail="Orders may be sent.")
    except NotConnected as error:
        orders = Check(name="orders", ok=False, detail=str(error))
    synced = status.state in {SessionState.READY, SessionState.DEGRADED}
    checks = [
        Check(name="session", ok=synced, detail=f"{status.state.value}: {status.reason}".rstrip(": ")),
        Check(
            name="upstream", ok=status.upstream, detail="IB is reached." if status.upstream else "IB is not reached."
        ),
        orders,
    ]
    ready = all(check.ok for check in checks)
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks=checks)


@probes.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(401)},
)
async def metrics(context: ContextDep) -> Response:
    """In the Prometheus text format; needs the token as a bearer token."""
    return Response(context.metrics.page(), media_type=CONTENT_TYPE)
