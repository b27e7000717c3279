"""The order types and times in force, as one table: what each needs, what it may have, how long it may stand.

The table is the only place that says so. The shape of an order is held to its prices (`OrderSpec`), an order that is
to be sent to its times in force and to the contract's permissions (`orders.validation`), and `GET /orders/types` serves
it, so that a ticket offers what is allowed instead of repeating it.

An order on the open is no type of its own at IB: it is a market or limit order with the time in force OPG.

Sources are named on each row: "samples" are the OrderSamples that IB ships with its official client, which name the
fields and products of each type; "fields" is the Order class of that client and of ib_async.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class OrderType(StrEnum):
    """The order types, by IB's own names."""

    MARKET = "MKT"
    LIMIT = "LMT"
    STOP = "STP"
    STOP_LIMIT = "STP LMT"
    TRAIL = "TRAIL"
    TRAIL_LIMIT = "TRAIL LIMIT"
    MARKET_IF_TOUCHED = "MIT"
    LIMIT_IF_TOUCHED = "LIT"
    MARKET_ON_CLOSE = "MOC"
    LIMIT_ON_CLOSE = "LOC"
    MARKET_TO_LIMIT = "MTL"
    RELATIVE = "REL"
    PEG_MIDPOINT = "PEG MID"
    MIDPRICE = "MIDPRICE"


class TimeInForce(StrEnum):
    """How long an order stands, by IB's own names."""

    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"
    OPG = "OPG"


class TriggerMethod(IntEnum):
    """What sets off a stop, a touched order or a price condition; the values are IB's (fields: triggerMethod)."""

    DEFAULT = 0
    """The last price; bid and ask for options traded over the counter and for forex."""
    DOUBLE_BID_ASK = 1
    LAST = 2
    DOUBLE_LAST = 3
    BID_ASK = 4
    LAST_OR_BID_ASK = 7
    MIDPOINT = 8


class Need(StrEnum):
    """Whether an order type has a field. One that is not in its row it must not have."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    ONE_OF = "one_of"
    """Exactly one of the fields of the row that are marked so."""


PRICES = ("limit_price", "stop_price", "trail_amount", "trail_percent", "limit_offset", "offset")
"""The fields of an order by which it finds its price."""


@dataclass(frozen=True, slots=True)
class TypeRule:
    """One row: what one order type is and takes.

    Parameters:
        title: its name for people.
        prices: which of `PRICES` it has.
        times: how long it may stand.
        names: how contract details spell it: not always as orders do.
        source: where that is said.
    """

    title: str
    prices: Mapping[str, Need]
    times: frozenset[TimeInForce]
    names: frozenset[str]
    source: str

    @property
    def one_of(self) -> tuple[str, ...]:
        """The fields of which the order has exactly one."""
        return tuple(name for name, need in self.prices.items() if need is Need.ONE_OF)


_MUST, _MAY, _EITHER = Need.REQUIRED, Need.OPTIONAL, Need.ONE_OF
_ANY = frozenset(TimeInForce)
_RESTING = frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD})
"""What waits cannot be asked to trade at once: IOC and FOK go with what is marketable as it comes."""
_SESSION = frozenset({TimeInForce.DAY})
_TRAILING = {"trail_amount": _EITHER, "trail_percent": _EITHER, "stop_price": _MAY}


def _row(
    title: str, times: frozenset[TimeInForce], names: str, source: str, prices: Mapping[str, Need] | None = None
) -> TypeRule:
    return TypeRule(title, prices or {}, times, frozenset(names.split(",")), source)


TYPES: Mapping[OrderType, TypeRule] = {
    OrderType.MARKET: _row("market", _ANY, "MKT", "samples: MarketOrder; with OPG: MarketOnOpen"),
    OrderType.LIMIT: _row("limit", _ANY, "LMT", "samples: LimitOrder; with OPG: LimitOnOpen", {"limit_price": _MUST}),
    OrderType.STOP: _row("stop", _RESTING, "STP", "samples: Stop (auxPrice)", {"stop_price": _MUST}),
    OrderType.STOP_LIMIT: _row(
        "stop limit", _RESTING, "STP LMT,STPLMT", "samples: StopLimit", {"stop_price": _MUST, "limit_price": _MUST}
    ),
    OrderType.TRAIL: _row(
        "trailing stop", _RESTING, "TRAIL", "samples: TrailingStop; fields: auxPrice or trailingPercent", _TRAILING
    ),
    OrderType.TRAIL_LIMIT: _row(
        "trailing stop limit", _RESTING, "TRAIL LIMIT,TRAILLMT",
        "samples: TrailingStopLimit; fields: lmtPriceOffset or lmtPrice, never both",
        {**_TRAILING, "limit_offset": _MUST},
    ),
    OrderType.MARKET_IF_TOUCHED: _row(
        "market if touched", _RESTING, "MIT", "samples: MarketIfTouched (auxPrice)", {"stop_price": _MUST}
    ),
    OrderType.LIMIT_IF_TOUCHED: _row(
        "limit if touched", _RESTING, "LIT", "samples: LimitIfTouched", {"stop_price": _MUST, "limit_price": _MUST}
    ),
    OrderType.MARKET_ON_CLOSE: _row("market on close", _SESSION, "MOC", "samples: MarketOnClose"),
    OrderType.LIMIT_ON_CLOSE: _row(
        "limit on close", _SESSION, "LOC", "samples: LimitOnClose", {"limit_price": _MUST}
    ),
    OrderType.MARKET_TO_LIMIT: _row("market to limit", _RESTING, "MTL", "samples: MarketToLimit"),
    OrderType.RELATIVE: _row(
        "relative (pegged to primary)", _RESTING, "REL", "samples: RelativePeggedToPrimary (auxPrice, lmtPrice)",
        {"offset": _MUST, "limit_price": _MAY},
    ),
    OrderType.PEG_MIDPOINT: _row(
        "pegged to midpoint", _RESTING, "PEG MID,PEGMID", "samples: PeggedToMidpoint (auxPrice, lmtPrice)",
        {"offset": _MUST, "limit_price": _MAY},
    ),
    OrderType.MIDPRICE: _row(
        "midprice", _RESTING, "MIDPRICE,MIDPX", "samples: Midprice (lmtPrice as a cap)", {"limit_price": _MAY}
    ),
}  # fmt: skip


def with_price(name: str) -> frozenset[OrderType]:
    """The order types that have this price, or may have it."""
    return frozenset(kind for kind, rule in TYPES.items() if name in rule.prices)


NEEDS_LIMIT = frozenset(kind for kind, rule in TYPES.items() if rule.prices.get("limit_price") is Need.REQUIRED)
NEEDS_STOP = frozenset(kind for kind, rule in TYPES.items() if rule.prices.get("stop_price") is Need.REQUIRED)
TRAILING = frozenset({OrderType.TRAIL, OrderType.TRAIL_LIMIT})
TOUCHED = frozenset({OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED})
TRIGGERED = NEEDS_STOP | TRAILING
"""What waits for the market to reach a price."""
