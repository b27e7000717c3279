"""What has happened at the venue, in the order in which it happened.

Every event carries `sequence`, which rises by one from event to event, and the venue's time. An event tells the state
right after it: the `OrderSnapshot` in it is never re-read from somewhere else, so a late reader sees what was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from ironbridge.domain.values import Side
from ironbridge.exchange.commands import OrderTerms


class OrderStatus(StrEnum):
    HELD = "held"
    """Accepted, not in the book: waits for a parent, a trigger, a time, a session or a condition."""
    WORKING = "working"
    FILLED = "filled"
    CANCELLED = "cancelled"


class Hold(StrEnum):
    """Why an accepted order is not in the book."""

    PARENT = "parent"
    TRIGGER = "trigger"
    TIME = "time"
    SESSION = "session"
    CONDITION = "condition"


class RejectReason(StrEnum):
    UNKNOWN_ACCOUNT = "unknown_account"
    UNKNOWN_LISTING = "unknown_listing"
    NOT_TRADABLE = "not_tradable"
    """The listing has prices but takes no orders: an index, an expired contract."""
    BAD_QUANTITY = "bad_quantity"
    BAD_PRICE = "bad_price"
    """A price is missing, not positive where it must be, or contradicts another."""
    OFF_TICK = "off_tick"
    BAD_TERMS = "bad_terms"
    """A combination of attributes that means nothing."""
    UNSUPPORTED = "unsupported"
    UNKNOWN_PARENT = "unknown_parent"
    UNKNOWN_ORDER = "unknown_order"
    ALREADY_DONE = "already_done"
    """The order is filled or cancelled; it can be neither modified nor cancelled."""
    DUPLICATE_ORDER = "duplicate_order"
    BUYING_POWER = "buying_power"
    NO_POSITION = "no_position"


class CancelReason(StrEnum):
    REQUESTED = "requested"
    IMMEDIATE = "immediate"
    """What an IOC order could not fill at once, or an FOK order not completely."""
    EXPIRED = "expired"
    OCA = "oca"
    PARENT = "parent"
    """The parent was cancelled."""
    SIBLING = "sibling"
    """Another child of the same parent was filled."""
    CONDITION = "condition"
    LISTING_EXPIRED = "listing_expired"


class Change(StrEnum):
    """What changed on a live order without a fill."""

    MODIFIED = "modified"
    ACTIVATED = "activated"
    """No longer held: it is in the book."""
    HELD = "held"
    """Still waiting, or again, with other holds than before."""
    TRIGGERED = "triggered"
    TRAILED = "trailed"
    """The stop of a trailing order followed the market."""
    REDUCED = "reduced"
    """Its quantity shrank because another order of its OCA group filled."""


class Ending(StrEnum):
    """How a held contract ended."""

    EXERCISED = "exercised"
    ASSIGNED = "assigned"
    WORTHLESS = "worthless"
    SETTLED = "settled"
    """Paid in cash: futures and index options."""


class Liquidity(StrEnum):
    """Which side of a fill an order was on."""

    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """An order at one moment.

    Parameters:
        perm_id: the venue's identity of the order, stable for ever.
        client: who sent it.
        order_id: the sender's number of it.
        terms: as last accepted; `quantity` already computed from a cash quantity.
        status: where it stands.
        holds: why it is held, empty otherwise.
        filled: units filled.
        remaining: units still open (what was cancelled counts as remaining).
        average_price: of all fills, 0 without any.
        last_fill_price: of the newest fill, 0 without any.
        stop_price: the stop in force now (it moves with a trailing order), None where there is none.
        limit_price: the limit in force now (it moves with pegged and trailing orders), None where there is none.
        placed_at: when it was accepted.
        done_at: when it was filled or cancelled, None before.
        done_text: why it ended, for people; empty before.
    """

    perm_id: int
    client: int
    order_id: int
    terms: OrderTerms
    status: OrderStatus
    holds: tuple[Hold, ...]
    filled: Decimal
    remaining: Decimal
    average_price: Decimal
    last_fill_price: Decimal
    stop_price: Decimal | None
    limit_price: Decimal | None
    placed_at: datetime
    done_at: datetime | None = None
    done_text: str = ""


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill.

    Parameters:
        execution_id: unique for ever, of IB's shape.
        con_id: what was traded (a leg's listing for a combination).
        quantity: units of this fill, positive.
        price: of this fill; never worse than the order's limit, never a price that nobody offered.
        cumulative: units of the order filled so far; for a leg, of that leg.
        average_price: of those.
        exchange: where.
        contra: perm id of the client's order on the other side, 0 when it was the market's.
        leg: index of the combination's leg, None when it is no leg's.
    """

    execution_id: str
    perm_id: int
    client: int
    order_id: int
    account: str
    con_id: int
    side: Side
    quantity: Decimal
    price: Decimal
    cumulative: Decimal
    average_price: Decimal
    time: datetime
    exchange: str
    liquidity: Liquidity
    contra: int = 0
    leg: int | None = None


