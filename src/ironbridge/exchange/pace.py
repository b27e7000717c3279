"""The next step at which anything can happen to the orders of a listing.

Between two events most orders only wait for a price. A fence around the current price, at the nearest limit, trigger
or condition, lets a long jump skip straight to the step at which the market comes near one of them. A trailing stop
waits between its stop and the price at which it begins to follow, a pegged order at its cap until the market comes back
to it. Slow conditions are looked at on their own grid; what follows the market, or takes what comes, needs every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import inf

from ironbridge.domain.values import Side
from ironbridge.exchange import conditions, triggers
from ironbridge.exchange.checks import PEGGED, TRAILING
from ironbridge.exchange.commands import ConditionKind
from ironbridge.exchange.desk import Desk
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import LiveOrder
from ironbridge.exchange.tape import step_of, time_of
from ironbridge.exchange.universe import schedule_of

_NEAR = 8
"""Below this many steps it costs less to look at each than to search."""


def next_busy(desk: Desk, listing: Listing, first: int, last: int) -> int | None:
    """The first step from `first` to `last` that must be looked at, or None when none needs to be."""
    if first > last:
        return None
    tape = desk.floor.tape
    if not tape.is_open(listing, first):
        first = step_of(schedule_of(listing).next_session(time_of(first)).opens)
        if first > last:
            return None
    if last - first < _NEAR or listing.con_id in desk.floor.owed:
        return first
    waiting = desk.vigil.at(listing.con_id)
    low, high = -inf, inf
    book = desk.floor.books.get(listing.con_id)
    if book is not None:
        low = max((order.units for order in book.resting(Side.BUY) if order.units is not None), default=low)
        high = min((order.units for order in book.resting(Side.SELL) if order.units is not None), default=high)
    for order in waiting:
        fence = _fence(order, listing)
        if fence is None:
            return first
        low, high = max(low, fence[0]), min(high, fence[1])
    found = tape.track(listing).crossing(first, last, low, high)
    if any(order.terms.conditions and conditions.are_slow(order.terms.conditions) for order in waiting):
        slow = -(-first // conditions.SLOW_STEPS) * conditions.SLOW_STEPS
        return slow if slow <= last and (found is None or slow < found) else found
    return found


def _fence(order: LiveOrder, listing: Listing) -> tuple[float, float] | None:
    """Price units between which nothing happens to a waiting order; None when every step counts."""
    terms, unit = order.terms, listing.min_tick
    if terms.conditions and not order.condition_met:
        return _around(order, listing)
    if terms.legs:
        return None
    if terms.kind in PEGGED:
        cap = terms.limit_price
        if cap is None or order.limit_price != cap:
            return None
        slack = float(((terms.offset or Decimal(0)) + unit) / unit)
        units = float(cap / unit)
        return (units + slack, inf) if terms.side is Side.BUY else (-inf, units - slack)
    if order.stop_price is None:
        return None
    low, high = -inf, inf
    for price, above in _marks(order, order.stop_price):
        units = float(price / unit)
        low, high = (low, min(high, units)) if above else (max(low, units), high)
    return low, high


def _marks(order: LiveOrder, stop: Decimal) -> Iterator[tuple[Decimal, bool]]:
    """Prices that matter to a stop, and whether they matter from above."""
    rises = triggers.waits_for_rise(order.terms)
    yield stop, rises
    if order.terms.kind in TRAILING:
        yield triggers.moves_at(order.terms, stop), not rises


def _around(order: LiveOrder, listing: Listing) -> tuple[float, float]:
    """The fence that an order's conditions on a listing's price make."""
    low, high = -inf, inf
    for condition in order.terms.conditions:
        if condition.kind is ConditionKind.PRICE and condition.con_id == listing.con_id and condition.value is not None:
            units = float(condition.value / listing.min_tick)
            low, high = (low, min(high, units)) if condition.above else (max(low, units), high)
    return low, high
