"""One historical query, understood: which bars of which listing, made of what, written how.

History keeps the hours of the listing's exchange. A venue that is open at any hour has traded at any hour since it
opened, so what its clients saw live is in their bars too, unless they ask for regular hours; and what is kept up to
date goes on at any hour, as the market does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.calendar import Session
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.past import Past, PastBar, View
from ironbridge.exchange.smile import smile_of
from ironbridge.exchange.tape import expiry_instant
from ironbridge.exchange.universe import schedule_of
from ironbridge.exchange.venue import Venue
from ironbridge.paper.bar_spans import (
    BarSpan,
    Calendar,
    Timetable,
    check_number,
    check_step,
    parse_bar_size,
    parse_duration,
    spans,
)
from ironbridge.paper.moments import ZONE, ZONED_TIMES, parse_moment
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.history import HistoricalBar, ReqHistoricalData

VIEWS = {
    "TRADES": View.TRADES, "ADJUSTED_LAST": View.TRADES, "MIDPOINT": View.MIDPOINT, "BID": View.BID, "ASK": View.ASK,
    "BID_ASK": View.BID_ASK,
}  # fmt: skip
VOLATILITIES = frozenset({"HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY"})
SCHEDULE = "SCHEDULE"
KNOWN = frozenset(
    {*VIEWS, *VOLATILITIES, SCHEDULE, "FEE_RATE", "YIELD_BID", "YIELD_ASK", "YIELD_BID_ASK", "YIELD_LAST", "AGGTRADES"}
)
BAD_END = (
    "End Date/Time: The date, time, or time-zone entered is invalid. The correct format is yyyymmdd hh:mm:ss xx/xxxx "
    "where yyyymmdd and xx/xxxx are optional. E.g.: 20031126 15:59:00 US/Eastern  Note that there is a space between "
    "the date and time, and between the time and time-zone.  If no date is specified, current date is assumed. If no "
    "time-zone is specified, local time-zone is assumed(deprecated).  You can also provide yyyymmddd-hh:mm:ss time is "
    "in UTC. Note that there is a dash between the date and time in UTC notation."
)
NONE = -1
"""What IB writes for a volume, mean or count that a kind of bar does not have."""

_FIRST = {Kind.STOCK: date(2004, 1, 23), Kind.INDEX: date(2004, 3, 4), Kind.FOREX: date(2005, 3, 9)}
_DERIVATIVES = {True: timedelta(days=3 * 365), False: timedelta(days=5 * 365)}
"""How long before their end options are listed, and futures."""
_SESSIONS_AT_ONCE = 20
"""Sessions that are looked up in one go."""
_AT_ONCE = 1000
"""Bars that are asked of the tape in one go."""
LIVE = frozenset({"TRADES", "MIDPOINT", "BID", "ASK"})
"""What can be kept up to date."""
SCHEDULES = 165
"""From this version on a client can be told a schedule."""
_ZONES = {"America/New_York": "US/Eastern", "America/Chicago": "US/Central"}


def no_data(listing: Listing, what: str) -> Refusal:
    """162 in IB's words: `HMDS query returned no data: DELL@SMART Trades`."""
    kind = what.replace("_", " ").title()
    return Refusal(
        162,
        "Historical Market Data Service error message:HMDS query returned no data: "
        f"{listing.local_symbol}@{listing.exchange} {kind}",
    )


def first_date(listing: Listing) -> datetime:
    """From when on there is data of a listing."""
    usual = _FIRST.get(listing.kind, date(2010, 1, 4))
    day = usual if listing.expiry is None else listing.expiry - _DERIVATIVES[listing.kind is Kind.OPTION]
    return datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)


def last_moment(listing: Listing, end: datetime) -> datetime:
    """The end of what there can be of a listing by a moment: no contract trades after its end."""
    return end if listing.expiry is None else min(end, expiry_instant(listing))


