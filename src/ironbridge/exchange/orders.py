"""One order while it lives at the venue.

`LiveOrder` is the venue's own, changeable record; everyone else sees `OrderSnapshot`s of it. Its status moves by the
table below and by nothing else. An order that is filled or cancelled never moves again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.errors import InvalidInput
from ironbridge.exchange.commands import OrderTerms
from ironbridge.exchange.events import Hold, OrderSnapshot, OrderStatus

ZERO = Decimal(0)

MOVES: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.HELD: frozenset({OrderStatus.HELD, OrderStatus.WORKING, OrderStatus.FILLED, OrderStatus.CANCELLED}),
    OrderStatus.WORKING: frozenset({OrderStatus.HELD, OrderStatus.WORKING, OrderStatus.FILLED, OrderStatus.CANCELLED}),
    OrderStatus.FILLED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}


@dataclass(slots=True, eq=False)
class LiveOrder:
    """An order and what became of it.

    `rank` is its place in time: a smaller one came earlier, and a modification that costs priority gives a new one.
    `auction_at` is when the auction is that it trades in, if it is for one.
    `units` is its price in the book in the listing's price units, None while it is not in the book.
    `allotted` is what each of its shares has got, empty before the first fill.
    `spent` is the sum of quantity times price over all fills, `charged` the commission so far.
    """

    perm_id: int
    client: int
    order_id: int
    terms: OrderTerms
    rank: int
    placed_at: datetime
    status: OrderStatus = OrderStatus.HELD
    holds: tuple[Hold, ...] = ()
    filled: Decimal = ZERO
    spent: Decimal = ZERO
    charged: Decimal = ZERO
    last_fill_price: Decimal = ZERO
    stop_price: Decimal | None = None
    limit_price: Decimal | None = None
    triggered: bool = False
    condition_met: bool = False
    auction_at: datetime | None = None
    units: int | None = None
    expires_at: datetime | None = None
    done_at: datetime | None = None
    done_text: str = ""
    allotted: tuple[Decimal, ...] = ()

    @property
    def remaining(self) -> Decimal:
        return self.terms.quantity - self.filled

    @property
    def least(self) -> Decimal:
        """The least that one fill may be."""
        if self.terms.all_or_none:
            return self.remaining
        return min(self.terms.min_quantity or ZERO, self.remaining)

    @property
    def is_live(self) -> bool:
        return bool(MOVES[self.status])

    @property
    def average_price(self) -> Decimal:
        return self.spent / self.filled if self.filled else ZERO

    def move(self, status: OrderStatus, holds: tuple[Hold, ...] = ()) -> None:
        if status not in MOVES[self.status]:
            raise InvalidInput(f"Order {self.perm_id} cannot go from {self.status} to {status}.")
        self.status = status
        self.holds = holds

    def fill(self, quantity: Decimal, price: Decimal) -> None:
        self.filled += quantity
        self.spent += quantity * price
        self.last_fill_price = price

    def snapshot(self) -> OrderSnapshot:
        return OrderSnapshot(
            perm_id=self.perm_id,
            client=self.client,
            order_id=self.order_id,
            terms=self.terms,
            status=self.status,
            holds=self.holds,
            filled=self.filled,
            remaining=self.remaining,
            average_price=self.average_price,
            last_fill_price=self.last_fill_price,
            stop_price=self.stop_price,
            limit_price=self.limit_price,
            placed_at=self.placed_at,
            done_at=self.done_at,
            done_text=self.done_text,
        )
