"""Why the venue said no, in IB's codes and words (gateway-behaviour, section 2)."""

from __future__ import annotations

from ironbridge.exchange.events import CancelRejected, ModifyRejected, OrderRejected, RejectReason
from ironbridge.exchange.events import OrderStatus as VenueStatus
from ironbridge.paper.order_echo import status_of
from ironbridge.paper.translate import NOT_FOUND, Refusal, invalid

_FIXED: dict[RejectReason, tuple[int, str]] = {
    RejectReason.UNKNOWN_LISTING: (200, NOT_FOUND),
    RejectReason.OFF_TICK: (110, "The price does not conform to the minimum price variation for this contract."),
    RejectReason.UNKNOWN_PARENT: (10006, "Missing parent order."),
    RejectReason.DUPLICATE_ORDER: (103, "Duplicate order id"),
}

_VALIDATION = frozenset({RejectReason.BAD_PRICE, RejectReason.BAD_TERMS, RejectReason.UNKNOWN_ACCOUNT})


def refusal_of(event: OrderRejected | ModifyRejected) -> Refusal:
    """The error that answers an order which the venue did not take."""
    if event.reason in _FIXED:
        return Refusal(*_FIXED[event.reason])
    if event.reason is RejectReason.BAD_QUANTITY:
        if isinstance(event, OrderRejected) and event.terms.quantity == 0:
            return Refusal(434, "The order size cannot be zero.")
        return Refusal(321, f"Error validating request.-'bX' : cause - {event.text}")
    if event.reason is RejectReason.UNSUPPORTED:
        return Refusal(387, f"Unsupported order type for this exchange and security type: {event.text}")
    if event.reason in _VALIDATION:
        return invalid("bX", event.text)
    if isinstance(event, ModifyRejected) and event.reason is RejectReason.ALREADY_DONE:
        return Refusal(104, "Can't modify a filled order.")
    return Refusal(201, f"Order rejected - reason:{event.text}")


def makes_inactive(reason: RejectReason) -> bool:
    """Whether the gateway takes such an order and shows it Inactive, where others are refused on the spot."""
    return reason in {RejectReason.BUYING_POWER, RejectReason.NO_POSITION, RejectReason.NOT_TRADABLE}


def cancel_refusal(order_id: int, event: CancelRejected) -> Refusal:
    if event.order is None:
        return unknown_cancel(order_id)
    if event.order.status in {VenueStatus.FILLED, VenueStatus.CANCELLED}:
        return cannot_cancel(order_id, status_of(event.order))
    return Refusal(161, f"Cancel attempted when order is not in a cancellable state. {event.text}")


def cannot_cancel(order_id: int, state: str) -> Refusal:
    return Refusal(10148, f"OrderId {order_id} that needs to be cancelled can not be cancelled, state: {state}.")


def unknown_cancel(order_id: int) -> Refusal:
    return Refusal(10147, f"OrderId {order_id} that needs to be cancelled is not found.")
