"""The terms of orders between JSON and the domain, both ways, and the tables of what goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from ironbridge.api.schemas.order_terms import (
    AlgorithmRow,
    AlgorithmView,
    AttributeRow,
    ConditionIn,
    ConditionsIn,
    ConditionsView,
    ConditionView,
    OrderTerms,
    OrderTypesView,
    ParameterRow,
    ScaleView,
    TimeRow,
    TypeRow,
)
from ironbridge.contracts import parse_instrument
from ironbridge.domain.algos import ALGORITHMS, Algo, Parameter
from ironbridge.domain.conditions import Condition, ConditionKind, Conditions
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.order_attributes import ATTRIBUTES, FRACTIONS, TIME_WORDS
from ironbridge.domain.order_shape import shown
from ironbridge.domain.order_spec import OrderSpec
from ironbridge.domain.order_types import PRICES, TYPES, OrderType, TimeInForce, TriggerMethod
from ironbridge.domain.order_words import terms
from ironbridge.domain.scale import Scale
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidOrder

Identify = Callable[[Instrument], Awaitable[Contract]]

_METHODS = {method.name.lower(): method for method in TriggerMethod}
_ON_INSTRUMENT = frozenset({
    ConditionKind.PRICE, ConditionKind.VOLUME, ConditionKind.CHANGE, ConditionKind.EXECUTION,
})  # fmt: skip
_SAME = (*PRICES, "good_till", "good_after", "outside_hours", "display_size", "min_quantity", "discretionary_amount")
"""Fields that have one name and one type on both sides."""


async def spec_of(
    body: OrderTerms, side: Side, quantity: Decimal | None, cash: Decimal | None, identify: Identify
) -> OrderSpec:
    """The order's shape. A type or time in force that was left out follows from what is given.

    Parameters:
        body: the terms.
        side: buy or sell.
        quantity: how many units, None where it is for money.
        cash: how much money.
        identify: makes a contract of an instrument that a condition names.

    Raises:
        InvalidOrder: they do not fit together.
        InvalidInstrument, InstrumentNotFound, AmbiguousInstrument: a condition names no one instrument.
        NotConnected, SessionLost, RequestTimeout, RequestRejected: nobody could say which.
    """
    if quantity is None and cash is None:
        raise InvalidOrder(
            "The order says neither how many nor for how much money.",
            next_step="Give a quantity or a cash_quantity.",
            field="quantity",
        )
    time = body.time_in_force or (TimeInForce.DAY if body.good_till is None else TimeInForce.GTD)
    return OrderSpec(
        side=side,
        quantity=Decimal(0) if quantity is None else quantity,
        order_type=OrderType(body.order_type) if body.order_type else _implied(body),
        time_in_force=TimeInForce(time),
        cash_quantity=cash,
        conditions=None if body.conditions is None else await _conditions(body.conditions, identify),
        algorithm=None
        if body.algorithm is None
        else Algo(body.algorithm.name, tuple(body.algorithm.parameters.items())),
        scaling=None if body.scaling is None else Scale(**dict(body.scaling)),
        is_all_or_none=body.all_or_none,
        is_hidden=body.hidden,
        trigger_method=_METHODS[body.trigger_method],
        is_guaranteed=body.guaranteed,
        **{name: getattr(body, name) for name in _SAME},
    )


def _implied(body: OrderTerms) -> OrderType:
    if body.trail_amount is not None or body.trail_percent is not None:
        return OrderType.TRAIL if body.limit_offset is None else OrderType.TRAIL_LIMIT
    if body.stop_price is not None:
        return OrderType.STOP if body.limit_price is None else OrderType.STOP_LIMIT
    return OrderType.MARKET if body.limit_price is None else OrderType.LIMIT


async def _conditions(body: ConditionsIn, identify: Identify) -> Conditions:
    return Conditions(
        tuple([await _condition(each, identify) for each in body.together]),
        tuple([await _condition(each, identify) for each in body.alone]),
        body.cancel,
        body.outside_hours,
    )


async def _condition(body: ConditionIn, identify: Identify) -> Condition:
    kind = ConditionKind(body.kind)
    named: dict[str, Any] = {}
    if kind in _ON_INSTRUMENT:
        if body.symbol is None:
            raise InvalidOrder(
                f"A {kind} condition names no symbol.", next_step="Give whose it is.", field="conditions"
            )
        what = (await identify(parse_instrument(body.symbol))).instrument
        if kind is ConditionKind.EXECUTION:
            return Condition(kind, exchange=what.exchange, symbol=what.symbol, security=what.kind.value)
        named = {"con_id": what.con_id, "exchange": what.exchange}
    return Condition(
        kind, above=body.above, value=body.value, moment=body.moment, method=_METHODS[body.method], **named
    )


def terms_view(spec: OrderSpec) -> dict[str, Any]:
    """The fields of a `TermsView`."""
    return {
        **{name: getattr(spec, name) for name in _SAME},
        "order_type": spec.order_type.value,
        "time_in_force": spec.time_in_force.value,
        "cash_quantity": spec.cash_quantity,
        "conditions": None if spec.conditions is None else _conditions_view(spec.conditions),
        "algorithm": None
        if spec.algorithm is None
        else AlgorithmView(name=spec.algorithm.name, parameters=dict(spec.algorithm.parameters)),
        "scaling": None if spec.scaling is None else ScaleView.model_validate(spec.scaling, from_attributes=True),
        "all_or_none": spec.is_all_or_none,
        "hidden": spec.is_hidden,
        "trigger_method": spec.trigger_method.name.lower(),
        "guaranteed": spec.is_guaranteed,
        "terms": terms(spec),
    }


def _conditions_view(conditions: Conditions) -> ConditionsView:
    return ConditionsView(
        together=[_condition_view(each) for each in conditions.together],
        alone=[_condition_view(each) for each in conditions.alone],
        cancel=conditions.cancel,
        outside_hours=conditions.outside_hours,
    )


def _condition_view(condition: Condition) -> ConditionView:
    return ConditionView.model_validate(
        {
            "kind": condition.kind.value,
            "method": condition.method.name.lower(),
            **{
                name: getattr(condition, name)
                for name in ("above", "value", "moment", "con_id", "exchange", "symbol", "security")
            },
        }
    )


def order_types_view() -> OrderTypesView:
    """The tables of what orders may be."""
    return OrderTypesView(
        types=[
            TypeRow(
                order_type=kind.value,
                title=rule.title,
                prices={name: need.value for name, need in rule.prices.items()},
                times=[time.value for time in TimeInForce if time in rule.times],
                listed_as=sorted(rule.names),
                fractions=kind in FRACTIONS,
            )
            for kind, rule in TYPES.items()
        ],
        times=[TimeRow(time_in_force=time.value, listed_as=TIME_WORDS.get(time)) for time in TimeInForce],
        attributes=[
            AttributeRow(
                field=shown(name),
                title=row.title,
                types=[kind.value for kind in OrderType if kind in row.types],
                not_with=sorted(map(shown, row.not_with)),
                not_while=[time.value for time in TimeInForce if time in row.not_while],
                listed_as=row.word,
            )
            for name, row in ATTRIBUTES.items()
        ],
        algorithms=[
            AlgorithmRow(name=name, parameters=[_parameter(tag, each) for tag, each in parameters.items()])
            for name, parameters in ALGORITHMS.items()
        ],
        trigger_methods=list(_METHODS),
    )


def _parameter(tag: str, parameter: Parameter) -> ParameterRow:
    ranged = parameter.form in {"number", "whole"}
    return ParameterRow(
        tag=tag,
        form=parameter.form,
        required=parameter.required,
        lowest=parameter.lowest if ranged else None,
        highest=parameter.highest if ranged else None,
        choices=list(parameter.choices),
    )
