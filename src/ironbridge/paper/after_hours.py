"""What a client is told of an order that cannot be placed before the exchange opens: error 399, a warning [recorded].

The order lives, PreSubmitted, and the venue lets it work when its session opens. Orders for an auction wait because
they were told to, and are not warned of.
"""

from __future__ import annotations

from datetime import datetime

from ironbridge.domain.values import plain
from ironbridge.exchange.commands import OrderTerms, TimeInForce
from ironbridge.exchange.events import Hold, OrderSnapshot
from ironbridge.exchange.hours import CLOSING, OPENING
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.venue import Venue
from ironbridge.paper.moments import order_time_text
from ironbridge.paper.translate import Refusal, market_of


def warning_of(snapshot: OrderSnapshot, venue: Venue) -> Refusal | None:
    """The warning, if the order waits for a session; it refuses nothing."""
    terms = snapshot.terms
    if Hold.SESSION not in snapshot.holds or terms.kind in OPENING | CLOSING or terms.tif is TimeInForce.OPG:
        return None
    # A combination waits for the session of its first leg.
    listing = venue.listing(terms.con_id or terms.legs[0].con_id)
    return None if listing is None else Refusal(399, _text(terms, listing, venue.opens_for(terms, listing)))


def _text(terms: OrderTerms, listing: Listing, opens: datetime) -> str:
    market = "COMB" if terms.legs else market_of(listing)
    return (
        f"Order Message:\n{terms.side.value} {plain(terms.quantity)} {listing.symbol} {market}\n"
        f"Warning: Your order will not be placed at the exchange until {order_time_text(opens)}."
    )
