"""Reconciliation as JSON has it."""

from __future__ import annotations

from ironbridge.api.portfolio_views import discrepancy_view
from ironbridge.api.schemas.reconciliation import (
    DoubtView,
    ForeignExecutionView,
    ForeignOrderView,
    ReconciliationView,
    RepairView,
    ReportView,
)
from ironbridge.bridge import Bridge
from ironbridge.domain.order_state import ForeignOrder
from ironbridge.domain.reconciliation import Reconciliation, doubt_of, is_doubtful
from ironbridge.domain.reports import ExecutionReport


def reconciliation_view(bridge: Bridge) -> ReconciliationView:
    asking, failure = bridge.orders.reconciling, bridge.orders.reconciling.failure
    doubtful = [order for order in bridge.orders.list() if is_doubtful(order)]
    discrepancies = bridge.portfolio.discrepancies()
    return ReconciliationView(
        settled=asking.last is not None and failure is None and not doubtful and not discrepancies,
        last=None if asking.last is None else _report(asking.last),
        failure="" if failure is None else failure[1],
        failed_at=None if failure is None else failure[0],
        doubtful=[DoubtView(key=one.key, state=one.state.value, text=doubt_of(one)) for one in doubtful],
        foreign_orders=[_foreign_order(one) for one in bridge.orders.foreign()],
        discrepancies=[discrepancy_view(one) for one in discrepancies],
        interval_s=asking.every,
        next_at=asking.next_at,
    )


def _report(report: Reconciliation) -> ReportView:
    return ReportView(
        began=report.began,
        ended=report.ended,
        why=report.why,
        client_id=report.client_id,
        judged=report.judged,
        open=report.open,
        completed=report.completed,
        executions=report.executions,
        repairs=[RepairView(key=one.key, text=one.text) for one in report.repairs],
        foreign_executions=[_foreign_execution(one) for one in report.foreign_executions],
    )


def _foreign_order(order: ForeignOrder) -> ForeignOrderView:
    return ForeignOrderView(
        client_id=order.client_id,
        order_id=order.order_id,
        perm_id=order.perm_id,
        ref=order.ref,
        account=order.account,
        symbol=str(order.instrument),
        side=order.side.value,
        quantity=order.quantity,
        filled=order.filled,
        order_type=order.order_type,
        status=order.status.value,
    )


def _foreign_execution(execution: ExecutionReport) -> ForeignExecutionView:
    return ForeignExecutionView(
        execution_id=execution.execution_id,
        client_id=execution.client_id,
        order_id=execution.order_id,
        perm_id=execution.perm_id,
        ref=execution.ref,
        account=execution.account,
        symbol=str(execution.instrument),
        side=execution.side.value,
        quantity=execution.quantity,
        price=execution.price,
        time=execution.time,
    )
