"""What open orders may still cost their accounts.

Sums, for each account, listing and side, the remaining quantity of open orders and what it would be worth, so that an
order can be judged without walking all others. Children of brackets and members of one-cancels-all groups are left out:
they stand for alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ironbridge.domain.values import Side
from ironbridge.exchange.orders import ZERO, LiveOrder

Key = tuple[str, int, Side]


class Pledges:
    """Running sums; `note` is called whenever an order changed."""

    def __init__(self) -> None:
        self._of_order: dict[int, list[tuple[Key, Decimal, Decimal]]] = {}
        self._sums: dict[str, dict[Key, tuple[Decimal, Decimal]]] = {}

    def note(self, order: LiveOrder, price: Decimal | None = None) -> None:
        """Takes an order's present remainder in place of its former one; `price` is what a unit may cost."""
        old = self._of_order.pop(order.perm_id, None)
        for key, quantity, worth in old or ():
            self._add(key, -quantity, -quantity * worth)
            price = worth if price is None else price
        terms = order.terms
        if price is None or not order.is_live or terms.parent or terms.oca_group:
            return
        entries = [((account, terms.con_id, terms.side), rest, price) for account, rest in _open(order)]
        self._of_order[order.perm_id] = entries
        for key, rest, _ in entries:
            self._add(key, rest, rest * price)

    def _add(self, key: Key, quantity: Decimal, value: Decimal) -> None:
        sums = self._sums.setdefault(key[0], {})
        total, worth = sums.get(key, (ZERO, ZERO))
        if total + quantity:
            sums[key] = (total + quantity, worth + value)
        else:
            sums.pop(key, None)

    def of(self, account: str, *, without: LiveOrder | None = None) -> Iterator[tuple[int, Decimal, Decimal]]:
        """(con id, signed quantity, average price) of the account's open orders."""
        left_out = self._of_order.get(without.perm_id, ()) if without is not None else ()
        for key, (quantity, worth) in self._sums.get(account, {}).items():
            for its_key, rest, price in left_out:
                if its_key == key:
                    quantity -= rest  # noqa: PLW2901 - the sum without one order
                    worth -= rest * price  # noqa: PLW2901
            if quantity:
                yield key[1], key[2].sign * quantity, worth / quantity


def _open(order: LiveOrder) -> Iterator[tuple[str, Decimal]]:
    """What is still to be filled, by account."""
    if not order.terms.shares:
        yield order.terms.account, order.remaining
        return
    had = order.allotted or (ZERO,) * len(order.terms.shares)
    for share, got in zip(order.terms.shares, had, strict=True):
        yield share.account, max(ZERO, share.quantity - got)
