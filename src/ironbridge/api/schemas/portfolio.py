"""Profit of the day, executions, our books beside the broker's, several accounts and advisors."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ironbridge.api.schemas.account import AccountView
from ironbridge.api.schemas.instruments import InstrumentView
from ironbridge.api.schemas.values import Amount, AmountIn, Moment, Received, Sent, SideName


class DailyPnlView(Sent):
    """An account's profit or loss of the day, in its base currency; null where it is not known."""

    account: str
    currency: str | None
    amount: Amount | None
    source: Literal["broker", "net_liquidation"] | None = Field(
        description="IB's own daily P&L, or the change of net liquidation since `since`, deposits included."
    )
    since: Moment | None = Field(description="Since when it counts; null for IB's own day.")
    at: Moment | None = Field(description="When the source last spoke.")
    unrealized: Amount | None
    realized: Amount | None
    check: Amount | None = Field(description="The other source's number, where both are known.")
    check_since: Moment | None


class PnlPoint(Sent):
    at: Moment
    amount: Amount


class PnlCourse(Sent):
    """How the day's profit has gone since it was first followed today."""

    account: str
    points: list[PnlPoint]


class CommissionView(Sent):
    amount: Amount
    currency: str
    realized_pnl: Amount | None = Field(description="IB's realised profit of this fill; null where it closed nothing.")


class ExecutionVersion(Sent):
    """What a fill was before it was corrected."""

    execution_id: str
    side: SideName
    quantity: Amount
    price: Amount


class ExecutionView(Sent):
    """One fill, in its newest correction; ours or not."""

    number: int
    execution_id: str
    time: Moment
    account: str
    symbol: str = Field(description="The instrument's name for people.")
    instrument: InstrumentView
    side: SideName
    quantity: Amount = Field(description="Zero: the fill has been busted.")
    price: Amount
    exchange: str
    ref: str = Field(description="The order's orderRef: a key of ours, or anybody's.")
    order_id: int
    client_id: int
    perm_id: int
    commission: CommissionView | None
    busted: bool
    replaced: list[ExecutionVersion] = Field(description="What it was before each correction, the oldest first.")


class ExecutionPage(Sent):
    executions: list[ExecutionView]
    next_before: int | None = Field(description="Give it as `before` for the next page; null on the last.")


class HoldingView(Sent):
    """One position as folded from executions; null where it depends on what is not known."""

    account: str
    symbol: str
    instrument: InstrumentView
    quantity: Amount | None
    average_cost: Amount | None = Field(description="Per unit, commissions and multiplier in it (average cost).")
    realized_pnl: Amount | None = Field(description="After commissions, of the executions that are known here.")
    fills: int
    opening_quantity: Amount | None = Field(description="What was held before them, from the broker.")
    opening_at: Moment | None
    opening_reason: str


class BookedCash(Sent):
    currency: str
    folded: Amount | None
    broker: Amount | None
    unforeseeable: str = Field(description="Why executions alone do not tell it; empty where they do.")


class DiscrepancyView(Sent):
    """The executions known here do not lead to what the broker has."""

    account: str
    matter: Literal["position", "cash"]
    symbol: str | None
    con_id: int | None
    currency: str
    folded: Amount
    broker: Amount
    difference: Amount
    since: Moment
    text: str


class BooksView(Sent):
    """Our own books of an account, beside the broker's."""

    account: str
    method: Literal["average_cost"] = "average_cost"
    holdings: list[HoldingView]
    cash: list[BookedCash]
    discrepancies: list[DiscrepancyView]
    stale: bool


class BooksAccepted(Sent):
    accepted: int = Field(description="How many positions and balances were set to the broker's.")


class RateView(Sent):
    """What one unit of a currency is worth in the account's base currency."""

    currency: str
    base: str
    rate: Amount
    source: Literal["base", "account", "quote"]
    at: Moment


class AccountOverview(Sent):
    summary: AccountView
    pnl: DailyPnlView
    rates: list[RateView] = Field(description="Of each currency that the account has cash or positions in.")
    missing_rates: list[str]


class AccountsView(Sent):
    """Every account of the login."""

    accounts: list[AccountOverview]
    stale: bool


class GroupView(Sent):
    name: str
    accounts: list[str]
    method: str


class ShareView(Sent):
    account: str
    amount: Amount


class ProfileShares(Sent):
    name: str
    kind: Literal["percentages", "ratios", "shares", "unrecognised"]
    shares: list[ShareView]


class AliasView(Sent):
    account: str
    alias: str


class AdvisorView(Sent):
    """What an advisor has set up; `master` null where the login is no advisor's."""

    master: str | None
    groups: list[GroupView]
    profiles: list[ProfileShares] | None = Field(description="Null where this gateway has groups alone.")
    aliases: list[AliasView]


class AccountAlerts(Received):
    """From where on a person is told of an account; null for never."""

    alert_cushion: AmountIn | None = Field(description="Margin cushion, a part of net liquidation: 0.1.")
    alert_excess_liquidity: AmountIn | None = Field(description="Excess liquidity, in the base currency.")
    alert_change: AmountIn | None = Field(
        description="Part of net liquidation by which it may change within the window: 0.05."
    )
    alert_position_change: AmountIn | None = Field(
        description="Part of net liquidation by which a position's value may change within it."
    )
    alert_window: float = Field(gt=0, le=86400, description="Seconds.")
