"""What the account holds, in the broker's own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ironbridge.domain.instrument import Instrument
from ironbridge.domain.pnl import DailyPnl


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
    daily_pnl: Decimal | None = None
    """Since IB's day began."""


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
    excess_liquidity: Decimal | None = None
    cushion: Decimal | None = None
    """Excess liquidity as a part of net liquidation: at zero IB liquidates."""


class RateSource(StrEnum):
    """Where an exchange rate is from."""

    BASE = "base"
    """The currency is the base currency itself."""
    ACCOUNT = "account"
    """The broker's account statement."""
    QUOTE = "quote"
    """A live quote of the pair, half-way between bid and ask."""


@dataclass(frozen=True, slots=True)
class FxRate:
    """What one unit of a currency is worth in another."""

    currency: str
    base: str
    rate: Decimal
    source: RateSource
    at: datetime
    """When the source gave it."""

    def age(self, now: datetime) -> float:
        """Seconds since then."""
        return max((now - self.at).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class Funds:
    """What an account may still use, in its base currency; None where it is not known now."""

    account: str
    currency: str | None = None
    net_liquidation: Decimal | None = None
    available_funds: Decimal | None = None
    buying_power: Decimal | None = None
    excess_liquidity: Decimal | None = None
    cushion: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """The market value of everything that an account holds, in its base currency.

    Parameters:
        gross: the sum of the absolute values; None where a position cannot be valued.
        net: the signed sum; None likewise.
        unvalued: what cannot be valued, each with the reason in words.
    """

    account: str
    currency: str | None
    gross: Decimal | None
    net: Decimal | None
    unvalued: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PortfolioChanged:
    """What one account holds has changed, or what is known of it has: the whole of it as it is now.

    Parameters:
        account: whose it is.
        positions: everything held, in the order of instruments.
        summary: the amounts.
        as_of: when the broker last said anything about this account; None where it has not yet.
        interrupted: why this is from before, or empty where it is kept up to date.
        pnl: the profit or loss of the day.
        executed: rises with each execution, correction and commission that counts.
    """

    account: str
    positions: tuple[Position, ...]
    summary: AccountSummary
    as_of: datetime | None
    interrupted: str = ""
    pnl: DailyPnl | None = None
    executed: int = 0
