"""The gate that every order passes (RSK-1): the only maker of `RiskApproved`, which is all that the broker takes.

A limit is a small named check; a refusal names the limit, its value and the order's. What cannot be judged is refused:
a notional limit and no price to judge by is a refusal, not a pass. The gate decides without waiting for anything: what
it needs of the market is asked for before (`needs_quote`), what it needs of orders it is told (`note`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from ironbridge.domain.instrument import Contract
from ironbridge.domain.market import Quote
from ironbridge.domain.order import OrderRequest, RiskApproved
from ironbridge.domain.order_state import Order
from ironbridge.domain.risk import RiskPolicy
from ironbridge.errors import OrderRefused
from ironbridge.interfaces import Clock, RiskFacts
from ironbridge.risk import order_checks, standing_checks
from ironbridge.risk.case import Case, Check, own_price
from ironbridge.risk.tally import Tally

CHECKS: Mapping[str, Check] = {
    "allowed": order_checks.allowed,
    "max_quantity": order_checks.max_quantity,
    "max_notional": order_checks.max_notional,
    "price_collar": order_checks.price_collar,
    "max_quote_age": order_checks.max_quote_age,
    "market_hours": order_checks.market_hours,
    "block_on_unexplained": standing_checks.block_on_unexplained,
    "max_open_orders": standing_checks.max_open_orders,
    "order_rate": standing_checks.order_rate,
    "duplicate_window": standing_checks.duplicate_window,
    "max_position": standing_checks.max_position,
    "max_exposure": standing_checks.max_exposure,
    "min_buying_power": standing_checks.min_buying_power,
}
"""Every limit by its name, in the order in which they are asked: what costs least and says most comes first."""

_QUOTED = ("price_collar", "max_quote_age")
"""Limits that no order keeps without a quote."""

_PRICED = ("max_notional", "max_exposure", "min_buying_power")
"""Limits that an order keeps or breaks by its own price, and by a quote where it has none."""

Barrier = Callable[[Case], None]
"""Something beside the limits that may stand in an order's way: the kill switch, a day's loss. It raises."""


class RiskGate:
    """Judges orders by the limits in force.

    Parameters:
        policy: in force from the start.
        clock: dates the approvals.
        facts: what is known of accounts.
    """

    def __init__(self, policy: RiskPolicy, clock: Clock, facts: RiskFacts) -> None:
        self._policy = policy
        self._clock = clock
        self._facts = facts
        self._barriers: tuple[Barrier, ...] = ()
        self._refused: Callable[[OrderRequest, OrderRefused], None] = lambda _request, _error: None
        self._tally = Tally()
        self._prices: dict[int, Decimal] = {}

    @property
    def policy(self) -> RiskPolicy:
        """The limits in force. Assigning puts others in force for every order judged from then on."""
        return self._policy

    @policy.setter
    def policy(self, policy: RiskPolicy) -> None:
        self._policy = policy

    @property
    def tally(self) -> Tally:
        """What is known of orders."""
        return self._tally

    def guard(self, *barriers: Barrier, refused: Callable[[OrderRequest, OrderRefused], None]) -> None:
        """Ask these barriers too from now on, and tell of every refusal; neither may block."""
        self._barriers = (*self._barriers, *barriers)
        self._refused = refused

    def note(self, order: Order) -> None:
        """Take an order as it stands now; called with each change of each order, and with all of them at the start."""
        self._tally.note(order)

    def needs_quote(self, request: OrderRequest) -> bool:
        """Whether the order cannot be judged without a quote of its instrument."""
        priced = own_price(request.spec) is not None
        for _, limits in self._policy.applying(request):
            if any(getattr(limits, name) is not None for name in _QUOTED):
                return True
            if not priced and any(getattr(limits, name) is not None for name in _PRICED):
                return True
        return False

    def check(
        self,
        request: OrderRequest,
        contract: Contract,
        quote: Quote | None,
        *,
        replacing: Order | None = None,
        pending: Iterable[OrderRequest] = (),
    ) -> RiskApproved:
        """Let the order through.

        Parameters:
            request: the order, as it would stand.
            contract: what it is for.
            quote: the newest quote, None where there is none.
            replacing: the order as it stands, where this is a modification of it.
            pending: orders that were let through and that nobody has told of yet (`note`).

        Raises:
            OrderRefused: naming the limit, its value and the order's.
        """
        now = self._clock.now()
        case = Case(
            request, contract, quote, now, self._facts, self._tally, tuple(pending), replacing, self._prices
        )  # fmt: skip
        try:
            for barrier in self._barriers:
                barrier(case)
            for scope, limits in self._policy.applying(request):
                for check in CHECKS.values():
                    check(case, scope, limits)
        except OrderRefused as error:
            self._refused(request, error)
            raise
        return RiskApproved(request, tuple(CHECKS), now)

    def __repr__(self) -> str:
        return f"<RiskGate {len(self._policy.limits)} sets of limits, {self._tally}>"
