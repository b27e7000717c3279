"""Changes, groups, what-ifs and cancels of many, in JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from ironbridge.api.schemas.order_terms import MethodName, OrderTerms
from ironbridge.api.schemas.orders import AccountName, OrderCreate, OrderView
from ironbridge.api.schemas.values import (
    Amount,
    AmountIn,
    MomentIn,
    OrderTypeName,
    Received,
    Sent,
    SideName,
    SymbolText,
    TimeInForceName,
)
from ironbridge.domain.order import KEY_LENGTH

_Units = Annotated[int, Field(ge=1, le=2**31 - 2)]
_Strategy = Annotated[str, Field(max_length=100, description="Who asks; for limits and the audit.")]
_Key = Annotated[str, Field(min_length=1, max_length=KEY_LENGTH)]


class OrderChange(Received):
    """What is to change; fields that are left out stay as they are, and null clears one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limit_price": "227.40"}, {"quantity": "20"}]})

    quantity: AmountIn | None = Field(default=None, description="How many units in all, above what is filled.")
    order_type: OrderTypeName | None = None
    limit_price: AmountIn | None = None
    stop_price: AmountIn | None = None
    trail_amount: AmountIn | None = None
    trail_percent: AmountIn | None = None
    limit_offset: AmountIn | None = None
    offset: AmountIn | None = None
    time_in_force: TimeInForceName | None = None
    good_till: MomentIn | None = None
    good_after: MomentIn | None = None
    outside_hours: bool | None = None
    display_size: _Units | None = None
    min_quantity: _Units | None = None
    all_or_none: bool | None = None
    hidden: bool | None = None
    trigger_method: MethodName | None = None
    discretionary_amount: AmountIn | None = None


class ExitTerms(OrderTerms):
    """An exit: for the other side and the quantity of its entry. It stands until cancelled where no time is given."""


class BracketCreate(OrderCreate):
    """An entry and its exits, at least one of them. The group's key comes in the `Idempotency-Key` header."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "symbol": "AAPL", "side": "BUY", "quantity": "10", "limit_price": "227.35",
                    "take_profit": {"limit_price": "240"}, "stop_loss": {"stop_price": "220"},
                }
            ]
        }
    )  # fmt: skip

    take_profit: ExitTerms | None = None
    stop_loss: ExitTerms | None = None


class ExitsCreate(Received):
    """Exits for an order that the broker holds and that has not filled, at least one."""

    parent: _Key = Field(description="The order's key.")
    take_profit: ExitTerms | None = None
    stop_loss: ExitTerms | None = None


class OcaOrder(OrderTerms):
    """One order of a one-cancels-all group."""

    symbol: SymbolText
    side: SideName
    quantity: AmountIn = Field(description="How many units, positive.")


class OcaCreate(Received):
    """Orders of which a fill cancels or reduces the others. The group's key comes in the `Idempotency-Key` header."""

    orders: list[OcaOrder] = Field(min_length=2, max_length=20)
    kind: Literal["cancel_with_block", "reduce_with_block", "reduce_no_block"] = Field(
        default="cancel_with_block", description="What a fill does to the others; IB's oca types 1, 2 and 3."
    )
    account: AccountName | None = Field(default=None, description="Left out: the session's account.")
    strategy: _Strategy = ""


class GroupView(Sent):
    """A group as it stands."""

    key: str
    open: bool = Field(description="Some order of it may still trade.")
    whole: bool = Field(description="Every order of it was sent and taken, as far as is known.")
    orders: list[OrderView] = Field(description="In the order in which they were sent; a bracket's entry first.")
    summary: str = Field(description="The group in words for people.")


class ChangeView(Sent):
    """An amount before the order, its change and the amount after; null where the broker does not say."""

    before: Amount | None
    change: Amount | None
    after: Amount | None


class ImpactView(Sent):
    """What an order would do, by the broker's own reckoning; margins are in the account's base currency."""

    initial_margin: ChangeView
    maintenance_margin: ChangeView
    equity_with_loan: ChangeView
    commission: Amount | None
    commission_min: Amount | None
    commission_max: Amount | None
    commission_currency: str
    warning: str = Field(description="The broker's words; empty where it has none.")


class CancelMany(Received):
    """Which orders to cancel; nothing narrows it to all."""

    account: AccountName | None = None
    strategy: Annotated[str, Field(max_length=100)] | None = None
    everywhere: bool = Field(
        default=False, description="Also what other clients and TWS itself have open on the login (reqGlobalCancel)."
    )


class AliveView(Sent):
    """An order that has not ended, and why."""

    order: OrderView
    reason: str


class CancelReportView(Sent):
    """What came of it."""

    clear: bool = Field(description="It is known that nothing is left.")
    ended: list[OrderView]
    alive: list[AliveView]
    still_open: list[str] = Field(description="What the broker, asked at the end, holds open, in words.")
    verified: bool = Field(description="The broker has answered in full what is open; else that is not known.")
    reason: str
