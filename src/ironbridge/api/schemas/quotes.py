"""Quotes, in JSON. Streaming prices are numbers here, not text."""

from __future__ import annotations

from pydantic import Field

from ironbridge.api.schemas.instruments import InstrumentView
from ironbridge.api.schemas.problem import Problem
from ironbridge.api.schemas.values import DataKindName, Moment, QualityName, Sent


class QuoteView(Sent):
    """The top of the book and the day so far. Null is "not known"."""

    symbol: str = Field(description="The text that was asked for.")
    instrument: InstrumentView
    timestamp: Moment
    bid: float | None
    bid_size: float | None
    ask: float | None
    ask_size: float | None
    last: float | None
    last_size: float | None
    mid: float | None
    volume: float | None
    open: float | None
    high: float | None
    low: float | None
    close: float | None = Field(description="The previous session's closing price.")
    kind: DataKindName
    quality: QualityName
    sequence: int = Field(description="Counts the changes of this instrument's stream.")


class QuoteFailure(Sent):
    symbol: str
    problem: Problem


class QuoteList(Sent):
    """One entry for every symbol asked for: in `quotes` or in `failures`."""

    quotes: list[QuoteView]
    failures: list[QuoteFailure]
