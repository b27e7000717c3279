"""The gateway's time only moves on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ironbridge.errors import InvalidInput
from ironbridge.paper import PaperClock

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


class Machine:
    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def machine():
    return Machine()


def test_it_runs_at_its_speed(machine):
    clock = PaperClock(START, 60, steady=machine)
    machine.seconds += 2
    assert clock.now() == START + timedelta(minutes=2)
    clock.run_at(1)
    machine.seconds += 2
    assert clock.now() == START + timedelta(minutes=2, seconds=2)


def test_it_stands_still_until_it_is_moved(machine):
    clock = PaperClock(START, 0, steady=machine)
    machine.seconds += 1000
    assert clock.now() == START
    assert clock.step(timedelta(hours=1)) == START + timedelta(hours=1)
    assert clock.jump(START + timedelta(days=1)) == clock.now() == START + timedelta(days=1)


def test_any_zone_is_taken_and_none_is_not():
    eastern = datetime.fromisoformat("2026-11-20T09:30:00-05:00")
    assert PaperClock(eastern, 0).now() == START
    with pytest.raises(InvalidInput, match="no time zone"):
        PaperClock(datetime(2026, 11, 20))  # noqa: DTZ001  that is the point


def test_it_does_not_go_back(machine):
    clock = PaperClock(START, 0, steady=machine)
    with pytest.raises(InvalidInput, match="goes back"):
        clock.step(timedelta(seconds=-1))
    with pytest.raises(InvalidInput, match="before the gateway's present"):
        clock.jump(START - timedelta(seconds=1))
    assert clock.now() == START


@pytest.mark.parametrize("speed", (-1, float("nan"), float("inf"), 1e9))
def test_speeds_that_cannot_be(speed):
    with pytest.raises(InvalidInput, match="cannot run"):
        PaperClock(START, speed)


def test_it_begins_now_by_default():
    before = datetime.now(UTC)
    assert before <= PaperClock().now() <= datetime.now(UTC)
