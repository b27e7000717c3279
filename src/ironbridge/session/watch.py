"""Decides when a session that is down is an alert, and of what kind (CON-9, I-09).

Pure: told the moment, how the session stands and what the calendar expects, it answers with the alerts to raise and
the moment at which it must be asked again. Its rules:

- What is expected is announced before, and a drop within its window is none to worry about, until the window ends.
- A drop at any other time is a warning at once, and critical when it lasts.
- A gateway that answers and is not logged in is never waited for longer than a login may take, whatever else is
  expected meanwhile: only a person ends it.
- A session that a person has disconnected is nobody's alarm.
- An episode is told of once, again every `reminder`, and at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.session import SessionState
from ironbridge.session.calendar import Occasion, SessionCalendar, Window
from ironbridge.session.waiting import what_to_do

S = SessionState

_LOGIN_STEP = "Log the gateway in on its own screen (a login, a second factor or a dialog is waiting there)."


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How patient it is.

    Parameters:
        announce: how long before it begins a window is announced.
        patience: how long an unexpected drop may last before it is critical.
        reminder: how often a lasting episode is told of again.
    """

    announce: timedelta = timedelta(minutes=15)
    patience: timedelta = timedelta(minutes=3)
    reminder: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the session stands.

    Parameters:
        state: its state.
        reason: in words.
        usable: whether orders may go and IB is reached.
        lost: whether a link, or IB behind it, was lost without anybody asking for that.
        logged_out: whether its gateway answers without being logged in to IB.
    """

    state: SessionState
    reason: str
    usable: bool
    lost: bool = False
    logged_out: bool = False


@dataclass(slots=True)
class _Episode:
    """A time without a usable session."""

    began: datetime
    window: Window | None
    told_at: datetime | None = None
    """When it was last told of as critical."""
    warned: bool = False
    failed: bool = False


class Watch:
    """The memory between two looks.

    Parameters:
        options: its patience.
        effect: what is so while there is no session.
    """

    def __init__(self, options: WatchOptions | None = None, effect: str = "orders are refused") -> None:
        self._effect = effect
        self.options = options or WatchOptions()
        self._episode: _Episode | None = None
        self._was_usable = False
        self._announced_to: datetime | None = None

    def look(self, now: datetime, standing: Standing, calendar: SessionCalendar) -> tuple[list[Alert], datetime | None]:
        """The alerts of this moment, and when to look again though nothing has happened; None for not at all."""
        if standing.state is S.DISCONNECTED:
            self._episode, self._was_usable, self._announced_to = None, False, None
            return [], None
        alerts = self._announce(now, calendar)
        if standing.usable:
            alerts += self._recovered(now)
        else:
            alerts += self._missing(now, standing, calendar)
        self._was_usable = standing.usable
        return alerts, self._next_look(now, standing, calendar)

    def _announce(self, now: datetime, calendar: SessionCalendar) -> list[Alert]:
        lead = self.options.announce
        since = max(self._announced_to or now, now)
        self._announced_to = max(since, now + lead)
        return [
            Alert(
                now,
                f"{window.occasion.value}-expected",
                AlertSeverity.INFO,
                f"{window} is expected in {_span(window.begins - now)}: the session will drop.",
                window.advice,
            )
            for window in calendar.beginning(since, now + lead)
        ]

    def _recovered(self, now: datetime) -> list[Alert]:
        episode, self._episode = self._episode, None
        if episode is None or not (episode.warned or episode.told_at or episode.failed):
            return []
        text = f"The session is back, after {_span(now - episode.began)}."
        return [Alert(now, "session-restored", AlertSeverity.INFO, text)]

    def _missing(self, now: datetime, standing: Standing, calendar: SessionCalendar) -> list[Alert]:
        alerts = []
        if self._episode is None:
            self._episode = _Episode(now, calendar.within(now))
            if self._was_usable and self._episode.window is None and standing.lost:
                self._episode.warned = True
                text = f"The session is down: {_sentence(standing.reason)}"
                step = "It reconnects by itself; another alert follows if that takes long."
                alerts.append(Alert(now, "session-lost", AlertSeverity.WARNING, text, step))
        episode = self._episode
        if standing.state is S.FAILED:
            if not episode.failed:
                episode.failed, episode.told_at = True, now
                text = f"The session has failed and is not tried again: {_sentence(standing.reason)}"
                alerts.append(Alert(now, "session-failed", AlertSeverity.CRITICAL, text, what_to_do(S.FAILED)))
            return alerts
        episode.failed = False
        if now >= self._due(episode, standing, calendar):
            episode.told_at = now
            alerts.append(self._critical(now, episode, standing))
        return alerts

    def _due(self, episode: _Episode, standing: Standing, calendar: SessionCalendar) -> datetime:
        if episode.told_at is not None:
            return episode.told_at + self.options.reminder
        due = episode.began + self.options.patience
        window = episode.window
        if window is None:
            return due
        if standing.logged_out:
            allowed = window.begins + calendar.login_length
            return max(due, allowed if window.occasion is not Occasion.RESET else due)
        return max(due, window.ends)

    def _critical(self, now: datetime, episode: _Episode, standing: Standing) -> Alert:
        lasts = _span(now - episode.began)
        window = episode.window
        if standing.logged_out or (window is not None and window.occasion is Occasion.LOGIN):
            text = f"The gateway is not logged in to IB, for {lasts} now; {self._effect}. {_sentence(standing.reason)}"
            return Alert(now, "login-missed", AlertSeverity.CRITICAL, text, _LOGIN_STEP)
        if window is not None:
            text = (
                f"{window.name} should be over, and there is no session for {lasts} now: {_sentence(standing.reason)}"
            )
            return Alert(now, f"{window.occasion.value}-overdue", AlertSeverity.CRITICAL, text, "Look at the gateway.")
        text = f"There is no session for {lasts} now: {_sentence(standing.reason)}"
        step = "`ironbridge doctor` says what is wrong and what to do."
        return Alert(now, "session-down", AlertSeverity.CRITICAL, text, step)

    def _next_look(self, now: datetime, standing: Standing, calendar: SessionCalendar) -> datetime | None:
        moments = []
        if self._announced_to is not None and (window := calendar.coming(self._announced_to)) is not None:
            moments.append(window.begins - self.options.announce)
        if self._episode is not None and standing.state is not S.FAILED:
            moments.append(self._due(self._episode, standing, calendar))
        return max(min(moments), now) if moments else None


def _sentence(reason: str) -> str:
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def _span(length: timedelta) -> str:
    seconds = max(round(length.total_seconds()), 0)
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
