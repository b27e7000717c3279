"""Whether an order can be afforded, and what things are worth right now.

Marks are mid prices at the venue's step, remembered for that step. An order that only closes a position is always
allowed; any other must leave available funds at or above zero, with every open order of the account that adds to a
position counted as if filled (children of brackets and members of one-cancels-all groups are not counted: they stand
for alternatives; nor are combinations). A child that only closes what its parent opens is allowed with it.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.domain.values import Side
from ironbridge.exchange import combos, fees
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
        self, account: Account, terms: OrderTerms, listing: Listing, old: LiveOrder | None, step: int
    ) -> Fault | None:
        """Why the account cannot carry the order (in place of an `old` one), or None."""
        open_quantity = terms.quantity - (old.filled if old is not None else ZERO)
        trades = self._trades(terms, listing, open_quantity, step)
        if not any(_adds(account, trade) for trade in trades):
            return None
        if not account.margin and any(_borrows(account, trade) for trade in trades):
            text = f"Account {account.name} has no margin: it can neither sell short nor trade futures."
            return Fault(RejectReason.BUYING_POWER, text, "account")
        for con_id, quantity, price in self.pledges.of(account.name, without=old):
            other = self._universe.by_con_id(con_id)
            if other is not None and _adds(account, (other, quantity, price)):
                trades.append((other, quantity, price))
        now = worth(account, self.market)
        then = worth(account, self.market, tuple(trades))
        fee = self._fee(trades[: max(1, len(terms.legs))], account.currency)
        have = then.available - fee if account.margin else then.cash - fee
        before = now.available if account.margin else now.cash
        if have >= 0:
            return None
        text = (
            f"The order needs {_cents(before - have)} {account.currency} with the open orders; "
            f"{_cents(before)} are available."
        )
        return Fault(RejectReason.BUYING_POWER, text, "quantity")

    def _trades(
        self, terms: OrderTerms, listing: Listing, quantity: Decimal, step: int
    ) -> list[tuple[Listing, Decimal, Decimal]]:
        """(listing, signed quantity, price) of what the order would trade: itself, or its legs."""
        if not terms.legs:
            return [(listing, terms.side.sign * quantity, self.worst(terms, listing, step))]
        trades = []
        for leg in terms.legs:
            part, side = self._universe.by_con_id(leg.con_id), combos.leg_side(terms.side, leg)
            assert part is not None
            trades.append((part, side.sign * quantity * leg.ratio, self.price_for(side, part, step)))
        return trades

    def worst(self, terms: OrderTerms, listing: Listing, step: int) -> Decimal:
        """The price that an order is expected to pay at worst; a purchase that crosses pays no more than the market."""
        if terms.legs:
            return ZERO
        market = self.price_for(terms.side, listing, step)
        limit = terms.limit_price or terms.stop_price
        if limit is None:
            return market
        return min(limit, market) if terms.side is Side.BUY and terms.stop_price is None else limit

    def _fee(self, trades: list[tuple[Listing, Decimal, Decimal]], base: str) -> Decimal:
        """The commission of whole trades, in the base currency."""
        total = ZERO
        for listing, signed, price in trades:
            currency = fees.commission_currency(listing, base)
            rate, quantity = self.rate(listing.currency, currency), abs(signed)
            total += fees.commission(listing, quantity, quantity * price, rate) * self.rate(currency, base)
        return total

    def impact(self, account: Account, terms: OrderTerms, listing: Listing, step: int) -> MarginImpact:
        """What the order would do to the account if it filled now."""
        trades = self._trades(terms, listing, terms.quantity, step)
        before = worth(account, self.market)
        after = worth(account, self.market, tuple(trades))
        fee = self._fee(trades, account.currency)
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


def _adds(account: Account, trade: tuple[Listing, Decimal, Decimal]) -> bool:
    """Whether a trade makes a position larger, or turns it over."""
    held = account.held(trade[0].con_id)
    return abs(held + trade[1]) > abs(held)


def _borrows(account: Account, trade: tuple[Listing, Decimal, Decimal]) -> bool:
    """Whether a trade needs an account with margin."""
    listing, signed, _ = trade
    if listing.kind is Kind.FOREX:
        currency, needed = (listing.symbol, -signed) if signed < 0 else (listing.currency, signed * trade[2])
        return account.cash.get(currency, ZERO) < needed
    return listing.kind is Kind.FUTURE or account.held(listing.con_id) + signed < 0


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)
