"""Tick-by-tick data: every trade, quote or midpoint of a listing, one message each.

Owns the streams of all sessions. Live ticks are the venue's own events: its tape's prints and the clients' fills, and
its quotes with the clients' orders in them. Past ticks, where a request asks for some, come first and in one message,
and are the tape's alone.

Refuses, in IB's codes: a kind of tick that the instrument does not have (10189: no trades in a currency pair, nothing
for an index or an option, whose tick-by-tick data IB gives only as history), more streams than the limit, and under
strict pacing the same instrument twice within 15 seconds (10190).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Event, Quote, QuoteChanged, TradePrinted
from ironbridge.exchange.listing import Listing
from ironbridge.paper.earlier_ticks import earlier_midpoints, earlier_quotes, earlier_trades
from ironbridge.paper.entitlements import no_ticks
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.limits import Pacing
from ironbridge.paper.listings import Listings
from ironbridge.paper.market_centers import condition_of, place_of_trade
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.ticks import BidAsk, CancelTickByTickData, MidPoint, ReqTickByTickData, TickByTick, Trade

MOST_PAST_TICKS = 1000
"""IB's limit of one answer with historical ticks."""
SAME_INSTRUMENT = timedelta(seconds=15)


class TickKind(IntEnum):
    """IB's numbers of the kinds."""

    LAST = 1
    ALL_LAST = 2
    BID_ASK = 3
    MID_POINT = 4

    @property
    def of_trades(self) -> bool:
        return self in {TickKind.LAST, TickKind.ALL_LAST}


NAMES = {
    "Last": TickKind.LAST,
    "AllLast": TickKind.ALL_LAST,
    "BidAsk": TickKind.BID_ASK,
    "MidPoint": TickKind.MID_POINT,
}
_ALL = frozenset(TickKind)
_OFFERED = {
    Kind.STOCK: _ALL,
    Kind.FUTURE: _ALL,
    Kind.FOREX: frozenset({TickKind.BID_ASK, TickKind.MID_POINT}),
}


@dataclass(slots=True, eq=False)
class Stream:
    """One request. `said` is what the last quote tick told: prices, and sizes unless they are ignored."""

    session: Session
    req_id: int
    listing: Listing
    kind: TickKind
    ignore_size: bool
    said: tuple[Decimal | None, ...] = ()


