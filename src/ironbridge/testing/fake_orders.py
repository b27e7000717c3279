"""An order as the fake broker holds it, and how it is told of."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ironbridge.domain.order import OrderRequest
from ironbridge.domain.reports import BrokerStatus, CompletedOrderReport, ExecutionReport, OpenOrderReport

ZERO = Decimal(0)


@dataclass(slots=True)
class FakeOrder:
    """An order as the fake broker holds it."""

    request: OrderRequest
    order_id: int
    client_id: int
    perm_id: int
    status: BrokerStatus = BrokerStatus.PENDING_SUBMIT
    executions: list[ExecutionReport] = field(default_factory=list)
    wanted: OrderRequest | None = None

    @property
    def filled(self) -> Decimal:
        return sum((execution.quantity for execution in self.executions), ZERO)

    @property
    def remaining(self) -> Decimal:
        return self.request.spec.quantity - self.filled


def average(order: FakeOrder) -> Decimal | None:
    """The mean price of what is filled."""
    filled = order.filled
    return sum((e.quantity * e.price for e in order.executions), ZERO) / filled if filled else None


def open_report(order: FakeOrder) -> OpenOrderReport:
    """The order as an openOrder message shows it."""
    request = order.request
    return OpenOrderReport(
        order.order_id,
        order.client_id,
        order.perm_id,
        request.ref,
        request.account,
        request.instrument,
        request.spec.side,
        request.spec.quantity,
        request.spec.order_type.value,
        request.spec,
        order.status,
    )


def completed_report(order: FakeOrder) -> CompletedOrderReport:
    """The order as a completedOrder message shows it."""
    request = order.request
    return CompletedOrderReport(
        order.perm_id,
        request.ref,
        request.account,
        request.instrument,
        request.spec.side,
        request.spec.quantity,
        order.filled,
        order.status,
        order.status.value,
    )
