"""When a session is bound to drop: the gateway's daily restart, IB's nightly reset, the weekly login (CON-9).

Pure: told the moment, it says which window that is in and which comes next. Times of day are wall-clock times of their
own zone, so that a window stays where people expect it when clocks change. Sources: TWS and IB Gateway restart
themselves at the time set under Configure > Lock and Exit (23:45 unless changed); that restart needs no login until
Sunday 01:00 US/Eastern, when every login ends; IB's servers for North America are reset from 23:45 to 00:45 and on
Fridays from 23:00 to 03:00 US/Eastern (IB's system status page).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from ironbridge.settings import OFF, WEEKDAYS, Settings

NEW_YORK = ZoneInfo("America/New_York")
FRIDAY, SUNDAY = 4, 6

RESET = (time(23, 45), timedelta(hours=1))
FRIDAY_RESET = (time(23, 0), timedelta(hours=4))
"""When IB's reset begins in New York, and how long it may last."""


class Occasion(StrEnum):
    """Why a drop is expected; in the order in which one is named where several apply."""

    LOGIN = "weekly-login"
    RESTART = "daily-restart"
    RESET = "nightly-reset"


_WORDS = {
    Occasion.LOGIN: ("IB's weekly login", "Log the gateway in again; Ironbridge reconnects by itself."),
    Occasion.RESTART: ("The gateway's daily restart", "Nothing is to be done: it comes back by itself."),
    Occasion.RESET: ("IB's nightly reset", "Nothing is to be done: it comes back by itself."),
}


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which a drop is expected, and by whose end the session should be back."""

    occasion: Occasion
    begins: datetime
    ends: datetime

    @property
    def name(self) -> str:
        return _WORDS[self.occasion][0]

    @property
    def advice(self) -> str:
        return _WORDS[self.occasion][1]

    def __str__(self) -> str:
        return f"{self.name}, {self.begins:%Y-%m-%d %H:%M} to {self.ends:%H:%M} UTC"


@dataclass(frozen=True, slots=True)
class SessionCalendar:
    """What is expected of one gateway. A moment that is None is not expected at all.

    Parameters:
        restart: the gateway's daily restart, in its own zone.
        zone: the gateway's zone; None for this machine's.
        restart_length: how long it may take to be back.
        login: the weekly login in New York: weekday (Monday is 0) and time.
        login_length: how long whoever logs it in may take before that is an alert.
        reset: whether IB's nightly reset is expected.
    """

    restart: time | None = time(23, 45)
    zone: tzinfo | None = None
    restart_length: timedelta = timedelta(minutes=10)
    login: tuple[int, time] | None = (SUNDAY, time(1, 0))
    login_length: timedelta = timedelta(minutes=10)
    reset: bool = True

    def within(self, moment: datetime) -> Window | None:
        """The window that the moment is in; the one that asks most of people where it is in several."""
        order = list(Occasion)
        found = [window for window in self._around(moment, 1) if window.begins <= moment < window.ends]
        return min(found, key=lambda window: order.index(window.occasion), default=None)

    def coming(self, moment: datetime) -> Window | None:
        """The next window to begin after the moment; None where nothing is expected."""
        found = [window for window in self._around(moment, 8) if window.begins > moment]
        return min(found, key=lambda window: window.begins, default=None)

    def beginning(self, after: datetime, until: datetime) -> list[Window]:
        """The windows that begin after one moment, up to another within a week of it, in order."""
        found = [window for window in self._around(after, 8) if after < window.begins <= until]
        return sorted(found, key=lambda window: window.begins)

    def _around(self, moment: datetime, days: int) -> Iterator[Window]:
        """Windows from the day before the moment to some days after it; a window is shorter than a day."""
        today = moment.astimezone(self.zone).date()
        for offset in range(-2, days + 1):
            if self.restart is not None:
                begins = _moment(today + timedelta(days=offset), self.restart, self.zone)
                yield Window(Occasion.RESTART, begins, begins + self.restart_length)
            day = moment.astimezone(NEW_YORK).date() + timedelta(days=offset)
            if self.login is not None and day.weekday() == self.login[0]:
                begins = _moment(day, self.login[1], NEW_YORK)
                yield Window(Occasion.LOGIN, begins, begins + self.login_length)
            if self.reset:
                start, length = FRIDAY_RESET if day.weekday() == FRIDAY else RESET
                begins = _moment(day, start, NEW_YORK)
                yield Window(Occasion.RESET, begins, begins + length)


NOTHING_EXPECTED = SessionCalendar(restart=None, login=None, reset=False)
"""Of a gateway that never restarts, as the embedded paper gateway."""


def calendar_of(settings: Settings, restart: str | None = None) -> SessionCalendar:
    """What the settings say is to be expected; `restart` where a gateway has its own daily restart."""
    if settings.embedded and restart is None:
        return NOTHING_EXPECTED
    restart, login = restart or settings.daily_restart, settings.weekly_login
    day, _, at = login.partition(" ")
    return SessionCalendar(
        restart=None if restart == OFF else time.fromisoformat(restart),
        zone=ZoneInfo(settings.gateway_zone) if settings.gateway_zone else None,
        login=None if login == OFF else (WEEKDAYS.index(day), time.fromisoformat(at)),
    )


def _moment(day: date, at: time, zone: tzinfo | None) -> datetime:
    """A wall-clock time as a moment. Without a zone Python takes it for this machine's."""
    return datetime.combine(day, at, zone).astimezone(UTC)
