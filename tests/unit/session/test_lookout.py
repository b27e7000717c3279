"""When a session that is down becomes an alert; on a clock moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from ironbridge.bus import MemoryTopic
from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.session import SessionChanged, SessionState
from ironbridge.session.calendar import NEW_YORK, NOTHING_EXPECTED, SessionCalendar
from ironbridge.session.lookout import Lookout
from ironbridge.session.watch import Standing
from ironbridge.testing.clock import ManualClock

S = SessionState
CALENDAR = SessionCalendar(zone=NEW_YORK, reset=False)

READY = Standing(S.READY, "all is well", usable=True)
LOST = Standing(S.RECONNECTING, "the link was lost", usable=False, lost=True)
LOGGED_OUT = Standing(S.RECONNECTING, "gave no accounts", usable=False, lost=True, logged_out=True)
FAILED = Standing(S.FAILED, "a live account that is not armed", usable=False)
SYNCING = Standing(S.SYNCING, "catching up", usable=False)
CLOSED = Standing(S.DISCONNECTED, "a disconnect was asked for", usable=False)

QUIET_DAY = datetime(2026, 11, 18, 12, 0, tzinfo=NEW_YORK)
RESTART = datetime(2026, 11, 18, 23, 45, tzinfo=NEW_YORK)
LOGIN = datetime(2026, 11, 22, 1, 0, tzinfo=NEW_YORK)


class Scene:
    """A session that stands as the test says, and what was raised about it."""

    def __init__(self, start: datetime, calendar: SessionCalendar) -> None:
        self.clock = ManualClock(start.astimezone(UTC))
        self.standing = READY
        self.changes: MemoryTopic[SessionChanged] = MemoryTopic("session")
        self.alerts: MemoryTopic[Alert] = MemoryTopic("alerts")
        self.raised: list[Alert] = []
        self.lookout = Lookout(lambda: self.standing, self.changes, lambda: calendar, self.clock, self)  # type: ignore[arg-type]

    def publish(self, alert: Alert) -> None:
        self.raised.append(alert)

    async def becomes(self, standing: Standing) -> None:
        before, self.standing = self.standing, standing
        self.changes.publish(SessionChanged(self.clock.now(), before.state, standing.state, standing.reason))
        await self.clock.settle()

    async def pass_(self, **span: float) -> None:
        await self.clock.advance(timedelta(**span).total_seconds())

    def kinds(self) -> list[str]:
        kinds = [alert.kind for alert in self.raised]
        self.raised.clear()
        return kinds


@asynccontextmanager
async def scene(start: datetime = QUIET_DAY, calendar: SessionCalendar = CALENDAR) -> AsyncIterator[Scene]:
    made = Scene(start, calendar)
    made.lookout.start()
    await made.clock.settle()
    yield made
    await made.lookout.stop()


async def test_what_is_expected_is_announced_before() -> None:
    async with scene(RESTART - timedelta(hours=1)) as s:
        await s.pass_(minutes=44)
        assert s.kinds() == []
        await s.pass_(minutes=2)
        (alert,) = s.raised
        assert (alert.kind, alert.severity) == ("daily-restart-expected", AlertSeverity.INFO)
        assert "in 15 min" in alert.text
        s.kinds()
        await s.pass_(hours=20)
        assert s.kinds() == [], "once"
        await s.pass_(hours=4)
        assert s.kinds() == ["daily-restart-expected"], "and again the next day"


async def test_a_drop_within_its_window_is_no_alert() -> None:
    async with scene(RESTART - timedelta(minutes=1)) as s:
        assert s.kinds() == ["daily-restart-expected"]
        await s.pass_(minutes=2)
        await s.becomes(LOST)
        await s.pass_(minutes=6)
        await s.becomes(READY)
        await s.pass_(hours=1)
        assert s.kinds() == []


async def test_a_restart_that_takes_too_long_is_one() -> None:
    async with scene(RESTART + timedelta(minutes=1)) as s:
        await s.becomes(LOST)
        await s.pass_(minutes=8)
        assert s.kinds() == []
        await s.pass_(minutes=2)
        assert s.kinds() == ["daily-restart-overdue"]


async def test_a_drop_at_any_other_time_is_told_at_once_and_again_when_it_lasts() -> None:
    async with scene() as s:
        await s.becomes(LOST)
        assert s.kinds() == ["session-lost"]
        await s.pass_(minutes=2)
        assert s.kinds() == []
        await s.pass_(minutes=2)
        assert [(alert.kind, alert.severity) for alert in s.raised] == [("session-down", AlertSeverity.CRITICAL)]
        assert "doctor" in s.raised[0].next_step
        s.kinds()
        await s.pass_(minutes=57)
        assert s.kinds() == []
        await s.pass_(minutes=3)
        assert s.kinds() == ["session-down"], "three days of it are not one line"
        await s.becomes(READY)
        (back,) = s.raised
        assert (back.kind, "1 h" in back.text or "min" in back.text) == ("session-restored", True)


async def test_a_missed_login_is_an_alert_within_minutes() -> None:
    """I-09: the gateway is up, its API answers, and nobody has logged it in."""
    async with scene(LOGIN - timedelta(minutes=1)) as s:
        assert s.kinds() == ["weekly-login-expected"]
        await s.pass_(minutes=2)
        await s.becomes(LOGGED_OUT)
        await s.pass_(minutes=8)
        assert s.kinds() == [], "time for a person to log it in"
        await s.pass_(minutes=2)
        (alert,) = s.raised
        assert (alert.kind, alert.severity) == ("login-missed", AlertSeverity.CRITICAL)
        assert "Log the gateway in" in alert.next_step


async def test_a_gateway_that_is_not_logged_in_is_not_waited_for_through_a_reset() -> None:
    async with scene(RESTART + timedelta(minutes=1), SessionCalendar(restart=None, zone=NEW_YORK)) as s:
        await s.becomes(LOGGED_OUT)
        await s.pass_(minutes=4)
        assert s.kinds() == ["login-missed"], "the reset lasts an hour, and does not mend this"


async def test_a_failed_session_is_told_at_once_and_once() -> None:
    async with scene() as s:
        await s.becomes(FAILED)
        assert s.kinds() == ["session-failed"]
        await s.pass_(hours=5)
        assert s.kinds() == []


async def test_catching_up_is_no_loss_unless_it_never_ends() -> None:
    async with scene() as s:
        await s.becomes(SYNCING)
        await s.becomes(READY)
        assert s.kinds() == []
        await s.becomes(SYNCING)
        await s.pass_(minutes=4)
        assert s.kinds() == ["session-down"]


async def test_what_a_person_has_closed_is_nobodys_alarm() -> None:
    async with scene() as s:
        await s.becomes(LOST)
        assert s.kinds() == ["session-lost"]
        await s.becomes(CLOSED)
        await s.pass_(days=8)
        assert s.kinds() == []


async def test_a_session_that_never_came_up_is_told_of() -> None:
    async with scene(calendar=NOTHING_EXPECTED) as s:
        await s.becomes(CLOSED)
        await s.becomes(LOGGED_OUT)
        await s.pass_(minutes=4)
        assert s.kinds() == ["login-missed"]
