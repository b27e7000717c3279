"""What a stream of prices may be relied on for: pure judgements over numbers, no stream and no clock (MKT-3).

Owns the tests for bad prices. A sentinel never becomes a price. Crossed, negative and outlying prices are shown as they
came, labelled SUSPECT: hiding them would be a guess of ours. An outlier that stays is the new level, so it is one only
until `CONFIRMATIONS` readings in a row have said the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ironbridge.domain.instrument import Kind
from ironbridge.domain.market import Quality

UNSET = 1e300
"""Numbers from here on are IB's "not set" (1.7976931348623157e308), not prices."""

OUTLIER_RATIO = 0.2
"""A price this far from the level before is an outlier: as far as the US market may move in a whole day before it is
closed (the market-wide breakers stand at 7, 13 and 20 %)."""

CONFIRMATIONS = 3
"""So many readings in a row near a new level make it the level: a real gap shows within a few ticks."""

_BELOW_ZERO = frozenset({Kind.FUTURE, Kind.CONTINUOUS_FUTURE, Kind.COMBO, Kind.COMMODITY})
"""Kinds whose price can truly be negative: crude oil was in April 2020, spreads often are."""

_LEAPS = frozenset({Kind.OPTION, Kind.FUTURE_OPTION, Kind.WARRANT, Kind.COMBO})
"""Kinds whose price may double between two readings; distance from the level before says nothing about them."""


class Flaw(StrEnum):
    SENTINEL = "sentinel"
    """A number that stands for "not set" came where None should have."""
    CROSSED = "crossed"
    """The bid is above the ask."""
    NEGATIVE = "negative"
    """A price below zero of a thing that has none such."""
    OUTLIER = "outlier"
    """A price far from the level before."""


@dataclass(frozen=True, slots=True)
class Level:
    """Where prices stood last, to tell an outlier by.

    Parameters:
        price: the level, None while there is none.
        contender: the outlier that was seen last.
        seen: how many readings in a row stood near `contender`.
    """

    price: float | None = None
    contender: float | None = None
    seen: int = 0


def flaws_of(kind: Kind, bid: float | None, ask: float | None, last: float | None) -> tuple[Flaw, ...]:
    """What is wrong with these prices on their own."""
    crossed = bid is not None and ask is not None and bid > ask
    below_zero = (bid is not None and bid < 0) or (ask is not None and ask < 0) or (last is not None and last < 0)
    if not (crossed or below_zero):
        return ()
    negative = below_zero and kind not in _BELOW_ZERO
    return ((Flaw.CROSSED,) if crossed else ()) + ((Flaw.NEGATIVE,) if negative else ())


def weigh(kind: Kind, level: Level, price: float | None) -> tuple[Level, bool]:
    """The level after `price`, and whether `price` is an outlier against the level before."""
    if price is None or kind in _LEAPS:
        return level, False
    if level.price is None or _near(price, level.price):
        return (level if level.price == price and not level.seen else Level(price)), False
    seen = level.seen + 1 if level.contender is not None and _near(price, level.contender) else 1
    if seen >= CONFIRMATIONS:
        return Level(price), False
    return replace(level, contender=price, seen=seen), True


def _near(price: float, level: float) -> bool:
    return abs(price - level) <= OUTLIER_RATIO * abs(level)


def complete(kind: Kind, bid: float | None, ask: float | None, last: float | None) -> bool:
    """Whether a first quote is there: both sides, or for an index, which nobody trades, its level."""
    if kind is Kind.INDEX:
        return last is not None
    return bid is not None and ask is not None


def quality_of(*, interrupted: bool, stale: bool, whole: bool, suspect: bool) -> Quality:
    """The one label for all that is known, the gravest first."""
    if interrupted:
        return Quality.INTERRUPTED
    if stale:
        return Quality.STALE
    if not whole:
        return Quality.PENDING
    return Quality.SUSPECT if suspect else Quality.GOOD