class TickByTickDesk:
    """The tick-by-tick desk.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._streams: dict[tuple[Session, int], Stream] = {}
        self._by_contract: dict[int, list[Stream]] = {}
        self._asked: dict[tuple[Session, int], datetime] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {ReqTickByTickData: self.open, CancelTickByTickData: self.cancel}

    # -- requests

    def open(self, session: Session, message: ReqTickByTickData) -> None:
        if (session, message.req_id) in self._streams:
            raise Refusal(322, "Error processing request.-'bT' : cause - Duplicate ticker id")
        kind = NAMES.get(message.tick_type)
        if kind is None:
            raise invalid("bT", f"Invalid tick-by-tick type: {message.tick_type or '(none)'}")
        if not 0 <= message.number_of_ticks <= MOST_PAST_TICKS:
            raise invalid("bT", f"The number of past ticks must be between 0 and {MOST_PAST_TICKS}")
        listing = self._listings.one(message.contract)
        if kind not in _OFFERED.get(listing.kind, frozenset()):
            raise Refusal(
                10189,
                f"Failed to request tick-by-tick data.{message.tick_type} tick-by-tick requests are not supported "
                f"for {listing.local_symbol or listing.symbol}.",
            )
        self._floor.entitlements.demand_live(listing, no_ticks(listing))
        self._admit(session, listing)
        stream = Stream(session, message.req_id, listing, kind, message.ignore_size)
        quote = self._floor.venue.watch(listing.con_id)
        self._streams[session, message.req_id] = stream
        self._by_contract.setdefault(listing.con_id, []).append(stream)
        if message.number_of_ticks:
            session.send(self._earlier(stream, message.number_of_ticks))
        if not kind.of_trades and self._flows(stream):
            self._say_quote(stream, quote)

    def _admit(self, session: Session, listing: Listing) -> None:
        limits, now = self._floor.limits, self._floor.now()
        self._asked = {key: at for key, at in self._asked.items() if now - at < SAME_INSTRUMENT}
        full = limits.pacing is not Pacing.OFF and sum(1 for _ in self.streams(session)) >= limits.tick_streams
        again = limits.pacing.enforced and (session, listing.con_id) in self._asked
        if full or again:
            raise Refusal(10190, "Max number of tick-by-tick requests has been reached.")
        self._asked[session, listing.con_id] = now

    def _earlier(self, stream: Stream, count: int) -> object:
        past, now, listing = self._floor.venue.past, self._floor.venue.now, stream.listing
        if stream.kind.of_trades:
            return earlier_trades(past, stream.req_id, listing, now, count)
        if stream.kind is TickKind.MID_POINT:
            return earlier_midpoints(past, stream.req_id, listing, now, count)
        return earlier_quotes(past, stream.req_id, listing, now, count, ignore_size=stream.ignore_size)

    def cancel(self, session: Session, message: CancelTickByTickData) -> None:
        stream = self._streams.get((session, message.req_id))
        if stream is None:
            raise Refusal(300, f"Can't find EId with tickerId:{message.req_id}")
        self._end(stream)

    # -- what happens

    def happened(self, events: Sequence[Event]) -> None:
        if not self._by_contract or not self._floor.upstream.carries_market_data():
            return
        for event in events:
            if isinstance(event, TradePrinted):
                for stream in self._by_contract.get(event.con_id, ()):
                    if stream.kind.of_trades and self._flows(stream):
                        stream.session.send(_trade_tick(stream, event))
            elif isinstance(event, QuoteChanged):
                for stream in self._by_contract.get(event.quote.con_id, ()):
                    if not stream.kind.of_trades and self._flows(stream):
                        self._say_quote(stream, event.quote)

    def _say_quote(self, stream: Stream, quote: Quote) -> None:
        sides = (quote.bid, quote.ask)
        if stream.kind is TickKind.MID_POINT:
            told: tuple[Decimal | None, ...] = (quote.mid,)
        else:
            told = sides if stream.ignore_size else (*sides, quote.bid_size, quote.ask_size)
        if told == stream.said or (stream.kind is TickKind.MID_POINT and quote.mid is None):
            return
        stream.said = told
        stream.session.send(_quote_tick(stream, quote))

    def _flows(self, stream: Stream) -> bool:
        return not stream.session.deaf and self._floor.upstream.carries_market_data()

    def step(self, now: datetime) -> None:
        """Ticks come as events of the venue."""

    def refresh(self) -> None:
        """Tell every stream of quotes the present one; trades that were missed are missed."""
        for stream in self._streams.values():
            if not stream.kind.of_trades and self._flows(stream):
                self._say_quote(stream, self._floor.venue.quote(stream.listing.con_id))

    # -- endings

    def left(self, session: Session) -> None:
        for stream in list(self.streams(session)):
            self._end(stream)

    def forget_all(self) -> None:
        """Every stream is gone without a word: what an 1101 means."""
        for stream in list(self._streams.values()):
            self._end(stream)

    def streams(self, session: Session | None = None) -> Iterator[Stream]:
        """The open streams, of one session or of all."""
        return (each for each in self._streams.values() if session is None or each.session is session)

    def _end(self, stream: Stream) -> None:
        del self._streams[stream.session, stream.req_id]
        streams = self._by_contract[stream.listing.con_id]
        streams.remove(stream)
        if not streams:
            del self._by_contract[stream.listing.con_id]
        self._floor.venue.unwatch(stream.listing.con_id)


def _trade_tick(stream: Stream, event: TradePrinted) -> TickByTick:
    return TickByTick(
        stream.req_id,
        int(stream.kind),
        int(event.time.timestamp()),
        Trade(
            float(event.price),
            float(event.size),
            0,
            place_of_trade(stream.listing, event.price),
            condition_of(stream.listing, event.size),
        ),
    )


def _quote_tick(stream: Stream, quote: Quote) -> TickByTick:
    stamp = int(quote.time.timestamp())
    if stream.kind is TickKind.MID_POINT:
        assert quote.mid is not None
        return TickByTick(stream.req_id, int(stream.kind), stamp, MidPoint(float(quote.mid)))
    tick = BidAsk(
        # A side without a price is -1 with size 0, as everywhere in the protocol.
        -1.0 if quote.bid is None else float(quote.bid),
        -1.0 if quote.ask is None else float(quote.ask),
        float(quote.bid_size),
        float(quote.ask_size),
    )
    return TickByTick(stream.req_id, int(stream.kind), stamp, tick)
