"""Pieces of the three long order messages that are laid out alike: legs, scale, hedge, algo, pegs, conditions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ironbridge.wire.conditions import CONDITION
from ironbridge.wire.contract import DELTA_NEUTRAL, TAG_VALUE, ComboLeg, Contract
from ironbridge.wire.fields import (
    BOOL_OPT,
    DECIMAL_OPT,
    INT_OPT,
    INT_ZERO,
    OFFSET,
    TEXT,
)
from ironbridge.wire.layout import Step, many, of, struct, when
from ironbridge.wire.order import Order, OrderState, SoftDollarTier

IN_PLACE_ORDER = {"contract": Contract, "order": Order}
IN_OPEN_ORDER = {"contract": Contract, "order": Order, "state": OrderState}

PEG_BENCH = frozenset({"PEG BENCH", "PEGBENCH"})
PEG_BEST = frozenset({"PEG BEST", "PEGBEST"})
PEG_MID = frozenset({"PEG MID", "PEGMID"})

ORDER_LEG = struct(
    ComboLeg,
    con_id=INT_ZERO,
    ratio=INT_ZERO,
    action=TEXT,
    exchange=TEXT,
    open_close=INT_OPT,
    short_sale_slot=INT_OPT,
    designated_location=TEXT,
    exempt_code=INT_OPT,
)

COMBO: tuple[Step, ...] = (
    *of("contract", combo_legs=many(ORDER_LEG)),
    *of("order", order_combo_legs=many(DECIMAL_OPT), smart_combo_routing_params=many(TAG_VALUE)),
)


def is_scaled(increment: Any) -> bool:
    return isinstance(increment, Decimal) and increment > 0


SCALE: tuple[Step, ...] = (
    *of("order", scale_init_level_size=INT_OPT, scale_subs_level_size=INT_OPT, scale_price_increment=DECIMAL_OPT),
    when(
        "order.scale_price_increment",
        is_scaled,
        *of(
            "order",
            scale_price_adjust_value=DECIMAL_OPT,
            scale_price_adjust_interval=INT_OPT,
            scale_profit_offset=DECIMAL_OPT,
            scale_auto_reset=BOOL_OPT,
            scale_init_position=INT_OPT,
            scale_init_fill_qty=INT_OPT,
            scale_random_percent=BOOL_OPT,
        ),
    ),
)

HEDGE: tuple[Step, ...] = (
    *of("order", hedge_type=TEXT),
    when("order.hedge_type", bool, *of("order", hedge_param=TEXT)),
)

CLEARING: tuple[Step, ...] = (
    *of("order", clearing_account=TEXT, clearing_intent=TEXT, not_held=BOOL_OPT),
    *of("contract", delta_neutral_contract=DELTA_NEUTRAL),
)

ALGO: tuple[Step, ...] = (
    *of("order", algo_strategy=TEXT),
    when("order.algo_strategy", bool, *of("order", algo_params=many(TAG_VALUE))),
)

BENCH: tuple[Step, ...] = (
    when(
        "order.order_type",
        PEG_BENCH.__contains__,
        *of(
            "order",
            reference_contract_id=INT_OPT,
            is_pegged_change_amount_decrease=BOOL_OPT,
            pegged_change_amount=DECIMAL_OPT,
            reference_change_amount=DECIMAL_OPT,
            reference_exchange_id=TEXT,
        ),
    ),
)

CONDITIONS: tuple[Step, ...] = (
    *of("order", conditions=many(CONDITION)),
    when("order.conditions", bool, *of("order", conditions_ignore_rth=BOOL_OPT, conditions_cancel_order=BOOL_OPT)),
)

DELTA_NEUTRAL_HEAD: tuple[Step, ...] = of(
    "order", volatility=DECIMAL_OPT, volatility_type=INT_OPT, delta_neutral_order_type=TEXT
)
DELTA_NEUTRAL_LONG: tuple[Step, ...] = (
    *of("order", delta_neutral_aux_price=DECIMAL_OPT),
    when(
        "order.delta_neutral_order_type",
        bool,
        *of(
            "order",
            delta_neutral_con_id=INT_OPT,
            delta_neutral_settling_firm=TEXT,
            delta_neutral_clearing_account=TEXT,
            delta_neutral_clearing_intent=TEXT,
            delta_neutral_open_close=TEXT,
            delta_neutral_short_sale=BOOL_OPT,
            delta_neutral_short_sale_slot=INT_OPT,
            delta_neutral_designated_location=TEXT,
        ),
    ),
)

TIER_2 = struct(SoftDollarTier, name=TEXT, value=TEXT)
TIER_3 = struct(SoftDollarTier, name=TEXT, value=TEXT, display_name=TEXT)

OFFSETS: tuple[Step, ...] = of("order", mid_offset_at_whole=DECIMAL_OPT, mid_offset_at_half=DECIMAL_OPT)
COMPETE: tuple[Step, ...] = of("order", min_compete_size=INT_OPT, compete_against_best_offset=OFFSET)
COMPETITION: tuple[Step, ...] = (*of("order", min_trade_qty=INT_OPT), *COMPETE, *OFFSETS)
"""The five fields that end an open or completed order from version 170 on."""


def is_infinite(offset: Any) -> bool:
    return isinstance(offset, Decimal) and offset.is_infinite()
