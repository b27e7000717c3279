"""Risk limits, the kill switch and daily losses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ironbridge.api.schemas.values import Amount, AmountIn, Moment, Received, Sent

SwitchStateName = Literal["off", "cancelling", "verified", "incomplete"]
LossActionName = Literal["refuse", "cancel", "close"]
RiskEventName = Literal["limits_changed", "order_refused", "switch_moved", "loss_reached"]

_Pattern = Annotated[str, Field(min_length=1, max_length=45, examples=["AAPL", "OPT:SPY", "FUT:*"])]
_Reason = Annotated[str, Field(min_length=1, max_length=500, description="Why; it goes into the audit log.")]


class OrderRateBody(Received):
    """At most `count` new orders in any `seconds` seconds."""

    count: int = Field(ge=0, le=1_000_000)
    seconds: AmountIn


class OrderRateView(Sent):
    count: int
    seconds: Amount


class RiskLimitsBody(Received):
    """All limits of one scope: what is left out or null has no limit."""

    max_quantity: AmountIn | None = Field(None, description="Largest quantity of one order.")
    max_notional: AmountIn | None = Field(None, description="Largest value of one order, in its own currency.")
    max_position: AmountIn | None = Field(None, description="Largest position in one contract, long or short.")
    max_exposure: AmountIn | None = Field(None, description="Largest sum of absolute market values, in base currency.")
    price_collar: AmountIn | None = Field(None, description="How far beyond the market a price may be, in per cent.")
    max_open_orders: int | None = Field(None, ge=0, le=1_000_000)
    order_rate: OrderRateBody | None = None
    duplicate_window: AmountIn | None = Field(
        None, description="Seconds within which the same order under another key is taken for a mistake."
    )
    market_hours: bool = Field(default=False, description="Refuse orders while the market is closed.")
    max_quote_age: AmountIn | None = Field(
        None, description="Seconds that the quote may be old; delayed, stale and doubtful ones are refused."
    )
    min_buying_power: AmountIn | None = Field(
        None, description="What must be left of buying power after the full value of the order and of all open."
    )
    block_on_unexplained: bool = Field(
        default=False, description="Refuse new risk while the broker's numbers differ from what our books explain."
    )
    allowed: list[_Pattern] = Field(default=[], max_length=500, description="What may be traded; empty allows all.")
    denied: list[_Pattern] = Field(default=[], max_length=500, description="What may not be traded.")
    max_daily_loss: AmountIn | None = Field(None, description="Loss of a day at which new risk is refused.")
    on_daily_loss: LossActionName = Field("refuse", description="What else is done then.")


class RiskLimitsView(Sent):
    """The limits of one scope; null is "no limit"."""

    scope: str = Field(examples=["all", "account:DU1000001", "strategy:momentum", "instrument:AAPL"])
    max_quantity: Amount | None
    max_notional: Amount | None
    max_position: Amount | None
    max_exposure: Amount | None
    price_collar: Amount | None
    max_open_orders: int | None
    order_rate: OrderRateView | None
    duplicate_window: Amount | None
    market_hours: bool
    max_quote_age: Amount | None
    min_buying_power: Amount | None
    block_on_unexplained: bool
    allowed: list[str]
    denied: list[str]
    max_daily_loss: Amount | None
    on_daily_loss: LossActionName


class KillSwitchView(Sent):
    """The kill switch. While it is not off, no new order is sent, through restarts too."""

    state: SwitchStateName = Field(
        description="verified: the broker, asked in full, holds nothing open. incomplete: see `left`."
    )
    since: Moment | None
    by: str
    reason: str
    left: list[str] = Field(description="Orders that are not known to be cancelled, in words.")


class DailyLossView(Sent):
    """An account that has reached its daily loss limit: it takes no new risk until the day is over."""

    account: str
    day: str
    loss: Amount
    limit: Amount
    at: Moment
    action: LossActionName


class RiskUseView(Sent):
    """How much of its limits an account uses; null is "not known"."""

    account: str
    currency: str | None
    open_orders: int
    exposure: Amount | None
    daily_pnl: Amount | None
    available_funds: Amount | None


class RiskView(Sent):
    """The risk department as it stands."""

    limits: list[RiskLimitsView] = Field(description="The widest scope first; all that an order falls into count.")
    kill_switch: KillSwitchView
    losses: list[DailyLossView]
    uses: list[RiskUseView]


class ReasonBody(Received):
    reason: _Reason


class RiskSnapshot(Sent):
    """The first message on `risk`."""

    type: Literal["snapshot"] = "snapshot"
    risk: RiskView
    sequence: int


class RiskHappened(Sent):
    """Something has happened; `risk` is how all stands after it."""

    type: Literal["risk"] = "risk"
    at: Moment
    event: RiskEventName
    text: str
    by: str
    risk: RiskView
    sequence: int
