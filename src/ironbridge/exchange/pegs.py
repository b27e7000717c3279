"""Where an order stands whose price follows the market.

REL stands at the market's own side of the book, bettered by its offset; PEG MID at the middle, worsened by its offset;
MIDPRICE at the middle. All stay within their limit, and round to the grid against their owner's haste: a purchase
down, a sale up. The clients' own orders are not looked at, so a pegged order never chases itself.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ironbridge.domain.values import Side
from ironbridge.exchange.commands import OrderKind, OrderTerms
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.tracks import Top

ZERO = Decimal(0)


def pegged(terms: OrderTerms, top: Top, listing: Listing) -> Decimal | None:
    """The price at which the order stands now; None while the market quotes no such reference."""
    unit, sign = listing.min_tick, terms.side.sign
    own = top.bid if terms.side is Side.BUY else top.ask
    if not own or (terms.kind is not OrderKind.RELATIVE and not (top.bid and top.ask)):
        return None
    offset = terms.offset or ZERO
    middle = (top.bid + top.ask) * unit / 2
    if terms.kind is OrderKind.RELATIVE:
        price = own * unit + sign * offset
    elif terms.kind is OrderKind.PEG_MIDPOINT:
        price = middle - sign * offset
    else:
        price = middle
    if terms.limit_price is not None:
        price = min(price, terms.limit_price) if terms.side is Side.BUY else max(price, terms.limit_price)
    step = listing.rule.step_at(price)
    rounding = ROUND_FLOOR if terms.side is Side.BUY else ROUND_CEILING
    price = (price / step).to_integral_value(rounding=rounding) * step
    return price if price > 0 else None
