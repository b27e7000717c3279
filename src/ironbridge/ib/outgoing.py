"""placeOrder messages of one link: encoded when they are wanted, or before, while their order becomes durable.

To encode one takes about as long as to send it and get it to the gateway, and an order's intent takes longer than both
to reach the disk; so what was prepared meanwhile goes out as it is. A prepared message serves the very order that it
was made of and no other: ids that came to nothing are given again, to another order.
"""

from __future__ import annotations

from ironbridge.domain.order import RiskApproved
from ironbridge.ib.link import Link
from ironbridge.ib.orders import order_to_ib


class Outgoing:
    """What is to be sent over a link.

    Parameters:
        link: whose encoder is used.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._prepared: dict[int, tuple[RiskApproved, bytes]] = {}

    def prepare(self, approved: RiskApproved, order_id: int) -> None:
        """Encode an order that is likely to be sent under this id."""
        self._prepared[order_id] = approved, self._encoded(approved, order_id, 0, transmit=True)

    def message(self, approved: RiskApproved, order_id: int, parent_id: int = 0, *, transmit: bool = True) -> bytes:
        """The message that sends the order, or changes it."""
        prepared, message = self._prepared.pop(order_id, (None, b""))
        if prepared is approved and transmit and not parent_id:
            return message
        return self._encoded(approved, order_id, parent_id, transmit=transmit)

    def _encoded(self, approved: RiskApproved, order_id: int, parent_id: int, *, transmit: bool) -> bytes:
        contract, order = order_to_ib(approved.request, parent_id=parent_id, transmit=transmit)
        return self._link.encoded(lambda encoder: encoder.placeOrder(order_id, contract, order))
