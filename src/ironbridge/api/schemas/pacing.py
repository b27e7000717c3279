"""How near the traffic to IB is to IB's limits, in JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ironbridge.api.schemas.values import Moment, Sent

LimitName = Literal[
    "messages",
    "history",
    "history_contract",
    "history_identical",
    "history_open",
    "lines",
    "depth",
    "tick_by_tick",
]


class LimitView(Sent):
    """One limit as it stands."""

    limit: LimitName
    title: str = Field(description="The limit in words.", examples=["market-data lines"])
    used: int
    allowed: int = Field(description="What is let through here; the settings say it, since it differs by account.")
    window_s: float | None = Field(description="The window in which it counts; null where it counts what is open.")
    share: float = Field(description="Used of allowed.", examples=[0.42])
    near: bool = Field(description="At least four fifths are used.")
    waiting: int
    eta_s: float = Field(description="Seconds until one more would be let through.")
    source: str = Field(description="Where IB says so.")
    code: int = Field(description="IB's error for one too many.")


class LaneView(Sent):
    """Messages that wait for their turn. Cancels go first, then orders, control, data."""

    lane: Literal["cancel", "order", "control", "data"]
    waiting: int
    eta_s: float = Field(description="Seconds until a message asked for at this moment in this lane would go.")


class Pacing(Sent):
    """Every limit and every queue of one session: each has its own."""

    session: str = Field(examples=["orders", "data-1"])
    at: Moment
    limits: list[LimitView]
    lanes: list[LaneView]
    admitted: int = Field(description="Messages sent since the start.")
    violations: int = Field(description="How often IB complained of the pace.")
