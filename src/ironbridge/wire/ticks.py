"""Single ticks, live and past: the tick-by-tick stream and the historical ticks of the same three kinds.

`time` is seconds since the epoch. Attribute masks are IB's own numbers, bit by bit: on trades 1 past limit,
2 unreported; on live quotes 1 bid past low, 2 ask past high (historical quotes have the two the other way round).
"""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.contract import CONTRACT_12, IN_CONTRACT, INCLUDE_EXPIRED, Contract
from ironbridge.wire.fields import (
    BOOL,
    INT,
    INT_ZERO,
    OPTIONS,
    REAL_NEVER_EMPTY,
    SIZE_NEVER_EMPTY,
    TEXT,
)
from ironbridge.wire.layout import Fixed, many, of, struct, when
from ironbridge.wire.text import client, server
from ironbridge.wire.values import Real, TagValue


@dataclass(frozen=True, slots=True)
class ReqTickByTickData:
    """`tick_type` is Last, AllLast, BidAsk or MidPoint."""

    req_id: int
    contract: Contract
    tick_type: str
    number_of_ticks: int = 0
    ignore_size: bool = False


@dataclass(frozen=True, slots=True)
class CancelTickByTickData:
    req_id: int


@dataclass(frozen=True, slots=True)
class Trade:
    price: Real
    size: Real
    attributes: int = 0
    exchange: str = ""
    special_conditions: str = ""


@dataclass(frozen=True, slots=True)
class BidAsk:
    bid_price: Real
    ask_price: Real
    bid_size: Real
    ask_size: Real
    attributes: int = 0


@dataclass(frozen=True, slots=True)
class MidPoint:
    price: Real


@dataclass(frozen=True, slots=True)
class TickByTick:
    """`tick_type`: 1 last and 2 all last with a Trade, 3 with a BidAsk, 4 with a MidPoint."""

    req_id: int
    tick_type: int
    time: int
    tick: Trade | BidAsk | MidPoint | None = None


@dataclass(frozen=True, slots=True)
class ReqHistoricalTicks:
    """`what_to_show` is TRADES, BID_ASK or MIDPOINT; one of `start` and `end` is given."""

    req_id: int
    contract: Contract
    start: str = ""
    end: str = ""
    number_of_ticks: int = 1000
    what_to_show: str = "TRADES"
    use_rth: int = 1
    ignore_size: bool = False
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoricalTick:
    time: int
    price: Real
    size: Real = None


@dataclass(frozen=True, slots=True)
class HistoricalTickBidAsk:
    time: int
    attributes: int
    bid_price: Real
    ask_price: Real
    bid_size: Real
    ask_size: Real


@dataclass(frozen=True, slots=True)
class HistoricalTickLast:
    time: int
    attributes: int
    price: Real
    size: Real
    exchange: str = ""
    special_conditions: str = ""


@dataclass(frozen=True, slots=True)
class HistoricalTicks:
    """Midpoints. `done` is set on the last message of an answer."""

    req_id: int
    ticks: tuple[HistoricalTick, ...] = ()
    done: bool = True


@dataclass(frozen=True, slots=True)
class HistoricalTicksBidAsk:
    req_id: int
    ticks: tuple[HistoricalTickBidAsk, ...] = ()
    done: bool = True


@dataclass(frozen=True, slots=True)
class HistoricalTicksLast:
    req_id: int
    ticks: tuple[HistoricalTickLast, ...] = ()
    done: bool = True


TRADE = struct(
    Trade,
    price=REAL_NEVER_EMPTY,
    size=SIZE_NEVER_EMPTY,
    attributes=INT_ZERO,
    exchange=TEXT,
    special_conditions=TEXT,
)
BID_ASK = struct(
    BidAsk,
    bid_price=REAL_NEVER_EMPTY,
    ask_price=REAL_NEVER_EMPTY,
    bid_size=SIZE_NEVER_EMPTY,
    ask_size=SIZE_NEVER_EMPTY,
    attributes=INT_ZERO,
)

PAST_TICK = struct(
    HistoricalTick,
    *of(time=INT),
    Fixed("0"),  # a mask that midpoints do not have; clients skip it
    price=REAL_NEVER_EMPTY,
    size=SIZE_NEVER_EMPTY,
)
PAST_QUOTE = struct(
    HistoricalTickBidAsk,
    time=INT,
    attributes=INT_ZERO,
    bid_price=REAL_NEVER_EMPTY,
    ask_price=REAL_NEVER_EMPTY,
    bid_size=SIZE_NEVER_EMPTY,
    ask_size=SIZE_NEVER_EMPTY,
)
PAST_TRADE = struct(
    HistoricalTickLast,
    time=INT,
    attributes=INT_ZERO,
    price=REAL_NEVER_EMPTY,
    size=SIZE_NEVER_EMPTY,
    exchange=TEXT,
    special_conditions=TEXT,
)

FORMATS = (
    client(
        97,
        ReqTickByTickData,
        *of(req_id=INT),
        *CONTRACT_12,
        groups=IN_CONTRACT,
        tick_type=TEXT,
        number_of_ticks=INT_ZERO,
        ignore_size=BOOL,
    ),
    client(98, CancelTickByTickData, req_id=INT),
    server(
        99,
        TickByTick,
        *of(req_id=INT, tick_type=INT, time=INT),
        when("tick_type", {1, 2}.__contains__, *of(tick=TRADE)),
        when("tick_type", {3}.__contains__, *of(tick=BID_ASK)),
        when("tick_type", {4}.__contains__, *of(tick=struct(MidPoint, price=REAL_NEVER_EMPTY))),
    ),
    client(
        96,
        ReqHistoricalTicks,
        *of(req_id=INT),
        *CONTRACT_12,
        *INCLUDE_EXPIRED,
        groups=IN_CONTRACT,
        start=TEXT,
        end=TEXT,
        number_of_ticks=INT,
        what_to_show=TEXT,
        use_rth=INT_ZERO,
        ignore_size=BOOL,
        options=OPTIONS,
    ),
    server(96, HistoricalTicks, req_id=INT, ticks=many(PAST_TICK), done=BOOL),
    server(97, HistoricalTicksBidAsk, req_id=INT, ticks=many(PAST_QUOTE), done=BOOL),
    server(98, HistoricalTicksLast, req_id=INT, ticks=many(PAST_TRADE), done=BOOL),
)
