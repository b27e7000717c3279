"""`OpenOrder` and `CompletedOrder`: an order as the gateway shows it, alive and done.

Two layouts of one content. A completed order has no order id and no client: it is IB's record, not a session's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ironbridge.wire.contract import CONTRACT_11, Contract
from ironbridge.wire.fields import BOOL_OPT, DECIMAL_OPT, INT, INT_OPT, LONG_OPT, TEXT
from ironbridge.wire.layout import Step, of, since, until, when
from ironbridge.wire.order import Order, OrderState
from ironbridge.wire.order_fields import (
    ALGO,
    BENCH,
    CLEARING,
    COMBO,
    COMPETITION,
    CONDITIONS,
    DELTA_NEUTRAL_HEAD,
    DELTA_NEUTRAL_LONG,
    HEDGE,
    IN_OPEN_ORDER,
    SCALE,
    TIER_3,
)
from ironbridge.wire.text import server


@dataclass(frozen=True, slots=True)
class OpenOrder:
    order_id: int
    contract: Contract
    order: Order
    state: OrderState = field(default_factory=OrderState)


@dataclass(frozen=True, slots=True)
class CompletedOrder:
    contract: Contract
    order: Order
    state: OrderState = field(default_factory=OrderState)


_HEAD: tuple[Step, ...] = (
    *CONTRACT_11,
    *of("order", action=TEXT, total_quantity=DECIMAL_OPT, order_type=TEXT, lmt_price=DECIMAL_OPT),
    *of("order", aux_price=DECIMAL_OPT, tif=TEXT, oca_group=TEXT, account=TEXT, open_close=TEXT, origin=INT_OPT),
    *of("order", order_ref=TEXT),
)
_FA: tuple[Step, ...] = (
    *of("order", fa_group=TEXT, fa_method=TEXT, fa_percentage=TEXT),
    until(177, *of("order", fa_profile=TEXT)),
    *of("order", model_code=TEXT, good_till_date=TEXT, rule_80a=TEXT, percent_offset=DECIMAL_OPT),
    *of("order", settling_firm=TEXT, short_sale_slot=INT_OPT, designated_location=TEXT, exempt_code=INT_OPT),
)
_BOX: tuple[Step, ...] = of(
    "order",
    starting_price=DECIMAL_OPT,
    stock_ref_price=DECIMAL_OPT,
    delta=DECIMAL_OPT,
    stock_range_lower=DECIMAL_OPT,
    stock_range_upper=DECIMAL_OPT,
    display_size=INT_OPT,
)
_MARGIN: tuple[Step, ...] = of(
    "state",
    status=TEXT,
    init_margin_before=DECIMAL_OPT,
    maint_margin_before=DECIMAL_OPT,
    equity_with_loan_before=DECIMAL_OPT,
    init_margin_change=DECIMAL_OPT,
    maint_margin_change=DECIMAL_OPT,
    equity_with_loan_change=DECIMAL_OPT,
    init_margin_after=DECIMAL_OPT,
    maint_margin_after=DECIMAL_OPT,
    equity_with_loan_after=DECIMAL_OPT,
    commission=DECIMAL_OPT,
    min_commission=DECIMAL_OPT,
    max_commission=DECIMAL_OPT,
    commission_currency=TEXT,
    warning_text=TEXT,
)

_OPEN: tuple[Step, ...] = (
    *of(order_id=INT),
    *_HEAD,
    *of("order", client_id=INT_OPT, perm_id=LONG_OPT, outside_rth=BOOL_OPT, hidden=BOOL_OPT),
    *of("order", discretionary_amt=DECIMAL_OPT, good_after_time=TEXT, shares_allocation=TEXT),
    *_FA,
    *of("order", auction_strategy=INT_OPT),
    *_BOX,
    *of("order", block_order=BOOL_OPT, sweep_to_fill=BOOL_OPT, all_or_none=BOOL_OPT, min_qty=INT_OPT),
    *of("order", oca_type=INT_OPT, e_trade_only=BOOL_OPT, firm_quote_only=BOOL_OPT, nbbo_price_cap=DECIMAL_OPT),
    *of("order", parent_id=INT_OPT, trigger_method=INT_OPT),
    *DELTA_NEUTRAL_HEAD,
    *DELTA_NEUTRAL_LONG,
    *of("order", continuous_update=BOOL_OPT, reference_price_type=INT_OPT, trail_stop_price=DECIMAL_OPT),
    *of("order", trailing_percent=DECIMAL_OPT, basis_points=DECIMAL_OPT, basis_points_type=INT_OPT),
    *of("contract", combo_legs_descrip=TEXT),
    *COMBO,
    *SCALE,
    *HEDGE,
    *of("order", opt_out_smart_routing=BOOL_OPT),
    *CLEARING,
    *ALGO,
    *of("order", solicited=BOOL_OPT, what_if=BOOL_OPT),
    *_MARGIN,
    *of("order", randomize_size=BOOL_OPT, randomize_price=BOOL_OPT),
    *BENCH,
    *CONDITIONS,
    *of("order", adjusted_order_type=TEXT, trigger_price=DECIMAL_OPT, adjusted_trail_stop_price=DECIMAL_OPT),
    *of("order", lmt_price_offset=DECIMAL_OPT, adjusted_stop_price=DECIMAL_OPT),
    *of("order", adjusted_stop_limit_price=DECIMAL_OPT, adjusted_trailing_amount=DECIMAL_OPT),
    *of("order", adjustable_trailing_unit=INT_OPT, soft_dollar_tier=TIER_3, cash_qty=DECIMAL_OPT),
    *of("order", dont_use_auto_price_for_hedge=BOOL_OPT, is_oms_container=BOOL_OPT),
    *of("order", discretionary_up_to_limit_price=BOOL_OPT, use_price_mgmt_algo=BOOL_OPT),
    # Official clients expect the duration from 158 on, ib_async from 159: nobody negotiates 158 itself.
    since(158, *of("order", duration=INT_OPT)),
    since(160, *of("order", post_to_ats=INT_OPT)),
    since(162, *of("order", auto_cancel_parent=BOOL_OPT)),
    since(170, *COMPETITION),
)

_COMPLETED: tuple[Step, ...] = (
    *_HEAD,
    *of("order", perm_id=LONG_OPT, outside_rth=BOOL_OPT, hidden=BOOL_OPT, discretionary_amt=DECIMAL_OPT),
    *of("order", good_after_time=TEXT),
    *_FA,
    *_BOX,
    *of("order", sweep_to_fill=BOOL_OPT, all_or_none=BOOL_OPT, min_qty=INT_OPT, oca_type=INT_OPT),
    *of("order", trigger_method=INT_OPT),
    *DELTA_NEUTRAL_HEAD,
    *of("order", delta_neutral_aux_price=DECIMAL_OPT),
    when(
        "order.delta_neutral_order_type",
        bool,
        *of("order", delta_neutral_con_id=INT_OPT, delta_neutral_short_sale=BOOL_OPT),
        *of("order", delta_neutral_short_sale_slot=INT_OPT, delta_neutral_designated_location=TEXT),
    ),
    *of("order", continuous_update=BOOL_OPT, reference_price_type=INT_OPT, trail_stop_price=DECIMAL_OPT),
    *of("order", trailing_percent=DECIMAL_OPT),
    *of("contract", combo_legs_descrip=TEXT),
    *COMBO,
    *SCALE,
    *HEDGE,
    *CLEARING,
    *ALGO,
    *of("order", solicited=BOOL_OPT),
    *of("state", status=TEXT),
    *of("order", randomize_size=BOOL_OPT, randomize_price=BOOL_OPT),
    *BENCH,
    *CONDITIONS,
    *of("order", adjusted_trail_stop_price=DECIMAL_OPT, lmt_price_offset=DECIMAL_OPT, cash_qty=DECIMAL_OPT),
    *of("order", dont_use_auto_price_for_hedge=BOOL_OPT, is_oms_container=BOOL_OPT, auto_cancel_date=TEXT),
    *of("order", filled_quantity=DECIMAL_OPT, ref_futures_con_id=INT_OPT, auto_cancel_parent=BOOL_OPT),
    *of("order", shareholder=TEXT, imbalance_only=BOOL_OPT, route_marketable_to_bbo=BOOL_OPT),
    *of("order", parent_perm_id=LONG_OPT),
    *of("state", completed_time=TEXT, completed_status=TEXT),
    since(170, *COMPETITION),
)

FORMATS = (
    server(5, OpenOrder, *_OPEN, groups=IN_OPEN_ORDER),
    server(101, CompletedOrder, *_COMPLETED, groups=IN_OPEN_ORDER),
)
