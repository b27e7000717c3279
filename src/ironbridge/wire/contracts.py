"""What is asked and said about contracts: details, option chains, symbols, market rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ironbridge.wire.contract import (
    CONTRACT_12,
    DELTA_NEUTRAL_FIELDS,
    IN_CONTRACT,
    INCLUDE_EXPIRED,
    TAG_VALUE,
    Contract,
    DeltaNeutralContract,
)
from ironbridge.wire.fields import (
    BOOL,
    DECIMAL,
    DECIMAL_OPT,
    ESCAPED_TEXT,
    INT,
    INT_OPT,
    INT_ZERO,
    QUANTITY,
    TEXT,
)
from ironbridge.wire.layout import Fixed, Step, many, of, since, struct, until
from ironbridge.wire.text import client, server
from ironbridge.wire.values import Money, TagValue, Whole


@dataclass(frozen=True, slots=True)
class ReqContractDetails:
    req_id: int
    contract: Contract


@dataclass(frozen=True, slots=True)
class ContractDetails:
    """What IB knows of an instrument.

    `last_trade` is the raw text of the wire: a date, with time and zone after it where IB sends them.
    """

    market_name: str = ""
    min_tick: Money = None
    order_types: str = ""
    valid_exchanges: str = ""
    price_magnifier: Whole = None
    under_con_id: Whole = None
    long_name: str = ""
    contract_month: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    time_zone_id: str = ""
    trading_hours: str = ""
    liquid_hours: str = ""
    ev_rule: str = ""
    ev_multiplier: Whole = None
    md_size_multiplier: Whole = 1
    sec_id_list: tuple[TagValue, ...] = ()
    agg_group: Whole = None
    under_symbol: str = ""
    under_sec_type: str = ""
    market_rule_ids: str = ""
    real_expiration_date: str = ""
    stock_type: str = ""
    min_size: Money = None
    size_increment: Money = None
    suggested_size_increment: Money = None


@dataclass(frozen=True, slots=True)
class BondDetails:
    """The same for a bond. `maturity` is the raw text of the wire, time and zone included."""

    cusip: str = ""
    coupon: Money = None
    maturity: str = ""
    issue_date: str = ""
    ratings: str = ""
    bond_type: str = ""
    coupon_type: str = ""
    convertible: bool = False
    callable: bool = False
    putable: bool = False
    desc_append: str = ""
    market_name: str = ""
    min_tick: Money = None
    md_size_multiplier: Whole = 1
    order_types: str = ""
    valid_exchanges: str = ""
    next_option_date: str = ""
    next_option_type: str = ""
    next_option_partial: bool = False
    notes: str = ""
    long_name: str = ""
    ev_rule: str = ""
    ev_multiplier: Whole = None
    sec_id_list: tuple[TagValue, ...] = ()
    agg_group: Whole = None
    market_rule_ids: str = ""
    min_size: Money = None
    size_increment: Money = None
    suggested_size_increment: Money = None


@dataclass(frozen=True, slots=True)
class ContractData:
    req_id: int
    contract: Contract
    details: ContractDetails = field(default_factory=ContractDetails)


@dataclass(frozen=True, slots=True)
class BondContractData:
    req_id: int
    contract: Contract
    details: BondDetails = field(default_factory=BondDetails)


@dataclass(frozen=True, slots=True)
class ContractDataEnd:
    req_id: int


@dataclass(frozen=True, slots=True)
class ReqSecDefOptParams:
    req_id: int
    underlying_symbol: str
    fut_fop_exchange: str = ""
    underlying_sec_type: str = ""
    underlying_con_id: int = 0


@dataclass(frozen=True, slots=True)
class SecDefOptParams:
    """Expirations and strikes of one exchange and trading class."""

    req_id: int
    exchange: str
    underlying_con_id: int
    trading_class: str
    multiplier: str
    expirations: tuple[str, ...] = ()
    strikes: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class SecDefOptParamsEnd:
    req_id: int


@dataclass(frozen=True, slots=True)
class ReqMatchingSymbols:
    req_id: int
    pattern: str


@dataclass(frozen=True, slots=True)
class SymbolSample:
    con_id: int
    symbol: str
    sec_type: str
    primary_exchange: str
    currency: str
    derivative_sec_types: tuple[str, ...] = ()
    description: str = ""
    issuer_id: str = ""


@dataclass(frozen=True, slots=True)
class SymbolSamples:
    req_id: int
    samples: tuple[SymbolSample, ...] = ()


@dataclass(frozen=True, slots=True)
class ReqMarketRule:
    market_rule_id: int


@dataclass(frozen=True, slots=True)
class PriceIncrement:
    low_edge: Decimal
    increment: Decimal


@dataclass(frozen=True, slots=True)
class MarketRule:
    market_rule_id: int
    increments: tuple[PriceIncrement, ...] = ()


@dataclass(frozen=True, slots=True)
class DeltaNeutralValidation:
    req_id: int
    contract: DeltaNeutralContract


_SIZE_RULES = since(164, *of("details", min_size=QUANTITY, size_increment=QUANTITY, suggested_size_increment=QUANTITY))
_MD_SIZE_MULTIPLIER = until(164, *of("details", md_size_multiplier=INT_OPT))

IN_DETAILS = {"contract": Contract, "details": ContractDetails}
IN_BOND = {"contract": Contract, "details": BondDetails}

CONTRACT_DATA: tuple[Step, ...] = (
    until(164, Fixed("8")),
    *of(req_id=INT),
    *of("contract", symbol=TEXT, sec_type=TEXT, last_trade_date_or_contract_month=TEXT),
    *of("contract", strike=DECIMAL_OPT, right=TEXT, exchange=TEXT, currency=TEXT, local_symbol=TEXT),
    *of("details", market_name=TEXT),
    *of("contract", trading_class=TEXT, con_id=INT_ZERO),
    *of("details", min_tick=DECIMAL_OPT),
    _MD_SIZE_MULTIPLIER,
    *of("contract", multiplier=TEXT),
    *of("details", order_types=TEXT, valid_exchanges=TEXT, price_magnifier=INT_OPT, under_con_id=INT_OPT),
    *of("details", long_name=ESCAPED_TEXT),
    *of("contract", primary_exchange=TEXT),
    *of("details", contract_month=TEXT, industry=TEXT, category=TEXT, subcategory=TEXT, time_zone_id=TEXT),
    *of("details", trading_hours=TEXT, liquid_hours=TEXT, ev_rule=TEXT, ev_multiplier=INT_OPT),
    *of("details", sec_id_list=many(TAG_VALUE), agg_group=INT_OPT),
    *of("details", under_symbol=TEXT, under_sec_type=TEXT, market_rule_ids=TEXT, real_expiration_date=TEXT),
    since(152, *of("details", stock_type=TEXT)),
    since(163, until(164, *of("details", suggested_size_increment=DECIMAL_OPT))),
    _SIZE_RULES,
)

BOND_CONTRACT_DATA: tuple[Step, ...] = (
    until(164, Fixed("6")),
    *of(req_id=INT),
    *of("contract", symbol=TEXT, sec_type=TEXT),
    *of("details", cusip=TEXT, coupon=DECIMAL_OPT, maturity=TEXT, issue_date=TEXT, ratings=TEXT, bond_type=TEXT),
    *of("details", coupon_type=TEXT, convertible=BOOL, callable=BOOL, putable=BOOL, desc_append=TEXT),
    *of("contract", exchange=TEXT, currency=TEXT),
    *of("details", market_name=TEXT),
    *of("contract", trading_class=TEXT, con_id=INT_ZERO),
    *of("details", min_tick=DECIMAL_OPT),
    _MD_SIZE_MULTIPLIER,
    *of("details", order_types=TEXT, valid_exchanges=TEXT, next_option_date=TEXT, next_option_type=TEXT),
    *of("details", next_option_partial=BOOL, notes=TEXT, long_name=TEXT, ev_rule=TEXT, ev_multiplier=INT_OPT),
    *of("details", sec_id_list=many(TAG_VALUE), agg_group=INT_OPT, market_rule_ids=TEXT),
    _SIZE_RULES,
)

SYMBOL_SAMPLE = struct(
    SymbolSample,
    *of(con_id=INT_ZERO, symbol=TEXT, sec_type=TEXT, primary_exchange=TEXT, currency=TEXT),
    *of(derivative_sec_types=many(TEXT)),
    since(176, *of(description=TEXT, issuer_id=TEXT)),
)

FORMATS = (
    client(
        9,
        ReqContractDetails,
        *of(req_id=INT),
        *CONTRACT_12,
        *INCLUDE_EXPIRED,
        *of("contract", sec_id_type=TEXT, sec_id=TEXT),
        since(176, *of("contract", issuer_id=TEXT)),
        version=8,
        groups=IN_CONTRACT,
    ),
    server(10, ContractData, *CONTRACT_DATA, groups=IN_DETAILS),
    server(18, BondContractData, *BOND_CONTRACT_DATA, groups=IN_BOND),
    server(52, ContractDataEnd, version=1, req_id=INT),
    client(
        78,
        ReqSecDefOptParams,
        req_id=INT,
        underlying_symbol=TEXT,
        fut_fop_exchange=TEXT,
        underlying_sec_type=TEXT,
        underlying_con_id=INT_ZERO,
    ),
    server(
        75,
        SecDefOptParams,
        req_id=INT,
        exchange=TEXT,
        underlying_con_id=INT_ZERO,
        trading_class=TEXT,
        multiplier=TEXT,
        expirations=many(TEXT),
        strikes=many(DECIMAL),
    ),
    server(76, SecDefOptParamsEnd, req_id=INT),
    client(81, ReqMatchingSymbols, req_id=INT, pattern=TEXT),
    server(79, SymbolSamples, req_id=INT, samples=many(SYMBOL_SAMPLE)),
    client(91, ReqMarketRule, market_rule_id=INT),
    server(
        93,
        MarketRule,
        market_rule_id=INT,
        increments=many(struct(PriceIncrement, low_edge=DECIMAL, increment=DECIMAL)),
    ),
    server(56, DeltaNeutralValidation, version=1, req_id=INT, contract=DELTA_NEUTRAL_FIELDS),
)
