"""What the session tells of itself, for people, the API and metrics; and how it may be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ironbridge.domain.session import Endpoint, SessionState
from ironbridge.session.breaker import BreakerState
from ironbridge.session.calendar import Window
from ironbridge.session.farms import FarmState


@dataclass(frozen=True, slots=True)
class SupervisorOptions:
    """How a session is kept. All times in seconds.

    Parameters:
        backoff_base: the longest first wait after a failure; each further failure doubles it.
        backoff_cap: the longest wait.
        client_id_cap: the longest wait while another session holds our client id: it is freed at any moment.
        breaker_limit: failed attempts in a row that open the circuit breaker.
        breaker_cooldown: how long it stays open.
        heartbeat_interval: between two heartbeats.
        heartbeat_timeout: how long an answer may take before the link is given up as half-open.
        synchronise_timeout: how long one service may take to catch up.
        retry_attempts: failed attempts in a row, at each gateway, after which the session is FAILED; 0 for never.
        doubt_interval: at most so often is everything reconciled because a message could not be read.
        steady_after: a link that is lost before counts against its gateway where there are backups.
        failback: when a session at a backup returns to the primary: "reconnect" whenever a new link must be made
            anyway, "asked" only when a person asks.
    """

    backoff_base: float = 1.0
    backoff_cap: float = 60.0
    client_id_cap: float = 5.0
    breaker_limit: int = 3
    breaker_cooldown: float = 30.0
    heartbeat_interval: float = 30.0
    heartbeat_timeout: float = 10.0
    synchronise_timeout: float = 120.0
    retry_attempts: int = 0
    doubt_interval: float = 60.0
    steady_after: float = 30.0
    failback: Literal["reconnect", "asked"] = "reconnect"


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """One gateway of a session."""

    endpoint: Endpoint
    primary: bool
    current: bool
    """Whether the session is there, or goes there next."""
    breaker: BreakerState
    refused: str
    """Why it cannot serve the session, e.g. another account; empty where it may."""


@dataclass(frozen=True, slots=True)
class SessionStatus:
    state: SessionState
    reason: str
    since: datetime
    endpoint: Endpoint
    server_version: int | None
    accounts: tuple[str, ...]
    account: str | None
    """The account that orders go to where none is named."""
    upstream: bool
    """Whether the gateway has its link to IB."""
    farms: Mapping[str, FarmState]
    """The data farms that IB has spoken of, e.g. {"usfarm": FarmState.OK}."""
    attempts: int
    """Failed attempts to connect since the last that succeeded."""
    last_error: str | None
    next_attempt_at: datetime | None
    breaker: BreakerState
    round_trip_ms: float | None = None
    """Of the last heartbeat."""
    gateways: tuple[GatewayStatus, ...] = ()
    """All that the session may go to, the primary first."""
    next_expected: Window | None = None
    """When the calendar next expects a drop, or the window that is open now (CON-9)."""


@dataclass(frozen=True, slots=True)
class SessionHealth:
    last_heartbeat: datetime | None
    round_trip_ms: float | None
    clock_skew: float | None
    """Seconds by which the gateway's clock is ahead of ours; IB tells whole seconds, so within one is none."""
    heartbeats: int
    heartbeats_missed: int
    attempts: int
    """All attempts to connect, since the start."""
    successes: int
    links_lost: int
    time_to_reconnect: float | None
    """Seconds from the last lost link to READY."""
    monitoring: bool = True
    """Whether heartbeats are sent; a person can stop them."""
    moves: int = 0
    """How often a link was opened at another gateway than the one before."""
