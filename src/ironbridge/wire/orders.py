"""The short messages about orders: cancel, ask, status, ends, executions and commissions, exercise."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ironbridge.wire.contract import CONTRACT_11, IN_CONTRACT, Contract
from ironbridge.wire.fields import (
    BOOL,
    BOOL_OPT,
    DECIMAL,
    DECIMAL_NEVER_EMPTY,
    DECIMAL_OPT,
    INT,
    INT_OPT,
    INT_ZERO,
    LONG_OPT,
    TEXT,
)
from ironbridge.wire.layout import Step, many, of, since
from ironbridge.wire.order import SoftDollarTier
from ironbridge.wire.order_fields import TIER_3
from ironbridge.wire.text import client, server
from ironbridge.wire.values import Flag, Money, Whole


@dataclass(frozen=True, slots=True)
class CancelOrder:
    order_id: int
    manual_order_cancel_time: str = ""


@dataclass(frozen=True, slots=True)
class ReqGlobalCancel:
    pass


@dataclass(frozen=True, slots=True)
class ReqOpenOrders:
    pass


@dataclass(frozen=True, slots=True)
class ReqAllOpenOrders:
    pass


@dataclass(frozen=True, slots=True)
class ReqAutoOpenOrders:
    auto_bind: bool


@dataclass(frozen=True, slots=True)
class OpenOrderEnd:
    pass


@dataclass(frozen=True, slots=True)
class OrderStatus:
    order_id: int
    status: str
    filled: Decimal
    remaining: Decimal
    avg_fill_price: Money = None
    perm_id: Whole = None
    parent_id: Whole = None
    last_fill_price: Money = None
    client_id: Whole = None
    why_held: str = ""
    mkt_cap_price: Money = None


@dataclass(frozen=True, slots=True)
class OrderBound:
    order_id: Whole
    api_client_id: int
    api_order_id: int


@dataclass(frozen=True, slots=True)
class ReqCompletedOrders:
    api_only: bool


@dataclass(frozen=True, slots=True)
class CompletedOrdersEnd:
    pass


@dataclass(frozen=True, slots=True)
class ReqExecutions:
    """Executions that match every filled field. `time` is `yyyymmdd hh:mm:ss` with an optional zone."""

    req_id: int
    client_id: int = 0
    account: str = ""
    time: str = ""
    symbol: str = ""
    sec_type: str = ""
    exchange: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill. `side` is BOT or SLD; `time` is the wire's text, with a zone from version 174 on."""

    exec_id: str
    time: str
    account: str
    exchange: str
    side: str
    shares: Decimal
    price: Decimal
    perm_id: Whole = None
    client_id: Whole = None
    liquidation: Whole = None
    cum_qty: Money = None
    avg_price: Money = None
    order_ref: str = ""
    ev_rule: str = ""
    ev_multiplier: Money = None
    model_code: str = ""
    last_liquidity: Whole = None
    pending_price_revision: Flag = None


@dataclass(frozen=True, slots=True)
class ExecDetails:
    """An execution. `req_id` is -1 where nobody asked."""

    req_id: int
    order_id: int
    contract: Contract
    execution: Execution


@dataclass(frozen=True, slots=True)
class ExecDetailsEnd:
    req_id: int


@dataclass(frozen=True, slots=True)
class CommissionReport:
    exec_id: str
    commission: Money = None
    currency: str = ""
    realized_pnl: Money = None
    yield_: Money = None
    yield_redemption_date: Whole = None


@dataclass(frozen=True, slots=True)
class ExerciseOptions:
    """Exercise (1) or let lapse (2)."""

    req_id: int
    contract: Contract
    exercise_action: int
    exercise_quantity: int
    account: str = ""
    override: int = 0


@dataclass(frozen=True, slots=True)
class ReqSoftDollarTiers:
    req_id: int


@dataclass(frozen=True, slots=True)
class SoftDollarTiers:
    req_id: int
    tiers: tuple[SoftDollarTier, ...] = ()


IN_EXECUTION = {"contract": Contract, "execution": Execution}

EXECUTION_FIELDS: tuple[Step, ...] = (
    *of("execution", exec_id=TEXT, time=TEXT, account=TEXT, exchange=TEXT, side=TEXT, shares=DECIMAL),
    *of("execution", price=DECIMAL, perm_id=LONG_OPT, client_id=INT_OPT, liquidation=INT_OPT),
    *of("execution", cum_qty=DECIMAL_OPT, avg_price=DECIMAL_OPT, order_ref=TEXT, ev_rule=TEXT),
    *of("execution", ev_multiplier=DECIMAL_OPT, model_code=TEXT, last_liquidity=INT_OPT),
    since(178, *of("execution", pending_price_revision=BOOL_OPT)),
)

FORMATS = (
    client(4, CancelOrder, *of(order_id=INT), since(169, *of(manual_order_cancel_time=TEXT)), version=1),
    client(58, ReqGlobalCancel, version=1),
    client(5, ReqOpenOrders, version=1),
    client(16, ReqAllOpenOrders, version=1),
    client(15, ReqAutoOpenOrders, version=1, auto_bind=BOOL),
    server(53, OpenOrderEnd, version=1),
    server(
        3,
        OrderStatus,
        order_id=INT,
        status=TEXT,
        filled=DECIMAL,
        remaining=DECIMAL,
        avg_fill_price=DECIMAL_OPT,
        perm_id=LONG_OPT,
        parent_id=INT_OPT,
        last_fill_price=DECIMAL_OPT,
        client_id=INT_OPT,
        why_held=TEXT,
        mkt_cap_price=DECIMAL_OPT,
    ),
    server(100, OrderBound, order_id=LONG_OPT, api_client_id=INT_ZERO, api_order_id=INT_ZERO),
    client(99, ReqCompletedOrders, api_only=BOOL),
    server(102, CompletedOrdersEnd),
    client(
        7,
        ReqExecutions,
        version=3,
        req_id=INT,
        client_id=INT_ZERO,
        account=TEXT,
        time=TEXT,
        symbol=TEXT,
        sec_type=TEXT,
        exchange=TEXT,
        side=TEXT,
    ),
    server(11, ExecDetails, *of(req_id=INT, order_id=INT), *CONTRACT_11, *EXECUTION_FIELDS, groups=IN_EXECUTION),
    server(55, ExecDetailsEnd, version=1, req_id=INT),
    server(
        59,
        CommissionReport,
        version=1,
        exec_id=TEXT,
        commission=DECIMAL_OPT,
        currency=TEXT,
        realized_pnl=DECIMAL_NEVER_EMPTY,
        yield_=DECIMAL_NEVER_EMPTY,
        yield_redemption_date=INT_OPT,
    ),
    client(
        21,
        ExerciseOptions,
        *of(req_id=INT),
        *CONTRACT_11,
        version=2,
        groups=IN_CONTRACT,
        exercise_action=INT,
        exercise_quantity=INT,
        account=TEXT,
        override=INT_ZERO,
    ),
    client(79, ReqSoftDollarTiers, req_id=INT),
    server(77, SoftDollarTiers, req_id=INT, tiers=many(TIER_3)),
)
