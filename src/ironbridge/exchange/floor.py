"""The trading floor: the books, what trades in them, and what each step of the market does to waiting orders.

Owns the books, the newest trade of each listing with clients in it, and the moves of one order against one book. What
a fill means for money, brackets and groups is the desk's business: the floor reports each fill to it and asks nothing
back. Within a step the order is fixed: resting orders first (they were there), then triggers, then what is still
owed to market orders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ironbridge.domain.values import Side
from ironbridge.exchange import matching
from ironbridge.exchange.book import Book
from ironbridge.exchange.events import Liquidity
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import ZERO, LiveOrder
from ironbridge.exchange.tape import Tape
from ironbridge.exchange.tracks import Print
from ironbridge.exchange.triggers import Glimpse


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill as the floor reports it; `contra` is the client's order on the other side, if it was one."""

    order: LiveOrder
    quantity: Decimal
    price: Decimal
    liquidity: Liquidity
    contra: LiveOrder | None


@dataclass(slots=True)
class ClientTrades:
    """What clients' trades add to the day of a listing; `step` is of the newest."""

    step: int
    price: Decimal
    size: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal


class Floor:
    """The books of the venue.

    Parameters:
        tape: the market without clients.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._report: Callable[[Trade], None] = lambda _: None
        self._printed: Callable[[Listing, Decimal, Decimal], None] = lambda *_: None
        self.books: dict[int, Book] = {}
        self.trades: dict[int, ClientTrades] = {}
        # Market orders that emptied the book and wait for more, by listing.
        self.owed: dict[int, list[LiveOrder]] = {}

    def on_fill(self, report: Callable[[Trade], None]) -> None:
        """Has `report` called with every fill, in order."""
        self._report = report

    def on_print(self, printed: Callable[[Listing, Decimal, Decimal], None]) -> None:
        """Has `printed` called with (listing, price, size) of every trade that a client is in."""
        self._printed = printed

    def book(self, listing: Listing) -> Book:
        book = self.books.get(listing.con_id)
        if book is None:
            book = self.books[listing.con_id] = Book(listing, self.tape.track(listing))
        return book

    def withdraw(self, order: LiveOrder) -> None:
        """Takes an order off the floor, wherever it stands."""
        con_id = order.terms.con_id
        book = self.books.get(con_id)
        if book is not None:
            book.remove(order)
        owed = self.owed.get(con_id)
        if owed is not None and order in owed:
            owed.remove(order)
            if not owed:
                del self.owed[con_id]

    def trade(self, listing: Listing, order: LiveOrder, limit: Decimal | None, step: int) -> None:
        """Lets an order take what it can at once."""
        book = self.book(listing)
        units = None if limit is None else units_of(limit, listing)
        other = order.terms.side.opposite
        for match in matching.cross(book, order, units, step):
            self._meet(book, order, match, other, step)

    def _meet(self, book: Book, order: LiveOrder, match: matching.Match, other: Side, step: int) -> None:
        resting = match.resting
        # An earlier fill of this very crossing may have cancelled or shrunk either side.
        quantity = min(match.quantity, order.remaining)
        if resting is not None:
            quantity = min(quantity, resting.remaining) if resting.units is not None else ZERO
        if quantity <= 0 or not order.is_live:
            return
        price = match.units * book.track.unit
        if resting is None:
            book.take(other, match.units, quantity, step)
        self._note(book.listing, price, quantity, step)
        self._report(Trade(order, quantity, price, Liquidity.REMOVED, resting))
        if resting is not None:
            self._fill_resting(book, Trade(resting, quantity, price, Liquidity.ADDED, order))

    def _fill_resting(self, book: Book, trade: Trade) -> None:
        if trade.quantity >= trade.order.remaining:
            book.remove(trade.order)
        self._report(trade)

    def rest(self, listing: Listing, order: LiveOrder, limit: Decimal) -> None:
        self.book(listing).add(order, units_of(limit, listing))

    def owe(self, order: LiveOrder) -> None:
        """Keeps a market order for the next liquidity."""
        self.owed.setdefault(order.terms.con_id, []).append(order)

    def fillable(self, listing: Listing, order: LiveOrder, limit: Decimal | None, step: int) -> bool:
        """Whether the whole remainder could be had at once."""
        units = None if limit is None else units_of(limit, listing)
        return matching.available(self.book(listing), order.terms.side, units, step) >= order.remaining

    def sweep(self, listing: Listing, step: int) -> None:
        """Fills resting orders that the market has traded through, then serves what market orders are still owed."""
        book = self.books.get(listing.con_id)
        if book is None:
            return
        if book.bids or book.asks:
            for fill in matching.sweep(book, self.print_at(listing, step), step):
                quantity = min(fill.quantity, fill.order.remaining)
                if fill.order.units is None or quantity <= 0:
                    continue
                if fill.level is not None:
                    book.take(fill.order.terms.side.opposite, fill.level, quantity, step)
                price = fill.units * book.track.unit
                self._note(listing, price, quantity, step)
                self._fill_resting(book, Trade(fill.order, quantity, price, Liquidity.ADDED, None))
        for order in list(self.owed.get(listing.con_id, ())):
            self.trade(listing, order, None, step)
            if not order.is_live or order.remaining <= 0:
                self.withdraw(order)

    def auction_price(self, listing: Listing, step: int) -> Decimal:
        """The one price of an auction: the market's fair value on the grid."""
        fair = Decimal(repr(self.tape.track(listing).mid(step)))
        return listing.rule.nearest(fair)

    def fill_at(self, listing: Listing, order: LiveOrder, price: Decimal, step: int) -> None:
        """Fills all of an order at an auction's price."""
        quantity = order.remaining
        self._note(listing, price, quantity, step)
        self._report(Trade(order, quantity, price, Liquidity.REMOVED, None))

    def take(self, listing: Listing, side: Side, units: int, quantity: Decimal, step: int) -> None:
        """Takes market size for a combination's leg."""
        self.book(listing).take(side, units, quantity, step)
        self._note(listing, units * listing.min_tick, quantity, step)

    def interests(self) -> set[int]:
        """Listings with clients' orders on the floor."""
        return set(self.owed) | {con_id for con_id, book in self.books.items() if book.bids or book.asks}

    def print_at(self, listing: Listing, step: int) -> Print | None:
        """The market's own print of this very step."""
        newest = self.tape.track(listing).newest(step)
        return newest if newest is not None and newest.step == step and newest.size > 0 else None

    def glimpse(self, listing: Listing, step: int) -> Glimpse:
        """What triggers see at a step."""
        track = self.tape.track(listing)
        top, printed = track.top(step), self.print_at(listing, step)
        last = printed.price * track.unit if printed is not None else None
        client = self.trades.get(listing.con_id)
        if last is None and client is not None and client.step == step:
            last = client.price
        return Glimpse(top.bid * track.unit if top.bid else None, top.ask * track.unit if top.ask else None, last)

    def _note(self, listing: Listing, price: Decimal, size: Decimal, step: int) -> None:
        known = self.trades.get(listing.con_id)
        if known is None or step >= self.tape.day(listing, known.step).end:
            self.trades[listing.con_id] = ClientTrades(step, price, size, price, price, size)
        else:
            known.step, known.price, known.size = step, price, size
            known.high, known.low = max(known.high, price), min(known.low, price)
            known.volume += size
        self._printed(listing, price, size)


def units_of(price: Decimal, listing: Listing) -> int:
    """A price of the listing's grid in whole price units."""
    return int(price / listing.min_tick)
