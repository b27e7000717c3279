"""The venue's accounts as others see them: what opens one, and what it is worth at a moment.

All amounts are in the account's base currency unless their name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account to open.

    Parameters:
        name: e.g. "DU1234567".
        cash: opening balance by currency.
        currency: the base currency.
        margin: false opens a cash account: no borrowing, no short sales, no futures.
    """

    name: str
    cash: tuple[tuple[str, Decimal], ...] = (("USD", Decimal(1_000_000)),)
    currency: str = "USD"
    margin: bool = True


@dataclass(frozen=True, slots=True)
class PositionView:
    """What an account holds of one listing.

    `average_cost` is per unit with multiplier and commissions in it, as IB gives it; amounts are in the listing's
    currency. A forex position is shown for information: its worth is already in the cash balances.
    """

    con_id: int
    quantity: Decimal
    average_cost: Decimal
    market_price: Decimal
    market_value: Decimal
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    daily_pnl: Decimal


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account, valued at the current mid prices.

    Parameters:
        cash: by currency, as booked.
        total_cash: all cash in the base currency.
        rates: value of one unit of each currency in the base currency.
        equity_with_loan: what margin is measured against: all but the value of long options.
        initial_margin, maintenance_margin: needed to open and to keep the positions.
        available_funds, excess_liquidity: equity with loan less the one and the other.
        buying_power: worth of stock that may still be bought.
        gross_position_value: of stocks and options, absolute.
        daily_pnl: net liquidation since the last close, without deposits.
    """

    name: str
    currency: str
    time: datetime
    cash: tuple[tuple[str, Decimal], ...]
    rates: tuple[tuple[str, Decimal], ...]
    total_cash: Decimal
    stock_value: Decimal
    option_value: Decimal
    futures_pnl: Decimal
    net_liquidation: Decimal
    equity_with_loan: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    available_funds: Decimal
    excess_liquidity: Decimal
    buying_power: Decimal
    gross_position_value: Decimal
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    daily_pnl: Decimal
    commissions: Decimal
    positions: tuple[PositionView, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class MarginImpact:
    """What an order would do to its account: the answer to a what-if."""

    currency: str
    initial_before: Decimal
    initial_change: Decimal
    initial_after: Decimal
    maintenance_before: Decimal
    maintenance_change: Decimal
    maintenance_after: Decimal
    equity_before: Decimal
    equity_change: Decimal
    equity_after: Decimal
    commission: Decimal
    commission_currency: str
    warning: str = ""
