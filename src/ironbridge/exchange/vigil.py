"""The orders that wait for the market: who looks at which listing, and what a step shows them.

An order waits here while it is held for a trigger or a condition, while a condition may cancel it, while its price is
pegged to the market, and while it is a combination. It is told by verdicts, which the desk carries out.
"""

from __future__ import annotations

from enum import Enum, auto

from ironbridge.exchange import conditions, pegs, triggers
from ironbridge.exchange.checks import PEGGED, TRAILING
from ironbridge.exchange.commands import ConditionKind
from ironbridge.exchange.conditions import Senses
from ironbridge.exchange.events import Hold, OrderStatus
from ironbridge.exchange.floor import Floor
from ironbridge.exchange.hours import Hours
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import LiveOrder


class Verdict(Enum):
    """What a step means for a waiting order."""

    NOTHING = auto()
    TRIGGERED = auto()
    TRAILED = auto()
    CONDITION_MET = auto()
    REPEGGED = auto()
    TRY_COMBO = auto()


class Vigil:
    """The register of waiting orders."""

    def __init__(self, floor: Floor, hours: Hours, senses: Senses) -> None:
        self._floor = floor
        self._hours = hours
        self._senses = senses
        self.waiting: dict[int, dict[int, LiveOrder]] = {}

    def keep(self, order: LiveOrder) -> None:
        """Puts an order where it looks, if it waits for the market at all."""
        terms = order.terms
        places: set[int] = set()
        if Hold.PARENT in order.holds or Hold.TIME in order.holds:
            return
        if terms.conditions and not order.condition_met:
            places |= conditions.listings_of(terms.conditions) or {self._own(order)}
        if order.holds == (Hold.TRIGGER,) or (terms.kind in PEGGED and order.status is OrderStatus.WORKING):
            places.add(terms.con_id)
        if terms.legs and order.status is OrderStatus.WORKING:
            places.update(leg.con_id for leg in terms.legs)
        for con_id in places:
            self.waiting.setdefault(con_id, {})[order.perm_id] = order

    @staticmethod
    def _own(order: LiveOrder) -> int:
        return order.terms.legs[0].con_id if order.terms.legs else order.terms.con_id

    def drop(self, order: LiveOrder) -> None:
        for con_id in [con_id for con_id, orders in self.waiting.items() if order.perm_id in orders]:
            del self.waiting[con_id][order.perm_id]
            if not self.waiting[con_id]:
                del self.waiting[con_id]

    def at(self, con_id: int) -> list[LiveOrder]:
        """Who looks at a listing, first come first."""
        return sorted(self.waiting.get(con_id, {}).values(), key=lambda order: order.rank)

    def expecting_trades(self) -> list[LiveOrder]:
        """Who waits for a fill of its account's."""
        found = {
            order.perm_id: order
            for orders in self.waiting.values()
            for order in orders.values()
            if any(condition.kind is ConditionKind.EXECUTION for condition in order.terms.conditions)
        }
        return list(found.values())

    def judge(self, order: LiveOrder, listing: Listing, step: int) -> Verdict:
        """What this step of a listing's market means for the order. A trailing stop is moved here."""
        terms = order.terms
        if terms.conditions and not order.condition_met:
            if conditions.are_slow(terms.conditions) and step % conditions.SLOW_STEPS:
                return Verdict.NOTHING
            return Verdict.CONDITION_MET if self.conditions_met(order, listing) else Verdict.NOTHING
        if terms.legs:
            return Verdict.TRY_COMBO if order.status is OrderStatus.WORKING else Verdict.NOTHING
        if terms.con_id != listing.con_id:
            return Verdict.NOTHING
        if order.holds == (Hold.TRIGGER,):
            seen = self._floor.glimpse(listing, step)
            if order.stop_price is not None and triggers.is_hit(terms, order.stop_price, seen):
                return Verdict.TRIGGERED
            return Verdict.TRAILED if self.trail(order, listing, step) else Verdict.NOTHING
        if terms.kind in PEGGED and order.status is OrderStatus.WORKING:
            price = pegs.pegged(terms, self._floor.tape.track(listing).top(step), listing)
            return Verdict.REPEGGED if price != order.limit_price or order.units is None else Verdict.NOTHING
        return Verdict.NOTHING

    def conditions_met(self, order: LiveOrder, listing: Listing) -> bool:
        outside = order.terms.conditions_outside_hours or self._hours.is_liquid(listing)
        return outside and conditions.met(order, self._senses, self._hours.now)

    def trail(self, order: LiveOrder, listing: Listing, step: int) -> bool:
        """Moves a trailing stop after the market; tells whether it moved."""
        if order.terms.kind not in TRAILING:
            return False
        stop = triggers.trailed(order.terms, order.stop_price, self._floor.glimpse(listing, step), listing)
        if stop is None or stop == order.stop_price:
            return False
        order.stop_price = stop
        order.limit_price = triggers.limit_behind(order.terms, stop, listing)
        return True
