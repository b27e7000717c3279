"""What one order's fate means for others: brackets and one-cancels-all groups.

A child is released when its parent is completely filled; of a parent's children the first one filled cancels the
others. A fill in a group cancels its other members, or with the reducing types takes its quantity off theirs; a member
that is completely filled always cancels them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from ironbridge.exchange.commands import OcaType
from ironbridge.exchange.events import CancelReason
from ironbridge.exchange.orders import LiveOrder

_CANCELS = frozenset({OcaType.NONE, OcaType.CANCEL_WITH_BLOCK})


class Groups:
    """Parameters:
    live: all live orders, by perm id.
    end: cancels an order for a reason, with a text.
    release: looks again at why an order is held.
    reduced: tells that an order's quantity shrank.
    """

    def __init__(
        self,
        live: dict[int, LiveOrder],
        end: Callable[[LiveOrder, CancelReason, str], None],
        release: Callable[[LiveOrder], None],
        reduced: Callable[[LiveOrder], None],
    ) -> None:
        self._live = live
        self._end = end
        self._release = release
        self._reduced = reduced

    def children(self, order: LiveOrder) -> list[LiveOrder]:
        return [other for other in self._live.values() if other.terms.parent == order.perm_id]

    def filled(self, order: LiveOrder, quantity: Decimal, *, over: bool) -> None:
        """Takes a fill's effect on the others; `over` when nothing remains of the order."""
        if order.terms.oca_group:
            self._group(order, quantity, over=over)
        if not over:
            return
        for child in self.children(order):
            if child.is_live:
                self._release(child)
        if order.terms.parent:
            for sibling in list(self._live.values()):
                if sibling.is_live and sibling.terms.parent == order.terms.parent:
                    self._end(sibling, CancelReason.SIBLING, "Another order of the bracket was filled.")

    def _group(self, order: LiveOrder, quantity: Decimal, *, over: bool) -> None:
        terms = order.terms
        members = [
            other
            for other in self._live.values()
            if other.terms.oca_group == terms.oca_group and other.terms.account == terms.account and other is not order
        ]
        for other in members:
            if not other.is_live:
                continue
            left = other.terms.quantity - quantity
            if over or terms.oca_type in _CANCELS or left <= other.filled:
                self._end(other, CancelReason.OCA, "Another order of the group was filled.")
            else:
                other.terms = replace(other.terms, quantity=left)
                self._reduced(other)
