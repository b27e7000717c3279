"""IB's message codes in JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ironbridge.api.schemas.values import Sent
from ironbridge.domain.codes import Meaning


class CodeView(Sent):
    """What one code means."""

    code: int
    meaning: Meaning = Field(description="What it says of an order that it comes with.")
    words: str = Field(description="What it is about; IB's own text comes with each message.")
    next_step: str
    explained: str = Field(description="All of it in sentences.")
    overridden: bool = Field(description="The owner's own rule counts in place of the table's.")
    met: int = Field(description="How often it came while it was not known, since the service began.")


class CodeList(Sent):
    """Every code that is known, overridden or was met."""

    codes: list[CodeView]


class CodeOverride(BaseModel):
    """What a code is to mean from now on."""

    model_config = ConfigDict(extra="forbid")

    meaning: Meaning
    next_step: str = Field(default="", max_length=500)
