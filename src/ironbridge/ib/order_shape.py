"""The shape of an order, between our words and IB's fields.

To IB: every field of the spec, numbers as exact decimal text. From IB: an equal spec, or None where the order has
something that ours cannot express; reading it as something simpler would be a lie. What IB fills in by itself is not
taken for the owner's word where it can be told apart: an unused price of 0, a limit beside a trailing stop's offset. It
cannot be for the starting price of a trailing stop, which IB replaces by where the stop stands now.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ib_async.contract import TagValue
from ib_async.order import Order as IbOrder
from ib_async.util import UNSET_DOUBLE, UNSET_INTEGER

from ironbridge.domain.algos import Algo
from ironbridge.domain.order_spec import OrderSpec
from ironbridge.domain.order_types import TRAILING, TYPES, Need, OrderType, TimeInForce, TriggerMethod
from ironbridge.domain.scale import Scale
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidOrder, ProtocolError
from ironbridge.ib.numbers import PlainDecimal, optional_decimal, optional_int, plain_text, required_decimal
from ironbridge.ib.order_conditions import conditions_of, conditions_to_ib
from ironbridge.ib.order_times import moment_of, text_of

NOT_GUARANTEED = ("NonGuaranteed", "1")
"""How an order says that its combination's legs need not fill together (fields: smartComboRoutingParams)."""

_TYPES = {name: kind for kind, rule in TYPES.items() for name in rule.names}
_NOTHING = ("", "None", None, 0, 0.0, UNSET_INTEGER, UNSET_DOUBLE, False)
_BEYOND = (
    "percentOffset", "whatIf", "blockOrder", "sweepToFill", "shortSaleSlot", "hedgeType", "notHeld",
    "adjustedOrderType", "scaleTable", "activeStartTime", "activeStopTime", "discretionaryUpToLimitPrice",
    "deltaNeutralOrderType", "duration", "postToAts", "minTradeQty", "minCompeteSize", "nbboPriceCap",
    "optOutSmartRouting", "randomizeSize", "randomizePrice", "orderMiscOptions", "auctionStrategy",
)  # fmt: skip
"""What an order of IB's may have and a spec cannot say. One that has it is shown as it is."""


def put_spec(spec: OrderSpec, order: IbOrder) -> None:
    """Write the spec into IB's order, field by field."""
    trailing = spec.order_type in TRAILING
    order.action = spec.side.value
    order.orderType = spec.order_type.value
    order.tif = spec.time_in_force.value
    order.outsideRth = spec.outside_hours
    order.allOrNone = spec.is_all_or_none
    order.hidden = spec.is_hidden
    order.triggerMethod = spec.trigger_method.value
    order.displaySize = spec.display_size or 0
    order.goodTillDate = text_of(spec.good_till)
    order.goodAfterTime = text_of(spec.good_after)
    numbers = {
        "totalQuantity": spec.quantity,
        "lmtPrice": spec.limit_price,
        "auxPrice": _first(spec.trail_amount, spec.offset, None if trailing else spec.stop_price),
        "trailStopPrice": spec.stop_price if trailing else None,
        "trailingPercent": spec.trail_percent,
        "lmtPriceOffset": spec.limit_offset,
        "cashQty": spec.cash_quantity,
        "discretionaryAmt": spec.discretionary_amount,
    }
    for name, number in numbers.items():
        if number is not None:
            # ib_async declares numbers and writes text as it is: only so do 1E-7 and 1000 go out as they are meant.
            setattr(order, name, plain_text(number))
    if spec.min_quantity is not None:
        order.minQty = spec.min_quantity
    if spec.algorithm is not None:
        order.algoStrategy = spec.algorithm.name
        order.algoParams = [TagValue(tag, value) for tag, value in spec.algorithm.parameters]
    if spec.conditions is not None:
        order.conditions = conditions_to_ib(spec.conditions)
        order.conditionsCancelOrder = spec.conditions.cancel
        order.conditionsIgnoreRth = spec.conditions.outside_hours
    if not spec.is_guaranteed:
        order.smartComboRoutingParams = [TagValue(*NOT_GUARANTEED)]
    if spec.scaling is not None:
        _put_scale(spec.scaling, order)


