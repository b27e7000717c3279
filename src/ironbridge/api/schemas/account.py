"""Account and positions, in the broker's own numbers."""

from __future__ import annotations

from pydantic import Field

from ironbridge.api.schemas.instruments import InstrumentView
from ironbridge.api.schemas.values import Amount, Moment, Sent


class CashBalance(Sent):
    currency: str
    amount: Amount


class AccountView(Sent):
    """The amounts that people ask for first, in the base currency; null where the broker has not said."""

    account: str
    accounts: list[str] = Field(description="All accounts of the login.")
    currency: str
    time: Moment
    net_liquidation: Amount | None
    cash: Amount | None
    buying_power: Amount | None
    available_funds: Amount | None
    initial_margin: Amount | None
    maintenance_margin: Amount | None
    unrealized_pnl: Amount | None
    realized_pnl: Amount | None
    cash_by_currency: list[CashBalance]
    excess_liquidity: Amount | None
    cushion: Amount | None = Field(description="Excess liquidity as a part of net liquidation; at 0 IB liquidates.")
    stale: bool = Field(description="The session is down or reconciling: these numbers are from before.")


class AccountLine(Sent):
    """One line of the broker's account statement."""

    account: str
    name: str = Field(examples=["NetLiquidation"])
    value: str
    currency: str


class AccountLines(Sent):
    values: list[AccountLine]


class PositionView(Sent):
    """What an account holds of one instrument."""

    account: str
    symbol: str = Field(description="The instrument's name for people.")
    instrument: InstrumentView
    quantity: Amount = Field(description="Signed: negative is short.")
    average_cost: Amount = Field(description="Per unit with the multiplier in it, as IB gives it.")
    market_price: Amount | None
    market_value: Amount | None
    unrealized_pnl: Amount | None
    realized_pnl: Amount | None
    daily_pnl: Amount | None = Field(description="Since IB's day began.")


class PositionList(Sent):
    positions: list[PositionView]
    stale: bool = Field(description="The session is down or reconciling: these positions are from before.")
