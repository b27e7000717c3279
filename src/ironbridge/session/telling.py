"""What a session tells of itself, put together from those who know: its pilot, its heartbeat, its calendar."""

from __future__ import annotations

from ironbridge.domain.session import SessionState
from ironbridge.errors import ConnectFailed, IronbridgeError, NotConnected, UpstreamLost
from ironbridge.interfaces import Clock
from ironbridge.session.calendar import SessionCalendar
from ironbridge.session.heartbeat import Heartbeat
from ironbridge.session.pilot import Pilot
from ironbridge.session.status import SessionHealth, SessionStatus
from ironbridge.session.waiting import what_to_do
from ironbridge.session.watch import Standing

LOGGED_OUT = "not-logged-in"
"""What a `ConnectFailed` gives as its cause where the gateway answers without being logged in to IB."""


def usable(pilot: Pilot) -> bool:
    """Whether it has caught up and IB is reached."""
    state = pilot.state
    return state is SessionState.READY or (state is SessionState.DEGRADED and pilot.layers.upstream)


def obstacle(pilot: Pilot) -> IronbridgeError | None:
    """Why no order may be sent now; None where one may."""
    if not pilot.carries_orders:
        return NotConnected("This session carries market data and no orders.")
    if usable(pilot):
        return None
    if pilot.held and not pilot.layers.upstream:
        return UpstreamLost(
            f"The gateway has lost IB, so nothing may be sent: {pilot.layers.reason}",
            next_step="Wait until IB is back; open orders live on at IB and are reconciled then.",
        )
    return NotConnected(
        f"The session is {pilot.state.name}, not READY: {pilot.reason}", next_step=what_to_do(pilot.state)
    )


def standing_of(pilot: Pilot) -> Standing:
    """How it stands, for those who look after it (`Lookout`)."""
    error = pilot.last_error
    logged_out = not pilot.held and isinstance(error, ConnectFailed) and error.details.get("cause") == LOGGED_OUT
    return Standing(pilot.state, pilot.reason, usable(pilot), pilot.lost, logged_out)


def status_of(pilot: Pilot, beat: Heartbeat, calendar: SessionCalendar, clock: Clock) -> SessionStatus:
    """Where it stands and why, as of now."""
    now = clock.now()
    return SessionStatus(
        state=pilot.state,
        reason=pilot.reason,
        since=pilot.since,
        endpoint=pilot.endpoint,
        server_version=pilot.info.server_version if pilot.info else None,
        accounts=pilot.info.accounts if pilot.info else (),
        account=pilot.account,
        upstream=pilot.held and pilot.layers.upstream,
        farms=pilot.layers.farms,
        attempts=pilot.failures,
        last_error=str(pilot.last_error) if pilot.last_error else None,
        next_attempt_at=pilot.next_attempt_at,
        breaker=pilot.breaker.state(clock.monotonic()),
        round_trip_ms=beat.round_trip_ms if pilot.held else None,
        gateways=pilot.gateways.status(clock.monotonic()),
        next_expected=calendar.within(now) or calendar.coming(now),
    )


def health_of(pilot: Pilot, beat: Heartbeat) -> SessionHealth:
    """What was measured since the start."""
    return SessionHealth(
        last_heartbeat=beat.last,
        round_trip_ms=beat.round_trip_ms,
        clock_skew=beat.clock_skew,
        heartbeats=beat.count,
        heartbeats_missed=beat.missed,
        attempts=pilot.attempts,
        successes=pilot.successes,
        links_lost=pilot.links_lost,
        time_to_reconnect=pilot.time_to_reconnect,
        moves=pilot.gateways.moves,
        monitoring=not beat.paused,
    )
