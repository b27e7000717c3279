"""`Order`, everything IB lets a client say about one, and `OrderState`, what IB says back about margin and cost.

Fields keep IB's names and spellings; None is what the sender left empty, `UNSET` what it said has no value. Defaults
are those that IB itself assumes for an empty field.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ironbridge.wire.conditions import Condition
from ironbridge.wire.values import Flag, Money, TagValue, Whole


@dataclass(frozen=True, slots=True)
class SoftDollarTier:
    name: str = ""
    value: str = ""
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order. The groups follow IB's reference; the wire's own order is in the layouts."""

    action: str = ""
    total_quantity: Money = None
    order_type: str = ""
    lmt_price: Money = None
    aux_price: Money = None
    tif: str = ""
    account: str = ""
    order_ref: str = ""
    client_id: Whole = None
    perm_id: Whole = None
    parent_id: Whole = None
    parent_perm_id: Whole = None
    transmit: bool = True
    what_if: Flag = None

    oca_group: str = ""
    oca_type: Whole = None
    outside_rth: Flag = None
    hidden: Flag = None
    block_order: Flag = None
    sweep_to_fill: Flag = None
    all_or_none: Flag = None
    min_qty: Whole = None
    display_size: Whole = None
    trigger_method: Whole = None
    good_after_time: str = ""
    good_till_date: str = ""
    active_start_time: str = ""
    active_stop_time: str = ""
    auto_cancel_date: str = ""
    auto_cancel_parent: Flag = None
    manual_order_time: str = ""
    duration: Whole = None
    post_to_ats: Whole = None

    discretionary_amt: Money = None
    discretionary_up_to_limit_price: Flag = None
    percent_offset: Money = None
    trail_stop_price: Money = None
    trailing_percent: Money = None
    nbbo_price_cap: Money = None
    use_price_mgmt_algo: Flag = None
    override_percentage_constraints: Flag = None

    adjusted_order_type: str = ""
    trigger_price: Money = None
    lmt_price_offset: Money = None
    adjusted_trail_stop_price: Money = None
    """The gateway says the trailing stop twice; this is the second, which ib_async takes for the one."""
    adjusted_stop_price: Money = None
    adjusted_stop_limit_price: Money = None
    adjusted_trailing_amount: Money = None
    adjustable_trailing_unit: Whole = None

    open_close: str = ""
    origin: Whole = None
    short_sale_slot: Whole = None
    designated_location: str = ""
    exempt_code: Whole = None
    rule_80a: str = ""
    settling_firm: str = ""
    clearing_account: str = ""
    clearing_intent: str = ""
    not_held: Flag = None
    solicited: Flag = None
    e_trade_only: Flag = None
    firm_quote_only: Flag = None
    opt_out_smart_routing: Flag = None
    ext_operator: str = ""
    advanced_error_override: str = ""
    soft_dollar_tier: SoftDollarTier = field(default_factory=SoftDollarTier)
    mifid2_decision_maker: str = ""
    mifid2_decision_algo: str = ""
    mifid2_execution_trader: str = ""
    mifid2_execution_algo: str = ""

    fa_group: str = ""
    fa_method: str = ""
    fa_percentage: str = ""
    fa_profile: str = ""
    model_code: str = ""
    shares_allocation: str = ""

    auction_strategy: Whole = None
    starting_price: Money = None
    stock_ref_price: Money = None
    delta: Money = None
    stock_range_lower: Money = None
    stock_range_upper: Money = None
    volatility: Money = None
    volatility_type: Whole = None
    continuous_update: Flag = None
    reference_price_type: Whole = None
    delta_neutral_order_type: str = ""
    delta_neutral_aux_price: Money = None
    delta_neutral_con_id: Whole = None
    delta_neutral_settling_firm: str = ""
    delta_neutral_clearing_account: str = ""
    delta_neutral_clearing_intent: str = ""
    delta_neutral_open_close: str = ""
    delta_neutral_short_sale: Flag = None
    delta_neutral_short_sale_slot: Whole = None
    delta_neutral_designated_location: str = ""

    basis_points: Money = None
    basis_points_type: Whole = None
    order_combo_legs: tuple[Money, ...] = ()
    """The price of each leg, where the combo is priced by leg."""
    smart_combo_routing_params: tuple[TagValue, ...] = ()

    scale_init_level_size: Whole = None
    scale_subs_level_size: Whole = None
    scale_price_increment: Money = None
    scale_price_adjust_value: Money = None
    scale_price_adjust_interval: Whole = None
    scale_profit_offset: Money = None
    scale_auto_reset: Flag = None
    scale_init_position: Whole = None
    scale_init_fill_qty: Whole = None
    scale_random_percent: Flag = None
    scale_table: str = ""

    hedge_type: str = ""
    hedge_param: str = ""
    algo_strategy: str = ""
    algo_params: tuple[TagValue, ...] = ()
    algo_id: str = ""
    order_misc_options: tuple[TagValue, ...] = ()
    randomize_size: Flag = None
    randomize_price: Flag = None

    reference_contract_id: Whole = None
    is_pegged_change_amount_decrease: Flag = None
    pegged_change_amount: Money = None
    reference_change_amount: Money = None
    reference_exchange_id: str = ""

    conditions: tuple[Condition, ...] = ()
    conditions_ignore_rth: Flag = None
    conditions_cancel_order: Flag = None

    cash_qty: Money = None
    dont_use_auto_price_for_hedge: Flag = None
    is_oms_container: Flag = None

    min_trade_qty: Whole = None
    min_compete_size: Whole = None
    compete_against_best_offset: Money = None
    """Infinity is a value here: compete up to the midpoint."""
    mid_offset_at_whole: Money = None
    mid_offset_at_half: Money = None

    filled_quantity: Money = None
    ref_futures_con_id: Whole = None
    shareholder: str = ""
    imbalance_only: Flag = None
    route_marketable_to_bbo: Flag = None


@dataclass(frozen=True, slots=True)
class OrderState:
    status: str = ""
    init_margin_before: Money = None
    maint_margin_before: Money = None
    equity_with_loan_before: Money = None
    init_margin_change: Money = None
    maint_margin_change: Money = None
    equity_with_loan_change: Money = None
    init_margin_after: Money = None
    maint_margin_after: Money = None
    equity_with_loan_after: Money = None
    commission: Money = None
    min_commission: Money = None
    max_commission: Money = None
    commission_currency: str = ""
    warning_text: str = ""
    completed_time: str = ""
    completed_status: str = ""
