"""What the account holds, in the broker's own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.instrument import Instrument


@dataclass(frozen=True, slots=True)
class AccountValue:
    """One line of the broker's account statement, e.g. NetLiquidation in USD.

    `currency` is "BASE" for amounts in the account's base currency, empty where the value is no amount.
    """

    account: str
    name: str
    value: str
    currency: str


@dataclass(frozen=True, slots=True)
class Position:
    """What an account holds of one instrument.

    `quantity` is signed. `average_cost` is per unit with the multiplier in it, as IB gives it. The market fields are
    None until the broker has sent them.
    """

    account: str
    instrument: Instrument
    quantity: Decimal
    average_cost: Decimal
    market_price: Decimal | None = None
    market_value: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    realized_pnl: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """The amounts that people ask for first, in the base currency; None where the broker has not said."""

    account: str
    currency: str
    time: datetime
    net_liquidation: Decimal | None
    cash: Decimal | None
    buying_power: Decimal | None
    available_funds: Decimal | None
    initial_margin: Decimal | None
    maintenance_margin: Decimal | None
    unrealized_pnl: Decimal | None
    realized_pnl: Decimal | None
    cash_by_currency: tuple[tuple[str, Decimal], ...] = ()
    """Cash balances, one for each currency that the broker named, in the order of their codes."""


@dataclass(frozen=True, slots=True)
class PortfolioChanged:
    """What one account holds has changed, or what is known of it has: the whole of it as it is now.

    Parameters:
        account: whose it is.
        positions: everything held, in the order of instruments.
        summary: the amounts.
        as_of: when the broker last said anything about this account; None where it has not yet.
        interrupted: why this is from before, or empty where it is kept up to date.
    """

    account: str
    positions: tuple[Position, ...]
    summary: AccountSummary
    as_of: datetime | None
    interrupted: str = ""
