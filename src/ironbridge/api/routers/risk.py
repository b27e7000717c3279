"""Risk: the limits that every order must pass, the kill switch, daily losses. Changeable while the service runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from ironbridge.api import risk_views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.risk import ReasonBody, RiskLimitsBody, RiskView
from ironbridge.domain.risk import RiskLimits
from ironbridge.domain.scope import Scope

router = APIRouter(prefix="/risk", tags=["risk"], responses=documented(401, 403, 422))

_Scope = Annotated[
    str,
    Path(
        min_length=1,
        max_length=100,
        description="all, account:NAME, strategy:NAME or instrument:NAME (AAPL, OPT:SPY, FUT:*, a con_id).",
        examples=["all"],
    ),
]
_Account = Annotated[str, Path(min_length=1, max_length=32, examples=["DU1000001"])]
_Wait = Annotated[float, Query(ge=0, le=30, description="Seconds to wait at most until nothing is known to be open.")]


@router.get("", summary="Limits, kill switch, daily losses, and how much of the limits is used")
async def get_risk(context: ContextDep) -> RiskView:
    """The risk department as it stands. The `risk` WebSocket tells of changes."""
    return risk_views.risk(context.bridge.risk)


@router.put("/limits/{scope:path}", summary="Replace a scope's limits", responses=documented(400, 413, 415, 503))
async def put_risk_limits(context: ContextDep, scope: _Scope, body: RiskLimitsBody) -> RiskView:
    """All limits of the scope, as a whole; they count for every order judged from then on, and after a restart."""
    desk = context.bridge.risk
    await desk.set_limits(Scope.parse(scope), risk_views.limits_of(body))
    return risk_views.risk(desk)


@router.delete("/limits/{scope:path}", summary="Free a scope of limits", responses=documented(503))
async def delete_risk_limits(context: ContextDep, scope: _Scope) -> RiskView:
    """Limits of other scopes go on to count."""
    desk = context.bridge.risk
    await desk.set_limits(Scope.parse(scope), RiskLimits())
    return risk_views.risk(desk)


@router.post("/kill", summary="Engage the kill switch", responses=documented(400, 413, 415, 503))
async def kill(context: ContextDep, body: ReasonBody, wait: _Wait = 5.0) -> RiskView:
    """Send no new order, and cancel every open one of the login, whoever made it.

    It stays engaged, through restarts too, until it is released. `kill_switch.state` is `verified` once the broker,
    asked in full, holds nothing open; until then cancelling goes on, and `left` says what is left.
    """
    desk = context.bridge.risk
    await desk.kill(body.reason, wait)
    return risk_views.risk(desk)


@router.post("/release", summary="Release the kill switch", responses=documented(400, 413, 415, 503))
async def release(context: ContextDep, body: ReasonBody) -> RiskView:
    """Let orders through again."""
    desk = context.bridge.risk
    await desk.release(body.reason)
    return risk_views.risk(desk)


@router.post(
    "/losses/{account}/release",
    summary="Let an account at its daily loss limit take risk again",
    responses=documented(400, 413, 415, 503),
)
async def release_loss(context: ContextDep, account: _Account, body: ReasonBody) -> RiskView:
    """It reaches its limit anew where it is still beyond it: raise the limit first."""
    desk = context.bridge.risk
    await desk.release_loss(account, body.reason)
    return risk_views.risk(desk)
