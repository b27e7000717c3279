"""How the fake broker answers by itself; a test puts its own in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironbridge.testing.fake_orders import FakeOrder, waits

if TYPE_CHECKING:
    from ironbridge.testing.fakes import FakeBroker


def take(broker: FakeBroker, order: FakeOrder) -> None:
    """Answer a new order as IB does: it is held, and works unless it waits for its parent's fill or for a price."""
    broker.hold(order.order_id)
    parent = broker.orders.get(order.parent_id)
    waiting = parent is not None and parent.remaining > 0
    if not waiting and not waits(order.request.spec):
        broker.work(order.order_id)


def trade(broker: FakeBroker, order: FakeOrder) -> None:
    """Answer a new order as IB does where the market takes it at once."""
    broker.hold(order.order_id)
    broker.fill(order.order_id)


def refuse(broker: FakeBroker, order: FakeOrder) -> None:
    """Refuse a new order: an error, and there is no such order."""
    del broker.orders[order.order_id]
    broker.notice(order.order_id, 201, "Order rejected - reason:margin")


def ignore(_broker: FakeBroker, _order: FakeOrder) -> None:
    """Hold a new order, or hear a cancel, and say nothing: the test goes on by hand."""


def change(broker: FakeBroker, order: FakeOrder) -> None:
    """Answer a modification as IB does: the order stands with its new terms."""
    broker.change(order.order_id)


def end(broker: FakeBroker, order: FakeOrder) -> None:
    """Answer a cancel as IB does."""
    broker.end(order.order_id)
