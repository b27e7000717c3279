"""Conditions of orders, between our words and IB's.

IB has a flat list in which each condition says how the next one is joined to it; ours are some that hold together and
some that are each enough (`domain.conditions`). The two meet where a list has its "and"s before its "or"s; any other
list is one that we cannot express.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ib_async import order as ib

from ironbridge.domain.conditions import Condition, ConditionKind, Conditions
from ironbridge.domain.order_types import TriggerMethod
from ironbridge.ib.numbers import plain_text, required_decimal
from ironbridge.ib.order_times import moment_of, text_of

AND, OR = "a", "o"


def conditions_to_ib(conditions: Conditions | None) -> list[ib.OrderCondition]:
    """The list as IB has it. How the last one is joined means nothing; it says "and", as IB's own clients do."""
    if conditions is None:
        return []
    joins = [AND] * (len(conditions.together) - 1) + [OR] * len(conditions.alone) + [AND]
    every = (*conditions.together, *conditions.alone)
    return [_to_ib(condition, join) for condition, join in zip(every, joins, strict=True)]


def conditions_of(listed: Sequence[ib.OrderCondition], *, cancel: bool, outside_hours: bool) -> Conditions | None:
    """What IB's list means, None for an empty one.

    Raises:
        ValueError: it mixes "and" and "or" in a way that ours cannot express, or holds what cannot be read.
    """
    if not listed:
        return None
    joins = [getattr(each, "conjunction", AND).lower() for each in listed[:-1]]
    ands = joins.index(OR) if OR in joins else len(joins)
    if AND in joins[ands:]:
        raise ValueError("the conditions can be read in two ways")
    every = tuple(_of_ib(each) for each in listed)
    return Conditions(every[: ands + 1], every[ands + 1 :], cancel, outside_hours)


def _to_ib(condition: Condition, join: str) -> ib.OrderCondition:
    where: dict[str, Any]
    more, where = condition.above, {"conId": condition.con_id, "exch": condition.exchange}
    # ib_async declares numbers and writes text as it is: only so does every value go out as it is meant.
    value: Any = None if condition.value is None else plain_text(condition.value)
    match condition.kind:
        case ConditionKind.PRICE:
            return ib.PriceCondition(
                conjunction=join, isMore=more, price=value, triggerMethod=condition.method.value, **where
            )
        case ConditionKind.TIME:
            return ib.TimeCondition(conjunction=join, isMore=more, time=text_of(condition.moment))
        case ConditionKind.MARGIN:
            return ib.MarginCondition(conjunction=join, isMore=more, percent=value)
        case ConditionKind.EXECUTION:
            return ib.ExecutionCondition(
                conjunction=join, secType=condition.security, exch=condition.exchange, symbol=condition.symbol
            )
        case ConditionKind.VOLUME:
            return ib.VolumeCondition(conjunction=join, isMore=more, volume=value, **where)
        case ConditionKind.CHANGE:
            return ib.PercentChangeCondition(conjunction=join, isMore=more, changePercent=value, **where)


def _of_ib(said: ib.OrderCondition) -> Condition:
    match said:
        case ib.PriceCondition():
            return Condition(
                ConditionKind.PRICE,
                above=bool(said.isMore),
                value=required_decimal(said.price, "price of a condition"),
                con_id=said.conId,
                exchange=said.exch,
                method=TriggerMethod(said.triggerMethod),
            )
        case ib.TimeCondition():
            return Condition(ConditionKind.TIME, above=bool(said.isMore), moment=moment_of(said.time))
        case ib.MarginCondition():
            percent = required_decimal(said.percent, "margin of a condition")
            return Condition(ConditionKind.MARGIN, above=bool(said.isMore), value=percent)
        case ib.ExecutionCondition():
            return Condition(ConditionKind.EXECUTION, exchange=said.exch, symbol=said.symbol, security=said.secType)
        case ib.VolumeCondition():
            return Condition(
                ConditionKind.VOLUME,
                above=bool(said.isMore),
                value=required_decimal(said.volume, "volume of a condition"),
                con_id=said.conId,
                exchange=said.exch,
            )
        case ib.PercentChangeCondition():
            return Condition(
                ConditionKind.CHANGE,
                above=bool(said.isMore),
                value=required_decimal(said.changePercent, "change of a condition"),
                con_id=said.conId,
                exchange=said.exch,
            )
        case _:
            raise ValueError(f"{type(said).__name__} is no condition that is known")
