"""What the broker says, in the order in which it said it.

The `ib` package turns every callback into one of these and hands them on over one ordered stream. They are facts about
messages, not about orders: whether a status ends an order is decided by `domain.lifecycle`, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ironbridge.domain.account import AccountValue, Position
from ironbridge.domain.instrument import Instrument
from ironbridge.domain.order import OrderSpec
from ironbridge.domain.values import Side


class BrokerStatus(StrEnum):
    """IB's order statuses."""

    PENDING_SUBMIT = "PendingSubmit"
    PENDING_CANCEL = "PendingCancel"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    API_PENDING = "ApiPending"
    API_CANCELLED = "ApiCancelled"
    CANCELLED = "Cancelled"
    FILLED = "Filled"
    INACTIVE = "Inactive"
    UNRECOGNISED = "?"
    """A status that IB has not documented; it moves nothing."""


@dataclass(frozen=True, slots=True)
class OpenOrderReport:
    """An openOrder message. `spec` is None where the order has a shape that Ironbridge cannot express (yet)."""

    order_id: int
    client_id: int
    perm_id: int
    ref: str
    account: str
    instrument: Instrument
    side: Side
    quantity: Decimal
    order_type: str
    spec: OrderSpec | None
    status: BrokerStatus


@dataclass(frozen=True, slots=True)
class StatusReport:
    """An orderStatus message."""

    order_id: int
    client_id: int
    perm_id: int
    status: BrokerStatus
    filled: Decimal
    remaining: Decimal
    average_price: Decimal | None
    why_held: str


@dataclass(frozen=True, slots=True)
class CompletedOrderReport:
    """A completedOrder message. IB gives no order id and no client id here: `ref` and `perm_id` tell which it was."""

    perm_id: int
    ref: str
    account: str
    instrument: Instrument
    side: Side
    quantity: Decimal
    filled: Decimal
    status: BrokerStatus
    completed_status: str


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """An execDetails message.

    `execution_id` ends in a correction number after its last dot: .01 is the fill, .02 replaces it (I-15).
    What counts is `quantity`, the execution's own; `cumulative`, the order's so far, is None where IB set none (I-14).
    """

    execution_id: str
    order_id: int
    client_id: int
    perm_id: int
    ref: str
    account: str
    instrument: Instrument
    side: Side
    quantity: Decimal
    price: Decimal
    cumulative: Decimal | None
    average_price: Decimal | None
    time: datetime
    exchange: str


@dataclass(frozen=True, slots=True)
class CommissionReport:
    """A commissionReport message; `realized_pnl` is None where the fill closed nothing."""

    execution_id: str
    commission: Decimal
    currency: str
    realized_pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class Notice:
    """An error message that answers no request of ours: about an order (`order_id`), or about the session (None)."""

    order_id: int | None
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class LinkEnded:
    """The socket is gone. Nothing comes after it until the next session."""

    reason: str


@dataclass(frozen=True, slots=True)
class AccountValueReport:
    value: AccountValue


@dataclass(frozen=True, slots=True)
class PositionReport:
    """A position or portfolio message; the market fields are None in the first."""

    position: Position


@dataclass(frozen=True, slots=True)
class PnlReport:
    """A pnl message, of an account (`con_id` None) or of one of its positions. What IB has not set is None.

    `daily` is since IB's day began, `unrealized` and `realized` are as in its account window. Of an account the amounts
    are in its base currency.
    """

    account: str
    con_id: int | None
    daily: Decimal | None
    unrealized: Decimal | None
    realized: Decimal | None
    quantity: Decimal | None = None
    """Of one position alone, as is the next."""
    market_value: Decimal | None = None


BrokerReport = (
    OpenOrderReport
    | StatusReport
    | CompletedOrderReport
    | ExecutionReport
    | CommissionReport
    | Notice
    | LinkEnded
    | AccountValueReport
    | PositionReport
    | PnlReport
)
