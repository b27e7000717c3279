"""What came of holding the orders here against everything that the broker says of them (ORD-3), as data.

A report is of whole answers only. Where a question was not answered in full there is none: the one before stands, with
the failure and its moment beside it, because what was not answered says nothing (I-04).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ironbridge.domain.events import (
    DuplicateFound,
    FillReceived,
    ModifyMoved,
    OrderEvent,
    OrderMoved,
    OrderNoticed,
)
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order_state import ForeignOrder, Order
from ironbridge.domain.reports import ExecutionReport
from ironbridge.domain.values import plain


@dataclass(frozen=True, slots=True)
class Repair:
    """Something that the broker's answers told of an order and that was not known here.

    Parameters:
        key: the order's key.
        text: it in words.
    """

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One asking, answered in full.

    Parameters:
        began, ended: when the first question was asked, and when all that it came to was on record.
        why: what it was asked for.
        client_id: whose open orders were asked for.
        judged: orders that the answers had to show, if IB had them.
        open, completed, executions: how many of each IB named.
        repairs: what was recorded by it, in order.
        doubtful: orders that are unknown, or that IB holds twice, after it.
        foreign_orders: open orders that were not made here.
        foreign_executions: executions of orders that were not made here.
    """

    began: datetime
    ended: datetime
    why: str
    client_id: int
    judged: int
    open: int
    completed: int
    executions: int
    repairs: tuple[Repair, ...]
    doubtful: tuple[Order, ...]
    foreign_orders: tuple[ForeignOrder, ...]
    foreign_executions: tuple[ExecutionReport, ...]

    @property
    def is_settled(self) -> bool:
        """Whether every order's fate is known, and IB holds none of them twice."""
        return not self.doubtful


def is_doubtful(order: Order) -> bool:
    """Whether a person should look: its fate is not known, or IB holds more than one order under its key (I-03)."""
    return order.state is OrderState.UNKNOWN or (bool(order.duplicates) and not order.ended)


def doubt_of(order: Order) -> str:
    """Why a person should look at the order."""
    if order.duplicates:
        ids = ", ".join(map(str, (order.perm_id, *order.duplicates)))
        return f"IB holds more than one order under this key: permanent ids {ids}. Settle it in TWS."
    return order.reason


def repair_of(event: OrderEvent) -> Repair:
    """What an event says that reconciling made, in words."""
    return Repair(event.key, _words(event))


def _words(event: OrderEvent) -> str:
    match event:
        case OrderMoved():
            moved = event.trigger.replace("_", " ")
            return f"{moved}: {event.reason}" if event.reason else moved
        case FillReceived():
            return f"a fill of {plain(event.fill.quantity)} at {plain(event.fill.price)} was missing"
        case ModifyMoved():
            return f"change {event.number} {event.trigger.replace('_', ' ')}"
        case DuplicateFound():
            return f"IB holds a second order under it: permanent id {event.perm_id}"
        case OrderNoticed():
            return f"IB had said: {event.code} {event.text}"
        case _:
            return type(event).__name__
