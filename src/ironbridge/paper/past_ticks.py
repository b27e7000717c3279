"""Requests for the past that are not bars: single ticks, the first date, the histogram.

The histogram is told from the closes of ten-minute bars: the shape of a distribution, not a count of every trade.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.past import View
from ironbridge.exchange.universe import schedule_of
from ironbridge.paper.bar_spans import Duration, Timetable, spans
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.history_query import first_date, no_data
from ironbridge.paper.listings import Listings
from ironbridge.paper.moments import parse_moment
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.history import (
    CancelHeadTimestamp,
    CancelHistogramData,
    HeadTimestamp,
    HistogramData,
    HistogramEntry,
    ReqHeadTimestamp,
    ReqHistogramData,
)
from ironbridge.wire.ticks import (
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
    ReqHistoricalTicks,
)

T = TypeVar("T")

MOST_TICKS = 1000
LONGEST_LOOK = timedelta(days=5)
"""How far a request for the ticks before a moment looks back: over a weekend."""
LONGEST_FORWARD = timedelta(hours=1)
STRETCH = timedelta(minutes=1)
EVERYTHING = 1_000_000
PERIODS = {"S": 1 / 86400, "D": 1.0, "W": 7.0, "M": 30.0, "Y": 365.0}
MOST_PERIOD_DAYS = 31
STEP = timedelta(minutes=10)


class PastTickDesk:
    """The desk for them.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._histograms: set[tuple[Session, int]] = set()

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqHistoricalTicks: self.ticks,
            ReqHeadTimestamp: self.head,
            CancelHeadTimestamp: self.cancel_head,
            ReqHistogramData: self.histogram,
            CancelHistogramData: self.cancel_histogram,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """The past does not change."""

    def step(self, now: datetime) -> None:
        """Nor is it waited for."""

    def left(self, session: Session) -> None:
        self._histograms = {key for key in self._histograms if key[0] is not session}

    # -- ticks

    def ticks(self, session: Session, message: ReqHistoricalTicks) -> None:
        listing = self._listings.one(message.contract)
        what = message.what_to_show.upper()
        if what not in {"TRADES", "BID_ASK", "MIDPOINT"}:
            raise Refusal(10187, f"Failed to request historical ticks:Invalid tick type {message.what_to_show}")
        if not 0 < message.number_of_ticks <= MOST_TICKS:
            raise Refusal(10187, f"Failed to request historical ticks:Number of ticks must be 1 to {MOST_TICKS}")
        if bool(message.start) == bool(message.end):
            raise Refusal(10187, "Failed to request historical ticks:Either start time or end time must be given")
        self._floor.begin(session, message.req_id, self._answer_ticks(session, message, listing, what))

    def _answer_ticks(
        self, session: Session, message: ReqHistoricalTicks, listing: Listing, what: str
    ) -> Iterator[None]:
        past, req_id = self._floor.venue.past, message.req_id
        if what == "TRADES":
            trades = yield from self._collect(message, lambda *span: past.trades(listing, *span))
            session.send(
                HistoricalTicksLast(
                    req_id,
                    tuple(HistoricalTickLast(_seconds(t.time), 0, t.price, t.size, listing.exchange) for t in trades),
                )
            )
            return
        quotes = yield from self._collect(message, lambda *span: past.quotes(listing, *span))
        if what == "BID_ASK":
            seen = (HistoricalTickBidAsk(_seconds(q.time), 0, q.bid, q.ask, q.bid_size, q.ask_size) for q in quotes)
            session.send(HistoricalTicksBidAsk(req_id, tuple(seen)))
        else:
            points = (HistoricalTick(_seconds(q.time), round((q.bid + q.ask) / 2, 8), 0) for q in quotes)
            session.send(HistoricalTicks(req_id, tuple(points)))

    def _collect(
        self, message: ReqHistoricalTicks, read: Callable[[datetime, datetime, int], list[T]]
    ) -> Generator[None, None, list[T]]:
        """As many ticks as are wanted, from the start on or up to the end, looked for in short stretches."""
        begin, end, forward = self._range(message)
        limit, found = message.number_of_ticks, list[T]()
        while begin < end and len(found) < limit:
            if forward:
                # There may be far more than are wanted, and the tape is read backwards.
                since, until = begin, min(end, begin + STRETCH)
                found, begin = found + read(since, until, EVERYTHING), until
            else:
                since = max(begin, end - STRETCH)
                found, end = read(since, end, limit - len(found)) + found, since
            yield
        return found[:limit]

    def _range(self, message: ReqHistoricalTicks) -> tuple[datetime, datetime, bool]:
        now = self._floor.now()
        try:
            moment = parse_moment(message.start or message.end)
        except ValueError:
            raise Refusal(10187, "Failed to request historical ticks:Invalid date, time or time-zone") from None
        if message.start:
            return moment, min(now, moment + LONGEST_FORWARD), True
        end = min(now, moment)
        return end - LONGEST_LOOK, end, False

    # -- what there is

    def head(self, session: Session, message: ReqHeadTimestamp) -> None:
        listing = self._listings.one(message.contract)
        if message.format_date not in {1, 2}:
            raise invalid("bH", f"Invalid date format: {message.format_date}")
        if message.what_to_show.upper() == "TRADES" and listing.kind is Kind.FOREX:
            raise no_data(listing, message.what_to_show)
        first = first_date(listing)
        text = str(int(first.timestamp())) if message.format_date == 2 else f"{first:%Y%m%d-%H:%M:%S}"
        session.send(HeadTimestamp(message.req_id, text))

    def cancel_head(self, session: Session, message: CancelHeadTimestamp) -> None:
        """It was answered at once: there is nothing left to cancel."""

    def histogram(self, session: Session, message: ReqHistogramData) -> None:
        listing = self._listings.one(message.contract)
        days = _period_days(message.period)
        key = (session, message.req_id)
        self._histograms.add(key)
        self._floor.begin(session, message.req_id, self._answer_histogram(key, listing, days, liquid=message.use_rth))

    def _answer_histogram(
        self, key: tuple[Session, int], listing: Listing, days: int, *, liquid: bool
    ) -> Iterator[None]:
        schedule, now = schedule_of(listing), self._floor.now()
        sessions = Timetable(schedule, liquid=liquid, always=False).sessions(now, Duration(days, "D"))
        counts: Counter[float] = Counter()
        for span in spans(sessions, STEP, schedule.zone):
            for bar in self._floor.venue.past.bars(listing, span.windows, View.TRADES):
                counts[round(bar.close, 2)] += int(bar.volume or 1)
            yield
            if key not in self._histograms:
                return
        self._histograms.discard(key)
        entries = tuple(HistogramEntry(price, count) for price, count in sorted(counts.items()))
        key[0].send(HistogramData(key[1], entries))

    def cancel_histogram(self, session: Session, message: CancelHistogramData) -> None:
        self._histograms.discard((session, message.req_id))


def _period_days(text: str) -> int:
    """Trading days in `1 week`, `3 days`, `2 W`."""
    number, _, unit = text.strip().partition(" ")
    factor = PERIODS.get(unit[:1].upper())
    if not number.isdigit() or not 0 < int(number) < 1000 or factor is None:
        raise invalid("bI", f"Invalid histogram period: {text or 'none'}")
    return max(1, min(MOST_PERIOD_DAYS, round(int(number) * factor)))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
