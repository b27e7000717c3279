"""An order as the fake broker holds it, and how it is told of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.impact import Change, OrderImpact
from ironbridge.domain.order import OrderRequest
from ironbridge.domain.order_spec import OrderSpec
from ironbridge.domain.order_types import TRIGGERED, OrderType, TimeInForce
from ironbridge.domain.reports import (
    BrokerStatus,
    CompletedOrderReport,
    ExecutionReport,
    OpenOrderReport,
    StatusReport,
)

ZERO = Decimal(0)
ENDED = frozenset({BrokerStatus.FILLED, BrokerStatus.CANCELLED, BrokerStatus.INACTIVE})
_AUCTIONS = frozenset({OrderType.MARKET_ON_CLOSE, OrderType.LIMIT_ON_CLOSE})


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
    parent_id: int = 0

    @property
    def filled(self) -> Decimal:
        return sum((execution.quantity for execution in self.executions), ZERO)

    @property
    def remaining(self) -> Decimal:
        return self.request.spec.quantity - self.filled


def children(orders: Iterable[FakeOrder], parent: FakeOrder) -> list[FakeOrder]:
    """The orders that a fill of this one sets to work."""
    return [order for order in orders if order.parent_id == parent.order_id]


def rivals(orders: Iterable[FakeOrder], filled: FakeOrder) -> list[FakeOrder]:
    """The orders that a fill of this one ends: the other children of its parent, the others of its group."""
    name = filled.request.links.oca_group
    return [
        order
        for order in orders
        if order is not filled
        and (
            (filled.parent_id and order.parent_id == filled.parent_id)
            or (name and order.request.links.oca_group == name)
        )
    ]


def average(order: FakeOrder) -> Decimal | None:
    """The mean price of what is filled."""
    filled = order.filled
    return sum((e.quantity * e.price for e in order.executions), ZERO) / filled if filled else None


def aftermath(orders: Iterable[FakeOrder], order: FakeOrder) -> tuple[list[FakeOrder], list[FakeOrder]]:
    """The orders that begin to work, and those that end, as this one has come to its end."""
    live = [each for each in orders if each.status not in ENDED]
    if order.status is BrokerStatus.FILLED:
        return list(children(live, order)), list(rivals(live, order))
    return [], list(children(live, order)) if order.status in ENDED else []


def waits(spec: OrderSpec) -> bool:
    """Whether an order of this shape is held until something happens, and does not work as it comes."""
    return (
        spec.order_type in TRIGGERED | _AUCTIONS
        or spec.time_in_force is TimeInForce.OPG
        or spec.good_after is not None
        or (spec.conditions is not None and not spec.conditions.cancel)
    )


def status_report(order: FakeOrder) -> StatusReport:
    """The order as an orderStatus message shows it."""
    held = order.status is BrokerStatus.PRE_SUBMITTED and order.request.spec.order_type in TRIGGERED
    return StatusReport(
        order.order_id,
        order.client_id,
        order.perm_id,
        order.status,
        order.filled,
        order.remaining,
        average(order),
        "trigger" if held else "",
    )


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


def execution_report(
    order: FakeOrder, execution_id: str, quantity: Decimal, price: Decimal, at: datetime
) -> ExecutionReport:
    """A fill of the order, as an execDetails message says it."""
    request = order.request
    return ExecutionReport(
        execution_id,
        order.order_id,
        order.client_id,
        order.perm_id,
        request.ref,
        request.account,
        request.instrument,
        request.spec.side,
        quantity,
        price,
        order.filled + quantity,
        price,
        at,
        "NASDAQ",
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


def impact_of(request: OrderRequest) -> OrderImpact:
    """What the order would do: half of its worth is margin to begin with, a quarter to go on, and it costs 1 USD."""
    worth, none = request.spec.quantity * (request.spec.limit_price or 100), Decimal(0)
    return OrderImpact(
        Change(none, worth / 2, worth / 2),
        Change(none, worth / 4, worth / 4),
        Change(worth, none, worth),
        Decimal(1),
        None,
        None,
        "USD",
        "",
    )