class Zone:
    """An exchange's zone, by IB's name of it.

    Parameters:
        name: IANA's.
    """

    def __init__(self, name: str) -> None:
        self.info = ZoneInfo(name)
        self.name = _ZONES.get(name, name)

    def text(self, moment: datetime) -> str:
        """`20260302-09:30:00`, as schedules write it."""
        return f"{moment.astimezone(self.info):%Y%m%d-%H:%M:%S}"


class Query:
    """A request for bars.

    Parameters:
        venue: where the listing trades.
        listing: what is asked about.
        message: the request.
        version: the client's.
        opened: since when the venue has been open at any hour; None where it keeps its listings' hours.

    Raises:
        Refusal: it cannot be meant, or there is no such data.
    """

    def __init__(
        self, venue: Venue, listing: Listing, message: ReqHistoricalData, version: int, opened: datetime | None
    ) -> None:
        self.listing = listing
        self.message = message
        self.what = message.what_to_show.upper()
        self._past: Past = venue.past
        self._version = version
        self.end = last_moment(listing, self._end(venue.now))
        self.duration = parse_duration(message.duration)
        if message.end.strip() and self.what == "ADJUSTED_LAST":
            raise invalid("bM", "End date not supported with adjusted last")
        self.size = parse_bar_size(message.bar_size)
        check_step(self.duration, self.size)
        if self.what == "ADJUSTED_LAST" and self.size in {Calendar.WEEK, Calendar.MONTH}:
            raise invalid("bM", "Multi day bar size not supported with adjusted last")
        if self.what not in KNOWN:
            raise invalid("bM", f"Invalid data type requested: {message.what_to_show or 'none'}")
        if message.format_date not in {1, 2}:
            raise invalid("bM", f"Date formatting selection of {message.format_date} rejected.")
        self._check_rest()
        self._schedule = schedule_of(listing)
        self.zone = Zone(self._schedule.zone)
        if message.use_rth or isinstance(self.size, Calendar) or self.what == SCHEDULE:
            # Regular hours, and whole days, are the exchange's; what is kept up to date goes on from here all the same.
            opened = self.end if opened is not None and self.keeps and not isinstance(self.size, Calendar) else None
        self.timetable = Timetable(
            self._schedule, liquid=bool(message.use_rth), since=opened, first=first_date(listing)
        )

    @property
    def keeps(self) -> bool:
        """Whether it is kept up to date."""
        return self.message.keep_up_to_date

    def _end(self, now: datetime) -> datetime:
        """The end that is meant; never after the present."""
        text = self.message.end.strip()
        if not text:
            return now
        try:
            return min(parse_moment(text), now)
        except ValueError:
            raise Refusal(10314, BAD_END) from None

    def _check_rest(self) -> None:
        message, listing, what = self.message, self.listing, self.what
        if self.keeps and message.end.strip():
            raise invalid("bM", "End date not supported with live updates")
        if self.keeps and what not in LIVE:
            raise invalid("bM", "Source price not supported with live updates")
        if what == SCHEDULE and self.size is not Calendar.DAY:
            raise invalid("bM", "Only daily resolution supported for Schedule requests")
        if what == SCHEDULE and self._version < SCHEDULES:
            raise invalid("bM", f"A trading schedule cannot be told to a client of version {self._version}")
        if not offered(listing, what):
            raise no_data(listing, message.what_to_show)

    def answer(self) -> Iterator[HistoricalBar | None]:
        """The bars that are meant, oldest first, none from before there is data, and None to pause now and then.

        Raises:
            Refusal: more bars than any answer holds.
        """
        sessions: list[Session] = []
        for session in self.timetable.sessions_back(self.end, self.duration, self.size):
            sessions.append(session)
            if len(sessions) % _SESSIONS_AT_ONCE == 0:
                yield None
        sessions.reverse()
        check_number(sessions, self.size)
        yield from self.bars(spans(sessions, self.size, self._schedule.zone))

    def session(self, day: date) -> Session:
        """The whole session of a trading day."""
        return self._schedule.session(day, liquid=bool(self.message.use_rth)) or Session(day, self.end, self.end)

    def spans_since(self, told: datetime, until: datetime) -> list[BarSpan]:
        """The bars with anything in them between two moments, each as far as it has come by the second."""
        return list(spans(self.timetable.touching(told, until, self.size), self.size, self._schedule.zone))

    def bars(self, wanted: Iterable[BarSpan]) -> Iterator[HistoricalBar | None]:
        """The bars, one by one, and None to pause: what is between takes tens of milliseconds at most."""
        view = VIEWS.get(self.what, View.MIDPOINT)
        left = iter(wanted)
        while part := list(islice(left, _AT_ONCE)):
            found = self._past.bars(self.listing, [window for span in part for window in span.windows], view)
            for span in part:
                pieces: list[PastBar] = []
                for _ in span.windows:
                    if pieces:
                        # A month is made of its days.
                        yield None
                    pieces.append(next(found))
                yield self._written(span, merged(pieces))

    def label(self, span: BarSpan) -> str:
        """A bar's date as the request wants it; bars of a day and more always carry their date."""
        if span.day is not None:
            return f"{span.day:%Y%m%d}"
        if self.message.format_date == 2:
            return str(int(span.begin.timestamp()))
        if self._version >= ZONED_TIMES:
            return f"{span.begin.astimezone(self.zone.info):%Y%m%d %H:%M:%S} {self.zone.name}"
        # Before times carried their zone, it was the gateway's.
        return f"{span.begin.astimezone(ZONE):%Y%m%d  %H:%M:%S}"

    def _written(self, span: BarSpan, bar: PastBar) -> HistoricalBar:
        if self.what in VOLATILITIES:
            return self._volatility(span, bar)
        return HistoricalBar(
            self.label(span),
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            NONE if bar.volume is None else bar.volume,
            NONE if bar.mean is None else bar.mean,
            NONE if bar.count is None else bar.count,
        )

    def _volatility(self, span: BarSpan, bar: PastBar) -> HistoricalBar:
        """A level that breathes with the price: the venue has one smile, not a history of smiles."""
        close = smile_of(self.listing.symbol).level * (0.9 if self.what == "HISTORICAL_VOLATILITY" else 1.0)
        # Volatility falls as the price rises.
        opened, high, low = (round(close * bar.close / price, 8) for price in (bar.open, bar.low, bar.high))
        return HistoricalBar(self.label(span), opened, high, low, round(close, 8), NONE, NONE, NONE)


