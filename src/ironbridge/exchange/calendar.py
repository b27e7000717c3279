"""Which days and hours the exchanges keep, computed by rule.

Owns US exchange holidays and early closes (the standing rules of NYSE and CME; closings decreed for one day, such as
days of mourning, are not foreseen) and turns a `Schedule` into sessions in UTC and into IB's text of hours. It knows
nothing of listings and prices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NEW_YORK = "America/New_York"
CHICAGO = "America/Chicago"

_DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th such weekday of a month; n = -1 is the last."""
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
    last = month_end(year, month)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - _DAY


def third_friday(year: int, month: int) -> date:
    return nth_weekday(year, month, _FRIDAY, 3)


def easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def _holidays(year: int) -> frozenset[date]:
    days = {
        nth_weekday(year, 1, _MONDAY, 3),
        nth_weekday(year, 2, _MONDAY, 3),
        easter(year) - 2 * _DAY,
        nth_weekday(year, 5, _MONDAY, -1),
        nth_weekday(year, 9, _MONDAY, 1),
        nth_weekday(year, 11, _THURSDAY, 4),
        _observed(date(year, 7, 4)),
        _observed(date(year, 12, 25)),
    }
    if year >= 2022:
        days.add(_observed(date(year, 6, 19)))
    # A New Year on a Saturday is not observed: the Friday belongs to the old year's books (NYSE rule 7.2).
    if date(year, 1, 1).weekday() != _SATURDAY:
        days.add(_observed(date(year, 1, 1)))
    return frozenset(days)


def _observed(day: date) -> date:
    return day + {_SATURDAY: -_DAY, _SUNDAY: _DAY}.get(day.weekday(), timedelta())


def is_holiday(day: date) -> bool:
    """Whether US stock exchanges are closed on a weekday."""
    return day in _holidays(day.year)


def is_business_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and not is_holiday(day)


def is_early_close(day: date) -> bool:
    """Whether stocks close at 13:00: the day after Thanksgiving, and the eves of Independence Day and Christmas."""
    if not is_business_day(day):
        return False
    if day == nth_weekday(day.year, 11, _THURSDAY, 4) + _DAY:
        return True
    return (day.month, day.day) in {(7, 3), (12, 24)}


def business_days_before(day: date, count: int) -> date:
    """The day that lies `count` business days before `day` (which need not be one); 0 rolls back to one."""
    while count > 0:
        day -= _DAY
        count -= is_business_day(day)
    while not is_business_day(day):
        day -= _DAY
    return day


def _closed_for_futures(day: date) -> bool:
    """The three holidays on which CME does not trade at all."""
    return day in {easter(day.year) - 2 * _DAY, _observed(date(day.year, 12, 25)), _observed(date(day.year, 1, 1))}


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of trading, in UTC, with the trade date that it belongs to."""

    day: date
    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours that a kind of listing keeps, in local time.

    Parameters:
        zone: IANA name.
        opens, closes: of the whole session; an opening later than the closing is on the evening before.
        liquid_opens, liquid_closes: of the regular session.
        early_closes, early_liquid_closes: instead, on days of early close.
        futures: whether holidays follow CME (shortened at 12:00 Chicago, closed on three) and not NYSE.
        around_the_clock: whether no holiday matters (foreign exchange).
    """

    zone: str
    opens: time
    closes: time
    liquid_opens: time
    liquid_closes: time
    early_closes: time
    early_liquid_closes: time
    futures: bool = False
    around_the_clock: bool = False

    def trades_on(self, day: date) -> bool:
        if day.weekday() >= _SATURDAY:
            return False
        if self.around_the_clock:
            return not (day.month == 12 and day.day == 25) and not (day.month == 1 and day.day == 1)
        return not _closed_for_futures(day) if self.futures else not is_holiday(day)

    def session(self, day: date, *, liquid: bool = False) -> Session | None:
        """The session of a trade date, or None on a closed day."""
        if not self.trades_on(day):
            return None
        opens = self.liquid_opens if liquid else self.opens
        closes = self.liquid_closes if liquid else self.closes
        if not self.around_the_clock and (is_early_close(day) or (self.futures and is_holiday(day))):
            closes = self.early_liquid_closes if liquid else self.early_closes
        zone = ZoneInfo(self.zone)
        # The evening before, where a session spans midnight.
        opening_day = day - _DAY if opens >= closes else day
        return Session(
            day,
            datetime.combine(opening_day, opens, zone).astimezone(UTC),
            datetime.combine(day, closes, zone).astimezone(UTC),
        )

    def sessions(self, since: datetime, *, liquid: bool = False) -> Iterator[Session]:
        """Sessions that end after `since`, in order, without end."""
        day = since.astimezone(ZoneInfo(self.zone)).date() - _DAY
        while True:
            session = self.session(day, liquid=liquid)
            if session is not None and session.closes > since:
                yield session
            day += _DAY

    def next_session(self, since: datetime, *, liquid: bool = False) -> Session:
        """The session that is running at `since`, or else the next one."""
        return next(self.sessions(since, liquid=liquid))

    def is_open(self, now: datetime, *, liquid: bool = False) -> bool:
        return self.next_session(now, liquid=liquid).opens <= now

    def last_close(self, now: datetime, *, liquid: bool = True) -> datetime:
        """The newest closing at or before `now`."""
        day = now.astimezone(ZoneInfo(self.zone)).date()
        while True:
            session = self.session(day, liquid=liquid)
            if session is not None and session.closes <= now:
                return session.closes
            day -= _DAY

    def hours_text(self, first: date, days: int = 6, *, liquid: bool = False) -> str:
        """IB's text, e.g. "20261120:0930-20261120:1600;20261121:CLOSED"."""
        zone = ZoneInfo(self.zone)
        parts = []
        for day in (first + n * _DAY for n in range(days)):
            session = self.session(day, liquid=liquid)
            if session is None:
                parts.append(f"{day:%Y%m%d}:CLOSED")
            else:
                parts.append(
                    f"{session.opens.astimezone(zone):%Y%m%d:%H%M}-{session.closes.astimezone(zone):%Y%m%d:%H%M}"
                )
        return ";".join(parts)


def _new_york(opens: str, closes: str, early: str, liquid: tuple[str, str, str] | None = None) -> Schedule:
    at = time.fromisoformat
    liquid_opens, liquid_closes, liquid_early = liquid or (opens, closes, early)
    return Schedule(NEW_YORK, at(opens), at(closes), at(liquid_opens), at(liquid_closes), at(early), at(liquid_early))


STOCKS = _new_york("04:00", "20:00", "17:00", ("09:30", "16:00", "13:00"))
OPTIONS = _new_york("09:30", "16:00", "13:00")
LATE_OPTIONS = _new_york("09:30", "16:15", "13:15")
"""Options on broad funds and indices."""
INDICES = _new_york("09:30", "16:15", "13:15")
CME = Schedule(CHICAGO, time(17), time(16), time(8, 30), time(15), time(12, 15), time(12, 15), futures=True)
"""Equity index and interest rate futures."""
NYMEX = Schedule(NEW_YORK, time(18), time(17), time(9, 30), time(16), time(13, 45), time(13, 45), futures=True)
"""Energy and metals."""
FOREX = Schedule(NEW_YORK, time(17, 15), time(17), time(17, 15), time(17), time(17), time(17), around_the_clock=True)
