"""An order as it stands: what all its events come to.

An `Order` is never changed; `ironbridge.orders.book` folds the next event into a new one. What can be computed from the
fills is computed from them, so that no total can differ from its parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.events import Fill, OrderEvent
from ironbridge.domain.instrument import Instrument, Kind
from ironbridge.domain.lifecycle import TERMINAL, OrderState
from ironbridge.domain.modification import Modification
from ironbridge.domain.order import OrderRequest, OrderSpec
from ironbridge.domain.reports import BrokerStatus
from ironbridge.domain.values import Side, plain

ZERO = Decimal(0)


def execution_identity(execution_id: str) -> tuple[str, int]:
    """An execution id as the fill's identity and its correction number (I-15).

    IB's ids are dotted and end in the correction: ``0000e0d5.6545d0ab.01.02`` is the first correction of the fill
    ``0000e0d5.6545d0ab.01``. An id of another form is its own identity, uncorrected.
    """
    identity, dot, correction = execution_id.rpartition(".")
    if dot and correction.isdecimal():
        return identity, int(correction)
    return execution_id, 0


@dataclass(frozen=True, slots=True)
class Commission:
    """What one fill cost. `realized_pnl` is None where the fill closed nothing."""

    execution_id: str
    amount: Decimal
    currency: str
    realized_pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class Order:
    """One order, folded from its events.

    Parameters:
        key: the caller's name for it.
        order_id: the id it carries within its client id.
        client_id: the API client it belongs to.
        perm_id: IB's own identity of it, 0 until IB has said.
        request: what was asked for, as it was first.
        state: where it stands.
        fills: its executions, each once, in the order in which they came.
        commissions: what the fills cost, one for each execution.
        reported_filled: the most that IB's statuses have said is filled; the fills may follow.
        code: IB's code for the present state, None where there is none.
        reason: why it is in its state, in words; empty where there is nothing to say.
        notices: what else IB has said about it, as (code, text); it changed nothing.
        duplicates: permanent ids of further orders that IB holds under this key (I-03).
        cancel_requested: a cancel was asked for and has not been refused.
        amended: the terms in force, where they are others than those asked for first; see `terms`.
        modifications: every modification that was asked for, oldest first.
        sent_at: when it was first known to have left: handed to the socket, or spoken of by IB. None before.
        created_at: when the intent became durable.
        updated_at: when the newest event was recorded.
        sequence: the newest event's number in the journal.
    """

    key: str
    order_id: int
    client_id: int
    request: OrderRequest
    state: OrderState
    created_at: datetime
    updated_at: datetime
    sequence: int
    perm_id: int = 0
    fills: tuple[Fill, ...] = ()
    commissions: tuple[Commission, ...] = ()
    reported_filled: Decimal = ZERO
    code: int | None = None
    reason: str = ""
    notices: tuple[tuple[int, str], ...] = ()
    duplicates: tuple[int, ...] = ()
    cancel_requested: bool = False
    amended: OrderSpec | None = None
    modifications: tuple[Modification, ...] = ()
    sent_at: datetime | None = None

    @property
    def terms(self) -> OrderSpec:
        """The terms in force: what IB, as far as is known, holds."""
        return self.request.spec if self.amended is None else self.amended

    @property
    def pending(self) -> Modification | None:
        """The modification whose outcome is not known yet, None where there is none: there is never more than one."""
        newest = self.modifications[-1] if self.modifications else None
        return newest if newest is not None and newest.pending else None

    @property
    def instrument(self) -> Instrument:
        return self.request.instrument

    @property
    def side(self) -> Side:
        return self.request.spec.side

    @property
    def quantity(self) -> Decimal:
        """Units to trade in all, by the terms in force."""
        return self.terms.quantity

    @property
    def filled(self) -> Decimal:
        """Units traded so far. Of a combination, whose fills are its legs', what IB's statuses say."""
        if self.instrument.kind is Kind.COMBO:
            return self.reported_filled
        return sum((fill.quantity for fill in self.fills), ZERO)

    @property
    def remaining(self) -> Decimal:
        """Units not traded, never below zero."""
        return max(self.quantity - self.filled, ZERO)

    @property
    def average_price(self) -> Decimal | None:
        """Mean price of the fills by quantity, None before the first. Of a combination, what one unit has cost."""
        filled = self.filled
        if not filled or not self.fills:
            return None
        if self.instrument.kind is Kind.COMBO:
            net = sum((fill.side.sign * fill.quantity * fill.price for fill in self.fills), ZERO)
            return self.side.sign * net / filled
        return sum((fill.quantity * fill.price for fill in self.fills), ZERO) / filled

    @property
    def position(self) -> Decimal:
        """What the fills add to the position: bought units less sold ones."""
        return sum((fill.side.sign * fill.quantity for fill in self.fills), ZERO)

    @property
    def commission(self) -> dict[str, Decimal]:
        """What the fills have cost, by currency."""
        total: dict[str, Decimal] = {}
        for part in self.commissions:
            total[part.currency] = total.get(part.currency, ZERO) + part.amount
        return total

    @property
    def ended(self) -> bool:
        """Whether the order can trade no more, as far as is known."""
        return self.state in TERMINAL

    @property
    def settled(self) -> bool:
        """Whether it has ended and every fill and commission that it must have is here."""
        # An order for an amount of money has no quantity of its own.
        expected = self.quantity if self.quantity and self.state is OrderState.FILLED else self.reported_filled
        return self.ended and self.filled >= expected and len(self.commissions) >= len(self.fills)

    def __str__(self) -> str:
        spec = self.terms
        text = f"{spec.side} {spec.size} {self.instrument}"
        text += str(spec).removeprefix(f"{spec.side} {spec.size}")
        text += f": {self.state.replace('_', ' ')}"
        if self.fills and self.average_price is not None:
            traded = "" if self.filled == self.quantity else f"{plain(self.filled)} "
            text += f" {traded}at {plain(round(self.average_price, 6))}"
        costs = ", ".join(f"{plain(amount)} {currency}" for currency, amount in sorted(self.commission.items()))
        if costs:
            text += f", commission {costs}"
        if self.reason:
            text += f" ({self.reason})"
        if self.pending is not None:
            text += f", to become {self.pending}"
        return f"{text} [{self.key}]"


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """An order took an event: what happened, and how the order stands after it."""

    order: Order
    event: OrderEvent


@dataclass(frozen=True, slots=True)
class ForeignOrder:
    """An order at the broker that was not made here: by hand in TWS, or by another program. It is shown, not managed.

    `order_type` is IB's name of it and `status` IB's own, since nothing here knows more.
    """

    client_id: int
    order_id: int
    perm_id: int
    ref: str
    account: str
    instrument: Instrument
    side: Side
    quantity: Decimal
    order_type: str
    status: BrokerStatus
    filled: Decimal = ZERO

    def __str__(self) -> str:
        return (
            f"{self.side} {plain(self.quantity)} {self.instrument} {self.order_type}: {self.status}, "
            f"not from here (client {self.client_id}, order {self.order_id})"
        )
