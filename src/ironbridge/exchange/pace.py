"""The next step at which anything can happen to the orders of a listing.

Between two events most orders only wait for a price. A fence around the current price, at the nearest limit and the
nearest trigger, lets a long jump skip straight to the step at which the market comes near one of them. A trailing
stop waits between its stop and the price at which it begins to follow. Orders that are pegged to the market, or take
what comes, need every step.
"""

from __future__ import annotations

from math import inf

from ironbridge.domain.values import Side
from ironbridge.exchange import triggers
from ironbridge.exchange.checks import TRAILING
from ironbridge.exchange.desk import Desk
from ironbridge.exchange.floor import units_of
from ironbridge.exchange.listing import Listing
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
    if last - first < _NEAR:
        return first
    fence = _fence(desk, listing)
    if fence is None:
        return first
    return tape.track(listing).crossing(first, last, *fence)


def _fence(desk: Desk, listing: Listing) -> tuple[float, float] | None:
    """Price units between which no order of the listing can fill or be set off; None when every step counts."""
    if listing.con_id in desk.floor.owed or desk.vigil.needs_every_step(listing.con_id):
        return None
    low, high = -inf, inf
    book = desk.floor.books.get(listing.con_id)
    if book is not None:
        low = max((order.units for order in book.resting(Side.BUY) if order.units is not None), default=low)
        high = min((order.units for order in book.resting(Side.SELL) if order.units is not None), default=high)
    for order in desk.vigil.at(listing.con_id):
        if order.stop_price is None:
            return None
        marks = [(order.stop_price, triggers.waits_for_rise(order.terms))]
        if order.terms.kind in TRAILING:
            marks.append((triggers.moves_at(order.terms, order.stop_price), not marks[0][1]))
        for price, above in marks:
            if above:
                high = min(high, units_of(price, listing))
            else:
                low = max(low, units_of(price, listing) + 1)
    return low, high
