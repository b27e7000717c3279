"""Market depth: the venue's book, row by row, and what is known of the exchanges that show one.

Owns the depth subscriptions of all sessions. What a client holds is remembered, and after every step and every change
of an order the difference is sent: first what changed in place, then rows added at the end or taken from the end. No
row is ever put between others: the clients do not agree on whether that shifts the rows behind it (the official
ones do, ib_async overwrites), and in place all of them keep the same book.

A plain book has one row a price. A smart one (and that of one exchange of several) tells who shows the size, and its
rows at one price add up to the venue's.

Invariant: what a client holds is the venue's book at the last step, cut at the number of rows it asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.book import Level
from ironbridge.exchange.events import Event, OrderAccepted, OrderCancelled, OrderChanged, OrderFilled
from ironbridge.exchange.listing import Listing
from ironbridge.paper.entitlements import no_depth
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.limits import Pacing
from ironbridge.paper.listings import Listings
from ironbridge.paper.market_centers import parts, places
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.depth import CancelMktDepth, MarketDepth, MarketDepthL2, ReqMktDepth

MOST_ROWS = 60
"""A book here has ten levels of the market's own and the clients' beside them."""
_MOVES = (OrderAccepted, OrderChanged, OrderFilled, OrderCancelled)


class Operation(IntEnum):
    INSERT = 0
    UPDATE = 1
    DELETE = 2


class Side(IntEnum):
    """The protocol's numbers."""

    ASK = 0
    BID = 1


class Row(NamedTuple):
    price: Decimal
    size: Decimal
    place: str = ""


@dataclass(slots=True, eq=False)
class DepthLine:
    """One subscription. `place` is the one exchange that it shows, empty for the whole book; `heard` is what the
    client holds.
    """

    session: Session
    req_id: int
    listing: Listing
    rows: int
    smart: bool
    place: str
    heard: dict[Side, list[Row]] = field(default_factory=lambda: {Side.BID: [], Side.ASK: []})


class DepthDesk:
    """The depth desk.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._lines: dict[tuple[Session, int], DepthLine] = {}
        self._looked: datetime | None = None

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {ReqMktDepth: self.open, CancelMktDepth: self.cancel}

    # -- requests

    def open(self, session: Session, message: ReqMktDepth) -> None:
        if (session, message.req_id) in self._lines:
            raise Refusal(322, "Error processing request.-'bV' : cause - Duplicate ticker id")
        if message.rows < 1:
            raise invalid("bV", f"Invalid number of market depth rows: {message.rows}")
        listing = self._listings.one(message.contract)
        if listing.kind is Kind.INDEX:
            raise no_depth()
        self._floor.entitlements.demand_live(listing, no_depth())
        limits = self._floor.limits
        if limits.pacing is not Pacing.OFF and sum(1 for _ in self.lines(session)) >= limits.depth_books:
            raise Refusal(309, f"Max number ({limits.depth_books}) of market depth requests has been reached.")
        exchange = message.contract.exchange.upper()
        place = exchange if exchange in places(listing) and len(places(listing)) > 1 else ""
        line = DepthLine(session, message.req_id, listing, min(message.rows, MOST_ROWS), message.is_smart_depth, place)
        self._lines[session, message.req_id] = line
        self._tell(line)

    def cancel(self, session: Session, message: CancelMktDepth) -> None:
        if self._lines.pop((session, message.req_id), None) is None:
            raise Refusal(310, f"Can't find the subscribed market depth with tickerId:{message.req_id}")

    # -- what happens

    def happened(self, events: Sequence[Event]) -> None:
        if not self._lines:
            return
        moved = {event.order.terms.con_id for event in events if isinstance(event, _MOVES)}
        # A combination's legs take from their own books.
        moved |= {event.execution.con_id for event in events if isinstance(event, OrderFilled)}
        for line in self._lines.values():
            if line.listing.con_id in moved:
                self._tell(line)

    def step(self, now: datetime) -> None:
        if self._lines and now != self._looked:
            self._looked = now
            self.refresh()

    def refresh(self) -> None:
        """Bring every client's book up to the venue's."""
        for line in self._lines.values():
            self._tell(line)

    def _tell(self, line: DepthLine) -> None:
        if line.session.deaf or not self._floor.upstream.carries_market_data():
            return
        # Where one exchange of several is shown, a level of the book may have nothing of it.
        depth = MOST_ROWS if line.place else line.rows
        book = self._floor.venue.book(line.listing.con_id, depth)
        for side, levels in ((Side.BID, book.bids), (Side.ASK, book.asks)):
            rows = rows_of(line, levels)
            for operation, position, row in changes(line.heard[side], rows):
                line.session.send(_message(line, operation, position, side, row))
            line.heard[side] = rows

    # -- endings

    def left(self, session: Session) -> None:
        for line in list(self.lines(session)):
            del self._lines[session, line.req_id]

    def forget_all(self) -> None:
        """Every book is gone without a word: what an 1101 means."""
        self._lines.clear()

    def lines(self, session: Session | None = None) -> Iterator[DepthLine]:
        """The open books, of one session or of all."""
        return (line for line in self._lines.values() if session is None or line.session is session)


def rows_of(line: DepthLine, levels: Sequence[Level]) -> list[Row]:
    """The rows that a subscription shows of one side, best first."""
    if not (line.smart or line.place):
        return [Row(level.price, level.size) for level in levels[: line.rows]]
    found = [
        Row(level.price, size, place)
        for level in levels
        for place, size in parts(line.listing, level.price, level.size)
        if not line.place or place == line.place
    ]
    return found[: line.rows]


def changes(before: Sequence[Row], after: Sequence[Row]) -> Iterator[tuple[Operation, int, Row]]:
    """What makes `before` into `after`, in the order in which it is to be done."""
    for position, row in enumerate(after):
        if position >= len(before):
            yield Operation.INSERT, position, row
        elif row != before[position]:
            yield Operation.UPDATE, position, row
    for position in range(len(before) - 1, len(after) - 1, -1):
        yield Operation.DELETE, position, Row(Decimal(0), Decimal(0), before[position].place)


def _message(line: DepthLine, operation: Operation, position: int, side: Side, row: Row) -> MarketDepth | MarketDepthL2:
    price, size = float(row.price), float(row.size)
    if line.smart or line.place:
        return MarketDepthL2(
            line.req_id, position, row.place, operation.value, side.value, price, size, is_smart_depth=line.smart
        )
    return MarketDepth(line.req_id, position, operation.value, side.value, price, size)
