"""Every limit that IB sets, as data: how much, in which time, what IB answers to more, and where the number is from.

IB's limits differ by account: lines grow with commissions and equity, tick-by-tick streams and messages with lines. So
these are defaults, and `Limits` is made of settings. `LIMITS` says what each means; nothing else in Ironbridge knows a
number of IB's by heart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ironbridge.domain.pacing import Limit
from ironbridge.errors import InvalidSettings

TRANSIT = 0.5
"""Seconds by which two requests may come nearer to each other on their way to IB, which counts when it reads."""


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One limit as IB states it.

    Parameters:
        limit: which.
        count: how many IB allows to begin with.
        seconds: in which time; None where it counts what is open at one time.
        each: of what it is counted, in words.
        code: IB's answer to one too many.
        source: who says so.
    """

    limit: Limit
    count: int
    seconds: float | None
    each: str
    code: int
    source: str


_HISTORICAL = "TWS API, Historical Data Limitations, Pacing Violations for Small Bars (30 secs or less)"

LIMITS: Mapping[Limit, LimitRule] = MappingProxyType(
    {
        rule.limit: rule
        for rule in (
            LimitRule(Limit.MESSAGES, 50, 1.0, "client", 100, "TWS API, Architecture, Pacing Limitations: lines / 2"),
            LimitRule(Limit.HISTORY, 60, 600.0, "client; BID_ASK counts twice", 162, _HISTORICAL),
            # "Six or more" are the violation, so five are allowed.
            LimitRule(Limit.HISTORY_CONTRACT, 5, 2.0, "contract, exchange and kind of data", 162, _HISTORICAL),
            LimitRule(Limit.HISTORY_IDENTICAL, 1, 15.0, "identical request", 162, _HISTORICAL),
            LimitRule(
                Limit.HISTORY_OPEN, 50, None, "client", 322, "TWS API, Historical Data Limitations: 50 simultaneous"
            ),
            LimitRule(Limit.LINES, 100, None, "login", 101, "TWS API, Market Data Lines: 100 to begin with"),
            LimitRule(Limit.DEPTH, 3, None, "login", 309, "TWS API, Market Depth: 3, more with quote boosters"),
            LimitRule(Limit.TICK_BY_TICK, 5, None, "login", 10190, "TWS API, Tick-by-Tick: 5 % of the lines"),
        )
    }
)

TICK_BY_TICK_SPACING = 15.0
"""Seconds between two tick-by-tick requests for one instrument (TWS API, Tick-by-Tick Data; else 10190)."""

BID_ASK_WEIGHT = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one account.

    Parameters:
        messages: let through in a second; two of IB's are left for what its own count adds (see `pacing`).
        history: historical requests of small bars or ticks in ten minutes.
        history_open: historical requests at one time.
        lines: market-data lines.
        depth: market-depth streams.
        tick_by_tick: tick-by-tick streams.

    Raises:
        InvalidSettings: a limit under which nothing could ever be asked for.
    """

    messages: int = LIMITS[Limit.MESSAGES].count - 2
    history: int = LIMITS[Limit.HISTORY].count
    history_open: int = LIMITS[Limit.HISTORY_OPEN].count
    lines: int = LIMITS[Limit.LINES].count
    depth: int = LIMITS[Limit.DEPTH].count
    tick_by_tick: int = LIMITS[Limit.TICK_BY_TICK].count

    def __post_init__(self) -> None:
        for name in ("messages", "history_open", "lines", "depth", "tick_by_tick"):
            if getattr(self, name) < 1:
                raise InvalidSettings(f"A limit of {getattr(self, name)} {name} would let nothing through.")
        if self.history < BID_ASK_WEIGHT:
            raise InvalidSettings(f"A limit of {self.history} history would never let a BID_ASK request through.")