def offered(listing: Listing, what: str) -> bool:
    """Whether there is such data of such a listing."""
    if what == SCHEDULE:
        return True
    if what in VOLATILITIES:
        return listing.kind in {Kind.STOCK, Kind.INDEX}
    if what not in VIEWS:
        return False
    if what in {"TRADES", "ADJUSTED_LAST"}:
        return listing.kind is not Kind.FOREX
    return listing.kind is not Kind.INDEX or what == "MIDPOINT"


def merged(bars: Sequence[PastBar]) -> PastBar:
    """Several stretches of one bar as one."""
    first, last = bars[0], bars[-1]
    if first is last:
        return first
    # A stretch without a trade is flat at the price before it and has no say in where the bar reached.
    traded = [bar for bar in bars if bar.volume] or bars
    volume = sum(bar.volume for bar in bars if bar.volume is not None)
    high, low = max(bar.high for bar in traded), min(bar.low for bar in traded)
    mean = sum((bar.mean or 0.0) * (bar.volume or 1.0) for bar in traded) / sum(bar.volume or 1.0 for bar in traded)
    told = first.volume is not None
    return PastBar(
        first.begin,
        traded[0].open,
        high,
        low,
        traded[-1].close,
        volume if told else None,
        min(max(round(mean, 8), low), high) if told else None,
        sum(bar.count or 0 for bar in bars) if told else None,
    )
