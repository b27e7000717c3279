"""Market data as consumers see it: quotes, their kind and quality, and the gaps between them.

Prices in the streaming path are floats; a price that is not known is None, never zero, minus one or a sentinel.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from ironbridge.domain.instrument import Instrument


class DataKind(StrEnum):
    """Where a quote stands in time. Numbers of IB's marketDataType: 1, 2, 3, 4."""

    LIVE = "live"
    FROZEN = "frozen"
    DELAYED = "delayed"
    DELAYED_FROZEN = "delayed_frozen"


class Quality(StrEnum):
    """What may be relied on."""

    PENDING = "pending"
    """Subscribed; the first bid and ask have not come."""
    GOOD = "good"
    STALE = "stale"
    """Nothing has come for longer than the stream's limit."""
    SUSPECT = "suspect"
    """Crossed, negative or far outside what came before."""
    INTERRUPTED = "interrupted"
    """The connection or the farm is down: what is shown is from before."""


class TickField(IntEnum):
    """What one tick says, live and delayed forms folded together."""

    BID = 1
    ASK = 2
    LAST = 3
    BID_SIZE = 4
    ASK_SIZE = 5
    LAST_SIZE = 6
    VOLUME = 7
    OPEN = 8
    HIGH = 9
    LOW = 10
    CLOSE = 11
    LAST_TIME = 12
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The top of the book and the day so far, at one moment.

    Prices are in the instrument's currency; sizes and volume in units of the instrument. None is "not known".
    """

    instrument: Instrument
    time: datetime
    """When the newest of its ticks arrived here, in UTC."""
    bid: float | None = None
    bid_size: float | None = None
    ask: float | None = None
    ask_size: float | None = None
    last: float | None = None
    last_size: float | None = None
    volume: float | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    close: float | None = None
    """The previous session's closing price."""
    kind: DataKind = DataKind.LIVE
    quality: Quality = Quality.GOOD
    sequence: int = 0
    """Counts the changes of this instrument's stream, so that a consumer sees what it missed."""

    @property
    def mid(self) -> float | None:
        """Half-way between bid and ask."""
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class MarketGap:
    """The stream was cut between two moments: changes in between were not seen."""

    instrument: Instrument
    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class MarketRefused:
    """The broker will not send this stream; nothing more comes until it is asked for again."""

    instrument: Instrument
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class MarketNoticed:
    """The broker said something about this stream, which goes on for all that is known (10197, 10167)."""

    instrument: Instrument
    code: int
    text: str


MarketEvent = Quote | MarketGap | MarketRefused | MarketNoticed
