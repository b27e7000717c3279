"""Which bars a historical request means: durations, bar sizes, sessions, and the stretches of time in each bar.

Durations in days count trading days, in seconds trading seconds, as IB counts them. Bars of less than a day stand on
round times of the exchange's zone and begin anew with each session; longer ones are made of whole sessions, and weeks
and months are whole however short the duration, so that a bar is the same bar in every answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

from ironbridge.exchange.calendar import Schedule, Session, month_end
from ironbridge.paper.translate import Refusal, invalid

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Calendar(Enum):
    """Bars that are made of whole sessions."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def period(self, day: date) -> tuple[int, int]:
        """Which bar a trading day belongs to."""
        if self is Calendar.DAY:
            return day.toordinal(), 0
        return day.isocalendar()[:2] if self is Calendar.WEEK else (day.year, day.month)


Size = timedelta | Calendar

BAR_SIZES: dict[str, Size] = {
    "1 secs": SECOND, "5 secs": 5 * SECOND, "10 secs": 10 * SECOND, "15 secs": 15 * SECOND, "30 secs": 30 * SECOND,
    "1 min": MINUTE, "2 mins": 2 * MINUTE, "3 mins": 3 * MINUTE, "5 mins": 5 * MINUTE, "10 mins": 10 * MINUTE,
    "15 mins": 15 * MINUTE, "20 mins": 20 * MINUTE, "30 mins": 30 * MINUTE, "1 hour": HOUR, "2 hours": 2 * HOUR,
    "3 hours": 3 * HOUR, "4 hours": 4 * HOUR, "8 hours": 8 * HOUR, "1 day": Calendar.DAY, "1 week": Calendar.WEEK,
    "1 month": Calendar.MONTH, "1W": Calendar.WEEK, "1M": Calendar.MONTH,
}  # fmt: skip
LEGAL = (
    "1 secs, 5 secs, 10 secs, 15 secs, 30 secs, 1 min, 2 mins, 3 mins, 5 mins, 10 mins, 15 mins, 20 mins, 30 mins, "
    "1 hour, 2 hours, 3 hours, 4 hours, 8 hours, 1 day, 1W, 1M"
)
MOST_BARS = 100_000
"""More is no answer that a gateway would give; IB cuts long requests of small bars off as well."""

_DURATION = re.compile(r"(\d{1,9})(?: ([SDWMY]))?", re.ASCII | re.IGNORECASE)
_MOST = {"D": (365, "365 days"), "W": (52, "52 weeks"), "M": (12, "12 months")}
"""What must be asked for in years beyond, by unit."""
_LEAST_SECONDS, _MOST_SECONDS = 30, 86_400
_MOST_SINGLE_SECONDS = 2000
_MOST_YEARS = 100
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class BarSpan:
    """One bar: its label's moment, or its date for bars of a day and more, and the stretches of time in it."""

    begin: datetime
    day: date | None
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Duration:
    """So many S, D, W, M or Y."""

    number: int
    unit: str

    def before(self, end: datetime, zone: ZoneInfo) -> datetime:
        """Where it begins on the calendar, whatever trades."""
        if self.unit == "S":
            return end - self.number * SECOND
        local = end.astimezone(zone)
        return datetime.combine(self.first_day(local.date()), local.time(), zone).astimezone(UTC)

    def first_day(self, end: date) -> date:
        """The day that lies so much before `end`; not for seconds."""
        if self.unit in {"D", "W"}:
            return end - timedelta(days=self.number * (7 if self.unit == "W" else 1))
        months = self.number * (12 if self.unit == "Y" else 1)
        year, month = divmod(end.year * 12 + end.month - 1 - months, 12)
        return date(year, month + 1, min(end.day, month_end(year, month + 1).day))


def parse_bar_size(text: str) -> Size:
    size = BAR_SIZES.get(text.strip())
    if size is None:
        raise invalid("bM", f"Historical data bar size setting is invalid. Legal ones are: {LEGAL}")
    return size


