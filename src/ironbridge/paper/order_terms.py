"""A client's order in the venue's words.

What TWS clients leave empty, or fill with IB's "no value", is read as IB reads it. What the venue has no words for is
refused here by name (387, 321); what is wrong with a price or a quantity is left to the venue to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import islice

from ironbridge.domain.values import Side
from ironbridge.exchange.commands import (
    ComboLeg,
    Condition,
    ConditionKind,
    OcaType,
    OrderKind,
    OrderTerms,
    TimeInForce,
)
from ironbridge.paper.moments import parse_moment
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire import conditions as wire_conditions
from ironbridge.wire.contract import ComboLeg as WireLeg
from ironbridge.wire.order import Order
from ironbridge.wire.values import Money, Unset, Whole, given

KINDS: dict[str, OrderKind] = {
    **{kind.value: kind for kind in OrderKind},
    **{kind.value.replace(" ", ""): kind for kind in OrderKind},
    "TRAILLMT": OrderKind.TRAIL_LIMIT,
    "MIDPX": OrderKind.MIDPRICE,
}
"""IB takes most names with and without the blank."""

UNSERVED = frozenset(
    {
        "BOX TOP", "MKT PRT", "STP PRT", "PASSV REL", "REL + MKT", "REL + LMT", "LMT + MKT", "VOL", "PEG STK",
        "PEG MKT", "PEG PRI", "PEG PRIM", "PEG BEST", "PEGBEST", "PEG BENCH", "PEGBENCH", "SNAP MKT", "SNAP MID",
        "SNAP PRIM",
        "QUOTE", "FUNARI", "IBALGO", "PEGMKT", "PEGSTK",
    }
)  # fmt: skip
"""Order types of IB that this venue does not trade."""

MOST_LEGS = 8
"""Of a combination. IB takes six on smart routing; each is looked up and priced whenever the combination is."""
_OPENING = {OrderKind.MARKET: OrderKind.MARKET_ON_OPEN, OrderKind.LIMIT: OrderKind.LIMIT_ON_OPEN}
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL, "SSHORT": Side.SELL, "SLONG": Side.SELL}
_WITH_LIMIT = frozenset(
    {
        OrderKind.LIMIT, OrderKind.STOP_LIMIT, OrderKind.LIMIT_IF_TOUCHED, OrderKind.LIMIT_ON_CLOSE,
        OrderKind.LIMIT_ON_OPEN, OrderKind.RELATIVE, OrderKind.PEG_MIDPOINT, OrderKind.MIDPRICE,
    }
)  # fmt: skip
_WITH_STOP = frozenset({OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.MARKET_IF_TOUCHED, OrderKind.LIMIT_IF_TOUCHED})
_TRAILING = frozenset({OrderKind.TRAIL, OrderKind.TRAIL_LIMIT})
_PEGGED = frozenset({OrderKind.RELATIVE, OrderKind.PEG_MIDPOINT})


def terms_of(order: Order, *, account: str, con_id: int, legs: tuple[WireLeg, ...] = (), parent: int = 0) -> OrderTerms:
    """The order in the venue's words.

    Parameters:
        order: as the client sent it.
        account: whose money it is, already found.
        con_id: the listing, already found; 0 for a combination.
        legs: of a combination.
        parent: perm id of its parent, 0 for none.

    Raises:
        Refusal: with IB's code and text.
    """
    side = _SIDES.get(order.action.upper())
    if side is None:
        raise invalid("bX", f"Invalid action was entered: {order.action or 'none'}")
    tif = _tif(order.tif)
    kind = _kind(order.order_type, tif)
    limit, aux = _price(order.lmt_price), _price(order.aux_price)
    percent = _price(order.trailing_percent)
    trailing = kind in _TRAILING
    return OrderTerms(
        account=account,
        con_id=con_id,
        side=side,
        quantity=given(order.total_quantity) or Decimal(0),
        kind=kind,
        limit_price=_limit(order, kind, limit),
        stop_price=_price(order.trail_stop_price) if trailing else aux if kind in _WITH_STOP else None,
        trail_amount=aux if trailing and percent is None else None,
        trail_percent=percent if trailing else None,
        limit_offset=_limit_offset(order, limit) if kind is OrderKind.TRAIL_LIMIT else None,
        offset=(aux or Decimal(0)) if kind in _PEGGED else None,
        tif=tif,
        good_after=_moment(order.good_after_time),
        good_till=_moment(order.good_till_date) if tif is TimeInForce.GTD else None,
        outside_hours=bool(order.outside_rth),
        parent=parent,
        oca_group=order.oca_group,
        oca_type=_oca_type(order),
        conditions=tuple(_condition(each) for each in order.conditions),
        conditions_cancel=bool(order.conditions_cancel_order),
        conditions_outside_hours=bool(order.conditions_ignore_rth),
        cash_quantity=_positive(order.cash_qty),
        all_or_none=bool(order.all_or_none),
        min_quantity=_whole(order.min_qty),
        display_size=Decimal(0) if order.hidden else _whole(order.display_size),
        legs=legs_of(legs),
        note=order.order_ref,
    )


def _kind(name: str, tif: TimeInForce) -> OrderKind:
    wanted = name.upper()
    kind = KINDS.get(wanted)
    if kind is None:
        if wanted in UNSERVED:
            raise Refusal(387, f"Unsupported order type for this exchange and security type: {name}.")
        raise invalid("bX", "Invalid order type was entered")
    return _OPENING.get(kind, kind) if tif is TimeInForce.OPG else kind


def _tif(name: str) -> TimeInForce:
    try:
        return TimeInForce(name.upper() or "DAY")
    except ValueError:
        raise invalid("bS", f"Invalid time in force: {name}") from None


def _limit(order: Order, kind: OrderKind, limit: Decimal | None) -> Decimal | None:
    if kind not in _WITH_LIMIT:
        return None
    # IB reads a cap of zero on pegged orders as "no cap".
    if limit == 0 and kind in {*_PEGGED, OrderKind.MIDPRICE}:
        return None
    if limit is None and kind in {OrderKind.LIMIT, OrderKind.STOP_LIMIT, OrderKind.LIMIT_IF_TOUCHED}:
        raise invalid("bX", f"A limit price is required for order type {order.order_type}")
    return limit


def _limit_offset(order: Order, limit: Decimal | None) -> Decimal | None:
    """IB takes the limit of a trailing stop-limit as an offset, or as a price beside the starting stop."""
    offset = _price(order.lmt_price_offset)
    if offset is not None:
        return offset
    stop = _price(order.trail_stop_price)
    return abs(stop - limit) if stop is not None and limit is not None else None


def _oca_type(order: Order) -> OcaType:
    if not order.oca_group:
        return OcaType.NONE
    number = given(order.oca_type) or OcaType.REDUCE_WITHOUT_BLOCK
    try:
        return OcaType(number)
    except ValueError:
        raise invalid("bX", f"Invalid OCA type: {number}") from None


def _condition(condition: wire_conditions.Condition) -> Condition:
    joined = condition.conjunction != "o"
    match condition:
        case wire_conditions.PriceCondition():
            return Condition(
                ConditionKind.PRICE, condition.is_more, joined, condition.con_id, value=given(condition.price)
            )
        case wire_conditions.TimeCondition():
            return Condition(ConditionKind.TIME, condition.is_more, joined, time=_moment(condition.time))
        case wire_conditions.MarginCondition():
            return Condition(ConditionKind.MARGIN, condition.is_more, joined, value=_decimal(condition.percent))
        case wire_conditions.ExecutionCondition():
            return Condition(ConditionKind.EXECUTION, above=True, joined_by_and=joined, symbol=condition.symbol)
        case wire_conditions.VolumeCondition():
            return Condition(
                ConditionKind.VOLUME, condition.is_more, joined, condition.con_id, value=_decimal(condition.volume)
            )
        case wire_conditions.PercentChangeCondition():
            return Condition(
                ConditionKind.PERCENT_CHANGE,
                condition.is_more,
                joined,
                condition.con_id,
                value=_decimal(condition.change_percent),
            )


def legs_of(legs: Iterable[WireLeg]) -> tuple[ComboLeg, ...]:
    """A combination's legs.

    Raises:
        Refusal: one that is none, or more than a combination has.
    """
    found = tuple(_leg(each) for each in islice(legs, MOST_LEGS + 1))
    if len(found) > MOST_LEGS:
        raise Refusal(312, f"The combo details are invalid. A combination has at most {MOST_LEGS} legs.")
    return found


def _leg(leg: WireLeg) -> ComboLeg:
    side = _SIDES.get(leg.action.upper())
    if side is None or leg.ratio < 1 or not leg.con_id:
        raise invalid("bX", "Invalid combination leg: a contract id, a ratio and an action are required")
    return ComboLeg(leg.con_id, leg.ratio, side, leg.exchange or "SMART")


def _price(value: Money) -> Decimal | None:
    return given(value)


def _positive(value: Money) -> Decimal | None:
    amount = given(value)
    return amount or None


def _decimal(value: Money | Whole) -> Decimal | None:
    return None if value is None or isinstance(value, Unset) else Decimal(value)


def _whole(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, int) and value > 0 else None


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse_moment(text)
    except ValueError:
        raise Refusal(
            343,
            "The date, time, or time-zone entered is invalid. The correct format is yyyymmdd hh:mm:ss xx/xxxx where "
            "yyyymmdd and xx/xxxx are optional. E.g.: 20031126 15:59:00 US/Eastern.",
        ) from None
