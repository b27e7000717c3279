"""Orders: the only way in which one is sent, and the one place that knows how each stands."""

from ironbridge.domain.order_state import ForeignOrder, Order, OrderUpdate
from ironbridge.orders.codes import CodeRule, Codes, Meaning
from ironbridge.orders.handle import OrderHandle
from ironbridge.orders.hands import OrderHands
from ironbridge.orders.service import OrderOptions, OrderService

__all__ = [
    "CodeRule",
    "Codes",
    "ForeignOrder",
    "Meaning",
    "Order",
    "OrderHandle",
    "OrderHands",
    "OrderOptions",
    "OrderService",
    "OrderUpdate",
]
