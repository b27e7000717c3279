"""What may be added to an order beside its type, price and time, as one table: with which types, and not with what.

As with `order_types.TYPES`, the table is the only place that says so: `orders.validation` refuses by it, and
`GET /orders/types` serves it. A row's `word` is how contract details say that a contract takes it; None where they do
not say.

Sources are named as there; "listings" are the order types of contract details (ContractDetails.orderTypes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ironbridge.domain.order_types import TRIGGERED, OrderType, TimeInForce


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row: something that an order may have.

    Parameters:
        title: its name for people.
        types: the order types that take it.
        word: what contract details call it.
        not_with: other fields that it does not go with.
        not_while: times in force that it does not go with.
        source: where that is said.
    """

    title: str
    types: frozenset[OrderType]
    word: str | None
    source: str
    not_with: frozenset[str] = frozenset()
    not_while: frozenset[TimeInForce] = frozenset()


_ALL = frozenset(OrderType)
_AUCTION = frozenset({OrderType.MARKET_ON_CLOSE, OrderType.LIMIT_ON_CLOSE})
_PEGGED = frozenset({OrderType.RELATIVE, OrderType.PEG_MIDPOINT, OrderType.MIDPRICE})
_SIMPLE = frozenset({OrderType.MARKET, OrderType.LIMIT})
_RESTS = frozenset({
    OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED, OrderType.TRAIL_LIMIT, OrderType.RELATIVE,
})  # fmt: skip
"""What stands in a book with a price of its own, so that there is something to show or to hide."""
_AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_OPENING = frozenset({TimeInForce.OPG})

ATTRIBUTES: Mapping[str, Attribute] = {
    "outside_hours": Attribute(
        "outside regular hours", _ALL - _AUCTION, None, "fields: outsideRth; ignored for market orders (2109)",
        not_while=_OPENING,
    ),
    "good_after": Attribute(
        "good after", _ALL - _AUCTION, "GAT", "fields: goodAfterTime; listings: GAT", not_while=_OPENING | _AT_ONCE
    ),
    "conditions": Attribute(
        "conditions", _ALL - _AUCTION, "COND", "fields: conditions; listings: COND", not_while=_OPENING
    ),
    "cash_quantity": Attribute(
        "cash quantity", _SIMPLE, "CASHQTY", "samples: LimitOrderWithCashQty; listings: CASHQTY",
        not_with=frozenset({"is_all_or_none", "min_quantity", "display_size", "scaling"}), not_while=_OPENING,
    ),
    "algorithm": Attribute(
        "algorithm", _SIMPLE, "ALGO", "samples: AvailableAlgoParams (market and limit orders); listings: ALGO",
        not_with=frozenset({
            "scaling", "is_all_or_none", "min_quantity", "display_size", "is_hidden", "discretionary_amount",
        }),
        not_while=_OPENING | _AT_ONCE,
    ),
    "scaling": Attribute(
        "scale", frozenset({OrderType.LIMIT, OrderType.RELATIVE}), "SCALE",
        "fields: scaleInitLevelSize; listings: SCALE",
        not_with=frozenset({"is_all_or_none", "min_quantity"}), not_while=_OPENING | _AT_ONCE,
    ),
    "display_size": Attribute(
        "display size (iceberg)", _RESTS, "ICE", "fields: displaySize; listings: ICE",
        not_with=frozenset({"is_hidden", "is_all_or_none"}), not_while=_OPENING | _AT_ONCE,
    ),
    "is_hidden": Attribute(
        "hidden", _RESTS, "HID", "fields: hidden; listings: HID",
        not_while=_OPENING | _AT_ONCE,
    ),
    "min_quantity": Attribute(
        "minimum quantity", _ALL - _AUCTION - {OrderType.MARKET_TO_LIMIT, OrderType.MIDPRICE}, None,
        "fields: minQty", not_with=frozenset({"is_all_or_none"}), not_while=_OPENING,
    ),
    "is_all_or_none": Attribute(
        "all or none", _ALL - _AUCTION - _PEGGED - {OrderType.MARKET_TO_LIMIT}, "AON",
        "fields: allOrNone; listings: AON", not_while=_OPENING | _AT_ONCE,
    ),
    "trigger_method": Attribute("trigger method", TRIGGERED, None, "fields: triggerMethod"),
    "discretionary_amount": Attribute(
        "discretionary amount", frozenset({OrderType.LIMIT}), "DIS", "samples: Discretionary; listings: DIS",
        not_with=frozenset({"is_hidden"}), not_while=_OPENING | _AT_ONCE,
    ),
}  # fmt: skip

TIME_WORDS: Mapping[TimeInForce, str] = {
    TimeInForce.GTC: "GTC",
    TimeInForce.GTD: "GTD",
    TimeInForce.IOC: "IOC",
    TimeInForce.OPG: "OPG",
}
"""What contract details call the times in force. They do not list FOK wherever it is taken, so it is left to IB."""

SPEAKS = "DAY"
"""Contract details that list this speak of times and attributes too; without it they are known by their types alone."""

FRACTIONS = frozenset({OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT})
"""Order types in which IB trades fractions of a share (IB's page on fractional trading)."""
