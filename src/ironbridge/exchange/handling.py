"""How a released order trades, by its kind.

It takes what it can at once; what is left rests at its limit, goes on taking, follows the market, waits for the legs of
a combination, or is cancelled, as its kind and its time in force say.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ironbridge.exchange import checks, combos, pegs
from ironbridge.exchange.combos import LegFill
from ironbridge.exchange.commands import OrderKind
from ironbridge.exchange.commands import TimeInForce as Tif
from ironbridge.exchange.credit import Credit
from ironbridge.exchange.events import CancelReason
from ironbridge.exchange.floor import Floor
from ironbridge.exchange.hours import Hours
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import LiveOrder
from ironbridge.exchange.universe import Universe


class Handling:
    """Parameters:
    end: cancels what is left of an order.
    filled: books a combination's fill: (order, legs, units, price of a unit).
    """

    def __init__(
        self,
        universe: Universe,
        floor: Floor,
        credit: Credit,
        hours: Hours,
        end: Callable[[LiveOrder, CancelReason, str], None],
        filled: Callable[[LiveOrder, list[LegFill], Decimal, Decimal], None],
    ) -> None:
        self._universe = universe
        self._floor = floor
        self._credit = credit
        self._hours = hours
        self._end = end
        self._filled = filled

    def work(self, order: LiveOrder, listing: Listing) -> None:
        """Sends a released order to the floor, and keeps what is left of it where its kind says."""
        terms, step = order.terms, self._hours.step
        limit = order.limit_price if terms.kind in checks.LIMITED else None
        if order.auction_at is not None:
            self._auction(order, listing, limit)
            return
        if terms.legs:
            self.combo(order, step)
        elif terms.kind in checks.PEGGED:
            self.peg(order, listing, step)
            return
        elif terms.tif is Tif.FOK and not self._floor.fillable(listing, order, limit, step):
            self._end(order, CancelReason.IMMEDIATE, "The order could not be filled completely at once.")
            return
        else:
            self._floor.trade(listing, order, limit, step)
        if not order.is_live:
            return
        if terms.tif in {Tif.IOC, Tif.FOK}:
            self._end(order, CancelReason.IMMEDIATE, "What could not be filled at once is cancelled.")
        elif terms.legs:
            return
        elif terms.kind is OrderKind.MARKET_TO_LIMIT:
            order.limit_price = order.last_fill_price or self._credit.price_for(terms.side, listing, step)
            self._floor.rest(listing, order, order.limit_price)
        elif limit is None:
            self._floor.owe(order)
        else:
            self._floor.rest(listing, order, limit)

    def _auction(self, order: LiveOrder, listing: Listing, limit: Decimal | None) -> None:
        """Trades all of an order at the auction's one price, if that is within its limit."""
        price = self._floor.auction_price(listing, self._hours.step)
        if limit is None or order.terms.side.sign * (price - limit) <= 0:
            self._floor.fill_at(listing, order, price, self._hours.step)
        if order.is_live:
            self._end(order, CancelReason.EXPIRED, "The auction's price was beyond the order's limit.")

    def combo(self, order: LiveOrder, step: int) -> None:
        limit = order.limit_price if order.terms.kind is OrderKind.LIMIT else None
        found = combos.match(order.terms, order.remaining, self._universe, self._floor, step, limit)
        whole = order.terms.tif is Tif.FOK or order.terms.all_or_none
        if found is None or (whole and found[1] < order.remaining):
            return
        fills, units = found
        for fill in fills:
            self._floor.take(fill.listing, fill.side.opposite, fill.units, fill.quantity, step)
        price = combos.price_of(fills, order.terms.side, units)
        self._filled(order, fills, units, price)

    def peg(self, order: LiveOrder, listing: Listing, step: int) -> None:
        """Moves a pegged order to where the market now has it."""
        self._floor.withdraw(order)
        order.limit_price = pegs.pegged(order.terms, self._floor.tape.track(listing).top(step), listing)
        if order.limit_price is None:
            return
        self._floor.trade(listing, order, order.limit_price, step)
        if order.is_live:
            self._floor.rest(listing, order, order.limit_price)
