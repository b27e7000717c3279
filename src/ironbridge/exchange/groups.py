"""What one order's fate means for others: brackets and one-cancels-all groups.

A child is released when its parent is completely filled; of a parent's children the first one filled cancels the
others. A fill in a group cancels its other members, or with the reducing types takes its quantity off theirs; a member
that is completely filled always cancels them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from decimal import Decimal

from ironbridge.exchange.commands import OcaType
from ironbridge.exchange.events import CancelReason
from ironbridge.exchange.orders import LiveOrder

_CANCELS = frozenset({OcaType.NONE, OcaType.CANCEL_WITH_BLOCK})


class Groups:
    """The families and groups of the live orders.

    Parameters:
        end: cancels an order for a reason, with a text.
        release: looks again at why an order is held.
        reduced: tells that an order's quantity shrank.
    """

    def __init__(
        self,
        end: Callable[[LiveOrder, CancelReason, str], None],
        release: Callable[[LiveOrder], None],
        reduced: Callable[[LiveOrder], None],
    ) -> None:
        self._end = end
        self._release = release
        self._reduced = reduced
        # Live orders by parent, and by account and group.
        self._kin: dict[Hashable, dict[int, LiveOrder]] = {}

    @staticmethod
    def _keys(order: LiveOrder) -> list[Hashable]:
        terms = order.terms
        keys: list[Hashable] = [terms.parent] if terms.parent else []
        return [*keys, (terms.account, terms.oca_group)] if terms.oca_group else keys

    def join(self, order: LiveOrder) -> None:
        for key in self._keys(order):
            self._kin.setdefault(key, {})[order.perm_id] = order

    def leave(self, order: LiveOrder) -> None:
        for key in self._keys(order):
            kin = self._kin.get(key, {})
            kin.pop(order.perm_id, None)
            if not kin:
                self._kin.pop(key, None)

    def children(self, order: LiveOrder) -> list[LiveOrder]:
        return list(self._kin.get(order.perm_id, {}).values())

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
            for sibling in list(self._kin.get(order.terms.parent, {}).values()):
                if sibling.is_live:
                    self._end(sibling, CancelReason.SIBLING, "Another order of the bracket was filled.")

    def _group(self, order: LiveOrder, quantity: Decimal, *, over: bool) -> None:
        terms = order.terms
        for other in list(self._kin.get((terms.account, terms.oca_group), {}).values()):
            if not other.is_live or other is order:
                continue
            left = other.terms.quantity - quantity
            if over or terms.oca_type in _CANCELS or left <= other.filled:
                self._end(other, CancelReason.OCA, "Another order of the group was filled.")
            else:
                other.terms = replace(other.terms, quantity=left)
                self._reduced(other)
