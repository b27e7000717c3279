"""One order before the gate, and every number that a limit may ask of it.

Numbers that cannot be known are None, and `known` turns a None into a refusal: what cannot be judged is not passed.
Every number is the worst that can come of it: all that is open on one side filled, nothing of it undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.market import Quote
from ironbridge.domain.order import OrderRequest, OrderSpec
from ironbridge.domain.order_state import ZERO, Order
from ironbridge.domain.risk import RiskLimits
from ironbridge.domain.scope import Scope, ScopeKind
from ironbridge.domain.values import Side, decimal_of, plain
from ironbridge.errors import OrderRefused
from ironbridge.interfaces import RiskFacts
from ironbridge.risk.legs import moves_of
from ironbridge.risk.tally import Tally

V = TypeVar("V")

SETTLE = timedelta(seconds=3)
"""How long a fill may be known here and not yet in the broker's positions: it counts beside them for that long."""

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Open:
    """What of an order can still trade."""

    request: OrderRequest
    quantity: Decimal


@dataclass(slots=True)
class Case:
    """One order and what it is judged by.

    Parameters:
        request: the order.
        contract: what it is for.
        quote: the newest quote, None where there is none.
        now: the moment.
        facts: what is known of accounts.
        tally: what is known of orders.
        pending: orders that were let through and are not in the tally yet.
        replacing: the order that this one takes the place of, where it is a modification.
        prices: the last price that each contract was judged by.
    """

    request: OrderRequest
    contract: Contract
    quote: Quote | None
    now: datetime
    facts: RiskFacts
    tally: Tally
    pending: Iterable[OrderRequest] = ()
    replacing: Order | None = None
    prices: dict[int, Decimal] = field(default_factory=dict)
    _price: Decimal | None = None
    _priced: bool = False

    @property
    def spec(self) -> OrderSpec:
        return self.request.spec

    @property
    def con_id(self) -> int:
        return self.request.instrument.con_id

    @property
    def sign(self) -> int:
        return self.spec.side.sign

    @property
    def quantity(self) -> Decimal:
        """Units that the order can still trade: of a modification, what is not yet filled."""
        filled = ZERO if self.replacing is None else self.replacing.filled
        return max(self.units - filled, ZERO)

    @property
    def units(self) -> Decimal:
        """The order's quantity; of an order for an amount of money, how many units that is at its price.

        Raises:
            OrderRefused: it is for money and no price is known, so that nobody can say how much it is.
        """
        cash = self.spec.cash_quantity
        if cash is None:
            return self.spec.quantity
        price = self.known(self.price or None, "cash_quantity", cash, f"A price of {self.request.instrument}")
        return cash / abs(price * self.contract.multiplier)

    @property
    def price(self) -> Decimal | None:
        """The price by which the order's size in money is judged: its own, or what the market asks for."""
        if not self._priced:
            self._price, self._priced = expected_price(self.spec, self.quote), True
            if self._price is not None:
                self.prices[self.con_id] = abs(self._price)
        return self._price

    @property
    def notional(self) -> Decimal | None:
        """Quantity times price times multiplier, in the instrument's currency; or the money that it is for."""
        if self.spec.cash_quantity is not None:
            return self.spec.cash_quantity
        price = self.price
        return None if price is None else abs(self.spec.quantity * price * self.contract.multiplier)

    def open_orders(self, scope: Scope) -> Iterator[Open]:
        """Everything else of this account in the scope that can still trade."""
        own = self.request.key
        for order in self.tally.live():
            if order.key != own and order.request.account == self.request.account and scope.covers(order.request):
                yield self._standing(order)
        for request in self.pending:
            if request.key != own and request.account == self.request.account and scope.covers(request):
                yield Open(request, self._units_of(request))

    def _standing(self, order: Order) -> Open:
        """What the order may trade, by the terms in force or by those it was asked to take, whichever is more."""
        spec, pending = order.terms, order.pending
        if pending is not None and pending.spec.quantity > spec.quantity:
            spec = pending.spec
        request = replace(order.request, spec=spec)
        return Open(request, max(self._units_of(request) - order.filled, ZERO))

    def _units_of(self, request: OrderRequest) -> Decimal:
        """The quantity of another order; of one for an amount of money, at its own price or the last one known."""
        cash, instrument = request.spec.cash_quantity, request.instrument
        if cash is None:
            return request.spec.quantity
        last = self.price if instrument.con_id == self.con_id else self.prices.get(instrument.con_id)
        price = self.known(own_price(request.spec) or last, "cash_quantity", cash, f"A price of {instrument}")
        return cash / abs(price * multiplier_of(instrument))

    @property
    def moves(self) -> Mapping[int, int]:
        """What one unit of the order does to the position in each contract, by con_id."""
        return moves_of(self.request.instrument, self.spec.side)

    def unsettled(self, scope: Scope) -> Iterator[tuple[int, Decimal]]:
        """What was filled a moment ago of each contract of the order, and may not be in the broker's positions yet."""
        if scope.kind is ScopeKind.STRATEGY:
            return  # whose position is its fills
        for con_id in self.moves:
            bought, sold = self.tally.traded_since(self.request.account, con_id, self.now - SETTLE)
            yield con_id, bought - sold

    def position(self, scope: Scope, con_id: int) -> tuple[Decimal, Decimal] | None:
        """The lowest and the highest that is held of the contract, by the account or by the scope's strategy."""
        account = self.request.account
        if scope.kind is ScopeKind.STRATEGY:
            held = self.tally.strategy_positions(scope.name, account).get(con_id, ZERO)
            return held, held
        broker = self.facts.position(account, con_id)
        if broker is None:
            return None
        bought, sold = self.tally.traded_since(account, con_id, self.now - SETTLE)
        return min(broker, broker + bought - sold), max(broker, broker + bought - sold)

    def position_after(self, scope: Scope, con_id: int) -> Decimal | None:
        """The largest position in one contract of the order, on the side to which the order moves it.

        All that is open on that side is filled, legs of combinations included; positive where it is held.
        """
        held = self.position(scope, con_id)
        if held is None:
            return None
        move = self.moves[con_id]
        furthest = held[1] if move > 0 else -held[0]
        for each in self.open_orders(scope):
            other = moves_of(each.request.instrument, each.request.spec.side).get(con_id, 0)
            if other * move > 0:
                furthest += abs(other) * each.quantity
        return furthest + abs(move) * self.quantity

    def reduces(self) -> bool:
        """Whether the order can only make the account's positions smaller, whatever else of its side is open."""
        moves = self.moves
        return bool(moves) and all(self._reduces(con_id, move) for con_id, move in moves.items())

    def _reduces(self, con_id: int, move: int) -> bool:
        held = self.position(Scope(), con_id)
        if held is None:
            return False
        least = -held[1] if move > 0 else held[0]  # what there is at least to take from, were it all confirmed
        furthest = self.position_after(Scope(), con_id)
        return least > 0 and furthest is not None and furthest <= 0

    def in_base(self, amount: Decimal, currency: str) -> Decimal | None:
        """The amount in the account's base currency."""
        rate = self.facts.fx(self.request.account, currency)
        return None if rate is None else amount * rate

    def known(self, value: V | None, rule: str, limit: object, what: str) -> V:
        """The value, where there is one.

        Raises:
            OrderRefused: it is not known, so that the limit cannot be held against it.
        """
        if value is not None:
            return value
        why = f" ({self.facts.interrupted_by})" if self.facts.interrupted_by else ""
        raise OrderRefused(
            f"{what} is not known{why}, so the limit {rule} cannot be held against it.",
            rule=rule,
            limit=str(limit),
            value="unknown",
            next_step="Wait until it is known, or take the limit away.",
        )


