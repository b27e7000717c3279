"""Bars of five seconds as they come.

Owns these subscriptions of all sessions. A bar is read from the tape once its five seconds are over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.past import View
from ironbridge.exchange.universe import schedule_of
from ironbridge.paper.entitlements import no_live_bars
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.listings import Listings
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.history import CancelRealTimeBars, RealTimeBar, ReqRealTimeBars

BAR = timedelta(seconds=5)
VIEWS = {"TRADES": View.TRADES, "MIDPOINT": View.MIDPOINT, "BID": View.BID, "ASK": View.ASK}
MOST_LATE = 120
"""Bars that a jump of the clock still brings one by one: ten minutes'."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class BarStream:
    session: Session
    req_id: int
    listing: Listing
    view: View
    liquid: bool
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
        self._bars: dict[tuple[Session, int], BarStream] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {ReqRealTimeBars: self.bars, CancelRealTimeBars: self.cancel_bars}

    def bars(self, session: Session, message: ReqRealTimeBars) -> None:
        if (session, message.req_id) in self._bars:
            raise Refusal(322, "Error processing request.-'bR' : cause - Duplicate ticker id")
        view = VIEWS.get(message.what_to_show.upper())
        if view is None:
            raise invalid("bR", f"Invalid data type requested: {message.what_to_show or 'none'}")
        listing = self._listings.one(message.contract)
        if listing.kind is Kind.FOREX and view is View.TRADES:
            raise Refusal(420, "Invalid Real-time Query:No trades data for this security type")
        if listing.kind is Kind.INDEX and view is not View.TRADES:
            raise Refusal(420, "Invalid Real-time Query:No quotes for this security type")
        self._floor.entitlements.demand_live(listing, no_live_bars(listing))
        now = self._floor.now()
        begin = now - (now - _EPOCH) % BAR
        self._bars[session, message.req_id] = BarStream(session, message.req_id, listing, view, message.use_rth, begin)

    def cancel_bars(self, session: Session, message: CancelRealTimeBars) -> None:
        if self._bars.pop((session, message.req_id), None) is None:
            raise Refusal(300, f"Can't find EId with tickerId:{message.req_id}")

    # -- what happens

    def happened(self, events: Sequence[Event]) -> None:
        """A bar is the tape's alone."""

    def step(self, now: datetime) -> None:
        for stream in self._bars.values():
            if (now - stream.next_begin) // BAR > MOST_LATE:
                stream.next_begin = now - (now - _EPOCH) % BAR - MOST_LATE * BAR
            while stream.next_begin + BAR <= now:
                begin, stream.next_begin = stream.next_begin, stream.next_begin + BAR
                if self._flows(stream, begin):
                    self._bar(stream, begin)

    def _flows(self, stream: BarStream, begin: datetime) -> bool:
        """Whether the market is open in these seconds, and the client can hear of it."""
        venue = self._floor.venue
        if not self._floor.upstream.carries_market_data() or stream.session.deaf:
            return False
        return not venue.options.real_sessions or schedule_of(stream.listing).is_open(begin, liquid=stream.liquid)

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
        for key in [key for key in self._bars if key[0] is session]:
            del self._bars[key]

    def forget_all(self) -> None:
        """Every stream is gone without a word: what an 1101 means."""
        self._bars.clear()
