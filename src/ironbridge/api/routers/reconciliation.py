"""Reconciliation: the orders here held against the broker's, the last report of it, and one now."""

from __future__ import annotations

from fastapi import APIRouter

from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.reconciliation_views import reconciliation_view
from ironbridge.api.schemas.reconciliation import ReconciliationView
from ironbridge.domain.audit import Act, Deed

router = APIRouter(prefix="/reconciliation", tags=["orders"], responses=documented(401, 403, 422))


@router.get("", summary="The last reconciliation")
async def get_reconciliation(context: ContextDep) -> ReconciliationView:
    """When the broker was last asked in full, what it named, what that repaired, and what is still in doubt."""
    return reconciliation_view(context.bridge)


@router.post("", summary="Reconcile now", responses=documented(409, 502, 503, 504))
async def reconcile(context: ContextDep) -> ReconciliationView:
    """Ask the broker for open orders, completed orders and executions, each in full, and repair what differs.

    Sends no order and no cancel. A question that is not answered in full is an error, and nothing is concluded.
    """
    bridge = context.bridge
    await bridge.audit.record(Act(Deed.RECONCILED, "orders", "asked for"))
    await bridge.orders.reconciling.now()
    return reconciliation_view(bridge)
