"""The gate that every order passes (RSK-1): the only maker of `RiskApproved`, which is all that the broker takes.

A limit is a small named check; a refusal names the limit, its value and the order's. What cannot be judged is refused:
a notional limit and no price to judge by is a refusal, not a pass. Limits are replaced as a whole, so that an order is
never judged by half of an old set and half of a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ironbridge.domain.instrument import Contract
from ironbridge.domain.market import Quote
from ironbridge.domain.order import OrderRequest, OrderSpec, RiskApproved
from ironbridge.domain.values import Side, decimal_of, plain
from ironbridge.errors import InvalidSettings, OrderRefused
from ironbridge.interfaces import Clock


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """What one order may be; None is "no limit".

    Parameters:
        max_quantity: the largest quantity, in units of the instrument.
        max_notional: the largest quantity times price times multiplier, in the instrument's currency.

    Raises:
        InvalidSettings: a limit that is not above zero.
    """

    max_quantity: Decimal | None = None
    max_notional: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("max_quantity", "max_notional"):
            limit = getattr(self, name)
            if limit is not None and not (limit.is_finite() and limit > 0):
                raise InvalidSettings(
                    f"The risk limit {name} is {limit}, which is not above zero.",
                    next_step="Give a number above zero, or none for no limit.",
                )


@dataclass(frozen=True, slots=True)
class Case:
    """One order before the gate."""

    request: OrderRequest
    contract: Contract
    quote: Quote | None
    limits: RiskLimits


class RiskGate:
    """Judges orders by the limits in force.

    Parameters:
        limits: in force from the start.
        clock: dates the approvals.
    """

    def __init__(self, limits: RiskLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock

    @property
    def limits(self) -> RiskLimits:
        """The limits in force. Assigning puts others in force for every order judged from then on."""
        return self._limits

    @limits.setter
    def limits(self, limits: RiskLimits) -> None:
        self._limits = limits

    def needs_quote(self, spec: OrderSpec) -> bool:
        """Whether an order of this shape cannot be judged without a quote: it has no price, and money is limited."""
        return self._limits.max_notional is not None and _own_price(spec) is None

    def check(self, request: OrderRequest, contract: Contract, quote: Quote | None) -> RiskApproved:
        """Let the order through.

        Parameters:
            request: the order.
            contract: what it is for, for its multiplier.
            quote: the newest quote, None where there is none.

        Raises:
            OrderRefused: naming the limit, its value and the order's.
        """
        case = Case(request, contract, quote, self._limits)
        for check in CHECKS.values():
            check(case)
        return RiskApproved(request, tuple(CHECKS), self._clock.now())

    def __repr__(self) -> str:
        return f"<RiskGate {self._limits}>"


def max_quantity(case: Case) -> None:
    limit, quantity = case.limits.max_quantity, case.request.spec.quantity
    if limit is not None and quantity > limit:
        raise OrderRefused(
            f"The quantity {plain(quantity)} is above the limit of {plain(limit)} for one order.",
            rule="max_quantity",
            limit=plain(limit),
            value=plain(quantity),
            next_step="Make the order smaller, or raise the limit.",
        )


def max_notional(case: Case) -> None:
    limit = case.limits.max_notional
    if limit is None:
        return
    currency = case.request.instrument.currency
    price = _expected_price(case)
    if price is None:
        raise OrderRefused(
            f"No price of {case.request.instrument} is known, so its notional cannot be held against the limit.",
            rule="max_notional",
            limit=plain(limit),
            value="unknown",
            next_step="Ask for a quote of it first, or give a limit price.",
        )
    notional = abs(case.request.spec.quantity * price * case.contract.multiplier)
    if notional > limit:
        raise OrderRefused(
            f"The notional {plain(notional)} {currency} is above the limit of {plain(limit)} {currency} for one order.",
            rule="max_notional",
            limit=plain(limit),
            value=plain(notional),
            next_step="Make the order smaller, or raise the limit.",
        )


CHECKS: dict[str, Callable[[Case], None]] = {"max_quantity": max_quantity, "max_notional": max_notional}
"""Every limit by its name, in the order in which they are asked."""


def _expected_price(case: Case) -> Decimal | None:
    """The price by which the order's size in money is judged: its own, or what the market asks for."""
    spec, quote = case.request.spec, case.quote
    own = _own_price(spec)
    if own is not None or quote is None:
        return own
    opposite = quote.ask if spec.side is Side.BUY else quote.bid
    price = opposite if opposite is not None else quote.last
    return None if price is None else decimal_of(price, "price")


def _own_price(spec: OrderSpec) -> Decimal | None:
    return spec.limit_price if spec.limit_price is not None else spec.stop_price
