"""Combinations: several legs bought and sold as one, filled leg by leg.

A combination is judged and kept like any order, against a listing made up for it: no con id of its own, prices in
cents that may be negative, the session of its first leg. It has no book. At each step it fills as much as all legs
offer at their best prices, if the sum of those is no worse than its limit; each leg pays its own leg's price.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ironbridge.domain.instrument import Kind, PriceIncrement
from ironbridge.domain.values import Side
from ironbridge.exchange.commands import ComboLeg, OrderTerms
from ironbridge.exchange.floor import Floor
from ironbridge.exchange.listing import Listing, MarketRule
from ironbridge.exchange.universe import Universe

_RULE = MarketRule(0, (PriceIncrement(Decimal(0), Decimal("0.01")),))
ORDER_TYPES = ("LMT", "MKT")


@dataclass(frozen=True, slots=True)
class LegFill:
    """One leg's part of a fill, per unit of the combination times `quantity` units."""

    leg: int
    listing: Listing
    side: Side
    quantity: Decimal
    units: int

    @property
    def price(self) -> Decimal:
        return self.units * self.listing.min_tick


def listing_of(terms: OrderTerms, universe: Universe) -> Listing | None:
    """The listing that stands for a combination, or None when a leg is unknown, untradable or in another currency."""
    legs = [universe.by_con_id(leg.con_id) for leg in terms.legs]
    first = legs[0]
    if first is None or any(
        leg is None or not leg.tradable or leg.currency != first.currency or ratio.ratio < 1
        for leg, ratio in zip(legs, terms.legs, strict=True)
    ):
        return None
    ends = [leg.expiry for leg in legs if leg is not None and leg.expiry is not None]
    soonest = next((leg for leg in legs if leg is not None and ends and leg.expiry == min(ends)), first)
    return Listing(
        con_id=0,
        kind=Kind.COMBO,
        symbol=first.symbol,
        currency=first.currency,
        exchange="SMART",
        primary_exchange="",
        local_symbol=first.symbol,
        trading_class="COMB",
        long_name=f"{first.symbol} combination",
        rule=_RULE,
        multiplier=Decimal(1),
        size_increment=Decimal(1),
        min_size=Decimal(1),
        order_types=ORDER_TYPES,
        valid_exchanges=("SMART",),
        time_zone=first.time_zone,
        market_name="COMB",
        expiry=soonest.expiry,
        real_expiry=soonest.real_expiry,
        last_trade_time=soonest.last_trade_time,
    )


def leg_side(order: Side, leg: ComboLeg) -> Side:
    """What an order does in a leg: the leg's own side when it buys the combination, the other when it sells."""
    return leg.side if order is Side.BUY else leg.side.opposite


def price_of(fills: list[LegFill], order: Side, quantity: Decimal) -> Decimal:
    """What one unit of the combination costs; negative when it brings money."""
    total = sum((fill.side.sign * fill.price * fill.quantity for fill in fills), Decimal(0))
    return order.sign * total / quantity


def match(
    terms: OrderTerms, remaining: Decimal, universe: Universe, floor: Floor, step: int, limit: Decimal | None
) -> tuple[list[LegFill], Decimal] | None:
    """The fills of all legs at their best prices, and how many units that is; None when it cannot be now."""
    units, found = remaining, []
    for index, leg in enumerate(terms.legs):
        listing = universe.by_con_id(leg.con_id)
        if listing is None or not floor.tape.is_open(listing, step):
            return None
        side = leg_side(terms.side, leg)
        best = next(floor.book(listing).market_levels(side.opposite, step), None)
        if best is None:
            return None
        units = min(units, best[1] // leg.ratio)
        found.append((index, listing, side, leg.ratio, best[0]))
    if units <= 0:
        return None
    fills = [LegFill(index, listing, side, units * ratio, price) for index, listing, side, ratio, price in found]
    price = price_of(fills, terms.side, units)
    if limit is not None and terms.side.sign * price > terms.side.sign * limit:
        return None
    return fills, units
