"""What a gateway goes through every night and every week, at given local times of its own clock.

    reset     IB's servers go away and come back: 1100 and the farms' 2103, 2105, 2157; then 1102 (or, with the data
              lost, 1101) and 2104, 2106, 2158. Sockets stay. Orders live on at the venue; news of them waits.
    restart   the gateway's own: every socket is dropped, nobody is let in for a while, everything is as it was before
    login     the weekly one: sockets are dropped, the API is up and answers the hello, no session starts

Nothing of it happens unless it is asked for. Invariant: each happening ends before it begins again, and a jump of the
clock over several of them is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ironbridge.errors import InvalidInput
from ironbridge.paper.faults import BreakFarm, Drop, LoseUpstream, MendFarm, RestoreUpstream, StageFault
from ironbridge.paper.moments import ZONE
from ironbridge.paper.upstream import FARMS

_DAY = timedelta(days=1)
_WEEK = 7
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Kind(Enum):
    RESET = "reset"
    RESTART = "restart"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens every day, or every week.

    Parameters:
        kind: what.
        at: the local time at which it begins.
        lasts: how long, by the gateway's clock.
        weekday: 0 is Monday; None is every day.
        data_lost: of a reset: whether every subscription is gone afterwards.

    Raises:
        InvalidInput: it lasts no time, or so long that the next would begin in it.
    """

    kind: Kind
    at: time
    lasts: timedelta
    weekday: int | None = None
    data_lost: bool = False

    def __post_init__(self) -> None:
        if not timedelta(0) < self.lasts < _DAY / 2:
            raise InvalidInput(f"A {self.kind.value} cannot last {self.lasts}.", next_step="Give up to half a day.")
        if self.weekday is not None and not 0 <= self.weekday < _WEEK:
            raise InvalidInput(f"{self.weekday} is no day of the week.", next_step="Monday is 0 and Sunday 6.")

    def before(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When it began the last time, at or before `now`."""
        return next(moment for moment in self._moments(now, zone, -1) if moment <= now)

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When it begins the next time."""
        return next(moment for moment in self._moments(now, zone, 1) if moment > now)

    def _moments(self, now: datetime, zone: ZoneInfo, direction: int) -> Iterator[datetime]:
        day: date = now.astimezone(zone).date()
        while True:
            if self.weekday in {None, day.weekday()}:
                yield datetime.combine(day, self.at, zone).astimezone(UTC)
            day += direction * _DAY


@dataclass(frozen=True, slots=True)
class Schedule:
    """When what happens.

    Parameters:
        happenings: of each kind as many as there are.
        zone: of their times.
    """

    happenings: tuple[Happening, ...] = ()
    zone: ZoneInfo = ZONE


USUAL = Schedule(
    (
        Happening(Kind.RESTART, time(23, 45), timedelta(minutes=1)),
        Happening(Kind.RESET, time(0, 15), timedelta(minutes=3)),
        Happening(Kind.LOGIN, time(1, 0), timedelta(minutes=10), weekday=6),
    )
)
"""As it comes at IB: the restart before midnight, the reset of North America after it, Sunday's login."""
_DEFAULT_LASTS = {each.kind: each.lasts for each in USUAL.happenings}

_PART = re.compile(
    r"(?P<kind>reset|restart|login)[= ](?:(?P<day>mon|tue|wed|thu|fri|sat|sun) )?"
    r"(?P<at>(?:[01]?\d|2[0-3]):[0-5]\d)(?:/(?P<seconds>\d{1,6}))?(?P<lost> lost)?",
    re.ASCII,
)


def parse_schedule(text: str) -> Schedule:
    """A schedule in one line: "usual", "off", or its happenings, separated by commas.

    `reset=00:15/180 lost,restart=23:45/60,login=sun 01:00,zone=Europe/Berlin`: what, when, and after the stroke how
    many seconds it lasts. A login without a day is Sunday's. The zone is New York by default.

    Raises:
        InvalidInput: it is no such line; it names the part at fault.
    """
    wanted = text.strip().lower()
    if wanted in {"usual", "off", ""}:
        return USUAL if wanted == "usual" else Schedule()
    found, zone = [], ZONE
    for part in (part.strip() for part in text.split(",")):
        if part.startswith("zone="):
            zone = _zone(part.removeprefix("zone="))
        else:
            found.append(_happening(part))
    return Schedule(tuple(found), zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"There is no time zone {name!r}.", next_step="Name one such as Europe/Berlin.") from None


def _happening(part: str) -> Happening:
    match = _PART.fullmatch(part.lower())
    if match is None:
        raise InvalidInput(
            f"{part!r} is nothing that a schedule can say.",
            next_step='Write "usual", or e.g. "reset=00:15/180,restart=23:45/60,login=sun 01:00/600".',
        )
    kind, day, at = Kind(match["kind"]), match["day"], time.fromisoformat(match["at"].zfill(5))
    lasts = timedelta(seconds=int(match["seconds"])) if match["seconds"] else _DEFAULT_LASTS[kind]
    weekday = _WEEKDAYS.index(day) if day else 6 if kind is Kind.LOGIN else None
    return Happening(kind, at, lasts, weekday, data_lost=bool(match["lost"]))


class Door(Protocol):
    """What a schedule does to the gateway's door."""

    restarting: bool
    signing_in: bool

    def perform(self, fault: StageFault) -> None: ...


@dataclass(frozen=True, slots=True)
class _Due:
    """One happening's next moment: its end while it is under way, its beginning else."""

    happening: Happening
    moment: datetime
    under_way: bool


class Rounds:
    """Makes happen what is scheduled.

    Parameters:
        schedule: when what.
        now: of the gateway's clock; what would be under way now is not begun.
        door: the gateway as a schedule sees it.
    """

    def __init__(self, schedule: Schedule, now: datetime, door: Door) -> None:
        self._zone = schedule.zone
        self._door = door
        self._due = [_Due(each, each.after(now, schedule.zone), under_way=False) for each in schedule.happenings]

    def advance(self, now: datetime) -> None:
        """Do what has come due."""
        for number, due in enumerate(self._due):
            while due.moment <= now:
                due = self._done(due, now)  # noqa: PLW2901  the same happening, a step further
                self._due[number] = due

    def _done(self, due: _Due, now: datetime) -> _Due:
        happening = due.happening
        if due.under_way:
            _END[happening.kind](self._door, happening)
            return replace(due, moment=happening.after(now, self._zone), under_way=False)
        _BEGIN[happening.kind](self._door, happening)
        # Of those that a jump of the clock has passed over only the last one happens.
        return replace(due, moment=happening.before(now, self._zone) + happening.lasts, under_way=True)


def _lose(door: Door, _: Happening) -> None:
    door.perform(LoseUpstream(withhold=True))
    for farm in FARMS:
        door.perform(BreakFarm(farm))


def _regain(door: Door, happening: Happening) -> None:
    door.perform(RestoreUpstream(data_lost=happening.data_lost))
    for farm in FARMS:
        door.perform(MendFarm(farm))


def _shut(door: Door, _: Happening) -> None:
    door.restarting = True
    door.perform(Drop())


def _open(door: Door, _: Happening) -> None:
    door.restarting = False


def _sign_out(door: Door, _: Happening) -> None:
    door.signing_in = True
    door.perform(Drop())


def _sign_in(door: Door, _: Happening) -> None:
    door.signing_in = False


Act = Callable[[Door, Happening], None]
_BEGIN: dict[Kind, Act] = {Kind.RESET: _lose, Kind.RESTART: _shut, Kind.LOGIN: _sign_out}
_END: dict[Kind, Act] = {Kind.RESET: _regain, Kind.RESTART: _open, Kind.LOGIN: _sign_in}