def spec_of(order: IbOrder, side: Side) -> OrderSpec | None:
    """The shape of IB's order, or None where ours has no words for it."""
    if any(getattr(order, name) and getattr(order, name) not in _NOTHING for name in _BEYOND):
        return None
    if any(optional_decimal(leg.price) is not None for leg in order.orderComboLegs or ()):
        return None
    try:
        kind = _TYPES[order.orderType]
        cash = _amount(order.cashQty)
        return OrderSpec(
            side=side,
            # Where money was asked for, IB fills in how many units it came to.
            quantity=Decimal(0) if cash is not None else required_decimal(order.totalQuantity, "quantity"),
            order_type=kind,
            time_in_force=TimeInForce(order.tif or "DAY"),
            outside_hours=bool(order.outsideRth),
            cash_quantity=cash,
            good_till=moment_of(order.goodTillDate),
            good_after=moment_of(order.goodAfterTime),
            conditions=conditions_of(
                order.conditions,
                cancel=bool(order.conditionsCancelOrder),
                outside_hours=bool(order.conditionsIgnoreRth),
            ),
            algorithm=_algorithm(order),
            scaling=_scale(order),
            display_size=optional_int(order.displaySize) or None,
            min_quantity=optional_int(order.minQty) or None,
            is_all_or_none=bool(order.allOrNone),
            is_hidden=bool(order.hidden),
            trigger_method=TriggerMethod(optional_int(order.triggerMethod) or 0),
            discretionary_amount=_amount(order.discretionaryAmt),
            is_guaranteed=_guaranteed(order),
            **_prices(order, kind),
        )
    except (KeyError, ValueError, InvalidOrder, ProtocolError):
        return None


def _prices(order: IbOrder, kind: OrderType) -> Mapping[str, Any]:
    """Only the prices that the type has: IB writes 0 into the others, or something of its own."""
    needs, prices = TYPES[kind].prices, {}
    limit, aux = optional_decimal(order.lmtPrice), optional_decimal(order.auxPrice)
    if "limit_price" in needs:
        # A cap of 0 is IB's word for none.
        prices["limit_price"] = limit if needs["limit_price"] is Need.REQUIRED else limit or None
    if "offset" in needs:
        prices["offset"] = aux or Decimal(0)
    if kind in TRAILING:
        percent = _amount(order.trailingPercent)
        prices["trail_percent"] = percent
        prices["trail_amount"] = aux if percent is None else None
        prices["stop_price"] = _amount(order.trailStopPrice)
    elif "stop_price" in needs:
        prices["stop_price"] = aux
    if "limit_offset" in needs:
        prices["limit_offset"] = optional_decimal(order.lmtPriceOffset)
    return prices


def _amount(value: float | Decimal | None) -> Decimal | None:
    """A number of which 0 means that there is none."""
    return optional_decimal(value) or None


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)


def _algorithm(order: IbOrder) -> Algo | None:
    if not order.algoStrategy:
        return None
    return Algo(order.algoStrategy, tuple((each.tag, each.value) for each in order.algoParams))


def _guaranteed(order: IbOrder) -> bool:
    params = [(each.tag, each.value) for each in order.smartComboRoutingParams or ()]
    if params not in ([], [NOT_GUARANTEED], [("NonGuaranteed", "0")]):
        raise ValueError("the combination is routed by parameters that ours has no words for")
    return params != [NOT_GUARANTEED]


def _put_scale(scale: Scale, order: IbOrder) -> None:
    order.scaleInitLevelSize = scale.initial_size
    order.scaleAutoReset = scale.auto_reset
    order.scaleRandomPercent = scale.random_size
    # ib_async compares this one before it writes it.
    order.scalePriceIncrement = PlainDecimal(scale.increment)
    for name, value in (
        ("scaleSubsLevelSize", scale.next_size),
        ("scalePriceAdjustInterval", scale.adjust_seconds),
        ("scaleInitPosition", scale.initial_position),
        ("scaleInitFillQty", scale.initial_fill),
    ):
        if value is not None:
            setattr(order, name, value)
    for name, number in (("scalePriceAdjustValue", scale.adjust_by), ("scaleProfitOffset", scale.profit_offset)):
        if number is not None:
            setattr(order, name, plain_text(number))


def _scale(order: IbOrder) -> Scale | None:
    increment = _amount(order.scalePriceIncrement)
    if increment is None:
        return None
    size = optional_int(order.scaleInitLevelSize)
    if size is None:
        raise ValueError("a scale without a first level")
    return Scale(
        initial_size=size,
        increment=increment,
        next_size=optional_int(order.scaleSubsLevelSize),
        profit_offset=optional_decimal(order.scaleProfitOffset),
        auto_reset=bool(order.scaleAutoReset),
        adjust_by=optional_decimal(order.scalePriceAdjustValue),
        adjust_seconds=optional_int(order.scalePriceAdjustInterval),
        initial_position=optional_int(order.scaleInitPosition),
        initial_fill=optional_int(order.scaleInitFillQty),
        random_size=bool(order.scaleRandomPercent),
    )
