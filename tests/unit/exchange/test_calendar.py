from datetime import UTC, date, datetime

import pytest

from ironbridge.exchange import calendar
from ironbridge.exchange.calendar import CME, FOREX, STOCKS


@pytest.mark.parametrize(
    ("year", "days"),
    (
        (2024, "0101 0115 0219 0329 0527 0619 0704 0902 1128 1225"),
        (2025, "0101 0120 0217 0418 0526 0619 0704 0901 1127 1225"),
        (2026, "0101 0119 0216 0403 0525 0619 0703 0907 1126 1225"),
        (2027, "0101 0118 0215 0326 0531 0618 0705 0906 1125 1224"),
    ),
)
def test_holidays_are_those_that_nyse_published(year: int, days: str) -> None:
    weekdays = [day for n in range(366) if (day := date.fromordinal(date(year, 1, 1).toordinal() + n)).year == year]
    found = [f"{day:%m%d}" for day in weekdays if day.weekday() < 5 and calendar.is_holiday(day)]
    assert found == days.split()


def test_a_new_year_on_a_saturday_closes_no_friday() -> None:
    assert calendar.is_business_day(date(2021, 12, 31))


@pytest.mark.parametrize(
    ("day", "early"),
    (("2024-07-03", True), ("2025-11-28", True), ("2026-12-24", True), ("2026-07-02", False), ("2027-12-23", False)),
)
def test_early_closes(day: str, *, early: bool) -> None:
    assert calendar.is_early_close(date.fromisoformat(day)) is early


def test_stock_session_follows_daylight_saving() -> None:
    winter, summer = STOCKS.session(date(2026, 11, 20), liquid=True), STOCKS.session(date(2026, 7, 1), liquid=True)
    assert winter is not None
    assert summer is not None
    assert winter.opens == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert summer.opens == datetime(2026, 7, 1, 13, 30, tzinfo=UTC)


def test_hours_text_is_ibs() -> None:
    assert STOCKS.hours_text(date(2026, 11, 26), 3, liquid=True) == (
        "20261126:CLOSED;20261127:0930-20261127:1300;20261128:CLOSED"
    )
    assert CME.hours_text(date(2026, 11, 20), 3) == "20261119:1700-20261120:1600;20261121:CLOSED;20261122:CLOSED"


def test_futures_pause_for_an_hour_and_currencies_for_a_weekend() -> None:
    assert not CME.is_open(datetime(2026, 11, 19, 22, 30, tzinfo=UTC))
    assert CME.is_open(datetime(2026, 11, 19, 23, 30, tzinfo=UTC))
    assert not FOREX.is_open(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    assert FOREX.next_session(datetime(2026, 11, 21, 12, 0, tzinfo=UTC)).opens == datetime(
        2026, 11, 22, 22, 15, tzinfo=UTC
    )


def test_the_last_close_before_a_monday_is_fridays() -> None:
    assert STOCKS.last_close(datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) == datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
