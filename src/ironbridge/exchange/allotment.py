"""How an order that was placed for several accounts is divided among them, fill by fill.

Each fill goes to those who are furthest behind what is theirs of all that was filled so far, in whole units as far as
there are any. So nobody waits for the last fill, every fill is divided without a rest, and once the order is filled
everybody has the share that was agreed.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from ironbridge.exchange.commands import Share

ZERO, ONE = Decimal(0), Decimal(1)


def allotted(shares: Sequence[Decimal], before: Sequence[Decimal], quantity: Decimal, unit: Decimal) -> list[Decimal]:
    """What each gets of a fill; the sum is the fill's quantity.

    Parameters:
        shares: what each is to have, in any proportion.
        before: what each has got.
        quantity: of this fill.
        unit: nobody gets a part of one, but for a rest that is less than one.
    """
    total, whole = sum(shares, ZERO), sum(before, ZERO) + quantity
    behind = [share * whole / total - had for share, had in zip(shares, before, strict=True)]
    given, left = [ZERO] * len(shares), quantity
    for index, missing in enumerate(behind):
        part = min(left, (max(ZERO, missing) / unit).to_integral_value(rounding=ROUND_FLOOR) * unit)
        given[index] = part
        left -= part
    while left > 0:
        # The first of those who are furthest behind, so that it is always the same one.
        index = max(range(len(shares)), key=lambda at: (behind[at] - given[at], -at))
        part = min(unit, left)
        given[index] += part
        left -= part
    return given


def shares_of(
    accounts: Sequence[str], weights: Sequence[Decimal], quantity: Decimal, unit: Decimal
) -> tuple[Share, ...]:
    """The shares of accounts in a quantity, by weight; accounts that would get nothing are left out."""
    parts = allotted(weights, [ZERO] * len(weights), quantity, unit)
    return tuple(Share(account, part) for account, part in zip(accounts, parts, strict=True) if part)


def unit_of(quantities: Sequence[Decimal], smallest: Decimal) -> Decimal:
    """One where all quantities are whole, else the smallest step that the listing has."""
    return ONE if all(quantity == quantity.to_integral_value() for quantity in quantities) else smallest
