"""Who trades with whom, and at what price.

Two ways to a fill. `cross` lets an arriving order take what stands on the other side, level by level, best first: each
level at its own price, which the arriving order did not choose. `sweep` lets the moving market fill resting orders,
each at its own limit, by two rules that both need the market to trade through the order:

* the market's other side has come to the order's price or beyond it, so the level at the order's price is gone: the
  order fills against the size that stands there;
* the market printed a trade beyond the order's price: whoever traded there would have met the order first, so it fills
  against the size of the print.

A print at the order's own price fills nothing: the order stands behind the market's own size there.

Nothing here changes an order; a `Match` says what should happen, and the caller makes it so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ironbridge.domain.values import Side
from ironbridge.exchange.book import Book
from ironbridge.exchange.orders import ZERO, LiveOrder
from ironbridge.exchange.tracks import Print


@dataclass(frozen=True, slots=True)
class Match:
    """`quantity` at `units`; `resting` is the client's order met, None where it was the market."""

    units: int
    quantity: Decimal
    resting: LiveOrder | None


def offers(book: Book, side: Side, limit: int | None, step: int) -> Iterator[Match]:
    """What an order of `side` with a limit would meet, in the order of meeting it."""
    other = side.opposite
    market = list(book.market_levels(other, step))
    clients = [order for order in book.resting(other) if order.remaining > 0]
    sign = side.sign
    while market or clients:
        # At one price the market's own size comes first.
        from_market = bool(market) and (
            not clients or clients[0].units is None or sign * market[0][0] <= sign * clients[0].units
        )
        if from_market:
            units, quantity = market.pop(0)
            found = Match(units, quantity, None)
        else:
            order = clients.pop(0)
            assert order.units is not None
            found = Match(order.units, order.remaining, order)
        if limit is not None and sign * found.units > sign * limit:
            return
        yield found


def cross(book: Book, order: LiveOrder, limit: int | None, step: int) -> list[Match]:
    """The fills of an arriving order, as far as they go."""
    wanted, matches = order.remaining, []
    for offer in offers(book, order.terms.side, limit, step):
        if wanted <= 0:
            break
        quantity = min(wanted, offer.quantity)
        if offer.resting is not None and quantity < offer.resting.least:
            continue
        matches.append(Match(offer.units, quantity, offer.resting))
        wanted -= quantity
    return matches if order.remaining - wanted >= order.least else []


def available(book: Book, side: Side, limit: int | None, step: int) -> Decimal:
    """How much an order could take at once."""
    return sum((offer.quantity for offer in offers(book, side, limit, step)), ZERO)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A passive fill: `order` at its own price, out of market size that stood at `level` (None: out of a print)."""

    order: LiveOrder
    units: int
    quantity: Decimal
    level: int | None


def sweep(book: Book, printed: Print | None, step: int) -> list[Sweep]:
    """The passive fills that the market's state at a step brings."""
    fills: list[Sweep] = []
    for side in (Side.BUY, Side.SELL):
        resting = book.resting(side)
        if resting:
            fills.extend(_side(book, resting, side, printed, step))
    return fills


def _side(book: Book, resting: list[LiveOrder], side: Side, printed: Print | None, step: int) -> Iterator[Sweep]:
    sign = side.sign
    levels = list(book.market_levels(side.opposite, step))
    in_print = Decimal(printed.size) if printed is not None else ZERO
    for order in resting:
        assert order.units is not None
        left = order.remaining
        reached = [(price, size) for price, size in levels if sign * price <= sign * order.units]
        through = in_print if printed is not None and sign * printed.price < sign * order.units else ZERO
        if not reached and through <= 0:
            return
        if sum((size for _, size in reached), through) < order.least:
            continue
        if through > 0:
            quantity = min(left, through)
            in_print -= quantity
            left -= quantity
            yield Sweep(order, order.units, quantity, None)
        for price, size in reached:
            if left <= 0:
                break
            quantity = min(left, size)
            left -= quantity
            position = next(i for i, level in enumerate(levels) if level[0] == price)
            if quantity == size:
                levels.pop(position)
            else:
                levels[position] = (price, size - quantity)
            yield Sweep(order, order.units, quantity, price)
