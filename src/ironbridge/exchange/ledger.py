"""Whose money and whose positions.

Booking rules. Stocks and options move cash by quantity times price times multiplier. Futures move no cash when bought:
each fill and each daily settlement pays the change since the last of them into cash (variation margin). Currency pairs
move both currencies; their holding is kept for information and has no worth of its own. Commissions leave cash and
enter the average cost, as IB shows it.

Invariants: for every listing the position is the sum of its fills; cash changes by fills, commissions and settlements
alone; net liquidation less deposits equals realised plus unrealised profit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.domain.values import Side
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.listing import Listing

ZERO = Decimal(0)


@dataclass(slots=True)
class Holding:
    """One position.

    `cost` is signed as the quantity: what was paid for a long one, less than zero for what a short one brought.
    `settled` is the price up to which a future has been paid out. `day_value` is what the holding was worth when the
    day began, `day_flow` the money that fills moved since: worth now, less the one, plus the other, is the profit.
    """

    listing: Listing
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    settled: Decimal = ZERO
    realized: Decimal = ZERO
    day_value: Decimal = ZERO
    day_flow: Decimal = ZERO

    @property
    def average_cost(self) -> Decimal:
        return self.cost / self.quantity if self.quantity else ZERO

    def value(self, price: Decimal) -> Decimal:
        """Signed worth of the contracts at a price."""
        return self.quantity * price * self.listing.multiplier

    def unrealized(self, price: Decimal) -> Decimal:
        return self.value(price) - self.cost


@dataclass(slots=True)
class Account:
    """Cash and holdings of one account; amounts of a holding are in its listing's currency."""

    name: str
    currency: str
    margin: bool
    cash: dict[str, Decimal]
    holdings: dict[int, Holding] = field(default_factory=dict)
    commissions: Decimal = ZERO
    day_equity: Decimal | None = None

    def pay(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self.cash.get(currency, ZERO) + amount

    def held(self, con_id: int) -> Decimal:
        holding = self.holdings.get(con_id)
        return holding.quantity if holding is not None else ZERO

    def open_holdings(self) -> list[Holding]:
        return [holding for holding in self.holdings.values() if holding.quantity]

    def book(
        self, listing: Listing, side: Side, quantity: Decimal, price: Decimal, fee: Decimal, fee_currency: str
    ) -> Decimal | None:
        """Books a fill; gives the profit it realised after commissions, or None when it closed nothing."""
        holding = self.holdings.setdefault(listing.con_id, Holding(listing))
        signed = side.sign * quantity
        worth = signed * price * listing.multiplier
        if listing.kind is Kind.FUTURE:
            self.settle(holding, price)
            holding.day_flow -= worth
        elif listing.kind is Kind.FOREX:
            self.pay(listing.symbol, signed)
            self.pay(listing.currency, -worth)
        else:
            self.pay(listing.currency, -worth)
            holding.day_flow -= worth
        self.pay(fee_currency, -fee)
        self.commissions += fee
        return self._carry(holding, signed, worth, fee if fee_currency == listing.currency else ZERO)

    @staticmethod
    def _carry(holding: Holding, signed: Decimal, worth: Decimal, fee: Decimal) -> Decimal | None:
        """Moves quantity and cost; what closes a position realises profit, what opens one adds to its cost."""
        holding.day_flow -= fee
        closing = min(abs(signed), abs(holding.quantity)) if signed * holding.quantity < 0 else ZERO
        if not closing:
            holding.quantity += signed
            holding.cost += worth + fee
            return None
        share = closing / abs(signed)
        released = holding.cost * closing / abs(holding.quantity)
        realized = -worth * share - released - fee * share
        holding.cost -= released
        holding.quantity += signed
        if share < 1:
            holding.cost = (worth + fee) * (1 - share)
        elif not holding.quantity:
            holding.cost = ZERO
        holding.realized += realized
        return realized

    def settle(self, holding: Holding, price: Decimal) -> Decimal:
        """Pays the variation of a future up to `price` into cash."""
        amount = holding.value(price) - holding.value(holding.settled)
        holding.settled = price
        if amount:
            self.pay(holding.listing.currency, amount)
        return amount

    def close(self, holding: Holding, price: Decimal) -> Decimal:
        """Ends a holding at a settlement price, without a fee; gives the realised profit."""
        side = Side.SELL if holding.quantity > 0 else Side.BUY
        currency = holding.listing.currency
        return self.book(holding.listing, side, abs(holding.quantity), price, ZERO, currency) or ZERO

    def begin_day(self, mark: Callable[[Listing], Decimal], equity: Decimal) -> None:
        """Starts the day's profit anew."""
        self.day_equity = equity
        for con_id, holding in list(self.holdings.items()):
            holding.day_value = holding.value(mark(holding.listing)) if holding.quantity else ZERO
            holding.day_flow = ZERO
            if not holding.quantity and not holding.realized:
                del self.holdings[con_id]


class Ledger:
    """The accounts of the venue."""

    def __init__(self, specs: tuple[AccountSpec, ...]) -> None:
        self.accounts: dict[str, Account] = {
            spec.name: Account(spec.name, spec.currency, spec.margin, dict(spec.cash)) for spec in specs
        }

    def get(self, name: str) -> Account | None:
        return self.accounts.get(name)


def converted(amounts: Mapping[str, Decimal], rates: Mapping[str, Decimal]) -> Decimal:
    """The sum of amounts in several currencies, in the currency that the rates are quoted in."""
    return sum((amount * rates[currency] for currency, amount in amounts.items()), ZERO)
