"""The order book of one listing: the clients' resting orders among the market's own liquidity.

The market's side comes from the track: a few levels on each side, whose sizes are drawn anew every two seconds. What
clients take from a level stays taken until then. Prices here are whole price units of the listing. Clients' orders
stand by price, then by time; at one price the market's own size stands before them, as if it had been there first.

Invariant: once a step is matched, no client order and no remaining market level cross or lock each other.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ironbridge.domain.values import Side
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import ZERO, LiveOrder
from ironbridge.exchange.tracks import Track

LEVELS = 10
"""How many price levels of its own the market shows on each side."""


@dataclass(frozen=True, slots=True)
class Level:
    """One price of a book as clients see it; `orders` counts the clients' own there."""

    price: Decimal
    size: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class BookView:
    """Both sides of a book, best first."""

    con_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


def _priority(order: LiveOrder) -> tuple[int, int]:
    """Best price first, then first come."""
    assert order.units is not None
    return (-order.units if order.terms.side is Side.BUY else order.units), order.rank


class Book:
    """The book of one listing."""

    __slots__ = ("asks", "bids", "listing", "taken", "track")

    def __init__(self, listing: Listing, track: Track) -> None:
        self.listing = listing
        self.track = track
        self.bids: list[LiveOrder] = []
        self.asks: list[LiveOrder] = []
        # What clients took of the market's size: (side, price) to (epoch of that size, quantity).
        self.taken: dict[tuple[int, int], tuple[int, Decimal]] = {}

    def resting(self, side: Side) -> list[LiveOrder]:
        return self.bids if side is Side.BUY else self.asks

    def add(self, order: LiveOrder, units: int) -> None:
        order.units = units
        insort(self.resting(order.terms.side), order, key=_priority)

    def remove(self, order: LiveOrder) -> None:
        if order.units is not None:
            self.resting(order.terms.side).remove(order)
            order.units = None

    def market_levels(self, side: Side, step: int) -> Iterator[tuple[int, Decimal]]:
        """The market's own (price, size left) on a side, best first, without the levels that clients emptied."""
        top = self.track.top(step)
        index, best, away = (0, top.bid, -top.gap) if side is Side.BUY else (1, top.ask, top.gap)
        if best <= 0:
            return
        for price in range(best, best + away * LEVELS, away):
            if price <= 0:
                return
            left = self.track.size(step, index, price) - self._gone(index, price, step)
            if left > 0:
                yield price, left

    def _gone(self, index: int, price: int, step: int) -> Decimal:
        taken = self.taken.get((index, price))
        if taken is None:
            return ZERO
        if taken[0] != self.track.epoch(step, price):
            del self.taken[index, price]
            return ZERO
        return taken[1]

    def take(self, side: Side, price: int, quantity: Decimal, step: int) -> None:
        """Removes market size from a side for as long as that size would have stood."""
        index = 0 if side is Side.BUY else 1
        gone = self._gone(index, price, step)
        self.taken[index, price] = (self.track.epoch(step, price), gone + quantity)

    def best(self, side: Side, step: int) -> tuple[int, Decimal] | None:
        """The best price of a side, and the size shown at it, clients included."""
        market = next(self.market_levels(side, step), None)
        clients = next((order for order in self.resting(side) if _shown(order) > 0), None)
        if clients is None or clients.units is None:
            return market
        units = clients.units
        if market is not None and (market[0] > units if side is Side.BUY else market[0] < units):
            return market
        size = sum((_shown(order) for order in self.resting(side) if order.units == units), ZERO)
        return units, size + (market[1] if market is not None and market[0] == units else ZERO)

    def view(self, depth: int, step: int) -> BookView:
        return BookView(self.listing.con_id, self._levels(Side.BUY, depth, step), self._levels(Side.SELL, depth, step))

    def _levels(self, side: Side, depth: int, step: int) -> tuple[Level, ...]:
        sizes: dict[int, tuple[Decimal, int]] = {price: (size, 0) for price, size in self.market_levels(side, step)}
        for order in self.resting(side):
            assert order.units is not None
            shown = _shown(order)
            if shown > 0:
                size, count = sizes.get(order.units, (ZERO, 0))
                sizes[order.units] = (size + shown, count + 1)
        prices = sorted(sizes, reverse=side is Side.BUY)[:depth]
        return tuple(Level(price * self.track.unit, *sizes[price]) for price in prices)


def _shown(order: LiveOrder) -> Decimal:
    """What the book shows: nothing of an order with a least fill, as it may stand beyond the other side."""
    if order.least > 0:
        return ZERO
    size = order.terms.display_size
    return order.remaining if size is None else min(size, order.remaining)
