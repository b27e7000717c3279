"""What makes the shape of an order one that can be meant at all, whatever it is for and wherever it goes.

Invariant: each check raises `InvalidOrder` and nothing else, and its `field` detail names the field at fault.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ironbridge.domain.conditions import check_moment
from ironbridge.domain.order_types import PRICES, TYPES, Need, TimeInForce
from ironbridge.domain.values import plain
from ironbridge.errors import InvalidOrder

if TYPE_CHECKING:
    from ironbridge.domain.order_spec import OrderSpec

_POSITIVE = ("trail_amount", "trail_percent", "cash_quantity", "display_size", "min_quantity", "discretionary_amount")
_NOT_NEGATIVE = ("limit_offset", "offset")
_WHOLE = ("display_size", "min_quantity")


def check_shape(spec: OrderSpec) -> None:
    """Return where the spec's fields go together.

    Raises:
        InvalidOrder: naming the field that does not.
    """
    _check_size(spec)
    _check_prices(spec)
    _check_amounts(spec)
    _check_times(spec)


def words(field: str) -> str:
    """A field's name for people."""
    return shown(field).replace("_", " ")


def shown(field: str) -> str:
    """A field's name as errors and the REST interface have it."""
    return field.removeprefix("is_")


def _check_size(spec: OrderSpec) -> None:
    quantity = spec.quantity
    if spec.cash_quantity is not None:
        if not quantity.is_finite() or quantity != 0:
            raise InvalidOrder(
                "An order for an amount of money has no quantity of its own.",
                next_step="Give one of them: a quantity, or cash.",
                field="cash_quantity",
            )
    elif not quantity.is_finite() or quantity <= 0:
        raise InvalidOrder(
            f"The quantity {_shown(quantity)} is not positive.",
            next_step="Give how many units to trade; sell(...) makes a sale, not a minus sign.",
            field="quantity",
        )


def _check_prices(spec: OrderSpec) -> None:
    rule = TYPES[spec.order_type]
    for name in PRICES:
        price, need = getattr(spec, name), rule.prices.get(name)
        if need is Need.REQUIRED and price is None:
            raise InvalidOrder(
                f"A {spec.order_type} order needs a {words(name)}.",
                next_step="Give it, or choose another order type.",
                field=shown(name),
            )
        if need is None and price is not None:
            raise InvalidOrder(
                f"A {spec.order_type} order takes no {words(name)}.",
                next_step="Leave it out, or choose an order type that has one.",
                field=shown(name),
            )
        if price is not None and not price.is_finite():
            raise InvalidOrder(f"The {words(name)} {price} is not a number.", field=shown(name))
    if rule.one_of and sum(getattr(spec, name) is not None for name in rule.one_of) != 1:
        raise InvalidOrder(
            f"A {spec.order_type} order needs either a {' or a '.join(map(words, rule.one_of))}.",
            next_step="Give one of them, and not both.",
            field=rule.one_of[0],
        )


def _check_amounts(spec: OrderSpec) -> None:
    for name in (*_POSITIVE, *_NOT_NEGATIVE):
        amount = getattr(spec, name)
        if amount is None:
            continue
        number = Decimal(amount)
        if not number.is_finite() or number < 0 or (number == 0 and name in _POSITIVE):
            bound = "above zero" if name in _POSITIVE else "zero or more"
            raise InvalidOrder(f"The {words(name)} {_shown(number)} is not {bound}.", field=shown(name))
        if name in _WHOLE and number % 1:
            raise InvalidOrder(f"The {words(name)} {_shown(number)} is not whole.", field=shown(name))
    if spec.trail_percent is not None and spec.trail_percent >= 100:
        raise InvalidOrder(
            f"A trailing stop {plain(spec.trail_percent)} per cent behind the market is never reached.",
            next_step="Give a percentage below 100: 2 is two per cent.",
            field="trail_percent",
        )


def _check_times(spec: OrderSpec) -> None:
    for name in ("good_till", "good_after"):
        moment = getattr(spec, name)
        if moment is not None:
            check_moment(moment, name)
    if spec.time_in_force is TimeInForce.GTD and spec.good_till is None:
        raise InvalidOrder("A GTD order needs a time until which it is good.", next_step="Give it.", field="good_till")
    if spec.time_in_force is not TimeInForce.GTD and spec.good_till is not None:
        raise InvalidOrder(
            f"A {spec.time_in_force} order has no time until which it is good.",
            next_step="Leave it out, or make it GTD.",
            field="good_till",
        )
    if spec.good_till is not None and spec.good_after is not None and spec.good_after >= spec.good_till:
        raise InvalidOrder("The order ends before it begins.", next_step="Give a later end.", field="good_till")


def _shown(number: Decimal) -> str:
    return plain(number) if number.is_finite() else str(number)
