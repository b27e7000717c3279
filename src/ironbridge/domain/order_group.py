"""Orders that were submitted as one: a bracket, the exits of an order, a one-cancels-all group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.links import Role
from ironbridge.domain.order_state import ZERO, Order

_FAILED = frozenset({OrderState.REJECTED, OrderState.NOT_SENT})


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """A group as it stands.

    Parameters:
        key: the group's key.
        orders: its orders, in the order in which they were sent.
    """

    key: str
    orders: tuple[Order, ...]

    @property
    def entry(self) -> Order | None:
        """The order that opens the position, None in a group that has none."""
        return self._in_role(Role.ENTRY)

    @property
    def take_profit(self) -> Order | None:
        return self._in_role(Role.TAKE_PROFIT)

    @property
    def stop_loss(self) -> Order | None:
        return self._in_role(Role.STOP_LOSS)

    @property
    def ended(self) -> bool:
        """Whether none of its orders can trade any more."""
        return all(order.ended for order in self.orders)

    @property
    def is_whole(self) -> bool:
        """Whether every order of it reached IB and was taken, as far as is known."""
        return not any(order.state in _FAILED for order in self.orders)

    @property
    def has_traded(self) -> bool:
        return any(order.fills or order.reported_filled > ZERO for order in self.orders)

    def __str__(self) -> str:
        return f"[{self.key}] " + "; ".join(str(order) for order in self.orders)

    def _in_role(self, role: Role) -> Order | None:
        return next((order for order in self.orders if order.request.links.role is role), None)


def to_withdraw(orders: Iterable[Order], *, asked: bool) -> list[Order]:
    """Orders of a group that must be cancelled because the group does not stand whole.

    A group stands whole or not at all, as long as nothing of it has traded: with an order refused or never sent, those
    that are alive are cancelled. An untransmitted order is invisible: IB lists it nowhere, and a person can still
    transmit it in TWS. So when all that may be alive of a staged group is unknown although IB was asked in full, it is
    cancelled too; what was never there answers that it is not found.

    Parameters:
        orders: of one group.
        asked: whether IB, asked in full just now, has shown none of the unknown ones.
    """
    group = OrderGroup("", tuple(orders))
    if group.has_traded:
        return []
    alive = [order for order in group.orders if not order.ended]
    unseen = bool(alive) and all(order.state is OrderState.UNKNOWN and not order.perm_id for order in alive)
    staged = any(order.request.links.is_staged for order in group.orders)
    if group.is_whole and not (asked and staged and unseen):
        return []
    return [order for order in alive if order.state is not OrderState.CANCELLING]