def parse_duration(text: str) -> Duration:
    """`10 D`; a plain number is seconds, as for IB.

    Raises:
        Refusal: 321, in IB's words.
    """
    if not text.strip():
        raise invalid("bM", "Historical data request duration not specified.")
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise invalid(
            "bM",
            "When specifying a unit, historical data request duration format is integer{SPACE}unit (S|D|W|M|Y).",
        )
    number, unit = int(match[1]), (match[2] or "S").upper()
    if number == 0 or (unit == "S" and number < _LEAST_SECONDS) or (unit == "Y" and number > _MOST_YEARS):
        raise invalid("bM", "Historical data requested duration is invalid.")
    if unit == "S" and number > _MOST_SECONDS:
        raise invalid("bM", f"Historical data request for greater than {_MOST_SECONDS} seconds rejected.")
    most, words = _MOST.get(unit, (number, ""))
    if number > most:
        raise invalid("bM", f"Historical data requests for durations longer than {words} must be made in years.")
    return Duration(number, unit)


@lru_cache(maxsize=16_384)
def _session(schedule: Schedule, day: date, liquid: bool) -> Session | None:  # noqa: FBT001  a cache's key
    return schedule.session(day, liquid=liquid)


class Timetable:
    """The stretches in which a listing trades.

    Parameters:
        schedule: the listing's.
        liquid: whether only regular hours count.
        since: from when on it has traded at any hour, whatever the schedule says; None for never.
        first: before it there is nothing.
    """

    def __init__(
        self, schedule: Schedule, *, liquid: bool, since: datetime | None = None, first: datetime | None = None
    ) -> None:
        self._schedule = schedule
        self._liquid = liquid
        self._since = since
        self._first = first or datetime(1970, 1, 1, tzinfo=UTC)
        self._zone = ZoneInfo(schedule.zone)

    def back(self, end: datetime) -> Iterator[Session]:
        """Stretches that began before `end`, newest first."""
        day = end.astimezone(self._zone).date() + DAY
        since = self._since
        if since is not None and since < end:
            while day >= since.astimezone(self._zone).date():
                opens = max(since, self._midnight(day))
                if opens < end:
                    yield Session(day, opens, self._midnight(day + DAY))
                day -= DAY
            day, end = day + 2 * DAY, since
        while (opens := self._midnight(day + DAY)) > self._first:
            session = _session(self._schedule, day, self._liquid)
            if session is not None and session.opens < end:
                yield Session(session.day, session.opens, min(session.closes, end) if end == since else session.closes)
            day -= DAY

    def ahead(self, begin: datetime, end: datetime) -> Iterator[Session]:
        """Stretches with anything in [begin, end), cut to it, oldest first."""
        day = begin.astimezone(self._zone).date() - DAY
        while (midnight := self._midnight(day)) < end + DAY:
            # What began on this day, whichever hours hold; a session may have begun on the evening before.
            for session in reversed(list(self._of(day, midnight))):
                opens, closes = max(session.opens, begin), min(session.closes, end)
                if opens < closes:
                    yield Session(session.day, opens, closes)
            day += DAY

    def _of(self, day: date, midnight: datetime) -> Iterator[Session]:
        since = self._since
        session = _session(self._schedule, day, self._liquid)
        following = self._midnight(day + DAY)
        if since is not None and following > since:
            yield Session(day, max(since, midnight), following)
        if session is not None:
            closes = session.closes if since is None else min(session.closes, since)
            if session.opens < closes:
                yield Session(day, session.opens, closes)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def sessions(self, end: datetime, duration: Duration, size: Size = SECOND) -> list[Session]:
        """Those that the duration reaches, oldest first, the last cut at `end`, the first where the seconds end."""
        return list(self.sessions_back(end, duration, size))[::-1]

    def sessions_back(self, end: datetime, duration: Duration, size: Size = SECOND) -> Iterator[Session]:
        """The same, newest first and one by one: there are thousands in a hundred years."""
        period: tuple[int, int] | None = None
        seconds = duration.number * SECOND
        # Seconds and days are counted as they go by, whatever days they reach.
        reached = duration.first_day(end.astimezone(self._zone).date()) if duration.unit not in {"S", "D"} else date.min
        days: set[date] = set()
        for session in self.back(end):
            if isinstance(size, Calendar) and size.period(session.day) == period:
                # Part of a week or month is none.
                yield session
                days.add(session.day)
                continue
            if duration.unit == "S":
                if seconds <= timedelta(0):
                    break
            elif duration.unit == "D":
                if session.day not in days and len(days) == duration.number:
                    break
            elif session.day <= reached:
                break
            days.add(session.day)
            closes, opens = min(session.closes, end), session.opens
            if duration.unit == "S" and not isinstance(size, Calendar):
                opens = max(opens, closes - seconds)
                if opens > session.opens:
                    opens = self._round_up(opens, size, closes)
            seconds -= closes - max(session.opens, closes - seconds)
            period = size.period(session.day) if isinstance(size, Calendar) else None
            yield Session(session.day, opens, closes)

    def _round_up(self, moment: datetime, size: timedelta, closes: datetime) -> datetime:
        """The first bar that lies within the seconds as a whole; if none does, the one that has begun."""
        before = rounded(moment, size, self._zone)
        if before == moment:
            return moment
        return before + size if before + size < closes else before

    def touching(self, since: datetime, end: datetime, size: Size) -> list[Session]:
        """Those with anything after `since`, and what else belongs into their bars; the last is cut at `end`."""
        found: list[Session] = []
        for session in self.back(end):
            wanted = session.closes > since
            if not wanted and not (
                found and isinstance(size, Calendar) and size.period(session.day) == size.period(found[-1].day)
            ):
                break
            found.append(Session(session.day, session.opens, min(session.closes, end)))
        return found[::-1]


