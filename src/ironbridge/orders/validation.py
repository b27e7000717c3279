"""Whether a contract can take an order at all, decided before anything is recorded or sent.

What the order asks for must go together (`rules`), the contract must take it (its own list of order types), and sizes,
prices and distances must lie on the contract's steps. Every refusal is an `InvalidOrder` whose `field` names the field
at fault, with the nearest value that would do. Nothing is moved to the tick here: an order is what its owner wrote, or
it is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ironbridge.domain.instrument import Contract, Kind
from ironbridge.domain.order_attributes import FRACTIONS, SPEAKS, TIME_WORDS
from ironbridge.domain.order_shape import shown, words
from ironbridge.domain.order_spec import OrderSpec
from ironbridge.domain.order_types import PRICES, TYPES, OrderType
from ironbridge.domain.values import Side, plain
from ironbridge.errors import InvalidOrder
from ironbridge.orders.rules import attributes_of, check_rules

MAY_BE_NEGATIVE = frozenset({Kind.FUTURE, Kind.FUTURE_OPTION, Kind.COMBO, Kind.COMMODITY})
"""What has traded at or below zero (crude oil did), or is a difference of prices."""

DIGITS = 15
"""Most digits of a number that IB can keep: its numbers are doubles."""

_NUMBERS = ("quantity", *PRICES, "cash_quantity", "discretionary_amount")
_DISTANCES = ("trail_amount", "limit_offset", "offset", "discretionary_amount")


def check_spec(spec: OrderSpec, contract: Contract) -> None:
    """Return where the contract can take the order.

    Raises:
        InvalidOrder: naming what does not fit, and the nearest that does.
    """
    _check_digits(spec)
    check_rules(spec)
    _check_instrument(spec, contract)
    _check_permissions(spec, contract)
    _check_quantity(spec, contract)
    for name in ("limit_price", "stop_price"):
        price = getattr(spec, name)
        if price is not None:
            _check_price(name, price, contract)
    for name, distance in _distances(spec):
        _check_distance(name, distance, contract)


def _check_digits(spec: OrderSpec) -> None:
    for name in _NUMBERS:
        number = getattr(spec, name)
        if isinstance(number, Decimal) and not -DIGITS <= number.adjusted() <= DIGITS:
            raise InvalidOrder(f"The {words(name)} {number:.3E} is out of any market's range.", field=shown(name))
        if isinstance(number, Decimal) and len(plain(number).replace(".", "").strip("-0")) > DIGITS:
            raise InvalidOrder(
                f"The {words(name)} {plain(number)} has more than {DIGITS} digits.",
                next_step="IB keeps numbers as doubles, which hold no more.",
                field=shown(name),
            )


def types_taken(contract: Contract) -> list[OrderType]:
    """The order types that the contract takes; all of them where the broker has not said."""
    return [kind for kind, rule in TYPES.items() if not contract.order_types or rule.names & contract.order_types]


def _check_instrument(spec: OrderSpec, contract: Contract) -> None:
    instrument = contract.instrument
    if instrument.kind is Kind.COMBO and len(instrument.legs) < 2:
        raise InvalidOrder(
            f"The combination on {instrument.symbol} has {len(instrument.legs)} legs.",
            next_step="Build it with Combo(symbol, Leg(...), Leg(...)).",
            field="instrument",
        )
    if not spec.is_guaranteed and instrument.kind is not Kind.COMBO:
        raise InvalidOrder(
            f"{instrument} is no combination, so there are no legs to guarantee.",
            next_step="Leave it out.",
            field="guaranteed",
        )
    if contract.valid_exchanges and instrument.exchange not in {"", *contract.valid_exchanges}:
        raise InvalidOrder(
            f"{instrument} does not trade at {instrument.exchange}.",
            next_step=f"It trades at {', '.join(contract.valid_exchanges)}.",
            field="instrument",
        )


def _check_permissions(spec: OrderSpec, contract: Contract) -> None:
    # An empty set means that the broker has not said, not that nothing goes.
    listed = contract.order_types
    if not listed:
        return
    if not TYPES[spec.order_type].names & listed:
        taken = types_taken(contract)
        raise InvalidOrder(
            f"{contract.instrument} takes no {spec.order_type} orders.",
            next_step=f"It takes {', '.join(taken)}." if taken else "It takes none of the order types known here.",
            field="order_type",
        )
    if SPEAKS not in listed:
        return
    word = TIME_WORDS.get(spec.time_in_force)
    if word is not None and word not in listed:
        takes = ["DAY", *(time for time, word in TIME_WORDS.items() if word in listed)]
        raise InvalidOrder(
            f"{contract.instrument} takes no {spec.time_in_force} orders.",
            next_step=f"It takes {', '.join(takes)}.",
            field="time_in_force",
        )
    for name, row in attributes_of(spec).items():
        if row.word is not None and row.word not in listed:
            raise InvalidOrder(
                f'{contract.instrument} does not take "{row.title}".', next_step="Leave it out.", field=name
            )


def _check_quantity(spec: OrderSpec, contract: Contract) -> None:
    quantity, step = spec.quantity, contract.size_increment
    if spec.cash_quantity is not None:
        return
    if quantity < contract.min_size:
        raise InvalidOrder(
            f"The quantity {plain(quantity)} is below the smallest for {contract.instrument}.",
            next_step=f"Give at least {plain(contract.min_size)}.",
            field="quantity",
        )
    if step > 0 and quantity % step:
        below = quantity - quantity % step
        raise InvalidOrder(
            f"The quantity {plain(quantity)} is no multiple of {plain(step)}, as {contract.instrument} needs.",
            next_step=_nearest(below if below >= max(contract.min_size, step) else None, below + step),
            field="quantity",
        )
    if quantity % 1 and contract.instrument.kind is Kind.STOCK and spec.order_type not in FRACTIONS:
        whole = quantity - quantity % 1
        raise InvalidOrder(
            f"A {spec.order_type} order takes no fraction of a share, and the quantity is {plain(quantity)}.",
            next_step=_nearest(whole or None, whole + 1),
            field="quantity",
        )


def _check_price(name: str, price: Decimal, contract: Contract) -> None:
    negative = contract.instrument.kind in MAY_BE_NEGATIVE
    if price <= 0 and not negative:
        raise InvalidOrder(
            f"The {words(name)} {plain(price)} is not above zero.", next_step="Give a price above zero.", field=name
        )
    if contract.conforms(price):
        return
    below, above = contract.round_price(price, Side.BUY), contract.round_price(price, Side.SELL)
    raise InvalidOrder(
        f"The {words(name)} {plain(price)} is not on the tick of {contract.instrument}, "
        f"which is {plain(contract.increment_at(price))} there.",
        next_step=_nearest(below if below > 0 or negative else None, above),
        field=shown(name),
    )


def _distances(spec: OrderSpec) -> Iterator[tuple[str, Decimal]]:
    for name in _DISTANCES:
        distance = getattr(spec, name)
        if distance is not None:
            yield name, distance
    if spec.scaling is not None:
        yield "scaling.increment", spec.scaling.increment
        if spec.scaling.profit_offset is not None:
            yield "scaling.profit_offset", spec.scaling.profit_offset


def _check_distance(name: str, distance: Decimal, contract: Contract) -> None:
    """A distance is no price: it goes by the smallest step, wherever the price is."""
    step = contract.min_tick
    if step <= 0 or distance % step == 0:
        return
    below = distance - distance % step
    raise InvalidOrder(
        f"The {words(name).replace('.', ' ')} {plain(distance)} is no multiple of the tick of {contract.instrument}, "
        f"which is {plain(step)}.",
        next_step=_nearest(below or None, below + step),
        field=shown(name),
    )


def _nearest(below: Decimal | None, above: Decimal) -> str:
    return f"Give {plain(above)}." if below is None else f"Give {plain(below)} or {plain(above)}."
