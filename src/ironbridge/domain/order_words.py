"""The terms of an order in one line for people: type, prices, time in force and all else that is set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ironbridge.domain.order_types import TOUCHED, TRAILING, TriggerMethod
from ironbridge.domain.values import plain

if TYPE_CHECKING:
    from ironbridge.domain.order_spec import OrderSpec


def terms(spec: OrderSpec) -> str:
    """Everything but side and size: ``STP LMT 4.5 stop 5 DAY``."""
    return " ".join([str(spec.order_type), *_prices(spec), *_time(spec), *_rest(spec)])


def _prices(spec: OrderSpec) -> list[str]:
    waits = "touched" if spec.order_type in TOUCHED else "start" if spec.order_type in TRAILING else "stop"
    named = (
        ("", spec.limit_price), (f"{waits} ", spec.stop_price), ("by ", spec.trail_amount),
        ("limit offset ", spec.limit_offset), ("offset ", spec.offset),
    )  # fmt: skip
    shown = [f"{name}{plain(price)}" for name, price in named if price is not None]
    return [*shown, f"by {plain(spec.trail_percent)}%"] if spec.trail_percent is not None else shown


def _time(spec: OrderSpec) -> list[str]:
    shown = [str(spec.time_in_force)]
    if spec.good_till is not None:
        shown.append(_moment(spec.good_till))
    if spec.good_after is not None:
        shown.append(f"from {_moment(spec.good_after)}")
    return shown


def _rest(spec: OrderSpec) -> list[str]:
    said = {
        f"worked by {spec.algorithm}": spec.algorithm is not None,
        f"in levels of {spec.scaling}": spec.scaling is not None,
        f"showing {spec.display_size}": spec.display_size is not None,
        f"at least {spec.min_quantity}": spec.min_quantity is not None,
        "all or none": spec.is_all_or_none,
        "hidden": spec.is_hidden,
        "not guaranteed": not spec.is_guaranteed,
        f"triggered by {spec.trigger_method.name.lower().replace('_', ' ')}": (
            spec.trigger_method is not TriggerMethod.DEFAULT
        ),
    }
    shown = [text for text, is_so in said.items() if is_so]
    if spec.discretionary_amount is not None:
        shown.append(f"discretionary {plain(spec.discretionary_amount)}")
    if spec.conditions is not None:
        shown.append(f"{'cancelled when' if spec.conditions.cancel else 'when'} {spec.conditions}")
    return shown


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
