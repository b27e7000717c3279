"""`OrderSpec`, the shape of an order: what a strategy writes, apart from what it is for.

``buy(10).limit("227.35").gtc()``: begin with `buy` or `sell` (a market order for the day) and refine; every step gives
a new, frozen spec. A spec holds itself to the prices of its type (`order_types.TYPES`) and to amounts that can be
meant. What IB refuses in combination, and what a contract does not take, is judged where it is sent
(`orders.validation`): so what was recorded once stays readable, however the rules change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ironbridge.domain.algos import Algo
from ironbridge.domain.conditions import Condition, Conditions, conditions_of, to_second
from ironbridge.domain.order_shape import check_shape
from ironbridge.domain.order_types import PRICES, TYPES, OrderType, TimeInForce, TriggerMethod
from ironbridge.domain.order_words import terms
from ironbridge.domain.scale import Scale
from ironbridge.domain.values import Number, Side, decimal_of, plain
from ironbridge.errors import InvalidOrder

_LIMITED = {
    OrderType.STOP: OrderType.STOP_LIMIT, OrderType.STOP_LIMIT: OrderType.STOP_LIMIT,
    OrderType.MARKET_IF_TOUCHED: OrderType.LIMIT_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED: OrderType.LIMIT_IF_TOUCHED,
    OrderType.MARKET_ON_CLOSE: OrderType.LIMIT_ON_CLOSE, OrderType.LIMIT_ON_CLOSE: OrderType.LIMIT_ON_CLOSE,
    OrderType.RELATIVE: OrderType.RELATIVE, OrderType.PEG_MIDPOINT: OrderType.PEG_MIDPOINT,
    OrderType.MIDPRICE: OrderType.MIDPRICE,
}  # fmt: skip
"""What an order becomes when it is given a limit; any other becomes a limit order."""


@dataclass(frozen=True, slots=True)
class OrderSpec:
    """The shape of an order, apart from what it is for.

    Begin with `buy` or `sell` (a market order for the day) and refine; every step gives a new spec:
    ``buy(10).limit("227.35").gtc()``. Prices and distances are in the instrument's currency, quantities in its units.

    Parameters:
        side: buy or sell.
        quantity: how many units, positive; 0 only where `cash_quantity` says how much.
        order_type: see `OrderType`.
        limit_price: worst price to trade at; the cap of a pegged or midprice order.
        stop_price: price that sets the order off; where a trailing stop starts, None for its distance from the market.
        time_in_force: how long it stands.
        outside_hours: whether it may trade outside the regular session.
        trail_amount: how far a trailing stop stays behind the market, in price.
        trail_percent: the same in per cent of the price.
        limit_offset: how far beyond its stop a trailing stop-limit may trade, in price.
        offset: how far from its reference a pegged order stands, in price: better than it for relative orders, worse
            than the middle for those pegged to the midpoint.
        cash_quantity: how much money to trade for, in the instrument's currency, instead of a quantity.
        good_till: when the order ends by itself (GTD), aware, in whole seconds.
        good_after: when it begins to work, aware, in whole seconds.
        conditions: what must be true before it works, or for it to be cancelled.
        algorithm: the algorithm of IB's that works it.
        scaling: how it is split into levels.
        display_size: how many units the book shows of it (iceberg).
        min_quantity: the fewest units that one fill may be.
        is_all_or_none: whether it fills whole or not at all, however long that takes.
        is_hidden: whether the book shows nothing of it.
        trigger_method: which price sets it off.
        discretionary_amount: how much worse than its limit it may trade without showing it, in price.
        is_guaranteed: whether a combination's legs fill together; an unguaranteed one may fill in one leg alone.

    Raises:
        InvalidOrder: a quantity that is not positive, prices that do not fit the type, or amounts that cannot be meant.
    """

    side: Side
    quantity: Decimal
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    outside_hours: bool = False
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    limit_offset: Decimal | None = None
    offset: Decimal | None = None
    cash_quantity: Decimal | None = None
    good_till: datetime | None = None
    good_after: datetime | None = None
    conditions: Conditions | None = None
    algorithm: Algo | None = None
    scaling: Scale | None = None
    display_size: int | None = None
    min_quantity: int | None = None
    is_all_or_none: bool = False
    is_hidden: bool = False
    trigger_method: TriggerMethod = TriggerMethod.DEFAULT
    discretionary_amount: Decimal | None = None
    is_guaranteed: bool = True

    def __post_init__(self) -> None:
        check_shape(self)

    # how it finds its price

    def market(self) -> OrderSpec:
        """A market order."""
        return self._as(OrderType.MARKET)

    def limit(self, price: Number | None) -> OrderSpec:
        """A limit order at `price`; after `stop`, `touched` or `on_close`, their limit form; after a peg, its cap."""
        kind = _LIMITED.get(self.order_type, OrderType.LIMIT)
        kept = {name: getattr(self, name) for name in ("stop_price", "offset") if name in TYPES[kind].prices}
        return self._as(kind, **kept, limit_price=_price(price, "limit price"))

    def stop(self, price: Number | None) -> OrderSpec:
        """A stop order set off at `price`; after `limit`, a stop-limit order."""
        return self._waiting(OrderType.STOP, OrderType.STOP_LIMIT, price, "stop price")

    def touched(self, price: Number | None) -> OrderSpec:
        """A market order sent once the market touches `price` from the better side; after `limit`, a limit order."""
        return self._waiting(OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED, price, "trigger price")

    def trail(
        self, amount: Number | None = None, *, percent: Number | None = None, start: Number | None = None
    ) -> OrderSpec:
        """A trailing stop: it follows the market at `amount` in price or `percent` per cent, and never goes back.

        Parameters:
            amount: the distance in price.
            percent: the distance in per cent, instead of an amount.
            start: where the stop starts; None for its distance from the market.

        Raises:
            InvalidOrder: both distances, or none.
        """
        return self._as(OrderType.TRAIL, **_distance(amount, percent, start))

    def trail_limit(
        self,
        amount: Number | None = None,
        *,
        offset: Number,
        percent: Number | None = None,
        start: Number | None = None,
    ) -> OrderSpec:
        """A trailing stop that, once set off, becomes a limit order `offset` beyond the stop; otherwise as `trail`."""
        distance = _distance(amount, percent, start)
        return self._as(OrderType.TRAIL_LIMIT, **distance, limit_offset=decimal_of(offset, "limit offset"))

    def on_close(self) -> OrderSpec:
        """Trades in the closing auction; after `limit`, no worse than that."""
        limited = self.order_type in {OrderType.LIMIT, OrderType.LIMIT_ON_CLOSE}
        if limited:
            return self._as(OrderType.LIMIT_ON_CLOSE, limit_price=self.limit_price)
        return self._as(OrderType.MARKET_ON_CLOSE)

    def on_open(self) -> OrderSpec:
        """Trades in the opening auction (OPG); after `limit`, no worse than that."""
        return replace(self, time_in_force=TimeInForce.OPG, good_till=None)

    def market_to_limit(self) -> OrderSpec:
        """Trades at the market; what is left becomes a limit order at the price of the fill."""
        return self._as(OrderType.MARKET_TO_LIMIT)

    def relative(self, offset: Number = 0, *, cap: Number | None = None) -> OrderSpec:
        """Stands at the own side of the market, bettered by `offset` in price, never worse than `cap`."""
        return self._pegged(OrderType.RELATIVE, offset, cap)

    def peg_mid(self, offset: Number = 0, *, cap: Number | None = None) -> OrderSpec:
        """Stands at the midpoint, `offset` in price on the safe side of it, never worse than `cap`."""
        return self._pegged(OrderType.PEG_MIDPOINT, offset, cap)

    def midprice(self, cap: Number | None = None) -> OrderSpec:
        """Trades at the midpoint or better, never worse than `cap`."""
        return self._as(OrderType.MIDPRICE, limit_price=None if cap is None else decimal_of(cap, "cap"))

    # how long it stands

    def day(self) -> OrderSpec:
        """Stands until the session ends."""
        return self._for(TimeInForce.DAY)

    def gtc(self) -> OrderSpec:
        """Stands until it is cancelled."""
        return self._for(TimeInForce.GTC)

    def ioc(self) -> OrderSpec:
        """Trades at once what it can; the rest is cancelled."""
        return self._for(TimeInForce.IOC)

    def fok(self) -> OrderSpec:
        """Trades at once and whole, or not at all."""
        return self._for(TimeInForce.FOK)

    def until(self, moment: datetime) -> OrderSpec:
        """Stands until `moment` (GTD), aware; a part of a second is dropped."""
        return replace(self, time_in_force=TimeInForce.GTD, good_till=to_second(moment))

    def after(self, moment: datetime) -> OrderSpec:
        """Begins to work at `moment`, aware; a part of a second is dropped."""
        return replace(self, good_after=to_second(moment))

    def outside_regular_hours(self) -> OrderSpec:
        """May trade outside the regular session."""
        return replace(self, outside_hours=True)

    # what else goes with it

    def when(self, conditions: Condition | Conditions, *, outside_hours: bool = False) -> OrderSpec:
        """Works once the conditions are met, such as ``PriceAbove(spy, 680) & TimeAfter(ten)``.

        Parameters:
            conditions: one, or several joined by & and |.
            outside_hours: look at them outside the regular session too.
        """
        wanted = replace(conditions_of(conditions), cancel=False, outside_hours=outside_hours)
        return replace(self, conditions=wanted)

    def cancel_when(self, conditions: Condition | Conditions, *, outside_hours: bool = False) -> OrderSpec:
        """Works at once and is cancelled when the conditions are met; otherwise as `when`."""
        wanted = replace(conditions_of(conditions), cancel=True, outside_hours=outside_hours)
        return replace(self, conditions=wanted)

    def algo(self, algorithm: Algo) -> OrderSpec:
        """Is worked by an algorithm of IB's: ``algo(Adaptive("Urgent"))``. For market and limit orders."""
        return replace(self, algorithm=algorithm)

    def scale(self, scaling: Scale) -> OrderSpec:
        """Goes out in levels, each at a better price."""
        return replace(self, scaling=scaling)

    def cash(self, amount: Number) -> OrderSpec:
        """For this much money, in the instrument's currency, instead of a quantity; IB works out how many units."""
        return replace(self, quantity=Decimal(0), cash_quantity=decimal_of(amount, "cash quantity"))

    def display(self, size: int) -> OrderSpec:
        """Shows no more than `size` units at a time (iceberg)."""
        return replace(self, display_size=size)

    def at_least(self, size: int) -> OrderSpec:
        """Takes no fill of fewer than `size` units."""
        return replace(self, min_quantity=size)

    def all_or_none(self) -> OrderSpec:
        """Fills whole or not at all, however long that takes."""
        return replace(self, is_all_or_none=True)

    def hidden(self) -> OrderSpec:
        """Is not shown in the book."""
        return replace(self, is_hidden=True)

    def trigger_by(self, method: TriggerMethod) -> OrderSpec:
        """Says which price sets it off."""
        return replace(self, trigger_method=method)

    def discretionary(self, amount: Number) -> OrderSpec:
        """May trade `amount` (in price) worse than its limit, without showing it."""
        return replace(self, discretionary_amount=decimal_of(amount, "discretionary amount"))

    def not_guaranteed(self) -> OrderSpec:
        """For combinations: the legs need not fill together."""
        return replace(self, is_guaranteed=False)

    @property
    def size(self) -> str:
        """How much, for people: the quantity, or "1000 in cash"."""
        return plain(self.quantity) if self.cash_quantity is None else f"{plain(self.cash_quantity)} in cash"

    def __str__(self) -> str:
        return f"{self.side} {self.size} {terms(self)}"

    def _as(self, kind: OrderType, **prices: Decimal | None) -> OrderSpec:
        cleared: dict[str, Any] = {**dict.fromkeys(PRICES), **prices}
        return replace(self, order_type=kind, **cleared)

    def _for(self, time_in_force: TimeInForce) -> OrderSpec:
        return replace(self, time_in_force=time_in_force, good_till=None)

    def _waiting(self, plain_kind: OrderType, limited: OrderType, price: Number | None, name: str) -> OrderSpec:
        stop = _price(price, name)
        if self.order_type in {OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED}:
            return self._as(limited, stop_price=stop, limit_price=self.limit_price)
        return self._as(plain_kind, stop_price=stop)

    def _pegged(self, kind: OrderType, offset: Number, cap: Number | None) -> OrderSpec:
        limit = None if cap is None else decimal_of(cap, "cap")
        return self._as(kind, offset=decimal_of(offset, "offset"), limit_price=limit)


