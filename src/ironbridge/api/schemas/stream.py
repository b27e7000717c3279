"""What goes over the WebSockets. OpenAPI has no place for them, so they ride among its components by name.

Every message carries `type`. Each stream begins with a snapshot; after it come numbered changes. A message that could
not be understood is answered with an `error` and the stream goes on.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ironbridge.api.schemas.account import AccountView, PositionView
from ironbridge.api.schemas.connection import ConnectionStatus
from ironbridge.api.schemas.orders import OrderView
from ironbridge.api.schemas.pacing import Pacing
from ironbridge.api.schemas.portfolio import DailyPnlView
from ironbridge.api.schemas.risk import RiskHappened, RiskSnapshot
from ironbridge.api.schemas.values import (
    DataKindName,
    Moment,
    OutcomeName,
    QualityName,
    Received,
    Sent,
    SessionStateName,
    SymbolText,
)


class MarketDataCommand(Received):
    """Client to server on `market-data`."""

    action: Literal["subscribe", "unsubscribe"]
    symbols: list[SymbolText] = Field(min_length=1, max_length=100)


class MarketDataMessage(Sent):
    """A changed quote. A slow reader gets the newest, not all; `sequence` shows what was passed over."""

    type: Literal["market_data"] = "market_data"
    symbol: str
    timestamp: Moment
    bid: float | None
    bid_size: float | None
    ask: float | None
    ask_size: float | None
    last: float | None
    last_size: float | None
    volume: float | None
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    kind: DataKindName
    quality: QualityName
    sequence: int


class SubscribedMessage(Sent):
    """The subscription stands; a `market_data` message with what is known follows."""

    type: Literal["subscribed"] = "subscribed"
    symbol: str
    con_id: int
    name: str
    long_name: str
    min_tick: float


class UnsubscribedMessage(Sent):
    type: Literal["unsubscribed"] = "unsubscribed"
    symbol: str


class GapMessage(Sent):
    """The stream was cut between two moments: changes in between were not seen."""

    type: Literal["gap"] = "gap"
    symbol: str
    since: Moment
    until: Moment
    reason: str


class RefusedMessage(Sent):
    """The broker will not send this symbol; nothing more comes until it is subscribed again."""

    type: Literal["refused"] = "refused"
    symbol: str
    code: int
    text: str


class NoticeMessage(Sent):
    """The broker said something about the symbol's stream, which goes on for all that is known."""

    type: Literal["notice"] = "notice"
    symbol: str
    code: int
    text: str


class ErrorMessage(Sent):
    """Something asked for could not be done. The stream goes on."""

    type: Literal["error"] = "error"
    slug: str
    title: str
    detail: str
    next_step: str
    outcome: OutcomeName
    retryable: bool
    symbol: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)


MarketDataServerMessage = Annotated[
    MarketDataMessage
    | SubscribedMessage
    | UnsubscribedMessage
    | GapMessage
    | RefusedMessage
    | NoticeMessage
    | ErrorMessage,
    Field(discriminator="type"),
]


class OrdersSnapshot(Sent):
    """The first message on `orders`: all orders, or with `?since=N` those that changed after N."""

    type: Literal["snapshot"] = "snapshot"
    orders: list[OrderView]
    sequence: int
    complete: bool = Field(description="False where it answers a resume: merge it into what you have.")


class OrderChanged(Sent):
    type: Literal["order"] = "order"
    order: OrderView
    sequence: int


OrdersServerMessage = Annotated[OrdersSnapshot | OrderChanged | ErrorMessage, Field(discriminator="type")]


class ConnectionSnapshot(Sent):
    type: Literal["snapshot"] = "snapshot"
    status: ConnectionStatus
    pacing: Pacing = Field(description="Of the session that carries orders.")
    data_pacing: list[Pacing] = Field(description="Of each session for market data.")
    sequence: int


class ConnectionChanged(Sent):
    type: Literal["connection"] = "connection"
    at: Moment
    before: SessionStateName
    after: SessionStateName
    reason: str
    status: ConnectionStatus
    sequence: int


class ConnectionMeasured(Sent):
    """A heartbeat was answered: the status with its round trip."""

    type: Literal["health"] = "health"
    status: ConnectionStatus
    sequence: int


class SessionMoved(Sent):
    """A session for market data has changed its state; `connection` tells of the one that carries orders."""

    type: Literal["session"] = "session"
    session: str = Field(examples=["data-1"])
    at: Moment
    before: SessionStateName
    after: SessionStateName
    reason: str
    status: ConnectionStatus
    sequence: int


class PacingMeasured(Sent):
    """The use of IB's limits by one session, or what waits there, has changed; at most twice a second."""

    type: Literal["pacing"] = "pacing"
    pacing: Pacing
    sequence: int


class AlertRaised(Sent):
    """Something that a person should know of now."""

    type: Literal["alert"] = "alert"
    at: Moment
    kind: str = Field(examples=["login-missed"])
    severity: Literal["info", "warning", "critical"]
    text: str
    next_step: str
    sequence: int


ConnectionServerMessage = Annotated[
    ConnectionSnapshot
    | ConnectionChanged
    | ConnectionMeasured
    | SessionMoved
    | PacingMeasured
    | AlertRaised
    | ErrorMessage,
    Field(discriminator="type"),
]


class PortfolioSnapshot(Sent):
    """The first message on `portfolio`, and again after every reconciliation."""

    type: Literal["snapshot"] = "snapshot"
    account: AccountView | None
    positions: list[PositionView]
    pnl: DailyPnlView | None
    stale: bool
    sequence: int


class PositionChanged(Sent):
    """One position as it is now; a quantity of "0" has been closed."""

    type: Literal["position"] = "position"
    position: PositionView
    sequence: int


class AccountChanged(Sent):
    type: Literal["account"] = "account"
    account: AccountView
    sequence: int


class PnlChanged(Sent):
    """The day's profit or loss of the session's own account."""

    type: Literal["pnl"] = "pnl"
    pnl: DailyPnlView
    sequence: int


class ExecutionsStirred(Sent):
    """Something was executed, charged or corrected: `GET /executions` has it."""

    type: Literal["executions"] = "executions"
    count: int = Field(description="Rises with each of them.")
    sequence: int


PortfolioServerMessage = Annotated[
    PortfolioSnapshot | PositionChanged | AccountChanged | PnlChanged | ExecutionsStirred | ErrorMessage,
    Field(discriminator="type"),
]

RiskServerMessage = Annotated[RiskSnapshot | RiskHappened | ErrorMessage, Field(discriminator="type")]
