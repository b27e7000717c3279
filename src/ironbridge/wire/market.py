"""Live prices: subscriptions, ticks of every kind, depth, tick-by-tick, five-second bars, option computations.

Prices and sizes are floats here: this is the tick path. A size is written without a fraction to clients that read
it with int(), which is every one below version 163.
"""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.contract import CONTRACT_12, DATA_LEGS, DELTA_NEUTRAL, IN_CONTRACT, Contract
from ironbridge.wire.fields import (
    BOOL,
    INT,
    INT_ZERO,
    MODEL_GREEK,
    MODEL_PRICE,
    OPTIONS,
    REAL_OPT,
    SIZE,
    TEXT,
)
from ironbridge.wire.layout import Fixed, of, since, until
from ironbridge.wire.text import client, server
from ironbridge.wire.values import Real, TagValue


@dataclass(frozen=True, slots=True)
class ReqMktData:
    """`generic_ticks` are numbers separated by commas."""

    req_id: int
    contract: Contract
    generic_ticks: str = ""
    snapshot: bool = False
    regulatory_snapshot: bool = False
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelMktData:
    req_id: int


@dataclass(frozen=True, slots=True)
class ReqMarketDataType:
    """1 live, 2 frozen, 3 delayed, 4 delayed frozen."""

    market_data_type: int


@dataclass(frozen=True, slots=True)
class MarketDataType:
    req_id: int
    market_data_type: int


@dataclass(frozen=True, slots=True)
class TickPrice:
    """A price with the size that belongs to it. `attributes`: 1 can auto-execute, 2 past limit, 4 pre-open."""

    req_id: int
    tick_type: int
    price: Real
    size: Real = None
    attributes: int = 0


@dataclass(frozen=True, slots=True)
class TickSize:
    req_id: int
    tick_type: int
    size: Real


@dataclass(frozen=True, slots=True)
class TickGeneric:
    req_id: int
    tick_type: int
    value: Real


@dataclass(frozen=True, slots=True)
class TickString:
    req_id: int
    tick_type: int
    value: str


@dataclass(frozen=True, slots=True)
class TickEfp:
    req_id: int
    tick_type: int
    basis_points: Real
    formatted_basis_points: str
    total_dividends: Real
    hold_days: int
    future_last_trade_date: str
    dividend_impact: Real
    dividends_to_last_trade_date: Real


@dataclass(frozen=True, slots=True)
class TickOptionComputation:
    """What the model says. None is "not computed"."""

    req_id: int
    tick_type: int
    tick_attribute: int = 0
    implied_volatility: Real = None
    delta: Real = None
    option_price: Real = None
    pv_dividend: Real = None
    gamma: Real = None
    vega: Real = None
    theta: Real = None
    underlying_price: Real = None


@dataclass(frozen=True, slots=True)
class TickReqParams:
    req_id: int
    min_tick: Real
    bbo_exchange: str = ""
    snapshot_permissions: int = 0


@dataclass(frozen=True, slots=True)
class TickSnapshotEnd:
    req_id: int


@dataclass(frozen=True, slots=True)
class RerouteMktData:
    """Ask again for this contract: the one asked for has no data of its own."""

    req_id: int
    con_id: int
    exchange: str


@dataclass(frozen=True, slots=True)
class RerouteMktDepth:
    req_id: int
    con_id: int
    exchange: str


FORMATS = (
    client(
        1,
        ReqMktData,
        *of(req_id=INT),
        *CONTRACT_12,
        DATA_LEGS,
        *of("contract", delta_neutral_contract=DELTA_NEUTRAL),
        version=11,
        groups=IN_CONTRACT,
        generic_ticks=TEXT,
        snapshot=BOOL,
        regulatory_snapshot=BOOL,
        options=OPTIONS,
    ),
    client(2, CancelMktData, version=2, req_id=INT),
    client(59, ReqMarketDataType, version=1, market_data_type=INT),
    server(58, MarketDataType, version=1, req_id=INT, market_data_type=INT),
    server(1, TickPrice, version=6, req_id=INT, tick_type=INT, price=REAL_OPT, size=SIZE, attributes=INT_ZERO),
    server(2, TickSize, version=6, req_id=INT, tick_type=INT, size=SIZE),
    server(45, TickGeneric, version=6, req_id=INT, tick_type=INT, value=REAL_OPT),
    server(46, TickString, version=6, req_id=INT, tick_type=INT, value=TEXT),
    server(
        47,
        TickEfp,
        version=6,
        req_id=INT,
        tick_type=INT,
        basis_points=REAL_OPT,
        formatted_basis_points=TEXT,
        total_dividends=REAL_OPT,
        hold_days=INT_ZERO,
        future_last_trade_date=TEXT,
        dividend_impact=REAL_OPT,
        dividends_to_last_trade_date=REAL_OPT,
    ),
    server(
        21,
        TickOptionComputation,
        until(156, Fixed("6")),
        *of(req_id=INT, tick_type=INT),
        since(156, *of(tick_attribute=INT_ZERO)),
        implied_volatility=MODEL_PRICE,
        delta=MODEL_GREEK,
        option_price=MODEL_PRICE,
        pv_dividend=MODEL_PRICE,
        gamma=MODEL_GREEK,
        vega=MODEL_GREEK,
        theta=MODEL_GREEK,
        underlying_price=MODEL_PRICE,
    ),
    server(81, TickReqParams, req_id=INT, min_tick=REAL_OPT, bbo_exchange=TEXT, snapshot_permissions=INT_ZERO),
    server(57, TickSnapshotEnd, version=1, req_id=INT),
    server(91, RerouteMktData, req_id=INT, con_id=INT_ZERO, exchange=TEXT),
    server(92, RerouteMktDepth, req_id=INT, con_id=INT_ZERO, exchange=TEXT),
)