def buy(quantity: Number | None = None, *, cash: Number | None = None) -> OrderSpec:
    """A market order to buy, to be refined: ``buy(10).limit("227.35")``.

    Parameters:
        quantity: how many units.
        cash: how much money to buy for, in the instrument's currency, instead of a quantity.

    Raises:
        InvalidInput: neither or both of them, or no number.
    """
    return _begin(Side.BUY, quantity, cash)


def sell(quantity: Number | None = None, *, cash: Number | None = None) -> OrderSpec:
    """A market order to sell, to be refined: ``sell(10).stop(220)``.

    Parameters:
        quantity: how many units.
        cash: how much money to sell for, in the instrument's currency, instead of a quantity.

    Raises:
        InvalidInput: neither or both of them, or no number.
    """
    return _begin(Side.SELL, quantity, cash)


def _begin(side: Side, quantity: Number | None, cash: Number | None) -> OrderSpec:
    units = Decimal(0) if quantity is None and cash is not None else decimal_of(quantity, "quantity")  # type: ignore[arg-type]  # None is refused there
    return OrderSpec(side, units, cash_quantity=None if cash is None else decimal_of(cash, "cash quantity"))


def _price(price: Number | None, name: str) -> Decimal:
    if price is None:
        raise InvalidOrder(
            f"The {name} is None.",
            next_step="A quote without that side gives None; wait for one that has it.",
        )
    return decimal_of(price, name)


def _distance(amount: Number | None, percent: Number | None, start: Number | None) -> dict[str, Decimal | None]:
    return {
        "trail_amount": None if amount is None else decimal_of(amount, "trail amount"),
        "trail_percent": None if percent is None else decimal_of(percent, "trail percent"),
        "stop_price": None if start is None else decimal_of(start, "start"),
    }
