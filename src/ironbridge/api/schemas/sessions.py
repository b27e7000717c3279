"""The sessions of the engine, in JSON: one for orders, any number for market data, and the gateways of each."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from ironbridge.api.schemas.values import Moment, Received, Sent, SessionStateName

SessionName = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="As `GET /connection/sessions` gives it.")
]


class GatewayView(Sent):
    """One gateway that a session may go to."""

    host: str
    port: int
    primary: bool = Field(description="The one that is preferred; the others are backups, in their order.")
    current: bool = Field(description="The session is there, or goes there next.")
    breaker: Literal["closed", "open", "probing"] = Field(
        description="open: it is let alone for a while, because it failed too often in a row."
    )
    refused: str = Field(description="Why it cannot serve, as another account; empty where it may.")


class GatewaySession(Sent):
    """One session as it stands."""

    name: str = Field(examples=["orders", "data-1"])
    carries_orders: bool = Field(description="False: market data alone; it has no way to send an order.")
    state: SessionStateName
    ready: bool
    reason: str
    since: Moment
    host: str
    port: int
    client_id: int
    gateways: list[GatewayView] = Field(description="The primary first.")
    moves: int = Field(description="How often it has gone to another gateway, since the start.")
    kinds: list[str] = Field(description="The kinds of instruments that it is for; empty for all.", examples=[["OPT"]])
    lines: int = Field(description="Market-data lines that it carries.")
    line_limit: int
    waiting: int = Field(description="Messages that wait for its pace.")
    eta_s: float = Field(description="Seconds until one more message for market data would go.")
    near: list[str] = Field(description="The limits of which at least four fifths are used.", examples=[["lines"]])
    round_trip_ms: float | None
    clock_skew_s: float | None = Field(description="The gateway's clock minus ours; null before a heartbeat.")
    last_error: str | None
    next_attempt_at: Moment | None


class GatewaySessions(Sent):
    """All of them."""

    state: SessionStateName = Field(
        description="Of the whole: the order session's, but degraded where that is ready and another is not."
    )
    sessions: list[GatewaySession] = Field(description="The order session first.")


class FailbackRequest(Received):
    """A return to the primary."""

    force: bool = Field(default=False, description="Though orders wait for their answers; they are reconciled there.")
