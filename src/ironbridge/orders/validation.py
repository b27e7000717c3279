"""Whether a contract can take an order at all, decided before anything is recorded or sent.

Every refusal is an `InvalidOrder` that names the field and what would do instead. Prices are not moved to the tick
here: an order is what its owner wrote, or it is none.
"""

from __future__ import annotations

from decimal import Decimal

from ironbridge.domain.instrument import Contract, Kind
from ironbridge.domain.order import OrderSpec, OrderType
from ironbridge.domain.values import Side, plain
from ironbridge.errors import InvalidOrder

CONTRACT_NAMES: dict[OrderType, frozenset[str]] = {
    OrderType.MARKET: frozenset({"MKT"}),
    OrderType.LIMIT: frozenset({"LMT"}),
    OrderType.STOP: frozenset({"STP"}),
    OrderType.STOP_LIMIT: frozenset({"STP LMT", "STPLMT"}),
}
"""How contract details spell the order types: not always as orders do."""

MAY_BE_NEGATIVE = frozenset({Kind.FUTURE, Kind.FUTURE_OPTION, Kind.COMBO, Kind.COMMODITY})
"""What has traded at or below zero (crude oil did), or is a difference of prices."""


def check_spec(spec: OrderSpec, contract: Contract) -> None:
    """Return where the contract can take the order.

    Raises:
        InvalidOrder: naming what does not fit, and the nearest that does.
    """
    _check_type(spec, contract)
    _check_quantity(spec.quantity, contract)
    for name, price in (("limit price", spec.limit_price), ("stop price", spec.stop_price)):
        if price is not None:
            _check_price(name, price, contract)


def _check_type(spec: OrderSpec, contract: Contract) -> None:
    # An empty set means that the broker has not said, not that nothing goes.
    if contract.order_types and not CONTRACT_NAMES[spec.order_type] & contract.order_types:
        taken = [kind for kind, names in CONTRACT_NAMES.items() if names & contract.order_types]
        raise InvalidOrder(
            f"{contract.instrument} takes no {spec.order_type} orders.",
            next_step=f"It takes {', '.join(taken)}." if taken else "It takes none of the order types known here.",
        )


def _check_quantity(quantity: Decimal, contract: Contract) -> None:
    if quantity < contract.min_size:
        raise InvalidOrder(
            f"The quantity {plain(quantity)} is below the smallest for {contract.instrument}.",
            next_step=f"Give at least {plain(contract.min_size)}.",
        )
    step = contract.size_increment
    if step > 0 and quantity % step:
        below = quantity - quantity % step
        raise InvalidOrder(
            f"The quantity {plain(quantity)} is no multiple of {plain(step)}, as {contract.instrument} needs.",
            next_step=_nearest(below if below >= max(contract.min_size, step) else None, below + step),
        )


def _check_price(name: str, price: Decimal, contract: Contract) -> None:
    if price <= 0 and contract.instrument.kind not in MAY_BE_NEGATIVE:
        raise InvalidOrder(f"The {name} {plain(price)} is not above zero.", next_step="Give a price above zero.")
    if contract.conforms(price):
        return
    below, above = contract.round_price(price, Side.BUY), contract.round_price(price, Side.SELL)
    raise InvalidOrder(
        f"The {name} {plain(price)} is not on the tick of {contract.instrument}, "
        f"which is {plain(contract.increment_at(price))} there.",
        next_step=_nearest(below if below > 0 or contract.instrument.kind in MAY_BE_NEGATIVE else None, above),
    )


def _nearest(below: Decimal | None, above: Decimal) -> str:
    return f"Give {plain(above)}." if below is None else f"Give {plain(below)} or {plain(above)}."
