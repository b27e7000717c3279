"""Reconciliation, in JSON."""

from __future__ import annotations

from pydantic import Field

from ironbridge.api.schemas.portfolio import DiscrepancyView
from ironbridge.api.schemas.values import Amount, Moment, Sent


class RepairView(Sent):
    """What the broker's answers told of an order and was not known here."""

    key: str
    text: str


class DoubtView(Sent):
    """An order that a person should look at."""

    key: str
    state: str
    text: str


class ForeignOrderView(Sent):
    """An open order at the broker that was not made here; it is shown, not managed."""

    client_id: int
    order_id: int
    perm_id: int
    ref: str
    account: str
    symbol: str
    side: str
    quantity: Amount
    filled: Amount
    order_type: str
    status: str


class ForeignExecutionView(Sent):
    """An execution of an order that was not made here."""

    execution_id: str
    client_id: int
    order_id: int
    perm_id: int
    ref: str
    account: str
    symbol: str
    side: str
    quantity: Amount
    price: Amount
    time: Moment


class ReportView(Sent):
    """One asking that was answered in full."""

    began: Moment
    ended: Moment
    why: str
    client_id: int = Field(description="Whose open orders were asked for.")
    judged: int = Field(description="Orders that the answers had to show, if IB had them.")
    open: int
    completed: int
    executions: int
    repairs: list[RepairView]
    foreign_executions: list[ForeignExecutionView]


class ReconciliationView(Sent):
    """How the orders here stand to the broker's."""

    settled: bool = Field(description="It was asked, nothing is in doubt, and our books explain the broker's numbers.")
    last: ReportView | None = Field(description="Null until the broker has answered in full for the first time.")
    failure: str = Field(description="Why the newest attempt since then came to nothing; empty where there is none.")
    failed_at: Moment | None
    doubtful: list[DoubtView] = Field(description="Unknown orders, and those that IB holds twice, at this moment.")
    foreign_orders: list[ForeignOrderView] = Field(description="Open orders that were not made here, at this moment.")
    discrepancies: list[DiscrepancyView] = Field(description="Where the executions known here do not explain a number.")
    interval_s: float = Field(description="Between two by themselves; the setting reconcile_interval.")
    next_at: Moment | None = Field(description="When the next is due; null where there is no session.")
