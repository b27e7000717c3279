"""What a passing message says of an order or a session: the triggers that are not a message's name.

A watch is asked about every message once it has passed and notices what it waits for: the subject (an order, an
execution, a session), or None. One that is about orders notices each order once, since gateways say most things twice.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from ironbridge.paper.faults import OrderStep
from ironbridge.wire.orders import CancelOrder, ExecDetails, OrderStatus
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.session import ErrorMessage, StartApi

Watch = Callable[[Any], Hashable | None]

_REJECTIONS = frozenset({103, 110, 200, 201, 203, 321, 434, 460})
"""Codes that end an order; with one of them an order that was never acknowledged has no status at all."""

_STATUSES = {
    OrderStep.ACCEPTED: frozenset({"PreSubmitted", "Submitted", "Filled"}),
    OrderStep.WORKING: frozenset({"Submitted"}),
    OrderStep.FILLED: frozenset({"Filled"}),
    OrderStep.CANCELLED: frozenset({"Cancelled", "ApiCancelled"}),
}


def order_step(step: OrderStep) -> Watch:
    """A watch for one step of orders."""
    seen: set[Hashable] = set()

    def watch(message: Any) -> Hashable | None:
        subject = _subject(step, message)
        if subject is None or subject in seen:
            return None
        if step not in {OrderStep.SENT, OrderStep.CANCEL_SENT}:
            seen.add(subject)
        return subject

    return watch


def connects() -> Watch:
    """A watch for sessions that have started."""
    return lambda message: "session" if isinstance(message, StartApi) else None


def _subject(step: OrderStep, message: Any) -> Hashable | None:
    match step, message:
        case (OrderStep.SENT, PlaceOrder()) | (OrderStep.CANCEL_SENT, CancelOrder()):
            return int(message.order_id)
        case OrderStep.FILL, ExecDetails():
            # -1: nobody asked, it has just happened.
            return str(message.execution.exec_id) if message.req_id == -1 else None
        case OrderStep.REJECTED, OrderStatus(status="Inactive"):
            return ("id", message.order_id)
        case OrderStep.REJECTED, ErrorMessage():
            return ("id", message.id) if message.id > 0 and message.code in _REJECTIONS else None
        case _, OrderStatus() if message.status in _STATUSES.get(step, ()):
            return _name(message)
        case _:
            return None


def _name(status: OrderStatus) -> Hashable:
    return ("perm", status.perm_id) if status.perm_id else ("id", status.order_id)
