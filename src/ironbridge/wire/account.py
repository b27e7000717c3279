"""Accounts: values, portfolio, positions, summaries, profit and loss, advisor groups."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ironbridge.wire.contract import CONTRACT_11, IN_CONTRACT, Contract
from ironbridge.wire.fields import (
    BOOL,
    DECIMAL,
    DECIMAL_NEVER_EMPTY,
    DECIMAL_OPT,
    INT,
    INT_ZERO,
    QUANTITY,
    TEXT,
)
from ironbridge.wire.layout import many, of, since, struct
from ironbridge.wire.text import client, server
from ironbridge.wire.values import Money


@dataclass(frozen=True, slots=True)
class ReqAccountUpdates:
    """Begin or end the one account subscription of a session."""

    subscribe: bool
    account: str = ""


@dataclass(frozen=True, slots=True)
class AccountValue:
    """One value of an account. IB sends numbers, words and times under many keys, so `value` stays text."""

    key: str
    value: str
    currency: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class PortfolioValue:
    contract: Contract
    position: Decimal
    market_price: Money
    market_value: Money
    average_cost: Money
    unrealized_pnl: Money
    realized_pnl: Money
    account: str


@dataclass(frozen=True, slots=True)
class AccountUpdateTime:
    """`HH:MM` in the gateway's own zone."""

    time: str


@dataclass(frozen=True, slots=True)
class AccountDownloadEnd:
    account: str


@dataclass(frozen=True, slots=True)
class ReqPositions:
    pass


@dataclass(frozen=True, slots=True)
class CancelPositions:
    pass


@dataclass(frozen=True, slots=True)
class Position:
    account: str
    contract: Contract
    position: Decimal
    avg_cost: Money = None


@dataclass(frozen=True, slots=True)
class PositionEnd:
    pass


@dataclass(frozen=True, slots=True)
class ReqAccountSummary:
    """`tags` are separated by commas."""

    req_id: int
    group: str
    tags: str


@dataclass(frozen=True, slots=True)
class CancelAccountSummary:
    req_id: int


@dataclass(frozen=True, slots=True)
class AccountSummary:
    req_id: int
    account: str
    tag: str
    value: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class AccountSummaryEnd:
    req_id: int


@dataclass(frozen=True, slots=True)
class ReqPositionsMulti:
    req_id: int
    account: str = ""
    model_code: str = ""


@dataclass(frozen=True, slots=True)
class CancelPositionsMulti:
    req_id: int


@dataclass(frozen=True, slots=True)
class PositionMulti:
    req_id: int
    account: str
    contract: Contract
    position: Decimal
    avg_cost: Money = None
    model_code: str = ""


@dataclass(frozen=True, slots=True)
class PositionMultiEnd:
    req_id: int


@dataclass(frozen=True, slots=True)
class ReqAccountUpdatesMulti:
    req_id: int
    account: str = ""
    model_code: str = ""
    ledger_and_nlv: bool = False


@dataclass(frozen=True, slots=True)
class CancelAccountUpdatesMulti:
    req_id: int


@dataclass(frozen=True, slots=True)
class AccountUpdateMulti:
    req_id: int
    account: str
    model_code: str
    key: str
    value: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class AccountUpdateMultiEnd:
    req_id: int


@dataclass(frozen=True, slots=True)
class ReqPnl:
    req_id: int
    account: str
    model_code: str = ""


@dataclass(frozen=True, slots=True)
class CancelPnl:
    req_id: int


@dataclass(frozen=True, slots=True)
class Pnl:
    req_id: int
    daily: Money = None
    unrealized: Money = None
    realized: Money = None


@dataclass(frozen=True, slots=True)
class ReqPnlSingle:
    req_id: int
    account: str
    model_code: str = ""
    con_id: int = 0


@dataclass(frozen=True, slots=True)
class CancelPnlSingle:
    req_id: int


@dataclass(frozen=True, slots=True)
class PnlSingle:
    req_id: int
    position: Money = None
    daily: Money = None
    unrealized: Money = None
    realized: Money = None
    value: Money = None


@dataclass(frozen=True, slots=True)
class RequestFa:
    """Ask for an advisor's configuration: 1 groups, 2 profiles (below 177), 3 aliases."""

    data_type: int


@dataclass(frozen=True, slots=True)
class ReceiveFa:
    data_type: int
    xml: str


@dataclass(frozen=True, slots=True)
class ReplaceFa:
    data_type: int
    xml: str
    req_id: int = 0


@dataclass(frozen=True, slots=True)
class ReplaceFaEnd:
    req_id: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReqFamilyCodes:
    pass


@dataclass(frozen=True, slots=True)
class FamilyCode:
    account: str
    family_code: str


