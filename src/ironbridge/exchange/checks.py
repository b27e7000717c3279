"""Whether an order means something, before anybody asks whether it can be afforded.

A check looks at the terms, the listing and the price grid alone, and answers with the first fault it finds: its
reason, a sentence for people, and the attribute at fault. What this venue does not offer is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.domain.values import plain
from ironbridge.exchange.commands import OrderKind, OrderTerms, TimeInForce
from ironbridge.exchange.events import RejectReason
from ironbridge.exchange.listing import Listing

ZERO = Decimal(0)

LIMITED = frozenset({
    OrderKind.LIMIT, OrderKind.STOP_LIMIT, OrderKind.TRAIL_LIMIT, OrderKind.LIMIT_IF_TOUCHED, OrderKind.LIMIT_ON_CLOSE,
    OrderKind.LIMIT_ON_OPEN,
})  # fmt: skip
"""Kinds that end as a limit order."""
STOPPED = frozenset({OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.MARKET_IF_TOUCHED, OrderKind.LIMIT_IF_TOUCHED})
"""Kinds that need a trigger price."""
TRAILING = frozenset({OrderKind.TRAIL, OrderKind.TRAIL_LIMIT})
TRIGGERED = STOPPED | TRAILING
AUCTION = frozenset({
    OrderKind.MARKET_ON_CLOSE, OrderKind.LIMIT_ON_CLOSE, OrderKind.MARKET_ON_OPEN, OrderKind.LIMIT_ON_OPEN,
})  # fmt: skip
PEGGED = frozenset({OrderKind.RELATIVE, OrderKind.PEG_MIDPOINT, OrderKind.MIDPRICE})
_AT_OPEN = frozenset({OrderKind.MARKET, OrderKind.LIMIT, OrderKind.MARKET_ON_OPEN, OrderKind.LIMIT_ON_OPEN})
_IMMEDIATE = frozenset({TimeInForce.IOC, TimeInForce.FOK})


@dataclass(frozen=True, slots=True)
class Fault:
    reason: RejectReason
    text: str
    field: str = ""


def fault_of(terms: OrderTerms, listing: Listing, now: datetime) -> Fault | None:
    """The first thing wrong with an order, or None."""
    if not listing.tradable:
        return Fault(RejectReason.NOT_TRADABLE, f"{listing.symbol} is an index and takes no orders.", "con_id")
    return (
        _quantity(terms, listing)
        or _prices(terms, listing)
        or _trail(terms)
        or _pegs(terms)
        or _times(terms, now)
        or _combo(terms, listing)
    )


def _quantity(terms: OrderTerms, listing: Listing) -> Fault | None:
    quantity = terms.quantity
    if not quantity.is_finite() or quantity <= 0:
        return Fault(RejectReason.BAD_QUANTITY, f"Quantity {quantity} must be above zero.", "quantity")
    if quantity % listing.size_increment or quantity < listing.min_size:
        step = plain(listing.size_increment)
        text = f"Quantity {plain(quantity)} of {listing.symbol} must be a multiple of {step}."
        return Fault(RejectReason.BAD_QUANTITY, text, "quantity")
    if terms.min_quantity is not None and not ZERO <= terms.min_quantity <= quantity:
        return Fault(RejectReason.BAD_QUANTITY, "The minimum quantity exceeds the order's quantity.", "min_quantity")
    if terms.display_size is not None and terms.display_size < 0:
        return Fault(RejectReason.BAD_QUANTITY, "The display size must not be negative.", "display_size")
    return None


def _prices(terms: OrderTerms, listing: Listing) -> Fault | None:
    kind = terms.kind
    needed = [("limit_price", terms.limit_price, kind in LIMITED and kind is not OrderKind.TRAIL_LIMIT)]
    needed.append(("stop_price", terms.stop_price, kind in STOPPED))
    for name, price, required in needed:
        if required and price is None:
            return Fault(RejectReason.BAD_PRICE, f"A {kind.value} order needs {_words(name)}.", name)
        if price is None:
            continue
        if not price.is_finite() or (price <= 0 and listing.kind is not Kind.COMBO):
            return Fault(RejectReason.BAD_PRICE, f"The {_words(name)[2:]} {price} must be above zero.", name)
        if not listing.rule.conforms(price):
            step = plain(listing.rule.step_at(price))
            text = f"The price {plain(price)} of {listing.symbol} must be a multiple of {step}."
            return Fault(RejectReason.OFF_TICK, text, name)
    return None


def _words(name: str) -> str:
    return {"limit_price": "a limit price", "stop_price": "a stop price"}[name]


def _trail(terms: OrderTerms) -> Fault | None:
    if terms.kind not in TRAILING:
        return None
    given = [value for value in (terms.trail_amount, terms.trail_percent) if value is not None]
    if len(given) != 1 or not given[0].is_finite() or given[0] <= 0:
        text = "A trailing order needs a trail amount or a trail per cent, one of them and above zero."
        return Fault(RejectReason.BAD_PRICE, text, "trail_amount")
    if terms.trail_percent is not None and terms.trail_percent >= 100:
        return Fault(RejectReason.BAD_PRICE, "A trail of 100 per cent or more never triggers.", "trail_percent")
    if terms.kind is OrderKind.TRAIL_LIMIT and terms.limit_offset is None and terms.limit_price is None:
        return Fault(RejectReason.BAD_PRICE, "A TRAIL LIMIT order needs a limit price or an offset.", "limit_offset")
    return None


def _pegs(terms: OrderTerms) -> Fault | None:
    offset = terms.offset
    if terms.kind in PEGGED and offset is not None and (not offset.is_finite() or offset < 0):
        return Fault(RejectReason.BAD_PRICE, f"The offset {offset} must not be negative.", "offset")
    return None


def _combo(terms: OrderTerms, listing: Listing) -> Fault | None:
    if listing.kind is Kind.COMBO and terms.kind not in {OrderKind.MARKET, OrderKind.LIMIT}:
        text = f"Combinations take market and limit orders, not {terms.kind.value}."
        return Fault(RejectReason.UNSUPPORTED, text, "kind")
    return None


def _times(terms: OrderTerms, now: datetime) -> Fault | None:
    if terms.tif is TimeInForce.GTD and (terms.good_till is None or terms.good_till <= now):
        return Fault(RejectReason.BAD_TERMS, "A GTD order needs a good-till time in the future.", "good_till")
    if terms.tif in _IMMEDIATE and terms.kind in AUCTION | PEGGED | TRIGGERED:
        text = f"A {terms.kind.value} order cannot be {terms.tif.value}."
        return Fault(RejectReason.BAD_TERMS, text, "tif")
    if terms.tif is TimeInForce.OPG and terms.kind not in _AT_OPEN:
        return Fault(RejectReason.BAD_TERMS, "OPG goes with market and limit orders alone.", "tif")
    return None
