"""Whether an order can be afforded, and what things are worth right now.

Marks are mid prices at the venue's step, remembered for that step. An order that only closes a position is always
allowed; any other must leave available funds at or above zero, with every open order of the account that adds to a
position counted as if filled (children of brackets and members of one-cancels-all groups are not counted: they stand
for alternatives).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.domain.values import Side
from ironbridge.exchange import fees
from ironbridge.exchange.accounts import MarginImpact
from ironbridge.exchange.checks import Fault
from ironbridge.exchange.commands import OrderTerms
from ironbridge.exchange.events import RejectReason
from ironbridge.exchange.hours import Hours
from ironbridge.exchange.ledger import Account
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import LiveOrder
from ironbridge.exchange.pledges import Pledges
from ironbridge.exchange.universe import Universe
from ironbridge.exchange.valuation import Market, worth

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_RATE = Decimal("0.0000000001")
_PAIRS = {("EUR", "USD"): 12087792, ("GBP", "USD"): 12087797, ("USD", "JPY"): 15016059}


class Credit:
    """Prices and means. `step` arguments are the venue's current step."""

    def __init__(self, universe: Universe, hours: Hours) -> None:
        self._universe = universe
        self._hours = hours
        self._marks: dict[int, Decimal] = {}
        self._rates: dict[tuple[str, str], Decimal] = {}
        self._step = -1
        self.pledges = Pledges()
        self.market = Market(self.mark, self._under, self.rate)

    def _fresh(self) -> int:
        step = self._hours.step
        if step != self._step:
            self._step = step
            self._marks.clear()
            self._rates.clear()
        return step

    def mark(self, listing: Listing) -> Decimal:
        """The mid price, in steps of half the smallest price step."""
        step = self._fresh()
        known = self._marks.get(listing.con_id)
        if known is None:
            tape = self._hours.tape
            track = tape.track(listing)
            live = tape.live_step(listing, step)
            top = track.top(live)
            if top.ask:
                known = (top.bid + top.ask) * track.unit / 2
            else:
                known = round(track.mid(live) / float(track.unit)) * track.unit
            self._marks[listing.con_id] = known
        return known

    def _under(self, listing: Listing) -> Listing | None:
        return self._universe.by_con_id(listing.under_con_id) if listing.kind is Kind.OPTION else None

    def rate(self, source: str, target: str) -> Decimal:
        """Value of one unit of a currency in another, at mid; through the dollar where need be."""
        if source == target:
            return Decimal(1)
        self._fresh()
        known = self._rates.get((source, target))
        if known is None:
            known = self._rates[source, target] = self._looked_up(source, target).quantize(_RATE)
        return known

    def _looked_up(self, source: str, target: str) -> Decimal:
        for pair, inverse in (((source, target), False), ((target, source), True)):
            con_id = _PAIRS.get(pair)
            listing = self._universe.by_con_id(con_id) if con_id is not None else None
            if listing is not None:
                return 1 / self.mark(listing) if inverse else self.mark(listing)
        if "USD" in {source, target}:
            return Decimal(1)
        return self.rate(source, "USD") * self.rate("USD", target)

    def price_for(self, side: Side, listing: Listing, step: int) -> Decimal:
        """What a market order would pay first; the mark where nobody quotes."""
        tape = self._hours.tape
        track = tape.track(listing)
        top = track.top(tape.live_step(listing, step))
        units = top.ask if side is Side.BUY else top.bid
        return units * track.unit if units else self.mark(listing)

    def units_for(self, terms: OrderTerms, listing: Listing, step: int) -> Decimal:
        """The quantity that a cash quantity buys, rounded down to the listing's quantity step; 0 if none."""
        cash = terms.cash_quantity
        price = terms.limit_price or self.price_for(terms.side, listing, step)
        if cash is None or not cash.is_finite() or cash <= 0 or price <= 0:
            return ZERO
        units = cash / (price * listing.multiplier) / listing.size_increment
        return units.to_integral_value(rounding=ROUND_FLOOR) * listing.size_increment

    def fault(
        self,
        account: Account,
        terms: OrderTerms,
        listing: Listing,
        old: LiveOrder | None,
        step: int,
    ) -> Fault | None:
        """Why the account cannot carry the order (in place of an `old` one), or None."""
        held = account.held(listing.con_id)
        signed = terms.side.sign * (terms.quantity - (old.filled if old is not None else ZERO))
        if abs(held + signed) <= abs(held) or terms.parent:
            return None
        if not account.margin and (signed < 0 or listing.kind is Kind.FUTURE):
            text = f"Account {account.name} has no margin: it can neither sell short nor trade futures."
            return Fault(RejectReason.BUYING_POWER, text, "account")
        price = self.worst(terms, listing, step)
        trades = [(listing, signed, price)]
        for con_id, quantity, at in self.pledges.of(account.name, without=old):
            other, position = self._universe.by_con_id(con_id), account.held(con_id)
            if other is not None and abs(position + quantity) > abs(position):
                trades.append((other, quantity, at))
        now = worth(account, self.market)
        then = worth(account, self.market, tuple(trades))
        fee = self.fee(terms, listing, account.currency, price)
        have = then.available - fee if account.margin else then.cash - fee
        if have >= 0:
            return None
        before = now.available if account.margin else now.cash
        text = (
            f"The order needs {_cents(before - have)} {account.currency} with the open orders; "
            f"{_cents(before)} are available."
        )
        return Fault(RejectReason.BUYING_POWER, text, "quantity")

    def worst(self, terms: OrderTerms, listing: Listing, step: int) -> Decimal:
        """The price that an order is expected to pay at worst; never below the market for a purchase that crosses."""
        market = self.price_for(terms.side, listing, step)
        limit = terms.limit_price or terms.stop_price
        if limit is None:
            return market
        return min(limit, market) if terms.side is Side.BUY and terms.stop_price is None else limit

    def fee(self, terms: OrderTerms, listing: Listing, base: str, price: Decimal) -> Decimal:
        """The commission of the whole order at a price, in the base currency."""
        currency = fees.commission_currency(listing, base)
        total = fees.commission(listing, terms.quantity, terms.quantity * price, self.rate(listing.currency, currency))
        return total * self.rate(currency, base)

    def impact(self, account: Account, terms: OrderTerms, listing: Listing, step: int) -> MarginImpact:
        """What the order would do to the account if it filled now."""
        if terms.cash_quantity is not None and not terms.quantity:
            terms = replace(terms, quantity=self.units_for(terms, listing, step))
        price = self.worst(terms, listing, step)
        before = worth(account, self.market)
        after = worth(account, self.market, ((listing, terms.side.sign * terms.quantity, price),))
        fee = self.fee(terms, listing, account.currency, price)
        return MarginImpact(
            currency=account.currency,
            initial_before=_cents(before.need.initial),
            initial_change=_cents(after.need.initial - before.need.initial),
            initial_after=_cents(after.need.initial),
            maintenance_before=_cents(before.need.maintenance),
            maintenance_change=_cents(after.need.maintenance - before.need.maintenance),
            maintenance_after=_cents(after.need.maintenance),
            equity_before=_cents(before.equity),
            equity_change=_cents(after.equity - before.equity - fee),
            equity_after=_cents(after.equity - fee),
            commission=fee.quantize(Decimal("0.0001")),
            commission_currency=account.currency,
        )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)