@dataclass(frozen=True, slots=True)
class FamilyCodes:
    codes: tuple[FamilyCode, ...] = ()


PORTFOLIO_CONTRACT = of(
    "contract",
    con_id=INT_ZERO,
    symbol=TEXT,
    sec_type=TEXT,
    last_trade_date_or_contract_month=TEXT,
    strike=DECIMAL_OPT,
    right=TEXT,
    multiplier=TEXT,
    primary_exchange=TEXT,
    currency=TEXT,
    local_symbol=TEXT,
    trading_class=TEXT,
)

FORMATS = (
    client(6, ReqAccountUpdates, version=2, subscribe=BOOL, account=TEXT),
    server(6, AccountValue, version=2, key=TEXT, value=TEXT, currency=TEXT, account=TEXT),
    server(
        7,
        PortfolioValue,
        *PORTFOLIO_CONTRACT,
        version=8,
        groups=IN_CONTRACT,
        position=DECIMAL,
        market_price=DECIMAL_NEVER_EMPTY,
        market_value=DECIMAL_NEVER_EMPTY,
        average_cost=DECIMAL_NEVER_EMPTY,
        unrealized_pnl=DECIMAL_NEVER_EMPTY,
        realized_pnl=DECIMAL_NEVER_EMPTY,
        account=TEXT,
    ),
    server(8, AccountUpdateTime, version=1, time=TEXT),
    server(54, AccountDownloadEnd, version=1, account=TEXT),
    client(61, ReqPositions, version=1),
    client(64, CancelPositions, version=1),
    server(
        61,
        Position,
        *of(account=TEXT),
        *CONTRACT_11,
        version=3,
        groups=IN_CONTRACT,
        position=DECIMAL,
        avg_cost=DECIMAL_OPT,
    ),
    server(62, PositionEnd, version=1),
    client(62, ReqAccountSummary, version=1, req_id=INT, group=TEXT, tags=TEXT),
    client(63, CancelAccountSummary, version=1, req_id=INT),
    server(63, AccountSummary, version=1, req_id=INT, account=TEXT, tag=TEXT, value=TEXT, currency=TEXT),
    server(64, AccountSummaryEnd, version=1, req_id=INT),
    client(74, ReqPositionsMulti, version=1, req_id=INT, account=TEXT, model_code=TEXT),
    client(75, CancelPositionsMulti, version=1, req_id=INT),
    server(
        71,
        PositionMulti,
        *of(req_id=INT, account=TEXT),
        *CONTRACT_11,
        version=1,
        groups=IN_CONTRACT,
        position=DECIMAL,
        avg_cost=DECIMAL_OPT,
        model_code=TEXT,
    ),
    server(72, PositionMultiEnd, version=1, req_id=INT),
    client(76, ReqAccountUpdatesMulti, version=1, req_id=INT, account=TEXT, model_code=TEXT, ledger_and_nlv=BOOL),
    client(77, CancelAccountUpdatesMulti, version=1, req_id=INT),
    server(
        73,
        AccountUpdateMulti,
        version=1,
        req_id=INT,
        account=TEXT,
        model_code=TEXT,
        key=TEXT,
        value=TEXT,
        currency=TEXT,
    ),
    server(74, AccountUpdateMultiEnd, version=1, req_id=INT),
    client(92, ReqPnl, req_id=INT, account=TEXT, model_code=TEXT),
    client(93, CancelPnl, req_id=INT),
    server(
        94,
        Pnl,
        req_id=INT,
        daily=DECIMAL_NEVER_EMPTY,
        unrealized=DECIMAL_NEVER_EMPTY,
        realized=DECIMAL_NEVER_EMPTY,
    ),
    client(94, ReqPnlSingle, req_id=INT, account=TEXT, model_code=TEXT, con_id=INT_ZERO),
    client(95, CancelPnlSingle, req_id=INT),
    server(
        95,
        PnlSingle,
        req_id=INT,
        position=QUANTITY,
        daily=DECIMAL_NEVER_EMPTY,
        unrealized=DECIMAL_NEVER_EMPTY,
        realized=DECIMAL_NEVER_EMPTY,
        value=DECIMAL_NEVER_EMPTY,
    ),
    client(18, RequestFa, version=1, data_type=INT),
    server(16, ReceiveFa, version=1, data_type=INT, xml=TEXT),
    client(19, ReplaceFa, *of(data_type=INT, xml=TEXT), since(157, *of(req_id=INT_ZERO)), version=1),
    server(103, ReplaceFaEnd, req_id=INT, text=TEXT),
    client(80, ReqFamilyCodes),
    server(78, FamilyCodes, codes=many(struct(FamilyCode, account=TEXT, family_code=TEXT))),
)
