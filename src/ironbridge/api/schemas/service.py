"""Signing in, and the service's own health."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from ironbridge.api.schemas.values import Moment, Received, Sent, SessionStateName


class SignIn(Received):
    token: SecretStr = Field(min_length=1, max_length=200, description="The access token, from `ironbridge token`.")


class SessionView(Sent):
    """Who is asking."""

    method: Literal["bearer", "cookie"]
    csrf_token: str | None = Field(
        description="Echo it in the X-Ironbridge-CSRF header of every POST, PUT and DELETE made with the cookie."
    )
    expires_at: Moment | None
    version: str = Field(description="The service's version.")


class HealthMetrics(Sent):
    """The service in numbers."""

    version: str
    started_at: Moment
    uptime_s: float
    state: SessionStateName
    ready: bool
    upstream: bool
    round_trip_ms: float | None
    clock_skew_s: float | None
    connect_attempts: int
    connect_successes: int
    orders_open: int
    orders_unknown: int
    orders_total: int
    stream_clients: dict[str, int] = Field(description="Open WebSockets by stream.")


class Liveness(Sent):
    status: Literal["ok"] = "ok"


class Check(Sent):
    name: str
    ok: bool
    detail: str


class Readiness(Sent):
    """Ready: the session is up, IB is behind it, orders are reconciled."""

    ready: bool
    checks: list[Check]
