"""What an order would do: the answer to a what-if (ORD-9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """An amount before an order, its change, and the amount after; None where IB does not say."""

    before: Decimal | None
    change: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderImpact:
    """What an order would do to the account, by the broker's own reckoning. Margins are in the account's base currency.

    Parameters:
        initial_margin: what must be there to open positions.
        maintenance_margin: what must be there to keep them.
        equity_with_loan: what counts against both.
        commission: what it would cost, None where IB gives a range or nothing.
        commission_min, commission_max: the range.
        commission_currency: of the commissions, empty where there is none.
        warning: IB's words, empty where it has none.
    """

    initial_margin: Change
    maintenance_margin: Change
    equity_with_loan: Change
    commission: Decimal | None
    commission_min: Decimal | None
    commission_max: Decimal | None
    commission_currency: str
    warning: str