Check = Callable[[Case, Scope, RiskLimits], None]
"""Returns where the order keeps the limit, and raises `OrderRefused` where it does not."""


def refusal(rule: str, scope: Scope, limit: object, value: object, text: str, next_step: str) -> OrderRefused:
    """A refusal that names the limit, whose it is, its value and the order's."""
    of = "" if scope.kind is ScopeKind.ALL else f" (a limit of {scope})"
    shown = [plain(each) if isinstance(each, Decimal) else str(each) for each in (limit, value)]
    return OrderRefused(f"{text}{of}.", rule=rule, limit=shown[0], value=shown[1], next_step=next_step)


def own_price(spec: OrderSpec) -> Decimal | None:
    """The worst price that the order itself allows, None where it allows any."""
    return spec.limit_price if spec.limit_price is not None else spec.stop_price


def market_price(side: Side, quote: Quote | None) -> Decimal | None:
    """What the market asks for at once: the opposite side, else the last price."""
    if quote is None:
        return None
    opposite = quote.ask if side is Side.BUY else quote.bid
    price = opposite if opposite is not None else quote.last
    return None if price is None else decimal_of(price, "price")


def expected_price(spec: OrderSpec, quote: Quote | None) -> Decimal | None:
    """The price by which an order is judged."""
    own = own_price(spec)
    return own if own is not None else market_price(spec.side, quote)


def multiplier_of(instrument: Instrument) -> Decimal:
    """Units of the underlying in one unit of the instrument."""
    return instrument.multiplier or ONE
