"""Which drops are expected, in the zones and across the changes of clocks in which people expect them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironbridge.session.calendar import NEW_YORK, NOTHING_EXPECTED, Occasion, SessionCalendar, calendar_of
from ironbridge.settings import load_settings

BERLIN = ZoneInfo("Europe/Berlin")
CALENDAR = SessionCalendar(zone=BERLIN)


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def new_york(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("moment", "occasion"),
    (
        (berlin(18, 12), None),
        (berlin(18, 23, 44), None),
        (berlin(18, 23, 45), Occasion.RESTART),
        (berlin(18, 23, 54), Occasion.RESTART),
        (berlin(18, 23, 55), None),
        (new_york(18, 23, 45), Occasion.RESET),
        (new_york(19, 0, 44), Occasion.RESET),
        (new_york(19, 0, 45), None),
        (new_york(20, 23, 0), Occasion.RESET),  # a Friday: from 23:00 to 03:00
        (new_york(21, 2, 59), Occasion.RESET),
        (new_york(21, 3, 0), None),
        (new_york(22, 1, 0), Occasion.LOGIN),  # a Sunday
        (new_york(22, 1, 10), None),
        (new_york(21, 12, 0), None),
    ),
)
def test_what_a_moment_is_in(moment: datetime, occasion: Occasion | None) -> None:
    window = CALENDAR.within(moment)
    assert (window.occasion if window else None) is occasion


def test_what_comes_next() -> None:
    coming = CALENDAR.coming(berlin(18, 12))
    assert coming is not None
    assert (coming.occasion, coming.begins) == (Occasion.RESTART, berlin(18, 23, 45))
    assert coming.begins.tzinfo is UTC
    login = SessionCalendar(restart=None, reset=False).coming(new_york(16, 0))
    assert login is not None
    assert (login.occasion, login.begins) == (Occasion.LOGIN, new_york(22, 1))


def test_windows_keep_to_the_wall_clock_when_clocks_change() -> None:
    calendar = SessionCalendar(restart=None, reset=False)
    before = calendar.coming(datetime(2026, 10, 24, tzinfo=UTC))
    after = calendar.coming(datetime(2026, 11, 2, tzinfo=UTC))
    assert before is not None
    assert after is not None
    assert (before.begins.hour, after.begins.hour) == (5, 6), "01:00 in New York, in summer and in winter"


def test_nothing_is_expected_of_the_embedded_gateway(tmp_path: Path) -> None:
    assert calendar_of(load_settings({"home": tmp_path}, {})) == NOTHING_EXPECTED
    assert NOTHING_EXPECTED.within(new_york(22, 1)) is None
    assert NOTHING_EXPECTED.coming(new_york(22, 1)) is None


def test_the_settings_say_what_is_expected(tmp_path: Path) -> None:
    given_ = {"home": tmp_path, "host": "127.0.0.1"}
    set_up = calendar_of(
        load_settings(
            {**given_, "daily_restart": "22:15", "gateway_zone": "Europe/Berlin", "weekly_login": "SAT 20:00"}, {}
        )
    )
    assert (set_up.restart, set_up.zone, set_up.login) == (time(22, 15), BERLIN, (5, time(20, 0)))
    off = calendar_of(load_settings({**given_, "daily_restart": "off", "weekly_login": "off"}, {}))
    assert (off.restart, off.login) == (None, None)


@settings(deadline=None)
@given(st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)), st.integers(0, 60 * 24 * 6))  # noqa: DTZ001 - made aware below
def test_what_comes_begins_after_now_and_nothing_is_passed_over(naive: datetime, minutes: int) -> None:
    now = naive.replace(tzinfo=UTC)
    coming = CALENDAR.coming(now)
    assert coming is not None
    assert now < coming.begins <= now + timedelta(days=1, hours=1)
    until = now + timedelta(minutes=minutes)
    begun = CALENDAR.beginning(now, until)
    assert all(now < window.begins <= until for window in begun)
    assert not begun or begun[0] == coming or begun[0].begins == coming.begins
    if coming.begins <= until:
        assert begun
    assert CALENDAR.within(coming.begins) is not None
