"""Whether the conditions of an order are met.

Conditions are read from left to right, each joined to the next by "and" or "or" without precedence, as IB does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.exchange.checks import Fault
from ironbridge.exchange.commands import Condition, ConditionKind
from ironbridge.exchange.events import Quote, RejectReason
from ironbridge.exchange.orders import LiveOrder

ZERO = Decimal(0)
SLOW_STEPS = 40
"""Conditions on more than price and time are looked at every ten seconds, on the minute's own grid."""
_QUICK = frozenset({ConditionKind.PRICE, ConditionKind.TIME})
_ON_MARKET = frozenset({ConditionKind.PRICE, ConditionKind.VOLUME, ConditionKind.PERCENT_CHANGE})


@dataclass(frozen=True, slots=True)
class Senses:
    """What conditions can look at.

    Parameters:
        quote: of a listing, by con id.
        cushion: an account's excess liquidity, per cent of its net liquidation.
        traded: whether an account has had a fill in a symbol since a moment.
    """

    quote: Callable[[int], Quote]
    cushion: Callable[[str], Decimal]
    traded: Callable[[str, str, datetime], bool]


def listings_of(conditions: tuple[Condition, ...]) -> frozenset[int]:
    """The listings whose market the conditions look at."""
    return frozenset(condition.con_id for condition in conditions if condition.kind in _ON_MARKET)


def are_slow(conditions: tuple[Condition, ...]) -> bool:
    """Whether some condition changes otherwise than by price and time."""
    return any(condition.kind not in _QUICK for condition in conditions)


def fault_in(conditions: tuple[Condition, ...], known: Callable[[int], object | None]) -> Fault | None:
    """The first thing wrong with conditions, or None."""
    for condition in conditions:
        name = condition.kind.name.lower().replace("_", " ")
        if condition.kind in _ON_MARKET and known(condition.con_id) is None:
            text = f"The {name} condition names con id {condition.con_id}, which is not listed."
            return Fault(RejectReason.BAD_TERMS, text, "conditions")
        missing = {
            ConditionKind.TIME: condition.time is None,
            ConditionKind.EXECUTION: not condition.symbol,
        }.get(condition.kind, condition.value is None)
        if missing:
            return Fault(RejectReason.BAD_TERMS, f"The {name} condition has nothing to compare with.", "conditions")
    return None


def met(order: LiveOrder, senses: Senses, now: datetime) -> bool:
    """Whether the order's conditions, taken together, are met."""
    result, joined_by_and = True, True
    for condition in order.terms.conditions:
        holds = _holds(condition, order, senses, now)
        result = (result and holds) if joined_by_and else (result or holds)
        joined_by_and = condition.joined_by_and
    return result


def _holds(condition: Condition, order: LiveOrder, senses: Senses, now: datetime) -> bool:
    if condition.kind is ConditionKind.TIME:
        return condition.time is not None and (now >= condition.time) == condition.above
    if condition.kind is ConditionKind.EXECUTION:
        return senses.traded(order.terms.account, condition.symbol, order.placed_at)
    seen = _seen(condition, order, senses)
    if seen is None or condition.value is None:
        return False
    return seen >= condition.value if condition.above else seen <= condition.value


def _seen(condition: Condition, order: LiveOrder, senses: Senses) -> Decimal | None:
    if condition.kind is ConditionKind.MARGIN:
        return senses.cushion(order.terms.account)
    quote = senses.quote(condition.con_id)
    if condition.kind is ConditionKind.VOLUME:
        return quote.volume
    price = quote.last if quote.last is not None else quote.mid
    if condition.kind is ConditionKind.PRICE or price is None:
        return price
    return (price / quote.close - 1) * 100 if quote.close else None
