"""What the gate must know of orders, kept so that no order costs a walk through all of them.

Told of every order as it stands after each change (`note`), before anybody else is; it is derived from that alone, so a
restart that tells it of all orders brings it back. It owns no order and changes none.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ironbridge.domain.order import OrderRequest
from ironbridge.domain.order_state import ZERO, Order
from ironbridge.domain.values import Side
from ironbridge.risk.legs import moves_of

MEMORY = timedelta(days=1)
"""How long new orders are remembered: the longest window that a limit may have."""


@dataclass(frozen=True, slots=True)
class _Traded:
    at: datetime
    quantity: Decimal
    """Signed: bought units less sold ones."""


class Tally:
    """Open orders, new orders of the last day, and what strategies have traded."""

    def __init__(self) -> None:
        self._live: dict[str, Order] = {}
        self._made: deque[tuple[datetime, OrderRequest]] = deque()
        self._known: set[str] = set()
        self._positions: dict[str, Decimal] = {}
        self._by_strategy: defaultdict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
        self._traded: defaultdict[tuple[str, int], deque[_Traded]] = defaultdict(deque)

    def note(self, order: Order) -> None:
        """Take the order as it stands now."""
        if order.key not in self._known:
            self._known.add(order.key)
            self._made.append((order.created_at, order.request))
        if order.ended:
            self._live.pop(order.key, None)
        else:
            self._live[order.key] = order
        position = order.position
        change = position - self._positions.get(order.key, ZERO)
        if change:
            self._positions[order.key] = position
            request = order.request
            # A combination is filled in its own units, and held in those of its legs.
            for con_id, units in moves_of(request.instrument, Side.BUY).items():
                self._by_strategy[request.strategy, request.account, con_id] += change * units
                traded = self._traded[request.account, con_id]
                traded.append(_Traded(order.updated_at, change * units))
                while traded[0].at < order.updated_at - MEMORY:
                    traded.popleft()

    def live(self) -> Iterator[Order]:
        """Orders that may trade at the broker, those in doubt included."""
        return iter(self._live.values())

    def made_since(self, moment: datetime) -> Iterator[OrderRequest]:
        """Orders made from that moment on, the newest first."""
        while self._made and self._made[0][0] < self._made[-1][0] - MEMORY:
            self._made.popleft()
        for at, request in reversed(self._made):
            if at < moment:
                return
            yield request

    def traded_since(self, account: str, con_id: int, moment: datetime | None) -> tuple[Decimal, Decimal]:
        """Units bought and units sold of one contract after that moment; None means since ever."""
        bought = sold = ZERO
        for each in self._traded.get((account, con_id), ()):
            if moment is None or each.at > moment:
                bought, sold = bought + max(each.quantity, ZERO), sold + max(-each.quantity, ZERO)
        return bought, sold

    def strategy_positions(self, strategy: str, account: str) -> dict[int, Decimal]:
        """What a strategy's own fills come to, by con_id."""
        return {
            con_id: position
            for (name, owner, con_id), position in self._by_strategy.items()
            if name == strategy and owner == account and position
        }

    def __repr__(self) -> str:
        return f"<Tally of {len(self._live)} open orders>"
