"""Market-data lines: who watches what, and what each has heard.

Owns the lines of all sessions. Ticks of one step are coalesced: a line hears the newest quote and only what changed in
it since the last it heard. A line ends with its request, its session, or an 1101 (then without a word).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ironbridge.exchange.events import Event, Quote, QuoteChanged, TradePrinted
from ironbridge.exchange.listing import Listing
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.generic_ticks import Generic, legal_ticks, parse_ticks
from ironbridge.paper.limits import Pacing
from ironbridge.paper.listings import Listings
from ironbridge.paper.option_ticks import OptionTicks
from ironbridge.paper.session import Session
from ironbridge.paper.ticks import SharedTicks, ticks_between
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.market import (
    CancelMktData,
    MarketDataType,
    ReqMarketDataType,
    ReqMktData,
    TickReqParams,
    TickSnapshotEnd,
)

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4
BBO_EXCHANGE = "9c0001"
"""The exchange map that recorded US lines carry."""
SNAPSHOT_PERMISSIONS = 3


@dataclass(slots=True, eq=False)
class Line:
    """One request for market data."""

    session: Session
    req_id: int
    listing: Listing
    generic: Generic
    delayed: bool
    heard: Quote | None = None


class QuoteDesk:
    """The market-data desk.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._options = OptionTicks(floor)
        self._lines: dict[tuple[Session, int], Line] = {}
        self._by_contract: dict[int, list[Line]] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqMktData: self.open,
            CancelMktData: self.cancel,
            ReqMarketDataType: self.data_type,
        }

    # -- requests

    def open(self, session: Session, message: ReqMktData) -> None:
        if (session, message.req_id) in self._lines:
            raise Refusal(322, "Error processing request.-'bT' : cause - Duplicate ticker id")
        if message.contract.sec_type == "BAG":
            raise Refusal(10090, "Part of requested market data is not subscribed: combinations have no line here.")
        listing = self._listings.one(message.contract)
        generic = parse_ticks(message.generic_ticks, legal_ticks(listing.kind))
        if message.snapshot or message.regulatory_snapshot:
            if message.generic_ticks:
                raise invalid("bT", "Snapshot market data subscription is not applicable to generic ticks")
            self._snapshot(session, message.req_id, listing)
            return
        limits = self._floor.limits
        if limits.pacing is not Pacing.OFF and self.count(session) >= limits.lines:
            raise Refusal(101, "Max number of tickers has been reached")
        line = Line(session, message.req_id, listing, generic, session.data_type in {DELAYED, DELAYED_FROZEN})
        quote = self._floor.venue.watch(listing.con_id)
        self._lines[session, message.req_id] = line
        self._by_contract.setdefault(listing.con_id, []).append(line)
        self._begin(session, message.req_id, listing, line.delayed)
        if self._flows(line):
            self._hear(line, quote)
            for maker in generic.first(quote, listing):
                session.send(maker(message.req_id))

    def _begin(self, session: Session, req_id: int, listing: Listing, delayed: bool) -> None:  # noqa: FBT001
        if delayed:
            session.send(MarketDataType(req_id, session.data_type))
        session.send(TickReqParams(req_id, float(listing.min_tick), BBO_EXCHANGE, SNAPSHOT_PERMISSIONS))

    def _snapshot(self, session: Session, req_id: int, listing: Listing) -> None:
        delayed = session.data_type in {DELAYED, DELAYED_FROZEN}
        self._begin(session, req_id, listing, delayed)
        if self._floor.upstream.carries_market_data() and not session.deaf:
            for maker in ticks_between(None, self._floor.venue.quote(listing.con_id), delayed=delayed):
                session.send(maker(req_id))
            for maker in self._options.makers(listing, delayed=delayed, force=True):
                session.send(maker(req_id))
        session.send(TickSnapshotEnd(req_id))

    def cancel(self, session: Session, message: CancelMktData) -> None:
        line = self._lines.get((session, message.req_id))
        if line is None:
            raise Refusal(300, f"Can't find EId with tickerId:{message.req_id}")
        self._end(line)

    def data_type(self, session: Session, message: ReqMarketDataType) -> None:
        if message.market_data_type not in {LIVE, FROZEN, DELAYED, DELAYED_FROZEN}:
            raise invalid("bV", f"Invalid market data type: {message.market_data_type}")
        session.data_type = message.market_data_type

    # -- what happens

    def happened(self, events: Sequence[Event]) -> None:
        if not self._by_contract or not self._floor.upstream.carries_market_data():
            return
        newest: dict[int, Quote] = {}
        trades: dict[int, list[TradePrinted]] = {}
        for event in events:
            if isinstance(event, QuoteChanged):
                newest[event.quote.con_id] = event.quote
            elif isinstance(event, TradePrinted):
                trades.setdefault(event.con_id, []).append(event)
        for con_id, quote in newest.items():
            self._spread(con_id, quote)
        for con_id, printed in trades.items():
            for line in self._by_contract.get(con_id, ()):
                if line.generic.trades and self._flows(line):
                    for maker in line.generic.on_trades(printed, line.heard):
                        line.session.send(maker(line.req_id))

    def _spread(self, con_id: int, quote: Quote) -> None:
        """Tell every line of a listing, working out what changed once for those that know the same."""
        known: dict[tuple[int, bool], SharedTicks] = {}
        for line in self._by_contract.get(con_id, ()):
            if not self._flows(line):
                continue
            if not line.generic.quotes:
                line.heard = quote
                continue
            key = (id(line.heard), line.delayed)
            ticks = known.get(key)
            if ticks is None:
                makers = ticks_between(line.heard, quote, delayed=line.delayed)
                makers += self._options.makers(line.listing, delayed=line.delayed, force=line.heard is None)
                ticks = known[key] = SharedTicks(makers)
            line.heard = quote
            line.session.send_ticks(line.req_id, ticks)

    def _hear(self, line: Line, quote: Quote) -> None:
        line.heard = quote
        if not line.generic.quotes:
            return
        for maker in ticks_between(None, quote, delayed=line.delayed):
            line.session.send(maker(line.req_id))
        for maker in self._options.makers(line.listing, delayed=line.delayed, force=True):
            line.session.send(maker(line.req_id))

    def _flows(self, line: Line) -> bool:
        return not line.session.deaf and self._floor.upstream.carries_market_data()

    def step(self, now: datetime) -> None:
        """Quotes come as events of the venue."""

    def refresh(self) -> None:
        """Tell every line that may hear again what it has missed."""
        for con_id in list(self._by_contract):
            self._spread(con_id, self._floor.venue.quote(con_id))

    # -- endings

    def left(self, session: Session) -> None:
        for line in list(self.lines(session)):
            self._end(line)

    def forget_all(self) -> None:
        """Every line is gone without a word: what an 1101 means."""
        for line in list(self._lines.values()):
            self._end(line)

    def lines(self, session: Session | None = None) -> Iterator[Line]:
        """The open lines, of one session or of all."""
        return (line for line in self._lines.values() if session is None or line.session is session)

    def count(self, session: Session) -> int:
        return sum(1 for _ in self.lines(session))

    def _end(self, line: Line) -> None:
        del self._lines[line.session, line.req_id]
        lines = self._by_contract[line.listing.con_id]
        lines.remove(line)
        if not lines:
            del self._by_contract[line.listing.con_id]
        self._floor.venue.unwatch(line.listing.con_id)
