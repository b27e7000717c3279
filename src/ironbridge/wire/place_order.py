"""`PlaceOrder`: an order, new or changed, as a client sends it.

The longest request, and the one whose shape depends most on its own content: legs for a combo, and further fields
for delta-neutral, scale, hedge, algo, pegged and conditional orders. Which fields end it depends on the version.
"""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.contract import CONTRACT_12, Contract, is_bag
from ironbridge.wire.fields import BOOL_OPT, BOOL_TRUE, DECIMAL_OPT, INT, INT_OPT, OPTIONS, TEXT
from ironbridge.wire.layout import Step, of, since, until, when
from ironbridge.wire.order import Order
from ironbridge.wire.order_fields import (
    ALGO,
    BENCH,
    CLEARING,
    COMBO,
    COMPETE,
    CONDITIONS,
    DELTA_NEUTRAL_HEAD,
    DELTA_NEUTRAL_LONG,
    HEDGE,
    IN_PLACE_ORDER,
    OFFSETS,
    PEG_BEST,
    PEG_MID,
    SCALE,
    TIER_2,
    is_infinite,
)
from ironbridge.wire.text import client


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    order_id: int
    contract: Contract
    order: Order


_STEPS: tuple[Step, ...] = (
    *of(order_id=INT),
    *CONTRACT_12,
    *of("contract", sec_id_type=TEXT, sec_id=TEXT),
    *of("order", action=TEXT, total_quantity=DECIMAL_OPT, order_type=TEXT, lmt_price=DECIMAL_OPT),
    *of("order", aux_price=DECIMAL_OPT, tif=TEXT, oca_group=TEXT, account=TEXT, open_close=TEXT, origin=INT_OPT),
    *of("order", order_ref=TEXT, transmit=BOOL_TRUE, parent_id=INT_OPT, block_order=BOOL_OPT),
    *of("order", sweep_to_fill=BOOL_OPT, display_size=INT_OPT, trigger_method=INT_OPT, outside_rth=BOOL_OPT),
    *of("order", hidden=BOOL_OPT),
    when("contract.sec_type", is_bag, *COMBO),
    *of("order", shares_allocation=TEXT, discretionary_amt=DECIMAL_OPT, good_after_time=TEXT),
    *of("order", good_till_date=TEXT, fa_group=TEXT, fa_method=TEXT, fa_percentage=TEXT),
    until(177, *of("order", fa_profile=TEXT)),
    *of("order", model_code=TEXT, short_sale_slot=INT_OPT, designated_location=TEXT, exempt_code=INT_OPT),
    *of("order", oca_type=INT_OPT, rule_80a=TEXT, settling_firm=TEXT, all_or_none=BOOL_OPT, min_qty=INT_OPT),
    *of("order", percent_offset=DECIMAL_OPT, e_trade_only=BOOL_OPT, firm_quote_only=BOOL_OPT),
    *of("order", nbbo_price_cap=DECIMAL_OPT, auction_strategy=INT_OPT, starting_price=DECIMAL_OPT),
    *of("order", stock_ref_price=DECIMAL_OPT, delta=DECIMAL_OPT, stock_range_lower=DECIMAL_OPT),
    *of("order", stock_range_upper=DECIMAL_OPT, override_percentage_constraints=BOOL_OPT),
    *DELTA_NEUTRAL_HEAD,
    *DELTA_NEUTRAL_LONG,
    *of("order", continuous_update=BOOL_OPT, reference_price_type=INT_OPT, trail_stop_price=DECIMAL_OPT),
    *of("order", trailing_percent=DECIMAL_OPT),
    *SCALE,
    *of("order", scale_table=TEXT, active_start_time=TEXT, active_stop_time=TEXT),
    *HEDGE,
    *of("order", opt_out_smart_routing=BOOL_OPT),
    *CLEARING,
    *ALGO,
    *of("order", algo_id=TEXT, what_if=BOOL_OPT, order_misc_options=OPTIONS, solicited=BOOL_OPT),
    *of("order", randomize_size=BOOL_OPT, randomize_price=BOOL_OPT),
    *BENCH,
    *CONDITIONS,
    *of("order", adjusted_order_type=TEXT, trigger_price=DECIMAL_OPT, lmt_price_offset=DECIMAL_OPT),
    *of("order", adjusted_stop_price=DECIMAL_OPT, adjusted_stop_limit_price=DECIMAL_OPT),
    *of("order", adjusted_trailing_amount=DECIMAL_OPT, adjustable_trailing_unit=INT_OPT, ext_operator=TEXT),
    *of("order", soft_dollar_tier=TIER_2, cash_qty=DECIMAL_OPT),
    *of("order", mifid2_decision_maker=TEXT, mifid2_decision_algo=TEXT),
    *of("order", mifid2_execution_trader=TEXT, mifid2_execution_algo=TEXT),
    *of("order", dont_use_auto_price_for_hedge=BOOL_OPT, is_oms_container=BOOL_OPT),
    *of("order", discretionary_up_to_limit_price=BOOL_OPT, use_price_mgmt_algo=BOOL_OPT),
    since(158, *of("order", duration=INT_OPT)),
    since(160, *of("order", post_to_ats=INT_OPT)),
    since(162, *of("order", auto_cancel_parent=BOOL_OPT)),
    since(166, *of("order", advanced_error_override=TEXT)),
    since(169, *of("order", manual_order_time=TEXT)),
    since(
        170,
        when("contract.exchange", "IBKRATS".__eq__, *of("order", min_trade_qty=INT_OPT)),
        when(
            "order.order_type",
            PEG_BEST.__contains__,
            *COMPETE,
            when("order.compete_against_best_offset", is_infinite, *OFFSETS),
        ),
        when("order.order_type", PEG_MID.__contains__, *OFFSETS),
    ),
)

FORMATS = (client(3, PlaceOrder, *_STEPS, groups=IN_PLACE_ORDER),)
