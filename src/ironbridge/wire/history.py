"""Bars, past and live, and what is known about them: first date, histogram, trading schedule."""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.contract import (
    CONTRACT_12,
    DATA_LEGS,
    IN_CONTRACT,
    INCLUDE_EXPIRED,
    Contract,
)
from ironbridge.wire.fields import (
    BOOL,
    INT,
    INT_NEVER_EMPTY,
    INT_ZERO,
    OPTIONS,
    REAL_NEVER_EMPTY,
    SIZE_NEVER_EMPTY,
    TEXT,
)
from ironbridge.wire.layout import many, of, struct
from ironbridge.wire.text import client, server
from ironbridge.wire.values import Real, TagValue, Whole


@dataclass(frozen=True, slots=True)
class ReqHistoricalData:
    """`format_date`: 1 dates as text, 2 seconds since the epoch."""

    req_id: int
    contract: Contract
    end: str = ""
    bar_size: str = "1 day"
    duration: str = "1 D"
    use_rth: int = 1
    what_to_show: str = "TRADES"
    format_date: int = 1
    keep_up_to_date: bool = False
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelHistoricalData:
    req_id: int


@dataclass(frozen=True, slots=True)
class HistoricalBar:
    """`date` is the wire's text: `YYYYMMDD`, `YYYYMMDD HH:MM:SS zone`, or seconds since the epoch."""

    date: str
    open: Real
    high: Real
    low: Real
    close: Real
    volume: Real = None
    wap: Real = None
    count: Whole = None


@dataclass(frozen=True, slots=True)
class HistoricalData:
    """The whole answer; there is no message after it that says so below version 196."""

    req_id: int
    start: str
    end: str
    bars: tuple[HistoricalBar, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoricalDataUpdate:
    """The bar in progress, for a request that is kept up to date."""

    req_id: int
    bar: HistoricalBar


@dataclass(frozen=True, slots=True)
class ReqRealTimeBars:
    """Five-second bars; IB ignores any other `bar_size`."""

    req_id: int
    contract: Contract
    bar_size: int = 5
    what_to_show: str = "TRADES"
    use_rth: bool = False
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelRealTimeBars:
    req_id: int


@dataclass(frozen=True, slots=True)
class RealTimeBar:
    """`time` is the bar's beginning in seconds since the epoch."""

    req_id: int
    time: int
    open: Real
    high: Real
    low: Real
    close: Real
    volume: Real = None
    wap: Real = None
    count: Whole = None


@dataclass(frozen=True, slots=True)
class ReqHeadTimestamp:
    req_id: int
    contract: Contract
    use_rth: int = 1
    what_to_show: str = "TRADES"
    format_date: int = 1


@dataclass(frozen=True, slots=True)
class CancelHeadTimestamp:
    req_id: int


@dataclass(frozen=True, slots=True)
class HeadTimestamp:
    req_id: int
    timestamp: str


@dataclass(frozen=True, slots=True)
class ReqHistogramData:
    """`period` is `1 week` and the like."""

    req_id: int
    contract: Contract
    use_rth: bool = True
    period: str = "1 week"


@dataclass(frozen=True, slots=True)
class CancelHistogramData:
    req_id: int


@dataclass(frozen=True, slots=True)
class HistogramEntry:
    price: Real
    count: Whole


@dataclass(frozen=True, slots=True)
class HistogramData:
    req_id: int
    entries: tuple[HistogramEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoricalSession:
    start: str
    end: str
    ref_date: str


@dataclass(frozen=True, slots=True)
class HistoricalSchedule:
    req_id: int
    start: str
    end: str
    time_zone: str
    sessions: tuple[HistoricalSession, ...] = ()


BAR = struct(
    HistoricalBar,
    date=TEXT,
    open=REAL_NEVER_EMPTY,
    high=REAL_NEVER_EMPTY,
    low=REAL_NEVER_EMPTY,
    close=REAL_NEVER_EMPTY,
    volume=SIZE_NEVER_EMPTY,
    wap=REAL_NEVER_EMPTY,
    count=INT_NEVER_EMPTY,
)

FORMATS = (
    client(
        20,
        ReqHistoricalData,
        *of(req_id=INT),
        *CONTRACT_12,
        *INCLUDE_EXPIRED,
        *of(end=TEXT, bar_size=TEXT, duration=TEXT, use_rth=INT_ZERO, what_to_show=TEXT, format_date=INT_ZERO),
        DATA_LEGS,
        *of(keep_up_to_date=BOOL, options=OPTIONS),
        groups=IN_CONTRACT,
    ),
    client(25, CancelHistoricalData, version=1, req_id=INT),
    server(17, HistoricalData, req_id=INT, start=TEXT, end=TEXT, bars=many(BAR)),
    server(
        90,
        HistoricalDataUpdate,
        *of(req_id=INT),
        # Count first and close before high: an order of its own, unlike every other bar.
        *of("bar", count=INT_NEVER_EMPTY, date=TEXT, open=REAL_NEVER_EMPTY, close=REAL_NEVER_EMPTY),
        *of("bar", high=REAL_NEVER_EMPTY, low=REAL_NEVER_EMPTY, wap=REAL_NEVER_EMPTY, volume=SIZE_NEVER_EMPTY),
        groups={"bar": HistoricalBar},
    ),
    client(
        50,
        ReqRealTimeBars,
        *of(req_id=INT),
        *CONTRACT_12,
        version=3,
        groups=IN_CONTRACT,
        bar_size=INT_ZERO,
        what_to_show=TEXT,
        use_rth=BOOL,
        options=OPTIONS,
    ),
    client(51, CancelRealTimeBars, version=1, req_id=INT),
    server(
        50,
        RealTimeBar,
        version=3,
        req_id=INT,
        time=INT,
        open=REAL_NEVER_EMPTY,
        high=REAL_NEVER_EMPTY,
        low=REAL_NEVER_EMPTY,
        close=REAL_NEVER_EMPTY,
        volume=SIZE_NEVER_EMPTY,
        wap=REAL_NEVER_EMPTY,
        count=INT_NEVER_EMPTY,
    ),
    client(
        87,
        ReqHeadTimestamp,
        *of(req_id=INT),
        *CONTRACT_12,
        *INCLUDE_EXPIRED,
        groups=IN_CONTRACT,
        use_rth=INT_ZERO,
        what_to_show=TEXT,
        format_date=INT_ZERO,
    ),
    client(90, CancelHeadTimestamp, req_id=INT),
    server(88, HeadTimestamp, req_id=INT, timestamp=TEXT),
    client(
        88,
        ReqHistogramData,
        *of(req_id=INT),
        *CONTRACT_12,
        *INCLUDE_EXPIRED,
        groups=IN_CONTRACT,
        use_rth=BOOL,
        period=TEXT,
    ),
    client(89, CancelHistogramData, req_id=INT),
    server(
        89,
        HistogramData,
        req_id=INT,
        entries=many(struct(HistogramEntry, price=REAL_NEVER_EMPTY, count=INT_NEVER_EMPTY)),
    ),
    server(
        106,
        HistoricalSchedule,
        first_version=165,
        req_id=INT,
        start=TEXT,
        end=TEXT,
        time_zone=TEXT,
        sessions=many(struct(HistoricalSession, start=TEXT, end=TEXT, ref_date=TEXT)),
    ),
)
