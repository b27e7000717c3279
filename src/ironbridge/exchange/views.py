"""What a bar is made of, and a bar in price units."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class View(StrEnum):
    """What a bar is made of."""

    TRADES = "trades"
    MIDPOINT = "midpoint"
    BID = "bid"
    ASK = "ask"
    BID_ASK = "bid_ask"
    """Opens at the mean bid, closes at the mean ask, between the highest ask and the lowest bid, as IB has it."""


@dataclass(frozen=True, slots=True)
class BarRow:
    """One bar in price units; `volume`, `mean` and `count` are None where the view has none."""

    open: float
    high: float
    low: float
    close: float
    volume: int | None = None
    mean: float | None = None
    count: int | None = None
