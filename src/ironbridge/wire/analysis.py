"""Computed and collected knowledge: option calculations on request, fundamental data, corporate events.

The option list that ends some of these requests is preceded by its length in some clients (ib_async and the 9.x
line of official ones) and not in others. Both are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ironbridge.wire.contract import CONTRACT_12, IN_CONTRACT, Contract
from ironbridge.wire.cursor import COUNT, Reader, Writer
from ironbridge.wire.fields import BOOL, INT, INT_OPT, INT_ZERO, OPTIONS, REAL, TEXT
from ironbridge.wire.layout import of, since
from ironbridge.wire.text import client, server
from ironbridge.wire.values import TagValue, Whole


@dataclass(frozen=True, slots=True)
class CalculateImpliedVolatility:
    req_id: int
    contract: Contract
    option_price: float
    underlying_price: float
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelCalculateImpliedVolatility:
    req_id: int


@dataclass(frozen=True, slots=True)
class CalculateOptionPrice:
    req_id: int
    contract: Contract
    volatility: float
    underlying_price: float
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelCalculateOptionPrice:
    req_id: int


@dataclass(frozen=True, slots=True)
class ReqFundamentalData:
    req_id: int
    contract: Contract
    report_type: str
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelFundamentalData:
    req_id: int


@dataclass(frozen=True, slots=True)
class FundamentalData:
    req_id: int
    xml: str


@dataclass(frozen=True, slots=True)
class ReqWshMetaData:
    req_id: int


@dataclass(frozen=True, slots=True)
class CancelWshMetaData:
    req_id: int


@dataclass(frozen=True, slots=True)
class WshMetaData:
    req_id: int
    json: str


@dataclass(frozen=True, slots=True)
class ReqWshEventData:
    """Corporate events of one contract, or by filter from version 171 on, between dates from 173 on."""

    req_id: int
    con_id: Whole = None
    filter: str = ""
    fill_watchlist: bool = False
    fill_portfolio: bool = False
    fill_competitors: bool = False
    start_date: str = ""
    end_date: str = ""
    total_limit: Whole = None


@dataclass(frozen=True, slots=True)
class CancelWshEventData:
    req_id: int


@dataclass(frozen=True, slots=True)
class WshEventData:
    req_id: int
    json: str


@dataclass(frozen=True, slots=True)
class LastOptions:
    """An option list that ends a message, with or without its length before it."""

    writes_count: bool
    fewest: int = 1

    def at(self, version: int) -> LastOptions:  # noqa: ARG002  the kind's shape
        return self

    def read(self, reader: Reader, name: str) -> Any:
        if reader.remaining > 1:
            reader.take(f"count of {name}", COUNT)
        return reader.take(name, OPTIONS)

    def write(self, writer: Writer, name: str, value: Any) -> None:
        if self.writes_count:
            writer.fields.append(str(len(value)))
        writer.put(name, OPTIONS, value)


FUNDAMENTAL_CONTRACT = of(
    "contract",
    con_id=INT_ZERO,
    symbol=TEXT,
    sec_type=TEXT,
    exchange=TEXT,
    primary_exchange=TEXT,
    currency=TEXT,
    local_symbol=TEXT,
)

FORMATS = (
    client(
        54,
        CalculateImpliedVolatility,
        *of(req_id=INT),
        *CONTRACT_12,
        version=3,
        groups=IN_CONTRACT,
        option_price=REAL,
        underlying_price=REAL,
        options=LastOptions(writes_count=False),
    ),
    client(56, CancelCalculateImpliedVolatility, version=1, req_id=INT),
    client(
        55,
        CalculateOptionPrice,
        *of(req_id=INT),
        *CONTRACT_12,
        version=3,
        groups=IN_CONTRACT,
        volatility=REAL,
        underlying_price=REAL,
        options=LastOptions(writes_count=False),
    ),
    client(57, CancelCalculateOptionPrice, version=1, req_id=INT),
    client(
        52,
        ReqFundamentalData,
        *of(req_id=INT),
        *FUNDAMENTAL_CONTRACT,
        version=2,
        groups=IN_CONTRACT,
        report_type=TEXT,
        options=LastOptions(writes_count=True),
    ),
    client(53, CancelFundamentalData, version=1, req_id=INT),
    server(51, FundamentalData, version=1, req_id=INT, xml=TEXT),
    client(100, ReqWshMetaData, first_version=161, req_id=INT),
    client(101, CancelWshMetaData, first_version=161, req_id=INT),
    server(104, WshMetaData, first_version=161, req_id=INT, json=TEXT),
    client(
        102,
        ReqWshEventData,
        *of(req_id=INT, con_id=INT_OPT),
        since(171, *of(filter=TEXT, fill_watchlist=BOOL, fill_portfolio=BOOL, fill_competitors=BOOL)),
        since(173, *of(start_date=TEXT, end_date=TEXT, total_limit=INT_OPT)),
        first_version=161,
    ),
    client(103, CancelWshEventData, first_version=161, req_id=INT),
    server(105, WshEventData, first_version=161, req_id=INT, json=TEXT),
)
