"""The connection to TWS or IB Gateway, in JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ironbridge.api.schemas.sessions import GatewaySession
from ironbridge.api.schemas.values import Moment, Received, Sent, SessionStateName


class Farm(Sent):
    """One of IB's data farms."""

    name: str = Field(examples=["usfarm"])
    state: str = Field(examples=["ok"])


class ExpectedDrop(Sent):
    """A time in which the session is bound to drop: the gateway's restart, IB's reset, the weekly login."""

    occasion: Literal["weekly-login", "daily-restart", "nightly-reset"]
    begins: Moment
    ends: Moment = Field(description="By when the session should be back; after it an alert is raised.")
    text: str


class ConnectionStatus(Sent):
    """Where the connection stands and why."""

    state: SessionStateName
    ready: bool = Field(description="Orders may be sent now.")
    reason: str = Field(description="Why it is in this state, in words.")
    since: Moment
    host: str
    port: int
    client_id: int
    server_version: int | None = Field(description="The gateway's API version; null while there is no session.")
    accounts: list[str]
    account: str | None = Field(description="The account orders are for unless they name another.")
    paper: bool | None = Field(description="Whether the account is a paper account; null while it is not known.")
    embedded: bool = Field(description="The gateway is the built-in paper gateway: simulated prices and fills.")
    upstream: bool = Field(description="The gateway itself is connected to IB.")
    farms: list[Farm]
    attempts: int = Field(description="Attempts since the last session.")
    last_error: str | None
    next_attempt_at: Moment | None
    round_trip_ms: float | None = Field(description="Of the last heartbeat; null while there is no session.")
    next_expected: ExpectedDrop | None = Field(
        description="The next expected drop, or the one whose time is now; null where none is expected."
    )
    sessions: list[GatewaySession] = Field(
        description="This session, which carries orders, and those for market data, each with its gateways."
    )


class ConnectionHealth(Sent):
    """Measured on the connection."""

    state: SessionStateName
    upstream: bool
    monitoring: bool = Field(description="Heartbeats are sent.")
    last_heartbeat: Moment | None
    round_trip_ms: float | None
    clock_skew_s: float | None = Field(description="The gateway's clock minus ours, in seconds.")
    attempts: int
    successes: int
    time_to_reconnect_s: float | None


class MonitorStart(Received):
    """How to watch the session."""

    interval_s: float | None = Field(
        default=None, gt=0, le=3600, description="Seconds between two heartbeats; kept. Left out: as it is set."
    )


class MonitorState(Sent):
    """The heartbeats of the session."""

    running: bool
    interval_s: float
    heartbeats: int = Field(description="Answered, since the start of the service.")
    missed: int
    last_heartbeat: Moment | None
    round_trip_ms: float | None


class ConnectionTest(Received):
    """What to test: settings that need not be saved, over those in force or those of a profile."""

    profile: str | None = Field(default=None, min_length=1, max_length=60, description="Begin with its settings.")
    host: str | None = Field(
        default=None, min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:-]+$", examples=["127.0.0.1"]
    )
    port: int | None = Field(default=None, ge=1, le=65535, examples=[4002])
    client_id: int | None = Field(default=None, ge=0, le=2**31 - 1)
    account: str | None = Field(default=None, pattern=r"^[A-Z0-9]{0,16}$", examples=["DU1000001"])
    market_data_type: int | None = Field(default=None, ge=1, le=4)
    connection_timeout: float | None = Field(default=None, gt=0, le=300)


class TestStep(Sent):
    """One thing that was tried."""

    __test__ = False  # not a test class for pytest

    name: Literal["tcp", "api", "session"]
    ok: bool
    detail: str
    milliseconds: float | None = Field(description="How long it took, where it was measured.")


class FindingView(Sent):
    """One thing about the set-up."""

    id: str = Field(examples=["nothing-listens"])
    severity: Literal["error", "warning", "info"] = Field(
        description="error: it cannot trade; warning: something will be missing or wrong; info: nothing to mend."
    )
    sentence: str
    remedy: str = Field(description="What to do about it; empty where there is nothing to do.")


class ConnectionTestResult(Sent):
    """What was found by these settings. Nothing was saved, and no session and no order can have been touched."""

    host: str
    port: int
    client_id: int
    client_id_tried: bool = Field(
        description="False where a session of ours goes by this id: another one was used, and whether this one is free "
        "there is not told."
    )
    ok: bool = Field(description="A session can be had by these settings, and orders can be sent over it.")
    healthy: bool = Field(description="There is nothing to mend.")
    server_version: int | None
    accounts: list[str]
    paper: bool | None = Field(description="Whether all of them are paper accounts; null where none was told.")
    round_trip_ms: float | None = Field(description="Of a plain question.")
    clock_skew_s: float | None = Field(description="The gateway's clock minus ours, in seconds.")
    market_data: Literal["live", "frozen", "delayed", "delayed_frozen", "none"] | None = Field(
        description="What prices come as; none where they are refused; null where nothing was said of it."
    )
    steps: list[TestStep]
    findings: list[FindingView]
    next_step: str = Field(description="What to do first; empty where there is nothing to do.")
    warnings: list[str]


class ConnectionLogEntry(Sent):
    """A move of the session, or an alert."""

    number: int
    at: Moment
    kind: Literal["state", "alert"]
    what: str = Field(description="The state it moved to, or the alert's kind.", examples=["ready", "login-missed"])
    before: str = Field(description="The state it moved from; empty for an alert.")
    severity: Literal["", "info", "warning", "critical"] = Field(description="Of an alert; empty for a move.")
    text: str


class ConnectionLogPage(Sent):
    """The newest entries first. For those before them ask with `before` set to `next_before`."""

    entries: list[ConnectionLogEntry]
    next_before: int | None = Field(description="Null where there are no older ones.")


class DiagnosisView(Sent):
    """What the doctor found at the gateway of the settings. Nothing was changed and no order was touched."""

    host: str
    port: int
    client_id: int
    connects: bool = Field(description="A session can be had under this client id.")
    healthy: bool = Field(description="There is nothing to mend.")
    server_version: int | None
    accounts: list[str]
    clock_skew_s: float | None = Field(description="The gateway's clock minus ours, in seconds.")
    findings: list[FindingView]
