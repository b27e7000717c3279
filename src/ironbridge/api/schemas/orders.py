"""Orders, in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from ironbridge.api.schemas.instruments import InstrumentView
from ironbridge.api.schemas.order_terms import OrderTerms, TermsView
from ironbridge.api.schemas.values import (
    Amount,
    AmountIn,
    ModifyStateName,
    Moment,
    OrderStateName,
    RoleName,
    Sent,
    SideName,
    SymbolText,
)
from ironbridge.domain.order import KEY_LENGTH

AccountName = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,16}$", examples=["DU1000001"])]


class OrderCreate(OrderTerms):
    """An order to send. Its key comes in the `Idempotency-Key` header."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"symbol": "AAPL", "side": "BUY", "quantity": "10", "order_type": "LMT", "limit_price": "227.35"},
                {"symbol": "EURUSD", "side": "SELL", "quantity": "20000", "order_type": "MKT"},
                {"symbol": "AAPL", "side": "SELL", "quantity": "10", "trail_percent": "2", "time_in_force": "GTC"},
                {
                    "symbol": "AAPL", "side": "BUY", "quantity": "10", "limit_price": "227.35",
                    "conditions": {"together": [{"kind": "price", "symbol": "SPY", "above": True, "value": "680"}]},
                },
            ]
        }
    )  # fmt: skip

    symbol: SymbolText
    side: SideName
    quantity: AmountIn | None = Field(default=None, description="How many units, positive; or give `cash_quantity`.")
    cash_quantity: AmountIn | None = Field(
        default=None, description="How much money to trade for, in the instrument's currency, instead of a quantity."
    )
    account: AccountName | None = Field(default=None, description="Left out: the session's account.")
    strategy: str = Field(default="", max_length=100, description="Who asks; for limits and the audit.")


class FillView(Sent):
    """One execution."""

    execution_id: str
    side: SideName
    quantity: Amount
    price: Amount
    time: Moment
    exchange: str


class CommissionView(Sent):
    currency: str
    amount: Amount


class NoticeView(Sent):
    """What IB said about the order without changing it."""

    code: int
    text: str


class ModificationView(Sent):
    """A change that was asked for, and what became of it."""

    number: int = Field(description="1 for the order's first change, and so on.")
    state: ModifyStateName
    side: SideName
    quantity: Amount
    terms: str = Field(description="The order's terms as they are to be, in one line.", examples=["LMT 227.4 GTC"])
    token: str = Field(description="The idempotency key of the change; empty where none was given.")
    code: int | None = Field(description="IB's code, where IB gave one.")
    reason: str = Field(description="Why it is in this state, in words; may be empty.")
    requested_at: Moment


class OrderView(TermsView):
    """An order and where it stands; its terms and quantity are those in force."""

    key: str = Field(max_length=KEY_LENGTH, description="The order's name: the idempotency key it was made with.")
    order_id: int
    client_id: int
    perm_id: int = Field(description="IB's permanent id; 0 until IB has given one.")
    ref: str = Field(description="The order reference that people see in TWS.")
    symbol: str = Field(description="The instrument's name for people.")
    instrument: InstrumentView
    side: SideName
    quantity: Amount = Field(description="0 where the order is for an amount of money.")
    account: str
    strategy: str
    state: OrderStateName
    open: bool = Field(description="The order may still trade.")
    filled: Amount
    remaining: Amount
    average_price: Amount | None
    commissions: list[CommissionView]
    fills: list[FillView]
    code: int | None = Field(description="IB's code, where IB gave one.")
    reason: str = Field(description="Why it is in this state, in words; may be empty.")
    notices: list[NoticeView]
    duplicates: list[int] = Field(description="Permanent ids of further orders that IB holds under this key.")
    pending: ModificationView | None = Field(description="The change whose outcome is not known yet.")
    modifications: list[ModificationView]
    group: str = Field(description="The key of the group that it is of; empty for an order by itself.")
    role: RoleName | None = Field(description="What it is in its group.")
    parent: str = Field(description="The key of the order whose fill sets it to work; empty for none.")
    created_at: Moment
    updated_at: Moment
    sequence: int = Field(description="The journal's number of the newest event of this order.")
    summary: str = Field(description="The order in one line for people.")


class OrderList(Sent):
    orders: list[OrderView]
    sequence: int = Field(description="The newest number among all orders: where to resume the orders stream.")
