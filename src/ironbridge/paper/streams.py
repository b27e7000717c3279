"""Streams beside the quote: every tick by itself, and bars of five seconds.

Owns these subscriptions of all sessions. Ticks come from the venue's events; a bar is read from the tape once its five
seconds are over. IB's limit of tick-by-tick streams holds unless pacing is off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Event, Quote, QuoteChanged, TradePrinted
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.past import View
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.limits import Pacing
from ironbridge.paper.listings import Listings
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.history import CancelRealTimeBars, RealTimeBar, ReqRealTimeBars
from ironbridge.wire.ticks import BidAsk, CancelTickByTickData, MidPoint, ReqTickByTickData, TickByTick, Trade

KINDS = {"Last": 1, "AllLast": 2, "BidAsk": 3, "MidPoint": 4}
TRADES, QUOTES, MIDPOINTS = frozenset({1, 2}), 3, 4
BAR = timedelta(seconds=5)
VIEWS = {"TRADES": View.TRADES, "MIDPOINT": View.MIDPOINT, "BID": View.BID, "ASK": View.ASK}
MOST_LATE = 12
"""Bars that a jump of the clock still brings one by one: a minute's."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class TickStream:
    session: Session
    req_id: int
    listing: Listing
    kind: int
    ignore_size: bool
    seen: Quote | None = None


@dataclass(slots=True, eq=False)
class BarStream:
    session: Session
    req_id: int
    listing: Listing
    view: View
    next_begin: datetime


class StreamDesk:
    """The desk for streams.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._ticks: dict[tuple[Session, int], TickStream] = {}
        self._bars: dict[tuple[Session, int], BarStream] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqTickByTickData: self.ticks,
            CancelTickByTickData: self.cancel_ticks,
            ReqRealTimeBars: self.bars,
            CancelRealTimeBars: self.cancel_bars,
        }

    def ticks(self, session: Session, message: ReqTickByTickData) -> None:
        kind = KINDS.get(message.tick_type)
        if kind is None:
            raise Refusal(10189, f"Failed to request tick-by-tick data:Invalid tick type {message.tick_type}")
        if (session, message.req_id) in self._ticks:
            raise Refusal(322, "Error processing request.-'bT' : cause - Duplicate ticker id")
        limits = self._floor.limits
        count = sum(1 for key in self._ticks if key[0] is session)
        if limits.pacing is not Pacing.OFF and count >= limits.tick_streams:
            raise Refusal(10190, "Max number of tick-by-tick requests has been reached.")
        listing = self._listings.one(message.contract)
        if listing.kind is Kind.INDEX and kind not in TRADES:
            raise Refusal(10189, "Failed to request tick-by-tick data:No market data permissions for this index")
        stream = TickStream(session, message.req_id, listing, kind, message.ignore_size)
        stream.seen = self._floor.venue.watch(listing.con_id)
        self._ticks[session, message.req_id] = stream
        if kind not in TRADES:
            self._quote(stream, stream.seen)

    def cancel_ticks(self, session: Session, message: CancelTickByTickData) -> None:
        stream = self._ticks.pop((session, message.req_id), None)
        if stream is None:
            raise Refusal(300, f"Can't find EId with tickerId:{message.req_id}")
        self._floor.venue.unwatch(stream.listing.con_id)

    def bars(self, session: Session, message: ReqRealTimeBars) -> None:
        if (session, message.req_id) in self._bars:
            raise Refusal(322, "Error processing request.-'bR' : cause - Duplicate ticker id")
        view = VIEWS.get(message.what_to_show.upper())
        if view is None:
            raise invalid("bR", f"Invalid data type requested: {message.what_to_show or 'none'}")
        listing = self._listings.one(message.contract)
        if listing.kind is Kind.FOREX and view is View.TRADES:
            raise Refusal(420, "Invalid Real-time Query:No trades data for this security type")
        now = self._floor.now()
        begin = now - (now - _EPOCH) % BAR
        self._bars[session, message.req_id] = BarStream(session, message.req_id, listing, view, begin)

    def cancel_bars(self, session: Session, message: CancelRealTimeBars) -> None:
        if self._bars.pop((session, message.req_id), None) is None:
            raise Refusal(300, f"Can't find EId with tickerId:{message.req_id}")

    # -- what happens

    def happened(self, events: Sequence[Event]) -> None:
        if not self._ticks or not self._floor.upstream.carries_market_data():
            return
        for event in events:
            if isinstance(event, TradePrinted):
                for stream in self._ticks.values():
                    if stream.listing.con_id == event.con_id and stream.kind in TRADES:
                        self._trade(stream, event)
            elif isinstance(event, QuoteChanged):
                for stream in self._ticks.values():
                    if stream.listing.con_id == event.quote.con_id and stream.kind not in TRADES:
                        self._quote(stream, event.quote)

    def _trade(self, stream: TickStream, event: TradePrinted) -> None:
        if not stream.session.deaf:
            trade = Trade(float(event.price), float(event.size), 0, event.exchange)
            stream.session.send(TickByTick(stream.req_id, stream.kind, int(event.time.timestamp()), trade))

    def _quote(self, stream: TickStream, quote: Quote) -> None:
        before, stream.seen = stream.seen, quote
        if quote.bid is None or quote.ask is None or stream.session.deaf:
            return
        if stream.kind == MIDPOINTS:
            if before is quote or before is None or before.mid != quote.mid:
                tick: BidAsk | MidPoint = MidPoint(float(quote.bid + quote.ask) / 2)
                stream.session.send(TickByTick(stream.req_id, stream.kind, int(quote.time.timestamp()), tick))
            return
        same = before is not quote and before is not None and (before.bid, before.ask) == (quote.bid, quote.ask)
        if same and stream.ignore_size:
            return
        tick = BidAsk(float(quote.bid), float(quote.ask), float(quote.bid_size), float(quote.ask_size))
        stream.session.send(TickByTick(stream.req_id, stream.kind, int(quote.time.timestamp()), tick))

    def step(self, now: datetime) -> None:
        for stream in self._bars.values():
            if (now - stream.next_begin) // BAR > MOST_LATE:
                stream.next_begin = now - (now - _EPOCH) % BAR - MOST_LATE * BAR
            while stream.next_begin + BAR <= now:
                begin, stream.next_begin = stream.next_begin, stream.next_begin + BAR
                if self._floor.upstream.carries_market_data() and not stream.session.deaf:
                    self._bar(stream, begin)

    def _bar(self, stream: BarStream, begin: datetime) -> None:
        (bar,) = self._floor.venue.past.bars(stream.listing, [(begin, begin + BAR)], stream.view)
        stream.session.send(
            RealTimeBar(
                stream.req_id,
                int(begin.timestamp()),
                bar.open,
                bar.high,
                bar.low,
                bar.close,
                -1.0 if bar.volume is None else bar.volume,
                -1.0 if bar.mean is None else bar.mean,
                -1 if bar.count is None else bar.count,
            )
        )

    # -- endings

    def left(self, session: Session) -> None:
        for key in [key for key in self._ticks if key[0] is session]:
            self._floor.venue.unwatch(self._ticks.pop(key).listing.con_id)
        for key in [key for key in self._bars if key[0] is session]:
            del self._bars[key]

    def forget_all(self) -> None:
        """Every stream is gone without a word: what an 1101 means."""
        for stream in self._ticks.values():
            self._floor.venue.unwatch(stream.listing.con_id)
        self._ticks.clear()
        self._bars.clear()
