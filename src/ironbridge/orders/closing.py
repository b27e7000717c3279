"""Closing an order by hand: what IB has lost sight of, a person may look for elsewhere, and end here."""

from __future__ import annotations

from collections.abc import Sequence

from ironbridge.domain.audit import present_actor
from ironbridge.domain.events import OrderClosedByHand, OrderEvent
from ironbridge.domain.lifecycle import OrderState
from ironbridge.errors import InvalidOrder, OrderError
from ironbridge.orders.book import Book
from ironbridge.orders.intake import Intake


async def close_by_hand(intake: Intake, book: Book, key: str, by: str, reason: str) -> None:
    """See `OrderService.close_by_hand`."""
    book.require(key)
    if not by.strip() or not reason.strip():
        raise InvalidOrder(
            f"The order {key!r} cannot be closed by nobody or for no reason.",
            next_step="Say who has looked, where, and what was found.",
        )

    def decide(now: Book) -> Sequence[OrderEvent]:
        unknown = now.require(key).state is OrderState.UNKNOWN
        return (OrderClosedByHand(key, by, reason),) if unknown else ()

    await intake.settle(decide, present_actor())
    order = book.require(key)
    if order.state is not OrderState.CLOSED:
        raise OrderError(
            f"Only an order that is unknown is closed by hand, and {key!r} is {order.state.replace('_', ' ')}.",
            next_step="Cancel it, or wait for what IB says of it.",
            key=key,
        )
