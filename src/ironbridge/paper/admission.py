"""How a request for market data becomes a line, or a refusal.

Owns what is decided before the first tick: the listing or the combination's legs, the generic ticks, whether the data
may be seen live, and where its quotes come from. Delayed quotes are the venue's own of `Entitlements.delay` ago. A
combination has no book: its quote is made of its legs' quotes.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ironbridge.domain.values import Side
from ironbridge.exchange.commands import ComboLeg
from ironbridge.exchange.events import Quote
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.universe import schedule_of
from ironbridge.paper.entitlements import Access, not_live
from ironbridge.paper.floor import Floor
from ironbridge.paper.generic_ticks import legal_ticks, parse_ticks
from ironbridge.paper.lines import ZERO, DataType, Drawn, Line
from ironbridge.paper.listings import Listings
from ironbridge.paper.order_terms import legs_of
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid, not_found
from ironbridge.wire.contract import Contract
from ironbridge.wire.market import ReqMktData

COMBINATION = "BAG"
Parts = tuple[tuple[ComboLeg, Listing], ...]


class Admission:
    """Makes lines.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings

    def line(self, session: Session, message: ReqMktData) -> Line:
        """The line that a request asks for.

        Raises:
            Refusal: it cannot be had.
        """
        wanted = DataType(session.data_type)
        if message.contract.sec_type == COMBINATION:
            listing, parts = self._combination(message.contract)
            legs = tuple(leg for _, leg in parts)
        else:
            listing, parts = self._listings.one(message.contract), ()
            legs = (listing,)
        generic = parse_ticks(message.generic_ticks, legal_ticks(listing.kind))
        access = self._access(legs)
        if access is Access.NONE or (access is Access.DELAYED and not wanted.delayed):
            raise not_live(access, legs[0])
        line = Line(session, message.req_id, listing, generic, wanted, unpaid=access is not Access.LIVE)
        if parts or wanted.delayed:
            line.source = self._drawn(listing, parts, legs, delayed=wanted.delayed)
        line.shut = self.is_shut(line)
        return line

    def _access(self, legs: tuple[Listing, ...]) -> Access:
        found = {self._floor.entitlements.access(leg) for leg in legs}
        if Access.NONE in found and len(found) > 1:
            raise Refusal(10090, "Part of requested market data is not subscribed.")
        return min(found)

    def _combination(self, contract: Contract) -> tuple[Listing, Parts]:
        legs = legs_of(contract.combo_legs)
        if not legs:
            raise invalid("bP", "Please enter the legs of the combination")
        listing = self._floor.venue.combination(legs)
        if listing is None:
            raise not_found()
        found = ((leg, self._floor.venue.listing(leg.con_id)) for leg in legs)
        return listing, tuple((leg, each) for leg, each in found if each is not None)

    def _drawn(self, listing: Listing, parts: Parts, legs: tuple[Listing, ...], *, delayed: bool) -> Drawn:
        floor = self._floor

        def moment() -> datetime:
            return floor.venue.now - floor.entitlements.delay if delayed else floor.venue.now

        def one(con_id: int) -> Quote:
            return floor.venue.quote_at(con_id, moment()) if delayed else floor.venue.quote(con_id)

        def quote() -> Quote:
            if not parts:
                return one(listing.con_id)
            return quote_of_parts([(leg, one(leg.con_id)) for leg, _ in parts])

        return Drawn(quote, moment, legs)

    def is_shut(self, line: Line) -> bool:
        """Whether the line's market is closed, at the moment that it tells of; never without real sessions."""
        venue = self._floor.venue
        if not venue.options.real_sessions:
            return False
        if line.source is None:
            return not venue.is_open(line.listing, liquid=False)
        now = line.source.moment()
        return not all(schedule_of(leg).is_open(now) for leg in line.source.legs)


def quote_of_parts(legs: list[tuple[ComboLeg, Quote]]) -> Quote:
    """The quote of a combination: what buying or selling all its legs at their best prices would cost."""
    sides: dict[Side, tuple[Decimal | None, Decimal]] = {}
    for side in Side:
        total: Decimal | None = ZERO
        sizes: list[Decimal] = []
        for leg, quote in legs:
            # The bid of a combination sells what it buys and buys back what it sells.
            sells = (leg.side is Side.BUY) == (side is Side.BUY)
            price, size = (quote.bid, quote.bid_size) if sells else (quote.ask, quote.ask_size)
            total = None if price is None or total is None else total + leg.side.sign * leg.ratio * price
            sizes.append(size // leg.ratio)
        sides[side] = (total, min(sizes) if total is not None else ZERO)
    closes = [None if quote.close is None else leg.side.sign * leg.ratio * quote.close for leg, quote in legs]
    (bid, bid_size), (ask, ask_size) = sides[Side.BUY], sides[Side.SELL]
    return Quote(
        con_id=0,
        time=max(quote.time for _, quote in legs),
        bid=bid,
        bid_size=bid_size,
        ask=ask,
        ask_size=ask_size,
        last=None,
        last_size=ZERO,
        last_time=None,
        volume=ZERO,
        open=None,
        high=None,
        low=None,
        close=sum((close for close in closes if close is not None), ZERO) if None not in closes else None,
    )
