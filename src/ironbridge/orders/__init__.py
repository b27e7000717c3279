"""Orders: the only way in which one is sent, and the one place that knows how each stands."""

from ironbridge.domain.order_state import ForeignOrder, Order, OrderUpdate
from ironbridge.orders.cancelling import CancelReport
from ironbridge.orders.code_desk import CodeDesk
from ironbridge.orders.codes import CodeRule, Codes, Meaning
from ironbridge.orders.group_handle import GroupHandle
from ironbridge.orders.groups import Groups
from ironbridge.orders.handle import OrderHandle
from ironbridge.orders.hands import OrderHands
from ironbridge.orders.options import OrderOptions
from ironbridge.orders.service import OrderService

__all__ = [
    "CancelReport",
    "CodeDesk",
    "CodeRule",
    "Codes",
    "ForeignOrder",
    "GroupHandle",
    "Groups",
    "Meaning",
    "Order",
    "OrderHandle",
    "OrderHands",
    "OrderOptions",
    "OrderService",
    "OrderUpdate",
]
