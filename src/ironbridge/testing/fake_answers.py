"""How the fake broker answers by itself; a test puts its own in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironbridge.testing.fake_orders import FakeOrder

if TYPE_CHECKING:
    from ironbridge.testing.fakes import FakeBroker


def take(broker: FakeBroker, order: FakeOrder) -> None:
    """Answer a new order as IB does: it works, or waits for its parent's fill."""
    parent = broker.orders.get(order.parent_id)
    if parent is not None and parent.remaining > 0:
        broker.hold(order.order_id)
    else:
        broker.work(order.order_id)


def ignore(_broker: FakeBroker, _order: FakeOrder) -> None:
    """Hold a new order, or hear a cancel, and say nothing: the test goes on by hand."""


def change(broker: FakeBroker, order: FakeOrder) -> None:
    """Answer a modification as IB does: the order stands with its new terms."""
    broker.change(order.order_id)


def end(broker: FakeBroker, order: FakeOrder) -> None:
    """Answer a cancel as IB does."""
    broker.end(order.order_id)
