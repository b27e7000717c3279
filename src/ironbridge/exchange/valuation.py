"""What an account is worth at a moment, and what an order would do to it.

Everything is marked at the venue's mid price. Equity with loan value is cash plus stock: bought options lend nothing,
and written ones are covered by their margin. Currency debts need margin too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.accounts import AccountView, PositionView
from ironbridge.exchange.ledger import Account, Holding
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.margin import CURRENCY_RATE, Requirement, Stake, required

ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Market:
    """What valuation needs to know of the world.

    Parameters:
        mark: the price at which a listing is valued.
        under: the underlying of an option.
        rate: (from, to) value of one unit of a currency in another.
    """

    mark: Callable[[Listing], Decimal]
    under: Callable[[Listing], Listing | None]
    rate: Callable[[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class Worth:
    """The figures that margin checks need, in the base currency."""

    cash: Decimal
    stock: Decimal
    options: Decimal
    futures: Decimal
    need: Requirement

    @property
    def net(self) -> Decimal:
        return self.cash + self.stock + self.options + self.futures

    @property
    def equity(self) -> Decimal:
        return self.cash + self.stock + self.futures

    @property
    def available(self) -> Decimal:
        return self.equity - self.need.initial


def worth(account: Account, market: Market, more: tuple[tuple[Listing, Decimal, Decimal], ...] = ()) -> Worth:
    """The account's worth, with (listing, signed quantity, price paid) of trades imagined on top."""
    base = account.currency
    cash = dict(account.cash)
    quantities: dict[int, tuple[Listing, Decimal]] = {
        h.listing.con_id: (h.listing, h.quantity) for h in account.open_holdings()
    }
    futures = ZERO
    for holding in account.open_holdings():
        if holding.listing.kind is Kind.FUTURE:
            pending = holding.value(market.mark(holding.listing)) - holding.value(holding.settled)
            futures += pending * market.rate(holding.listing.currency, base)
    for listing, quantity, price in more:
        quantities[listing.con_id] = (listing, quantities.get(listing.con_id, (listing, ZERO))[1] + quantity)
        value = quantity * price * listing.multiplier
        if listing.kind is Kind.FUTURE:
            gain = quantity * market.mark(listing) * listing.multiplier - value
            futures += gain * market.rate(listing.currency, base)
            continue
        if listing.kind is Kind.FOREX:
            cash[listing.symbol] = cash.get(listing.symbol, ZERO) + quantity
        cash[listing.currency] = cash.get(listing.currency, ZERO) - value
    totals = {Kind.STOCK: ZERO, Kind.OPTION: ZERO}
    stakes = []
    for listing, quantity in quantities.values():
        if not quantity or listing.kind is Kind.FOREX:
            continue
        price = market.mark(listing)
        under = market.under(listing)
        stakes.append(Stake(listing, quantity, price, market.mark(under) if under is not None else ZERO))
        if listing.kind in totals:
            value = quantity * price * listing.multiplier
            totals[listing.kind] += value * market.rate(listing.currency, base)
    total_cash, owed = ZERO, ZERO
    for currency, amount in cash.items():
        value = amount * market.rate(currency, base)
        total_cash += value
        if currency != base and value < 0:
            owed -= value
    need = required(stakes, lambda currency: market.rate(currency, base))
    need += Requirement(owed * CURRENCY_RATE, owed * CURRENCY_RATE)
    return Worth(total_cash, totals[Kind.STOCK], totals[Kind.OPTION], futures, need)


def view(account: Account, market: Market, now: datetime) -> AccountView:
    """The account as others see it."""
    base = account.currency
    now_worth = worth(account, market)
    positions = tuple(_position(holding, market) for _, holding in sorted(account.holdings.items()) if holding.quantity)
    unrealized = realized = gross = ZERO
    for holding in account.holdings.values():
        rate = market.rate(holding.listing.currency, base)
        realized += holding.realized * rate
        if holding.quantity:
            price = market.mark(holding.listing)
            unrealized += holding.unrealized(price) * rate
            if holding.listing.kind in {Kind.STOCK, Kind.OPTION}:
                gross += abs(holding.value(price)) * rate
    equity = now_worth.equity
    return AccountView(
        name=account.name,
        currency=base,
        time=now,
        cash=tuple(sorted(account.cash.items())),
        rates=tuple(sorted((currency, market.rate(currency, base)) for currency in account.cash)),
        total_cash=_cents(now_worth.cash),
        stock_value=_cents(now_worth.stock),
        option_value=_cents(now_worth.options),
        futures_pnl=_cents(now_worth.futures),
        net_liquidation=_cents(now_worth.net),
        equity_with_loan=_cents(equity),
        initial_margin=_cents(now_worth.need.initial),
        maintenance_margin=_cents(now_worth.need.maintenance),
        available_funds=_cents(now_worth.available),
        excess_liquidity=_cents(equity - now_worth.need.maintenance),
        buying_power=_cents(max(ZERO, now_worth.available * 2 if account.margin else now_worth.cash)),
        gross_position_value=_cents(gross),
        unrealized_pnl=_cents(unrealized),
        realized_pnl=_cents(realized),
        daily_pnl=_cents(now_worth.net - account.day_equity) if account.day_equity is not None else ZERO,
        commissions=_cents(account.commissions),
        positions=positions,
    )


def _position(holding: Holding, market: Market) -> PositionView:
    price = market.mark(holding.listing)
    value = holding.value(price)
    memo = holding.listing.kind is Kind.FOREX
    return PositionView(
        con_id=holding.listing.con_id,
        quantity=holding.quantity,
        average_cost=holding.average_cost,
        market_price=price,
        market_value=value,
        unrealized_pnl=holding.unrealized(price),
        realized_pnl=holding.realized,
        daily_pnl=ZERO if memo else value - holding.day_value + holding.day_flow,
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)
