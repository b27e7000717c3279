"""Which parts of an order IB refuses together, whatever it is for: decided by the tables of `domain`, row by row.

Every refusal is an `InvalidOrder` that names the field at fault and what goes instead.
"""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from ironbridge.domain.order_attributes import ATTRIBUTES, Attribute
from ironbridge.domain.order_shape import shown, words
from ironbridge.domain.order_spec import OrderSpec
from ironbridge.domain.order_types import TYPES, OrderType
from ironbridge.domain.values import plain
from ironbridge.errors import InvalidOrder

_DEFAULTS = {field.name: field.default for field in fields(OrderSpec)}


def attributes_of(spec: OrderSpec) -> dict[str, Attribute]:
    """The rows of the table that the order makes use of."""
    return {name: row for name, row in ATTRIBUTES.items() if getattr(spec, name) != _DEFAULTS[name]}


def check_rules(spec: OrderSpec) -> None:
    """Return where nothing in the order excludes anything else in it.

    Raises:
        InvalidOrder: naming the field that does not go with the rest.
    """
    _check_time(spec)
    used = attributes_of(spec)
    for name, row in used.items():
        _check_attribute(spec, name, row)
        for other in sorted(row.not_with & used.keys()):
            raise InvalidOrder(
                f"An order cannot have both: {row.title} and {ATTRIBUTES[other].title}.",
                next_step=f"Leave out the {words(other)} or the {words(name)}.",
                field=shown(name),
            )
    for name, part in (("display_size", spec.display_size), ("min_quantity", spec.min_quantity)):
        if part is not None and part > spec.quantity:
            raise InvalidOrder(
                f"The {words(name)} {plain(Decimal(part))} is above the quantity {plain(spec.quantity)}.",
                next_step=f"Give at most {plain(spec.quantity)}.",
                field=shown(name),
            )


def _check_time(spec: OrderSpec) -> None:
    times = TYPES[spec.order_type].times
    if spec.time_in_force not in times:
        allowed = ", ".join(sorted(times))
        raise InvalidOrder(
            f"A {spec.order_type} order cannot be {spec.time_in_force}.",
            next_step=f"Give {allowed}." if len(times) == 1 else f"Give one of {allowed}.",
            field="time_in_force",
        )


def _check_attribute(spec: OrderSpec, name: str, row: Attribute) -> None:
    if spec.order_type not in row.types:
        raise InvalidOrder(
            f'A {spec.order_type} order does not take "{row.title}".',
            next_step=f"It goes with {', '.join(kind for kind in OrderType if kind in row.types)}.",
            field=shown(name),
        )
    if spec.time_in_force in row.not_while:
        raise InvalidOrder(
            f'An order that is {spec.time_in_force} does not take "{row.title}".',
            next_step=f"Leave out the {words(name)}, or choose another time in force.",
            field=shown(name),
        )
