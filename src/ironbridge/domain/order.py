"""What is to be traded: the shape of an order, the order as it is asked for, and the order that may be sent.

Three types, one after the other, so that no step can be left out: `OrderSpec` is the shape that a strategy writes
(``buy(10).limit("227.35")``), `OrderRequest` ties it to an instrument, an account and a key, `RiskApproved` is a
request that has passed the gate. The broker takes nothing but the last.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ironbridge.domain.instrument import Instrument, Kind
from ironbridge.domain.values import Number, Side, decimal_of, plain
from ironbridge.errors import InvalidOrder


class OrderType(StrEnum):
    """The order types, by IB's own names."""

    MARKET = "MKT"
    LIMIT = "LMT"
    STOP = "STP"
    STOP_LIMIT = "STP LMT"


class TimeInForce(StrEnum):
    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


NEEDS_LIMIT = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
NEEDS_STOP = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})


@dataclass(frozen=True, slots=True)
class OrderSpec:
    """The shape of an order, apart from what it is for.

    Begin with `buy` or `sell` (a market order for the day) and refine; every step gives a new spec:
    ``buy(10).limit("227.35").gtc()``.

    Parameters:
        side: buy or sell.
        quantity: how many units, positive.
        order_type: see `OrderType`.
        limit_price: worst price to trade at, in the instrument's currency.
        stop_price: price that sets the order off.
        time_in_force: how long it stands.
        outside_hours: whether it may trade outside the regular session.

    Raises:
        InvalidOrder: a quantity that is not positive, or prices that do not fit the type.
    """

    side: Side
    quantity: Decimal
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    outside_hours: bool = False

    def __post_init__(self) -> None:
        if not self.quantity.is_finite() or self.quantity <= 0:
            raise InvalidOrder(
                f"The quantity {plain(self.quantity) if self.quantity.is_finite() else self.quantity} is not positive.",
                next_step="Give how many units to trade; sell(...) makes a sale, not a minus sign.",
            )
        for name, price, wanted in (
            ("limit price", self.limit_price, self.order_type in NEEDS_LIMIT),
            ("stop price", self.stop_price, self.order_type in NEEDS_STOP),
        ):
            if wanted and price is None:
                raise InvalidOrder(
                    f"A {self.order_type} order needs a {name}.", next_step="Give it, or choose another order type."
                )
            if not wanted and price is not None:
                raise InvalidOrder(
                    f"A {self.order_type} order takes no {name}.",
                    next_step="Leave it out, or choose an order type that has one.",
                )
            if price is not None and not price.is_finite():
                raise InvalidOrder(f"The {name} {price} is not a number.")

    def limit(self, price: Number | None) -> OrderSpec:
        """A limit order at `price`; after `stop`, a stop-limit order."""
        kind = OrderType.STOP_LIMIT if self.stop_price is not None else OrderType.LIMIT
        return replace(self, order_type=kind, limit_price=_price(price, "limit price"))

    def stop(self, price: Number | None) -> OrderSpec:
        """A stop order set off at `price`; after `limit`, a stop-limit order."""
        kind = OrderType.STOP_LIMIT if self.limit_price is not None else OrderType.STOP
        return replace(self, order_type=kind, stop_price=_price(price, "stop price"))

    def day(self) -> OrderSpec:
        """Stands until the session ends."""
        return replace(self, time_in_force=TimeInForce.DAY)

    def gtc(self) -> OrderSpec:
        """Stands until it is cancelled."""
        return replace(self, time_in_force=TimeInForce.GTC)

    def ioc(self) -> OrderSpec:
        """Trades at once what it can; the rest is cancelled."""
        return replace(self, time_in_force=TimeInForce.IOC)

    def fok(self) -> OrderSpec:
        """Trades at once and whole, or not at all."""
        return replace(self, time_in_force=TimeInForce.FOK)

    def outside_regular_hours(self) -> OrderSpec:
        """May trade outside the regular session."""
        return replace(self, outside_hours=True)

    def __str__(self) -> str:
        words = [str(self.side), plain(self.quantity), str(self.order_type)]
        if self.limit_price is not None:
            words.append(plain(self.limit_price))
        if self.stop_price is not None:
            words.append(f"stop {plain(self.stop_price)}")
        words.append(str(self.time_in_force))
        return " ".join(words)


