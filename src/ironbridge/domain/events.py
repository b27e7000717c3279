"""What has happened to an order: the facts that the journal keeps and the book is folded from.

Events are in the past tense and are never changed. Each names its order by key. Reading them in order through
`ironbridge.orders.book` gives the order's present state; nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.lifecycle import Trigger
from ironbridge.domain.modification import ModifyTrigger
from ironbridge.domain.order import OrderRequest, OrderSpec
from ironbridge.domain.values import Side


@dataclass(frozen=True, slots=True)
class OrderIntended:
    """The intent is durable: key, content and the order id it will be sent under."""

    key: str
    request: OrderRequest
    client_id: int
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderMoved:
    """The order took one step of `domain.lifecycle`, with the reason for people."""

    key: str
    trigger: Trigger
    reason: str = ""
    code: int | None = None
    """IB's code, where one was given."""
    perm_id: int = 0
    filled: Decimal | None = None
    """How much IB says has been filled in all, where it said so; the fills themselves come as executions."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution. `execution_id` without its correction number is the fill's identity."""

    execution_id: str
    side: Side
    quantity: Decimal
    price: Decimal
    time: datetime
    exchange: str


@dataclass(frozen=True, slots=True)
class FillReceived:
    """A fill, counted once by its identity; a higher correction number replaces the one before."""

    key: str
    fill: Fill
    perm_id: int = 0


@dataclass(frozen=True, slots=True)
class CommissionReceived:
    key: str
    execution_id: str
    commission: Decimal
    currency: str
    realized_pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderNoticed:
    """IB said something about the order that changes nothing in its state (I-05)."""

    key: str
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class DuplicateFound:
    """IB holds a second order under this key (I-03). It is shown, never hidden."""

    key: str
    perm_id: int
    order_id: int


@dataclass(frozen=True, slots=True)
class ModifyRequested:
    """The intent to modify is durable: the whole order as it is to be, and the number of this modification."""

    key: str
    number: int
    """1 for the order's first modification, and so on."""
    spec: OrderSpec
    token: str = ""
    """The caller's name for this modification, so that asking twice modifies once; empty where none was given."""


@dataclass(frozen=True, slots=True)
class ModifyMoved:
    """A modification took one step of `domain.modification`, with the reason for people."""

    key: str
    number: int
    trigger: ModifyTrigger
    reason: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True)
class TermsChanged:
    """IB holds the order with terms that no modification of ours gave it.

    Somebody has changed it in TWS, a preset has, or its group has made it smaller.
    """

    key: str
    spec: OrderSpec


@dataclass(frozen=True, slots=True)
class OrderClosedByHand:
    """A person has closed an order whose fate could not be found out, and says why."""

    key: str
    by: str
    reason: str


OrderEvent = (
    OrderIntended
    | OrderMoved
    | FillReceived
    | CommissionReceived
    | OrderNoticed
    | DuplicateFound
    | ModifyRequested
    | ModifyMoved
    | TermsChanged
    | OrderClosedByHand
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the journal keeps it."""

    sequence: int
    """Rises by one for each event of the journal."""
    at: datetime
    event: OrderEvent


@dataclass(frozen=True, slots=True)
class Claimed:
    """What claiming a key came to.

    `intent` records the `OrderIntended` that holds the key. Only where `fresh` is it this claim's own: then, and only
    then, may the order be sent.
    """

    intent: Recorded
    fresh: bool
