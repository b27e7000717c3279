"""When a waiting order is set off by the market.

A stop is set off by a trade at or beyond its price, or when the whole quote has gone beyond it; an if-touched order by
the mirror of that. A trailing stop follows the market's best favourable price at its distance and never goes back.
All of it decides; nothing here changes an order.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ironbridge.domain.values import Side
from ironbridge.exchange.checks import TRAILING
from ironbridge.exchange.commands import OrderKind, OrderTerms
from ironbridge.exchange.listing import Listing

_TOUCHED = frozenset({OrderKind.MARKET_IF_TOUCHED, OrderKind.LIMIT_IF_TOUCHED})


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a trigger sees of the market at a step; `last` is a print of this very step, None without one."""

    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None

    @property
    def reference(self) -> Decimal | None:
        """The price that a trailing stop follows: the print, or else the middle of the quote."""
        if self.last is not None:
            return self.last
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2


def waits_for_rise(terms: OrderTerms) -> bool:
    """Whether it is a rising market that sets the order off."""
    return (terms.side is Side.BUY) != (terms.kind in _TOUCHED)


def is_hit(terms: OrderTerms, stop: Decimal, seen: Glimpse) -> bool:
    """Whether the market has reached the trigger price."""
    if waits_for_rise(terms):
        return any(price is not None and price >= stop for price in (seen.last, seen.bid))
    return any(price is not None and price <= stop for price in (seen.last, seen.ask))


def trailed(terms: OrderTerms, stop: Decimal | None, seen: Glimpse, listing: Listing) -> Decimal | None:
    """The stop of a trailing order after this step: the old one, or a better one; on the price grid."""
    reference = seen.reference
    if terms.kind not in TRAILING or reference is None:
        return stop
    distance = _distance(terms, reference)
    if terms.side is Side.SELL:
        candidate = _on_grid(reference - distance, listing, ROUND_FLOOR)
        return candidate if stop is None else max(stop, candidate)
    candidate = _on_grid(reference + distance, listing, ROUND_CEILING)
    return candidate if stop is None else min(stop, candidate)


def _distance(terms: OrderTerms, reference: Decimal) -> Decimal:
    if terms.trail_amount is not None:
        return terms.trail_amount
    return reference * (terms.trail_percent or Decimal(0)) / 100


def moves_at(terms: OrderTerms, stop: Decimal) -> Decimal:
    """The price beyond which a trailing stop at `stop` begins to follow."""
    if terms.trail_amount is not None:
        return stop - terms.side.sign * terms.trail_amount
    return stop / (1 + terms.side.sign * (terms.trail_percent or Decimal(0)) / 100)


def limit_behind(terms: OrderTerms, stop: Decimal, listing: Listing) -> Decimal | None:
    """The limit of a TRAIL LIMIT order once its stop is at `stop`: beyond it by the offset."""
    if terms.kind is not OrderKind.TRAIL_LIMIT or terms.limit_offset is None:
        return terms.limit_price
    if terms.side is Side.SELL:
        return _on_grid(stop - terms.limit_offset, listing, ROUND_FLOOR)
    return _on_grid(stop + terms.limit_offset, listing, ROUND_CEILING)


def _on_grid(price: Decimal, listing: Listing, rounding: str) -> Decimal:
    step = listing.rule.step_at(price)
    return max(step, (price / step).to_integral_value(rounding=rounding) * step)