class Quote(NamedTuple):
    """The top of the book and the day so far; None is "there is none".

    `close` is the previous session's, `last` the newest trade. Sizes of forex are in the base currency. A tuple, since
    a gateway makes more of these than of anything else.
    """

    con_id: int
    bid: Decimal | None
    bid_size: Decimal
    ask: Decimal | None
    ask_size: Decimal
    last: Decimal | None
    last_size: Decimal
    volume: Decimal
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    time: datetime
    last_time: datetime | None

    @property
    def mid(self) -> Decimal | None:
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2

    def same_as(self, other: Quote | None) -> bool:
        """Whether the two differ in nothing but their times."""
        return other is not None and self[:_TIMELESS] == other[:_TIMELESS]


_TIMELESS = Quote._fields.index("time")


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    sequence: int
    time: datetime
    order: OrderSnapshot


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """Nothing was placed. `field` names the attribute at fault where one is."""

    sequence: int
    time: datetime
    client: int
    order_id: int
    terms: OrderTerms
    reason: RejectReason
    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class ModifyRejected:
    """The order, if there is one, stays as it was."""

    sequence: int
    time: datetime
    perm_id: int
    reason: RejectReason
    text: str
    field: str = ""
    order: OrderSnapshot | None = None


@dataclass(frozen=True, slots=True)
class CancelRejected:
    sequence: int
    time: datetime
    perm_id: int
    reason: RejectReason
    text: str
    order: OrderSnapshot | None = None


@dataclass(frozen=True, slots=True)
class OrderChanged:
    sequence: int
    time: datetime
    order: OrderSnapshot
    change: Change


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """A fill; `order.status` is FILLED when nothing remains."""

    sequence: int
    time: datetime
    order: OrderSnapshot
    execution: Execution


@dataclass(frozen=True, slots=True)
class CommissionCharged:
    """Follows its fill. `realized_pnl` is None when the fill closed nothing."""

    sequence: int
    time: datetime
    execution_id: str
    perm_id: int
    account: str
    amount: Decimal
    currency: str
    realized_pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    sequence: int
    time: datetime
    order: OrderSnapshot
    reason: CancelReason
    text: str


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """`average_cost` is per unit with the multiplier and commissions in it, as IB gives it."""

    sequence: int
    time: datetime
    account: str
    con_id: int
    quantity: Decimal
    average_cost: Decimal
    realized_pnl: Decimal


@dataclass(frozen=True, slots=True)
class ContractExpired:
    """A position ended with its contract, or by exercise."""

    sequence: int
    time: datetime
    account: str
    con_id: int
    quantity: Decimal
    settlement_price: Decimal
    ending: Ending


@dataclass(frozen=True, slots=True)
class QuoteChanged:
    """A watched listing's quote, whole."""

    sequence: int
    time: datetime
    quote: Quote


@dataclass(frozen=True, slots=True)
class TradePrinted:
    """A trade on a watched listing: the market's own, or a client's fill."""

    sequence: int
    time: datetime
    con_id: int
    price: Decimal
    size: Decimal
    exchange: str


Event = (
    OrderAccepted
    | OrderRejected
    | ModifyRejected
    | CancelRejected
    | OrderChanged
    | OrderFilled
    | CommissionCharged
    | OrderCancelled
    | PositionChanged
    | ContractExpired
    | QuoteChanged
    | TradePrinted
)
