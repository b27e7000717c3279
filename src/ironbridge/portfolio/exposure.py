"""The worth of what an account holds, gross and net, in its base currency.

A sum over positions of which one has no value, or no rate, is no sum: it is None, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from ironbridge.domain.account import Exposure, Position


def exposure_of(
    account: str, base: str | None, positions: Iterable[Position], rate: Callable[[str], Decimal | None]
) -> Exposure:
    """Value the positions of one account.

    Parameters:
        account: whose they are.
        base: its base currency.
        positions: everything that it holds.
        rate: what one unit of a currency is worth in the base currency.
    """
    gross = net = Decimal(0)
    unvalued: list[str] = []
    for position in positions:
        currency = position.instrument.currency
        factor = rate(currency)
        if position.market_value is None:
            unvalued.append(f"{position.instrument} has no market value yet")
        elif factor is None:
            unvalued.append(f"{position.instrument} is in {currency}, for which there is no rate")
        else:
            worth = position.market_value * factor
            gross += abs(worth)
            net += worth
    if unvalued:
        return Exposure(account, base, None, None, tuple(unvalued))
    return Exposure(account, base, gross, net)
