"""When what happens by itself: days, weeks, changes of summer time, jumps."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ironbridge.errors import InvalidInput
from ironbridge.paper.faults import Drop, LoseUpstream, RestoreUpstream
from ironbridge.paper.schedule import USUAL, Happening, Kind, Rounds, Schedule, parse_schedule

NEW_YORK = ZoneInfo("America/New_York")
MINUTE = timedelta(minutes=1)


class Door:
    def __init__(self):
        self.restarting = self.signing_in = False
        self.done = []

    def perform(self, fault):
        self.done.append(fault)

    def took(self, kind):
        return [fault for fault in self.done if isinstance(fault, kind)]


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


def test_a_restart_begins_and_ends():
    door = Door()
    rounds = Rounds(Schedule((Happening(Kind.RESTART, time(23, 45), MINUTE),)), at(2, 12), door)
    rounds.advance(at(2, 23, 44))
    assert (door.done, door.restarting) == ([], False)
    rounds.advance(at(2, 23, 45))
    rounds.advance(at(2, 23, 45) + MINUTE / 2)
    assert (door.done, door.restarting) == ([Drop()], True)
    rounds.advance(at(2, 23, 46))
    assert (door.done, door.restarting) == ([Drop()], False)
    rounds.advance(at(3, 23, 45))
    assert (door.done, door.restarting) == ([Drop(), Drop()], True)


def test_local_time_holds_over_the_change_of_summer_time():
    reset = Happening(Kind.RESET, time(0, 15), MINUTE)
    assert reset.after(at(7, 12), NEW_YORK) == datetime(2026, 3, 8, 5, 15, tzinfo=UTC)
    assert reset.after(at(8, 12), NEW_YORK) == datetime(2026, 3, 9, 4, 15, tzinfo=UTC)


def test_a_jump_over_many_nights_is_one():
    door = Door()
    rounds = Rounds(Schedule((Happening(Kind.RESET, time(0, 15), MINUTE),)), at(2, 12), door)
    rounds.advance(at(6, 12))
    assert door.took(LoseUpstream) == [LoseUpstream(withhold=True)]
    assert door.took(RestoreUpstream) == [RestoreUpstream(data_lost=False)]
    assert isinstance(door.done[-1], type(door.done[-2]))
    rounds.advance(at(6, 23))
    assert len(door.took(LoseUpstream)) == 1
    # And one that ends amid a reset leaves it under way.
    rounds.advance(at(9, 0, 15))
    assert (len(door.took(LoseUpstream)), len(door.took(RestoreUpstream))) == (2, 1)


def test_the_login_is_on_its_day_alone():
    door = Door()
    rounds = Rounds(USUAL, at(2, 0, 30), door)
    for day in range(2, 8):
        rounds.advance(at(day, 1, 5))
        assert not door.signing_in
    rounds.advance(at(8, 1, 5))
    assert door.signing_in
    rounds.advance(at(8, 1, 10))
    assert not door.signing_in


def test_a_schedule_in_a_line():
    found = parse_schedule("reset=0:15/90 lost, restart=23:45,login=sat 02:30/300,zone=Europe/Berlin")
    assert found.zone == ZoneInfo("Europe/Berlin")
    assert found.happenings == (
        Happening(Kind.RESET, time(0, 15), timedelta(seconds=90), data_lost=True),
        Happening(Kind.RESTART, time(23, 45), MINUTE),
        Happening(Kind.LOGIN, time(2, 30), timedelta(minutes=5), weekday=5),
    )
    assert parse_schedule("usual") is USUAL
    assert parse_schedule("off") == Schedule()


@pytest.mark.parametrize(
    "text",
    ("reset", "reset=25:00", "login=xyz 01:00", "nap=12:00", "reset=00:15/0", "reset=00:15/86400", "zone=Mars/Phobos"),
)
def test_what_is_no_schedule(text):
    with pytest.raises(InvalidInput):
        parse_schedule(text)
