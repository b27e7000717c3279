"""What is known of a listing's past besides its bars: since when there is data, and at which prices it traded.

The histogram gives each bar of the period to its mean price: the shape of a distribution, not a count of every trade.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.past import View
from ironbridge.exchange.universe import schedule_of
from ironbridge.paper.bar_spans import Duration, Timetable, spans
from ironbridge.paper.entitlements import no_past_facts
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.history_query import KNOWN, first_date, last_moment, no_data, offered
from ironbridge.paper.listings import Listings
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

PERIODS = {"S": 1 / 86400, "D": 1.0, "W": 7.0, "M": 30.0, "Y": 365.0}
MOST_PERIOD_DAYS = 31
FINE, COARSE = timedelta(minutes=1), timedelta(minutes=10)
"""Bars that are counted, of periods up to a week and of longer ones."""
FINE_DAYS = 7


class HistoryFactsDesk:
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

    def head(self, session: Session, message: ReqHeadTimestamp) -> None:
        listing = self._listings.one(message.contract)
        what = message.what_to_show.upper()
        if what not in KNOWN:
            raise invalid("bH", f"Invalid data type requested: {message.what_to_show or 'none'}")
        if message.format_date not in {1, 2}:
            raise invalid("bH", f"Date formatting selection of {message.format_date} rejected.")
        if not offered(listing, what):
            raise no_data(listing, message.what_to_show)
        self._floor.entitlements.demand_live(listing, no_past_facts())
        first = first_date(listing)
        text = str(int(first.timestamp())) if message.format_date == 2 else f"{first:%Y%m%d-%H:%M:%S}"
        session.send(HeadTimestamp(message.req_id, text))

    def cancel_head(self, session: Session, message: CancelHeadTimestamp) -> None:
        """It was answered at once: there is nothing left to cancel."""

    def histogram(self, session: Session, message: ReqHistogramData) -> None:
        key = (session, message.req_id)
        if key in self._histograms:
            raise Refusal(322, "Error processing request.-'bI' : cause - Duplicate ticker id")
        listing = self._listings.one(message.contract)
        days = _period_days(message.period)
        if listing.kind in {Kind.FOREX, Kind.INDEX}:
            raise no_data(listing, "TRADES")
        self._floor.entitlements.demand_live(listing, no_past_facts())
        self._histograms.add(key)
        self._floor.begin(session, message.req_id, self._answer_histogram(key, listing, days, liquid=message.use_rth))

    def _answer_histogram(
        self, key: tuple[Session, int], listing: Listing, days: int, *, liquid: bool
    ) -> Iterator[None]:
        schedule = schedule_of(listing)
        table = Timetable(schedule, liquid=liquid, first=first_date(listing))
        sessions = table.sessions(last_moment(listing, self._floor.now()), Duration(days, "D"))
        counted = spans(sessions, FINE if days <= FINE_DAYS else COARSE, schedule.zone)
        windows = [window for span in counted for window in span.windows]
        counts: Counter[Decimal] = Counter()
        try:
            for bar in self._floor.venue.past.bars(listing, windows, View.TRADES):
                if bar.volume and bar.mean is not None:
                    counts[listing.rule.nearest(Decimal(repr(bar.mean)))] += int(bar.volume)
                yield
                if key not in self._histograms:
                    return
            entries = tuple(HistogramEntry(float(price), number) for price, number in sorted(counts.items()))
            key[0].send(HistogramData(key[1], entries))
        finally:
            self._histograms.discard(key)

    def cancel_histogram(self, session: Session, message: CancelHistogramData) -> None:
        self._histograms.discard((session, message.req_id))


def _period_days(text: str) -> int:
    """Trading days in `1 week`, `3 days`, `2 W`."""
    number, _, unit = text.strip().partition(" ")
    factor = PERIODS.get(unit[:1].upper())
    if not (number.isascii() and number.isdigit()) or not 0 < int(number[:4]) < 1000 or factor is None:
        raise invalid("bI", f"Invalid histogram period: {text or 'none'}")
    return max(1, min(MOST_PERIOD_DAYS, round(int(number[:4]) * factor)))
