"""One historical query, understood: which bars of which listing, made of what, written how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.past import Past, PastBar, View
from ironbridge.exchange.smile import smile_of
from ironbridge.exchange.universe import schedule_of
from ironbridge.exchange.venue import Venue
from ironbridge.paper.bar_spans import BarSpan, Timetable, parse_bar_size, parse_duration, spans
from ironbridge.paper.moments import ZONED_TIMES, parse_moment
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
NONE = -1
"""What IB writes for a volume, mean or count that a kind of bar does not have."""

_FIRST = {Kind.STOCK: date(2004, 1, 23), Kind.INDEX: date(2004, 3, 4), Kind.FOREX: date(2005, 3, 9)}
_DERIVATIVES = timedelta(days=730)
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
    day = usual if listing.expiry is None else listing.expiry - _DERIVATIVES
    return datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)


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

    Raises:
        Refusal: it cannot be meant, or there is no such data.
    """

    def __init__(self, venue: Venue, listing: Listing, message: ReqHistoricalData, version: int) -> None:
        self.listing = listing
        self.message = message
        self.what = message.what_to_show.upper()
        self._past: Past = venue.past
        self._version = version
        if self.what not in KNOWN:
            raise invalid("bM", f"Invalid data type requested: {message.what_to_show or 'none'}")
        self.size = parse_bar_size(message.bar_size)
        self.duration = parse_duration(message.duration)
        if message.format_date not in {1, 2}:
            raise invalid("bM", f"Invalid date format: {message.format_date}")
        self.end = self._end(venue.now)
        self._schedule = schedule_of(listing)
        self.zone = Zone(self._schedule.zone)
        self.timetable = Timetable(self._schedule, liquid=bool(message.use_rth), always=not venue.options.real_sessions)
        if self.what not in VIEWS and self.what not in VOLATILITIES | {SCHEDULE}:
            raise no_data(listing, message.what_to_show)
        if self.what in {"TRADES", "ADJUSTED_LAST"} and listing.kind is Kind.FOREX:
            raise no_data(listing, message.what_to_show)
        if self.what in {"BID", "ASK", "BID_ASK"} and listing.kind is Kind.INDEX:
            raise no_data(listing, message.what_to_show)

    def _end(self, now: datetime) -> datetime:
        text = self.message.end
        if not text:
            return now
        if self.message.keep_up_to_date or self.what == "ADJUSTED_LAST":
            raise invalid("bM", "End date not supported with adjusted last or keep up to date")
        try:
            return min(parse_moment(text), now)
        except ValueError:
            raise Refusal(
                10314,
                "End Date/Time: The date, time, or time-zone entered is invalid. The correct format is "
                "yyyymmdd hh:mm:ss xx/xxxx where yyyymmdd and xx/xxxx are optional.",
            ) from None

    def spans(self, end: datetime | None = None) -> list[BarSpan]:
        """The bars that are meant; none from before there is data."""
        sessions = self.timetable.sessions(end or self.end, self.duration)
        since = first_date(self.listing)
        found = spans([s for s in sessions if s.closes > since], self.size, self._schedule.zone)
        return [span for span in found if span.windows]

    def bars(self, wanted: Sequence[BarSpan]) -> Iterator[HistoricalBar]:
        """The bars, one by one: each may take a while."""
        for span in wanted:
            if self.what in VOLATILITIES:
                yield self._volatility(span)
            else:
                yield self._written(span, merged(list(self._past.bars(self.listing, span.windows, VIEWS[self.what]))))

    def label(self, span: BarSpan) -> str:
        """A bar's date as the request wants it; bars of a day and more always carry their date."""
        if span.day is not None:
            return f"{span.day:%Y%m%d}"
        if self.message.format_date == 2:
            return str(int(span.begin.timestamp()))
        local = span.begin.astimezone(self.zone.info)
        if self._version >= ZONED_TIMES:
            return f"{local:%Y%m%d %H:%M:%S} {self.zone.name}"
        return f"{local:%Y%m%d  %H:%M:%S}"

    def _written(self, span: BarSpan, bar: PastBar) -> HistoricalBar:
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

    def _volatility(self, span: BarSpan) -> HistoricalBar:
        """A level that breathes with the price: the venue has one smile, not a history of smiles."""
        (bar,) = self._past.bars(self.listing, span.windows[-1:], View.MIDPOINT)
        level = smile_of(self.listing.under_symbol or self.listing.symbol).level
        close = level * (0.9 if self.what == "HISTORICAL_VOLATILITY" else 1.0)
        # Volatility falls as the price rises.
        opened, high, low = (round(close * bar.close / price, 8) for price in (bar.open, bar.low, bar.high))
        return HistoricalBar(self.label(span), opened, high, low, round(close, 8), NONE, NONE, NONE)


def merged(bars: Sequence[PastBar]) -> PastBar:
    """Several stretches of one bar as one."""
    first, last = bars[0], bars[-1]
    if first is last:
        return first
    volumes = [bar.volume for bar in bars if bar.volume is not None]
    counts = [bar.count for bar in bars if bar.count is not None]
    means = [bar.mean for bar in bars if bar.mean is not None]
    return PastBar(
        first.begin,
        first.open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        last.close,
        sum(volumes) if volumes else None,
        sum(means) / len(means) if means else None,
        sum(counts) if counts else None,
    )
