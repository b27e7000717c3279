"""Market scanners: the description of what can be scanned, a subscription, its ranked answer."""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.contract import IN_CONTRACT, Contract
from ironbridge.wire.fields import BOOL, DECIMAL_OPT, INT, INT_OPT, INT_ZERO, OPTIONS, REAL_OPT, TEXT
from ironbridge.wire.layout import many, of, struct
from ironbridge.wire.text import client, server
from ironbridge.wire.values import Real, TagValue, Whole


@dataclass(frozen=True, slots=True)
class ScannerSubscription:
    """What to look for. `number_of_rows` -1 leaves the number to IB."""

    instrument: str
    location_code: str
    scan_code: str
    number_of_rows: Whole = -1
    above_price: Real = None
    below_price: Real = None
    above_volume: Whole = None
    market_cap_above: Real = None
    market_cap_below: Real = None
    moody_rating_above: str = ""
    moody_rating_below: str = ""
    sp_rating_above: str = ""
    sp_rating_below: str = ""
    maturity_date_above: str = ""
    maturity_date_below: str = ""
    coupon_rate_above: Real = None
    coupon_rate_below: Real = None
    exclude_convertible: bool = False
    average_option_volume_above: Whole = None
    scanner_setting_pairs: str = ""
    stock_type_filter: str = ""


@dataclass(frozen=True, slots=True)
class ReqScannerSubscription:
    req_id: int
    subscription: ScannerSubscription
    filter_options: tuple[TagValue, ...] = ()
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelScannerSubscription:
    req_id: int


@dataclass(frozen=True, slots=True)
class ReqScannerParameters:
    pass


@dataclass(frozen=True, slots=True)
class ScannerParameters:
    xml: str


@dataclass(frozen=True, slots=True)
class ScannerRow:
    rank: int
    contract: Contract
    market_name: str = ""
    distance: str = ""
    benchmark: str = ""
    projection: str = ""
    legs: str = ""


@dataclass(frozen=True, slots=True)
class ScannerData:
    req_id: int
    rows: tuple[ScannerRow, ...] = ()


SUBSCRIPTION = struct(
    ScannerSubscription,
    number_of_rows=INT_OPT,
    instrument=TEXT,
    location_code=TEXT,
    scan_code=TEXT,
    above_price=REAL_OPT,
    below_price=REAL_OPT,
    above_volume=INT_OPT,
    market_cap_above=REAL_OPT,
    market_cap_below=REAL_OPT,
    moody_rating_above=TEXT,
    moody_rating_below=TEXT,
    sp_rating_above=TEXT,
    sp_rating_below=TEXT,
    maturity_date_above=TEXT,
    maturity_date_below=TEXT,
    coupon_rate_above=REAL_OPT,
    coupon_rate_below=REAL_OPT,
    exclude_convertible=BOOL,
    average_option_volume_above=INT_OPT,
    scanner_setting_pairs=TEXT,
    stock_type_filter=TEXT,
)

ROW = struct(
    ScannerRow,
    *of(rank=INT_ZERO),
    *of("contract", con_id=INT_ZERO, symbol=TEXT, sec_type=TEXT, last_trade_date_or_contract_month=TEXT),
    *of("contract", strike=DECIMAL_OPT, right=TEXT, exchange=TEXT, currency=TEXT, local_symbol=TEXT),
    *of(market_name=TEXT),
    *of("contract", trading_class=TEXT),
    *of(distance=TEXT, benchmark=TEXT, projection=TEXT, legs=TEXT),
    groups=IN_CONTRACT,
)

FORMATS = (
    client(
        22,
        ReqScannerSubscription,
        req_id=INT,
        subscription=SUBSCRIPTION,
        filter_options=OPTIONS,
        options=OPTIONS,
    ),
    client(23, CancelScannerSubscription, version=1, req_id=INT),
    client(24, ReqScannerParameters, version=1),
    server(19, ScannerParameters, version=1, xml=TEXT),
    server(20, ScannerData, version=3, req_id=INT, rows=many(ROW)),
)
