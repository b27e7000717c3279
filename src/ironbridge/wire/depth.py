"""Order books and where they come from: depth by exchange, depth exchanges, smart-routing components."""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.contract import CONTRACT_12, IN_CONTRACT, Contract
from ironbridge.wire.fields import (
    BOOL,
    INT,
    INT_NEVER_EMPTY,
    INT_ZERO,
    OPTIONS,
    REAL_OPT,
    SIZE,
    TEXT,
)
from ironbridge.wire.layout import many, of, struct
from ironbridge.wire.text import client, server
from ironbridge.wire.values import Real, TagValue, Whole


@dataclass(frozen=True, slots=True)
class ReqMktDepth:
    req_id: int
    contract: Contract
    rows: int = 5
    is_smart_depth: bool = False
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelMktDepth:
    req_id: int
    is_smart_depth: bool = False


@dataclass(frozen=True, slots=True)
class MarketDepth:
    """One row of a book. `operation`: 0 insert, 1 update, 2 delete; `side`: 0 ask, 1 bid."""

    req_id: int
    position: int
    operation: int
    side: int
    price: Real
    size: Real


@dataclass(frozen=True, slots=True)
class MarketDepthL2:
    """The same with its market maker, or with its exchange where `is_smart_depth`."""

    req_id: int
    position: int
    market_maker: str
    operation: int
    side: int
    price: Real
    size: Real
    is_smart_depth: bool = False


@dataclass(frozen=True, slots=True)
class ReqMktDepthExchanges:
    pass


@dataclass(frozen=True, slots=True)
class DepthExchange:
    exchange: str
    sec_type: str
    listing_exchange: str = ""
    service_data_type: str = ""
    agg_group: Whole = None


@dataclass(frozen=True, slots=True)
class MktDepthExchanges:
    exchanges: tuple[DepthExchange, ...] = ()


@dataclass(frozen=True, slots=True)
class ReqSmartComponents:
    req_id: int
    bbo_exchange: str


@dataclass(frozen=True, slots=True)
class SmartComponent:
    bit_number: int
    exchange: str
    exchange_letter: str


@dataclass(frozen=True, slots=True)
class SmartComponents:
    req_id: int
    components: tuple[SmartComponent, ...] = ()


DEPTH_EXCHANGE = struct(
    DepthExchange,
    exchange=TEXT,
    sec_type=TEXT,
    listing_exchange=TEXT,
    service_data_type=TEXT,
    agg_group=INT_NEVER_EMPTY,
)

FORMATS = (
    client(
        10,
        ReqMktDepth,
        *of(req_id=INT),
        *CONTRACT_12,
        version=5,
        groups=IN_CONTRACT,
        rows=INT,
        is_smart_depth=BOOL,
        options=OPTIONS,
    ),
    client(11, CancelMktDepth, version=1, req_id=INT, is_smart_depth=BOOL),
    server(
        12,
        MarketDepth,
        version=1,
        req_id=INT,
        position=INT,
        operation=INT,
        side=INT,
        price=REAL_OPT,
        size=SIZE,
    ),
    server(
        13,
        MarketDepthL2,
        version=1,
        req_id=INT,
        position=INT,
        market_maker=TEXT,
        operation=INT,
        side=INT,
        price=REAL_OPT,
        size=SIZE,
        is_smart_depth=BOOL,
    ),
    client(82, ReqMktDepthExchanges),
    server(80, MktDepthExchanges, exchanges=many(DEPTH_EXCHANGE)),
    client(83, ReqSmartComponents, req_id=INT, bbo_exchange=TEXT),
    server(
        82,
        SmartComponents,
        req_id=INT,
        components=many(struct(SmartComponent, bit_number=INT_ZERO, exchange=TEXT, exchange_letter=TEXT)),
    ),
)
