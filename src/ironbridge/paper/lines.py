"""A market-data line, and which kind of data it shows: live, frozen, delayed or delayed-frozen.

A client names the kind that it wants (request 59) and IB gives the nearest that there is: the frozen kinds are for a
closed market alone. With a venue that is open at any hour they never occur. While the market is closed a line that is
not frozen has no bid and no ask, only the day that was: prices of -1 with size 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from ironbridge.exchange.events import Quote
from ironbridge.exchange.listing import Listing
from ironbridge.paper import ticks
from ironbridge.paper.generic_ticks import Generic
from ironbridge.paper.session import Session
from ironbridge.paper.ticks import Tick, price_tick, size_tick

ZERO = Decimal(0)


class DataType(IntEnum):
    """IB's numbers."""

    LIVE = 1
    FROZEN = 2
    DELAYED = 3
    DELAYED_FROZEN = 4

    @property
    def delayed(self) -> bool:
        return self >= DataType.DELAYED


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where quotes come from that do not reach a line as events: earlier ones, and those of combinations.

    Parameters:
        quote: the newest.
        moment: that it tells of.
        legs: the listings that it is made of.
    """

    quote: Callable[[], Quote]
    moment: Callable[[], datetime]
    legs: tuple[Listing, ...]


@dataclass(slots=True, eq=False)
class Line:
    """One request for market data.

    Parameters:
        wanted: the kind of data that the client asked for.
        shut: whether its market is closed, as far as the line has been told.
        source: of its quotes, None for the venue's own of this moment.
        unpaid: whether delayed data is shown for want of live data.
        heard: the newest quote that the client knows.
    """

    session: Session
    req_id: int
    listing: Listing
    generic: Generic
    wanted: DataType
    source: Drawn | None = None
    unpaid: bool = False
    shut: bool = False
    heard: Quote | None = None
    delayed: bool = field(init=False)

    def __post_init__(self) -> None:
        self.delayed = self.wanted.delayed

    @property
    def shown(self) -> DataType:
        """The kind of data that it shows now."""
        frozen = self.shut and self.wanted in {DataType.FROZEN, DataType.DELAYED_FROZEN}
        if self.delayed:
            return DataType.DELAYED_FROZEN if frozen else DataType.DELAYED
        return DataType.FROZEN if frozen else DataType.LIVE

    @property
    def blank(self) -> bool:
        """Whether it has neither bid nor ask, because its market is closed."""
        return self.shut and self.shown in {DataType.LIVE, DataType.DELAYED}

    def seen(self, quote: Quote) -> Quote:
        """What the line shows of a quote."""
        return quote._replace(bid=None, bid_size=ZERO, ask=None, ask_size=ZERO) if self.blank else quote


def blank_sides(*, delayed: bool) -> list[Tick]:
    """How a line begins that has neither bid nor ask."""
    numbers = ticks.DELAYED if delayed else ticks.LIVE
    found: list[Tick] = []
    for price, size in ((ticks.BID, ticks.BID_SIZE), (ticks.ASK, ticks.ASK_SIZE)):
        found += (price_tick(numbers[price], None, None, ticks.CAN_AUTO_EXECUTE), size_tick(numbers[size], ZERO))
    return found
