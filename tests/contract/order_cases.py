"""Every order type in every time in force that it may have, and what may be added: one list for both brokers.

The market is a recording: a hundred a side around 100, then a rise to 105 and a fall to 95, each first with four on
offer, so that ten fill in parts. A case says where it rests and what sets it going; prices are far enough from 100 that
nothing trades by itself but what is to trade at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ironbridge.domain.algos import Adaptive, Twap
from ironbridge.domain.conditions import ChangeAbove, MarginBelow, PriceAbove, TimeAfter, VolumeAbove
from ironbridge.domain.instrument import Instrument
from ironbridge.domain.order_spec import OrderSpec, buy, sell
from ironbridge.domain.order_types import TYPES, OrderType, TimeInForce, TriggerMethod
from ironbridge.exchange.recorded import RecordedMoment

AAPL_ID = 265598
START = datetime(2026, 3, 2, 20, 59, tzinfo=UTC)
"""A Monday, a minute before New York closes."""
CLOSE = START + timedelta(minutes=1, seconds=1)
OPEN = START + timedelta(hours=17, minutes=31, seconds=1)


def _moment(seconds: int, bid: str, ask: str, size: int, last: str) -> RecordedMoment:
    at = START + timedelta(seconds=seconds)
    return RecordedMoment(at, Decimal(bid), Decimal(ask), size, size, Decimal(last), size)


TAPE = (
    _moment(-60, "99.95", "100.05", 100, "100"),
    _moment(10, "104.95", "105.05", 4, "105"),
    _moment(20, "104.95", "105.05", 100, "105"),
    _moment(30, "94.95", "95.05", 4, "95"),
    _moment(40, "94.95", "95.05", 100, "95"),
)
MOVES = tuple(START + timedelta(seconds=seconds) for seconds in (11, 21, 31, 41))
AUCTIONS = (*MOVES, CLOSE, OPEN)
"""The moments to go to, one after the other, until an order has filled; to the auctions for what trades there."""


@dataclass(frozen=True, slots=True)
class Case:
    """One order and how it goes.

    Parameters:
        spec: the order.
        at_once: whether the market takes it as it comes; otherwise it rests or waits.
    """

    spec: OrderSpec
    at_once: bool = False

    @property
    def moves(self) -> tuple[datetime, ...]:
        auction = self.spec.order_type in _AUCTION or self.spec.time_in_force is TimeInForce.OPG
        return AUCTIONS if auction else MOVES

    def __str__(self) -> str:
        return str(self.spec).replace(" ", "-")


_SHAPES: dict[OrderType, OrderSpec] = {
    OrderType.MARKET: buy(10),
    OrderType.LIMIT: buy(10).limit(96),
    OrderType.STOP: buy(10).stop(103),
    OrderType.STOP_LIMIT: buy(10).stop(103).limit(106),
    OrderType.TRAIL: sell(10).trail(2),
    OrderType.TRAIL_LIMIT: sell(10).trail_limit(2, offset=10),
    OrderType.MARKET_IF_TOUCHED: buy(10).touched(96),
    OrderType.LIMIT_IF_TOUCHED: buy(10).touched(96).limit(97),
    OrderType.MARKET_ON_CLOSE: buy(10).on_close(),
    OrderType.LIMIT_ON_CLOSE: buy(10).limit(110).on_close(),
    OrderType.MARKET_TO_LIMIT: buy(10).market_to_limit(),
    OrderType.RELATIVE: buy(10).relative("0.01"),
    OrderType.PEG_MIDPOINT: buy(10).peg_mid("0.01", cap=200),
    OrderType.MIDPRICE: buy(10).midprice(200),
}
_IMMEDIATE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_AUCTION = frozenset({OrderType.MARKET_ON_CLOSE, OrderType.LIMIT_ON_CLOSE})
_TAKES = frozenset({OrderType.MARKET, OrderType.MARKET_TO_LIMIT})


def _timed(spec: OrderSpec, time: TimeInForce) -> OrderSpec:
    match time:
        case TimeInForce.GTC:
            return spec.gtc()
        case TimeInForce.IOC:
            return spec.ioc()
        case TimeInForce.FOK:
            return spec.fok()
        case TimeInForce.GTD:
            return spec.until(START + timedelta(days=2))
        case TimeInForce.OPG:
            return spec.on_open()
        case TimeInForce.DAY:
            return spec


def _case(kind: OrderType, time: TimeInForce) -> Case:
    spec = _SHAPES[kind]
    if kind is OrderType.LIMIT and time in _IMMEDIATE:
        spec = spec.limit("100.05")
    if kind is OrderType.LIMIT and time is TimeInForce.OPG:
        spec = spec.limit(110)
    at_once = (kind in _TAKES and time is not TimeInForce.OPG) or time in _IMMEDIATE
    return Case(_timed(spec, time), at_once)


def cases(market: Instrument) -> list[Case]:
    """The list. `market` is what the conditions look at, resolved."""
    rest = _SHAPES[OrderType.LIMIT]
    soon = START + timedelta(seconds=5)
    return [
        *(_case(kind, time) for kind, rule in TYPES.items() for time in TimeInForce if time in rule.times),
        Case(sell(10).trail(percent=2).gtc()),
        Case(sell(10).trail_limit(percent=2, offset=10)),
        Case(sell(10).trail(2, start=97)),
        Case(rest.outside_regular_hours()),
        Case(rest.after(soon)),
        Case(rest.display(2)),
        Case(rest.hidden()),
        Case(rest.at_least(2)),
        Case(rest.all_or_none()),
        Case(_SHAPES[OrderType.STOP].trigger_by(TriggerMethod.LAST)),
        Case(rest.algo(Adaptive("Urgent"))),
        Case(rest.algo(Twap("Marketable", start=START, end=CLOSE))),
        Case(rest.when(PriceAbove(market, 104))),
        Case(rest.when(PriceAbove(market, 104, method=TriggerMethod.LAST) & TimeAfter(soon), outside_hours=True)),
        Case(rest.when(PriceAbove(market, 900) & VolumeAbove(market, 10**12) | TimeAfter(soon) | MarginBelow(1))),
        Case(rest.when(ChangeAbove(market, 900) | TimeAfter(soon))),
        Case(rest.cancel_when(PriceAbove(market, 900))),
        Case(buy("2.5").limit(96)),
    ]
