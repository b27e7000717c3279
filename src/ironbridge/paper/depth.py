"""Market depth: books by rows, with inserts, updates and deletes, and what is said about depth exchanges.

Owns the depth subscriptions of all sessions. At each step a subscription's rows are compared with those it has heard,
position by position, as the protocol's books are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.limits import Pacing
from ironbridge.paper.listings import Listings
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.depth import (
    CancelMktDepth,
    DepthExchange,
    MarketDepth,
    MarketDepthL2,
    MktDepthExchanges,
    ReqMktDepth,
    ReqMktDepthExchanges,
    ReqSmartComponents,
    SmartComponent,
    SmartComponents,
)

INSERT, UPDATE, DELETE = 0, 1, 2
ASK, BID = 0, 1
MOST_ROWS = 20
_MAKERS = ("NSDQ", "ARCA", "BATS", "EDGX", "IEX", "NYSE", "MEMX", "DRCTEDGE", "BYX", "PSX")
"""Who stands behind the rows of a book that names them, in turn."""

_EXCHANGES = (
    ("ISLAND", "STK", "ISLAND"), ("ARCA", "STK", "ARCA"), ("BATS", "STK", "BATS"), ("NYSE", "STK", "NYSE"),
    ("IEX", "STK", "IEX"), ("CME", "FUT", "CME"), ("CBOT", "FUT", "CBOT"), ("NYMEX", "FUT", "NYMEX"),
    ("COMEX", "FUT", "COMEX"), ("IDEALPRO", "CASH", "IDEALPRO"),
)  # fmt: skip
_COMPONENTS = ("NYSE:N", "ARCA:P", "BATS:Z", "NASDAQ:Q", "IEX:V", "EDGX:K", "EDGEA:J", "MEMX:U", "BYX:Y", "PSX:X")

Row = tuple[Decimal, Decimal]


@dataclass(slots=True, eq=False)
class Depth:
    """One subscription, and the rows it has heard of each side."""

    session: Session
    req_id: int
    listing: Listing
    rows: int
    smart: bool
    heard: dict[int, list[Row]] = field(default_factory=lambda: {ASK: [], BID: []})


class DepthDesk:
    """The desk for depth.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._books: dict[tuple[Session, int], Depth] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqMktDepth: self.open,
            CancelMktDepth: self.cancel,
            ReqMktDepthExchanges: self.exchanges,
            ReqSmartComponents: self.components,
        }

    def open(self, session: Session, message: ReqMktDepth) -> None:
        if (session, message.req_id) in self._books:
            raise Refusal(322, "Error processing request.-'bD' : cause - Duplicate ticker id")
        limits = self._floor.limits
        count = sum(1 for key in self._books if key[0] is session)
        if limits.pacing is not Pacing.OFF and count >= limits.depth_books:
            raise Refusal(309, f"Max number ({limits.depth_books}) of market depth requests has been reached.")
        if message.rows < 1:
            raise invalid("bD", f"Invalid number of rows: {message.rows}")
        listing = self._listings.one(message.contract)
        if listing.kind is Kind.INDEX:
            raise Refusal(10092, "Deep market data is not supported for this combination of security type/exchange")
        depth = Depth(session, message.req_id, listing, min(message.rows, MOST_ROWS), message.is_smart_depth)
        self._books[session, message.req_id] = depth
        self._say(depth)

    def cancel(self, session: Session, message: CancelMktDepth) -> None:
        if self._books.pop((session, message.req_id), None) is None:
            raise Refusal(310, f"Can't find the subscribed market depth with tickerId:{message.req_id}")

    def happened(self, events: Sequence[Event]) -> None:
        """A book is looked at once a step."""

    def step(self, _now: datetime) -> None:
        for depth in self._books.values():
            self._say(depth)

    def left(self, session: Session) -> None:
        for key in [key for key in self._books if key[0] is session]:
            del self._books[key]

    def forget_all(self) -> None:
        """Every book is gone without a word: what an 1101 means."""
        self._books.clear()

    def _say(self, depth: Depth) -> None:
        if depth.session.deaf or not self._floor.upstream.carries_market_data():
            return
        book = self._floor.venue.book(depth.listing.con_id, depth.rows)
        for side, levels in ((BID, book.bids), (ASK, book.asks)):
            rows = [(level.price, level.size) for level in levels]
            for position, operation, (price, size) in row_changes(depth.heard[side], rows):
                self._row(depth, position, operation, side, price, size)
            depth.heard[side] = rows

    def _row(self, depth: Depth, position: int, operation: int, side: int, price: Decimal, size: Decimal) -> None:
        number = depth.req_id
        if depth.smart:
            maker = _MAKERS[position % len(_MAKERS)]
            message: MarketDepth | MarketDepthL2 = MarketDepthL2(
                number, position, maker, operation, side, float(price), float(size), is_smart_depth=True
            )
        else:
            message = MarketDepth(number, position, operation, side, float(price), float(size))
        depth.session.send(message)

    # -- about depth

    def exchanges(self, session: Session, _message: ReqMktDepthExchanges) -> None:
        session.send(MktDepthExchanges(tuple(DepthExchange(*each, "Deep2", 1) for each in _EXCHANGES)))

    def components(self, session: Session, message: ReqSmartComponents) -> None:
        if not message.bbo_exchange:
            raise invalid("bC", "BBO exchange must be given")
        found = (name.split(":") for name in _COMPONENTS)
        session.send(
            SmartComponents(
                message.req_id, tuple(SmartComponent(bit, name, letter) for bit, (name, letter) in enumerate(found))
            )
        )


def row_changes(before: Sequence[Row], after: Sequence[Row]) -> Iterator[tuple[int, int, Row]]:
    """What turns one side's rows into the other's: (position, operation, row). Deletes come last, from the end."""
    for position, row in enumerate(after):
        if position >= len(before):
            yield position, INSERT, row
        elif before[position] != row:
            yield position, UPDATE, row
    for position in range(len(before) - 1, len(after) - 1, -1):
        yield position, DELETE, (Decimal(0), Decimal(0))