def buy(quantity: Number) -> OrderSpec:
    """A market order to buy, to be refined: ``buy(10).limit("227.35")``."""
    return OrderSpec(Side.BUY, decimal_of(quantity, "quantity"))


def sell(quantity: Number) -> OrderSpec:
    """A market order to sell, to be refined: ``sell(10).stop(220)``."""
    return OrderSpec(Side.SELL, decimal_of(quantity, "quantity"))


def _price(price: Number | None, name: str) -> Decimal:
    if price is None:
        raise InvalidOrder(
            f"The {name} is None.",
            next_step="A quote without that side gives None; wait for one that has it.",
        )
    return decimal_of(price, name)


KEY_LENGTH = 200
"""Longest key, in characters: room for any UUID, URL or composed name, small enough to index."""

_KEY = re.compile(rf"^[\x20-\x7e]{{1,{KEY_LENGTH}}}\Z")
_REF = re.compile(r"^[A-Za-z0-9._:-]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as it is asked for. Its key makes it one order however often it is asked for (ORD-2).

    Parameters:
        key: the caller's name for this order, 1 to 200 printable ASCII characters.
        instrument: what to trade, resolved (`con_id` known).
        spec: the shape of the order.
        account: the account it is for.
        strategy: who asks, for limits and the audit; free text.

    Raises:
        InvalidOrder: a key that is empty or too long, or an instrument that cannot be ordered.
    """

    key: str
    instrument: Instrument
    spec: OrderSpec
    account: str
    strategy: str = ""

    def __post_init__(self) -> None:
        check_key(self.key)
        if self.instrument.kind is Kind.INDEX:
            raise InvalidOrder(
                f"{self.instrument} is an index and cannot be ordered.",
                next_step="Order a future, option or fund on it.",
            )

    @property
    def fingerprint(self) -> str:
        """Hash of the content: the same key with another fingerprint is a conflict."""
        i, s = self.instrument, self.spec
        content = (
            i.kind, i.con_id, i.exchange, s.side, plain(s.quantity), s.order_type,
            "" if s.limit_price is None else plain(s.limit_price),
            "" if s.stop_price is None else plain(s.stop_price),
            s.time_in_force, s.outside_hours, self.account, self.strategy,
        )  # fmt: skip
        return hashlib.sha256("\x1f".join(str(part) for part in content).encode()).hexdigest()

    @property
    def ref(self) -> str:
        """What the order carries at IB as its orderRef, made from the key alone.

        Open orders, completed orders and executions bring it back, so that an order can be told from any other even
        where its id is not known. A key of up to 32 plain characters is its own ref, so that people see it in TWS.
        """
        return order_ref(self.key)


def check_key(key: str) -> str:
    """The key, if it can be one.

    Raises:
        InvalidOrder: it is empty, too long or not printable ASCII.
    """
    if not _KEY.match(str(key)):
        raise InvalidOrder(
            f"{key!r:.60} is not an order key.",
            next_step=f"Give 1 to {KEY_LENGTH} printable ASCII characters.",
        )
    return key


def order_ref(key: str) -> str:
    """The orderRef that stands for a key; see `OrderRequest.ref`."""
    return key if _REF.match(key) else "#" + hashlib.sha256(key.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class RiskApproved:
    """A request that has passed the gate. Only `ironbridge.risk.gate` makes one (tests/arch holds it to that).

    Parameters:
        request: the request that was checked.
        checks: the names of the limits it passed.
        at: when.
    """

    request: OrderRequest
    checks: tuple[str, ...]
    at: datetime