def rounded(moment: datetime, size: timedelta, zone: ZoneInfo) -> datetime:
    """The newest round time at or before a moment: a multiple of the size since the local midnight."""
    offset = moment.astimezone(zone).utcoffset() or timedelta(0)
    midnight = datetime.combine(moment.astimezone(zone).date(), time(), UTC) - offset
    return midnight + (moment - midnight) // size * size


def check_step(duration: Duration, size: Size) -> None:
    """Refuse (162) single seconds over more than half an hour, as IB does.

    IB publishes a table of "step sizes" for guidance; of bars of a minute and more it has lifted the limits, and of
    those between, what it serves differs with the contract. That `1 D` of single seconds is refused was recorded
    (wrighter/ib-scripts#1); 2,000 seconds are the most that its documents name.
    """
    if size == SECOND and (duration.unit != "S" or duration.number > _MOST_SINGLE_SECONDS):
        raise Refusal(162, "Historical Market Data Service error message:invalid step: 1")


def check_number(sessions: Sequence[Session], size: Size) -> None:
    """Refuse (162) what would be more bars than any answer holds."""
    total = sum(((session.closes - session.opens) for session in sessions), timedelta(0))
    if isinstance(size, timedelta) and total / size > MOST_BARS:
        raise Refusal(
            162,
            f"Historical Market Data Service error message:invalid step: {size.total_seconds():g} "
            "(too many bars for this duration)",
        )


def spans(sessions: Sequence[Session], size: Size, zone: str) -> Iterator[BarSpan]:
    """The bars of these sessions, oldest first."""
    if isinstance(size, Calendar):
        yield from _whole(sessions, size)
        return
    local = ZoneInfo(zone)
    for session in sessions:
        begin = session.opens
        # No session has a change of the clocks in it: from the first round time on, bars follow at equal distances.
        end = rounded(begin, size, local) + size
        while begin < session.closes:
            yield BarSpan(begin, None, ((begin, min(end, session.closes)),))
            begin, end = end, end + size


def _whole(sessions: Sequence[Session], size: Calendar) -> list[BarSpan]:
    groups: dict[tuple[int, int], list[Session]] = {}
    for session in sessions:
        if session.closes > session.opens:
            groups.setdefault(size.period(session.day), []).append(session)
    return [
        BarSpan(group[0].opens, group[-1].day, tuple((session.opens, session.closes) for session in group))
        for group in groups.values()
    ]
