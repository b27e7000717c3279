"""Which bars a historical request means: durations, bar sizes, sessions, and the stretches of time in each bar.

Durations in days count trading days, in seconds trading seconds, as IB counts them. Bars of less than a day stand on
round times of the exchange's zone and begin anew with each session; longer ones are made of whole sessions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from ironbridge.exchange.calendar import Schedule, Session
from ironbridge.paper.translate import Refusal

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Calendar(Enum):
    """Bars that are made of whole sessions."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


BAR_SIZES: dict[str, timedelta | Calendar] = {
    "1 secs": SECOND, "5 secs": 5 * SECOND, "10 secs": 10 * SECOND, "15 secs": 15 * SECOND, "30 secs": 30 * SECOND,
    "1 min": MINUTE, "2 mins": 2 * MINUTE, "3 mins": 3 * MINUTE, "5 mins": 5 * MINUTE, "10 mins": 10 * MINUTE,
    "15 mins": 15 * MINUTE, "20 mins": 20 * MINUTE, "30 mins": 30 * MINUTE, "1 hour": HOUR, "2 hours": 2 * HOUR,
    "3 hours": 3 * HOUR, "4 hours": 4 * HOUR, "8 hours": 8 * HOUR, "1 day": Calendar.DAY, "1 week": Calendar.WEEK,
    "1 month": Calendar.MONTH, "1W": Calendar.WEEK, "1M": Calendar.MONTH, "1 sec": SECOND,
}  # fmt: skip
LEGAL = ", ".join(name for name in BAR_SIZES if name not in {"1 week", "1 month", "1 sec"})
MOST_BARS = 100_000
"""More is no answer that a gateway would give; IB cuts long requests of small bars off as well."""
MOST_DAYS = 366 * 40

_DURATION = re.compile(r"(\d{1,6}) ([SDWMY])")
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class BarSpan:
    """One bar: its label's moment, or its date for bars of a day and more, and the stretches of time in it."""

    begin: datetime
    day: date | None
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Duration:
    number: int
    unit: str


def parse_bar_size(text: str) -> timedelta | Calendar:
    size = BAR_SIZES.get(text.strip())
    if size is None:
        raise Refusal(
            321,
            "Error validating request.-'bM' : cause - Historical data bar size setting is invalid. "
            f"Legal ones are: {LEGAL}",
        )
    return size


def parse_duration(text: str) -> Duration:
    match = _DURATION.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise Refusal(
            321,
            "Error validating request.-'bM' : cause - Historical data request for durations must be given as an "
            "integer, a space and one of S, D, W, M, Y",
        )
    return Duration(int(match[1]), match[2])


class Timetable:
    """The stretches in which a listing trades, newest first.

    Parameters:
        schedule: the listing's.
        liquid: whether only regular hours count.
        always: whether it trades at any hour, whatever the schedule says.
    """

    def __init__(self, schedule: Schedule, *, liquid: bool, always: bool) -> None:
        self._schedule = schedule
        self._liquid = liquid
        self._always = always and not liquid
        self._zone = ZoneInfo(schedule.zone)

    def back(self, end: datetime) -> Iterator[Session]:
        """Sessions that began before `end`, without end into the past."""
        day = end.astimezone(self._zone).date() + DAY
        while True:
            if self._always:
                begin = datetime.combine(day, time(), self._zone)
                session: Session | None = Session(day, begin, datetime.combine(day + DAY, time(), self._zone))
            else:
                session = self._schedule.session(day, liquid=self._liquid)
            if session is not None and session.opens < end:
                yield session
            day -= DAY

    def sessions(self, end: datetime, duration: Duration) -> list[Session]:
        """Those that the duration reaches, oldest first, the last cut at `end`, the first where the seconds end."""
        found: list[Session] = []
        seconds = duration.number * SECOND
        first = earliest(end.astimezone(self._zone).date(), duration)
        for session in self.back(end):
            closes = min(session.closes, end)
            if duration.unit == "S":
                opens = max(session.opens, closes - seconds)
                seconds -= closes - opens
                found.append(Session(session.day, opens, closes))
                if seconds <= timedelta(0):
                    break
            elif duration.unit == "D":
                found.append(Session(session.day, session.opens, closes))
                if len(found) == duration.number:
                    break
            elif session.day < first:
                break
            else:
                found.append(Session(session.day, session.opens, closes))
            if len(found) > MOST_DAYS:
                break
        return found[::-1]


def earliest(end: date, duration: Duration) -> date:
    """The first day of a duration in weeks, months or years."""
    if duration.unit == "W":
        return end - timedelta(weeks=min(duration.number, MOST_DAYS // 7))
    months = duration.number * (12 if duration.unit == "Y" else 1)
    index = max(12, end.year * 12 + end.month - 1 - months)
    year, month = divmod(index, 12)
    return date(year, month + 1, min(end.day, 28)) + (end - end.replace(day=min(end.day, 28)))


def spans(sessions: list[Session], size: timedelta | Calendar, zone: str) -> list[BarSpan]:
    """The bars of these sessions, oldest first.

    Raises:
        Refusal: more bars than any answer holds.
    """
    if isinstance(size, Calendar):
        return _whole(sessions, size)
    total = sum(((session.closes - session.opens) for session in sessions), timedelta(0))
    if total / size > MOST_BARS:
        raise Refusal(
            162,
            "Historical Market Data Service error message:invalid step: too many bars for this duration and bar size",
        )
    local = ZoneInfo(zone)
    found = []
    for session in sessions:
        begin = session.opens
        while begin < session.closes:
            end = min(_next_round(begin, size, local), session.closes)
            found.append(BarSpan(begin, None, ((begin, end),)))
            begin = end
    return found


def _next_round(moment: datetime, size: timedelta, zone: ZoneInfo) -> datetime:
    """The first round time after a moment: a multiple of the bar size since the local midnight."""
    midnight = datetime.combine(moment.astimezone(zone).date(), time(), zone).astimezone(moment.tzinfo)
    return midnight + ((moment - midnight) // size + 1) * size


def _whole(sessions: list[Session], size: Calendar) -> list[BarSpan]:
    groups: dict[tuple[int, int], list[Session]] = {}
    for session in sessions:
        day = session.day
        key = {
            Calendar.DAY: (day.toordinal(), 0),
            Calendar.WEEK: day.isocalendar()[:2],
            Calendar.MONTH: (day.year, day.month),
        }[size]
        groups.setdefault(key, []).append(session)
    return [
        BarSpan(group[0].opens, group[-1].day, tuple((s.opens, s.closes) for s in group if s.closes > s.opens))
        for group in groups.values()
    ]
