"""How much money positions need, and what an account is worth against it.

Stocks follow Regulation T: half of their value to open, a quarter (short: 30 %) to keep. Bought options need their
premium, which has been paid, and lend nothing. Written options need their price plus the greater of 20 % (index
products 15 %) of the underlying less what they are out of the money, and 10 %; a written option that stands against
stock or against a bought one of the same underlying needs no more than the pair can lose. Futures need the product's
amounts, currencies 2.5 % of what is owed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from ironbridge.domain.instrument import Kind, Right
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.products import BY_SYMBOL

ZERO = Decimal(0)
_STOCK_INITIAL, _STOCK_KEPT, _SHORT_KEPT = Decimal("0.5"), Decimal("0.25"), Decimal("0.30")
_WRITTEN, _WRITTEN_INDEX, _WRITTEN_LEAST = Decimal("0.20"), Decimal("0.15"), Decimal("0.10")
CURRENCY_RATE = Decimal("0.025")


@dataclass(frozen=True, slots=True)
class Stake:
    """A position as margin sees it."""

    listing: Listing
    quantity: Decimal
    price: Decimal
    under_price: Decimal


@dataclass(frozen=True, slots=True)
class Requirement:
    initial: Decimal = ZERO
    maintenance: Decimal = ZERO

    def __add__(self, other: Requirement) -> Requirement:
        return Requirement(self.initial + other.initial, self.maintenance + other.maintenance)


def required(stakes: Iterable[Stake], rate: Callable[[str], Decimal]) -> Requirement:
    """What a set of positions needs, in the base currency; `rate` values one unit of a currency in it."""
    total = Requirement()
    options: dict[int, list[Stake]] = defaultdict(list)
    stock: dict[int, Decimal] = {}
    for stake in stakes:
        if not stake.quantity:
            continue
        if stake.listing.kind is Kind.OPTION:
            options[stake.listing.under_con_id].append(stake)
            continue
        if stake.listing.kind is Kind.STOCK:
            stock[stake.listing.con_id] = stake.quantity
        plain, factor = _plain(stake), rate(stake.listing.currency)
        total += Requirement(plain.initial * factor, plain.maintenance * factor)
    for under, group in options.items():
        need = sum((_right(group, right, stock.get(under, ZERO)) for right in Right), ZERO)
        need *= rate(group[0].listing.currency)
        total += Requirement(need, need)
    return total


def _plain(stake: Stake) -> Requirement:
    value = abs(stake.quantity) * stake.price * stake.listing.multiplier
    if stake.listing.kind is Kind.FUTURE:
        product = BY_SYMBOL[stake.listing.symbol]
        contracts = abs(stake.quantity)
        return Requirement(product.initial * contracts, product.maintenance * contracts)
    if stake.listing.kind is Kind.FOREX:
        return Requirement()
    kept = _STOCK_KEPT if stake.quantity > 0 else _SHORT_KEPT
    return Requirement(value * _STOCK_INITIAL, value * kept)


def _right(group: list[Stake], right: Right, shares: Decimal) -> Decimal:
    """Margin of the written calls, or puts, of one underlying against its stock and the bought ones."""
    covered = max(ZERO, shares if right is Right.CALL else -shares)
    written = sorted(
        (s for s in group if s.listing.right is right and s.quantity < 0), key=lambda s: s.listing.strike or ZERO
    )
    bought = [s for s in group if s.listing.right is right and s.quantity > 0]
    # The dearest to lose first: low calls and high puts are the ones to cover.
    if right is Right.PUT:
        written.reverse()
    need = ZERO
    for short in written:
        multiplier, left = short.listing.multiplier, -short.quantity
        by_stock = min(left, covered // multiplier)
        covered -= by_stock * multiplier
        left -= by_stock
        for index, long in enumerate(bought):
            if left <= 0:
                break
            if long.quantity <= 0 or not _outlives(long, short):
                continue
            pairs = min(left, long.quantity)
            bought[index] = replace(long, quantity=long.quantity - pairs)
            left -= pairs
            need += pairs * multiplier * min(_gap(short, long, right), _naked(short))
        need += left * multiplier * _naked(short)
    return need


def _outlives(long: Stake, short: Stake) -> bool:
    return long.listing.expiry_text >= short.listing.expiry_text


def _gap(short: Stake, long: Stake, right: Right) -> Decimal:
    """What a bought option leaves uncovered of a written one, per unit."""
    low, high = (short, long) if right is Right.CALL else (long, short)
    return max(ZERO, (high.listing.strike or ZERO) - (low.listing.strike or ZERO))


def _naked(stake: Stake) -> Decimal:
    """Margin of a written option that nothing covers, per unit of the underlying."""
    strike = stake.listing.strike or ZERO
    call = stake.listing.right is Right.CALL
    out = max(ZERO, strike - stake.under_price if call else stake.under_price - strike)
    share = _WRITTEN_INDEX if stake.listing.under_kind is Kind.INDEX else _WRITTEN
    floor = _WRITTEN_LEAST * (stake.under_price if call else strike)
    return stake.price + max(share * stake.under_price - out, floor)
