"""An order's story in JSON, and closing an unknown one by hand."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ironbridge.api.schemas.audit import ActorView
from ironbridge.api.schemas.values import Moment, Sent


class StoryEntry(Sent):
    """One thing that happened to the order."""

    at: Moment
    actor: ActorView
    what: str = Field(examples=["order.submitted", "order.fill"])
    text: str = Field(description="It in words: the order, IB's code and text, the fill.")
    why: str = Field(description="The reason that was given; empty where none was.")
    sequence: int | None = Field(description="The order journal's event; null for what the journal does not hold.")


class OrderStory(Sent):
    """Everything that has happened under a key, refusals too, oldest first."""

    key: str
    entries: list[StoryEntry]


class OrderResolve(BaseModel):
    """What a person has found out about an unknown order."""

    model_config = ConfigDict(extra="forbid")

    found: Literal["cancelled", "filled", "never-sent"] = Field(description="What has become of it, by your finding.")
    why: str = Field(min_length=3, max_length=1000, description="Where you looked, and what was there.")
