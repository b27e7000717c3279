"""What the services need from outside, as Protocols: the only way in which they know the broker, the store and time.

`bootstrap` is where concrete parts meet these; tests meet them with other real parts. Every awaitable here ends within
a time-out of its own, with an answer or with an error of `ironbridge.errors`: none hangs, none reads silence as "none".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Protocol, Self, TypeVar

from ironbridge.domain.account import FxRate, Position
from ironbridge.domain.advisor import AdvisorSetup
from ironbridge.domain.impact import OrderImpact
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.market import DataKind, TickField
from ironbridge.domain.order import OrderRequest, RiskApproved
from ironbridge.domain.reports import BrokerReport, CompletedOrderReport, ExecutionReport, OpenOrderReport
from ironbridge.domain.session import Endpoint, SessionInfo, SessionState
from ironbridge.gatekeeping import Gate as Gate
from ironbridge.gatekeeping import RiskFacts as RiskFacts
from ironbridge.records import AuditLog as AuditLog
from ironbridge.records import Journal as Journal
from ironbridge.turns import HistoryPacer as HistoryPacer
from ironbridge.turns import HistoryPlace as HistoryPlace
from ironbridge.turns import Lane as Lane
from ironbridge.turns import Pacer as Pacer
from ironbridge.turns import StreamPlaces as StreamPlaces

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Clock(Protocol):
    """Time, passed in so that tests and the paper gateway can set it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Subscription(Protocol[T_co]):
    """One reader of a topic: an async iterator that ends when either side closes."""

    def __aiter__(self) -> AsyncIterator[T_co]: ...

    async def __anext__(self) -> T_co:
        """The next item.

        Raises:
            SlowConsumer: the reader fell more than its limit behind; what it missed is not sent again.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Topic(Protocol[T]):
    """One kind of event to any number of readers, in order. Publishing never waits and never fails."""

    def publish(self, item: T) -> None: ...

    def subscribe(self, limit: int = 10_000) -> Subscription[T]:
        """Read from now on; `limit` is how far the reader may fall behind."""
        ...


class Link(Protocol):
    """One API session with a gateway, as far as keeping it alive goes: no order can go over this.

    Requests raise `NotConnected` (nothing was sent), `SessionLost`, `RequestTimeout` or `RequestRejected`.
    """

    @property
    def connected(self) -> bool: ...

    async def connect(self, endpoint: Endpoint) -> SessionInfo:
        """Open the session.

        Raises:
            ConnectFailed: or one of its kinds; the old socket, if any, is closed before.
        """
        ...

    async def disconnect(self) -> None: ...

    def listen(self, listener: Callable[[BrokerReport], None]) -> Callable[[], None]:
        """Call `listener` with every report, in wire order, on the loop; returns what ends it. It must not block."""
        ...

    async def server_time(self) -> datetime: ...


class Broker(Link, Protocol):
    """A session that carries orders, and what they need to be known."""

    def prepare(self, approved: RiskApproved, order_id: int) -> None:
        """Do what can be done of `place` before the order may go; nothing leaves. It may come to nothing."""
        ...

    async def place(self, approved: RiskApproved, order_id: int, *, parent_id: int = 0, transmit: bool = True) -> None:
        """Hand the order to the socket. Returns when the bytes are with the transport, not when IB has answered.

        Parameters:
            approved: the order.
            order_id: what it is to be called.
            parent_id: the order whose fill sets it to work, 0 for none.
            transmit: False leaves it with the gateway until an order of its family is transmitted; nothing is said of
                it before.
        """
        ...

    async def modify(
        self, approved: RiskApproved, order_id: int, *, confirm: Callable[[], None], parent_id: int = 0
    ) -> None:
        """Hand the whole order, as it is to be, to the socket, under the id that it has; returns as `place` does.

        Parameters:
            approved: the order as it is to be.
            order_id: what it is called.
            parent_id: as when it was placed.
            confirm: called once its turn has come, with nothing between it and the bytes; what it raises keeps them.
        """
        ...

    async def cancel(self, order_id: int, *, confirm: Callable[[], None] | None = None) -> None:
        """Hand a cancel to the socket; `confirm` as in `modify`."""
        ...

    async def preview(self, request: OrderRequest, order_id: int) -> OrderImpact:
        """What the order would do to margin and cost (what-if). It is never an order, and none of it is reported.

        Parameters:
            request: the order.
            order_id: an id of this client that no order has or will have.

        Raises:
            RequestRejected: IB would not take it, with its code and words.
        """
        ...

    async def cancel_all(self) -> None:
        """Ask IB to cancel every open order of the login, whoever made it: other clients, people in TWS."""
        ...

    async def open_orders(self) -> Sequence[OpenOrderReport]:
        """All open orders of this client id, complete: up to their End message."""
        ...

    async def all_open_orders(self) -> Sequence[OpenOrderReport]:
        """All open orders of the login, those of other clients and of people in TWS too, complete."""
        ...

    async def completed_orders(self) -> Sequence[CompletedOrderReport]: ...

    async def executions(self) -> Sequence[ExecutionReport]: ...

    async def positions(self) -> Sequence[Position]: ...

    async def follow_account(self, account: str) -> None:
        """Ask for account values and portfolio; returns at their first End. Changes come as reports.

        IB streams these of one account at a time: following another ends the one before.
        """
        ...

    async def follow_values(self, account: str) -> None:
        """Ask for the values of one account more, beside the followed one; returns at their first End.

        Any number of accounts can be followed so; no portfolio rows come. Changes come as reports.
        """
        ...

    async def follow_pnl(self, account: str, con_id: int | None = None) -> None:
        """Ask for the daily P&L of an account, or of one position of it; it comes as `PnlReport` from then on.

        Returns when the request is with the transport: IB ends no first answer. The stream ends with the session.
        Asking again for one that is there does nothing.
        """
        ...

    async def unfollow_pnl(self, account: str, con_id: int | None = None) -> None:
        """End a stream of `follow_pnl`. One that is not there is no error."""
        ...

    async def advisor(self) -> AdvisorSetup | None:
        """An advisor's groups, profiles and aliases; None where the login is no advisor's."""
        ...

    async def contracts(self, instrument: Instrument) -> Sequence[Contract]:
        """All contracts that fit, fully described; empty where IB says there is none (200)."""
        ...


class TickSink(Protocol):
    """Where a market-data line's ticks go. Called on the loop in wire order; must not block."""

    def tick(self, field: TickField, value: float | None, size: float | None = None) -> None:
        """One tick. For BID, ASK and LAST `value` is the price (None: there is no quote) and `size` its size."""
        ...

    def kind(self, kind: DataKind) -> None: ...

    def notice(self, code: int, text: str) -> None:
        """Something was said about the line that does not end it, as 10197: it may be why nothing comes."""
        ...

    def refused(self, code: int, text: str) -> None:
        """The line is dead: nothing more will come on it."""
        ...


class MarketFeed(Protocol):
    """Streams of top-of-book data, one line each."""

    async def open_line(self, contract: Contract, sink: TickSink) -> int:
        """Ask for a stream; returns the line's number."""
        ...

    async def close_line(self, line: int) -> None:
        """End a stream. A line that is already gone is no error."""
        ...


class ContractCache(Protocol):
    """Resolved contracts, kept for good (INS-2)."""

    async def load(self, instrument: Instrument) -> Contract | None: ...

    async def save(self, instrument: Instrument, contract: Contract) -> None: ...


class Session(Protocol):
    """What services may know of the connection."""

    @property
    def state(self) -> SessionState: ...

    @property
    def info(self) -> SessionInfo | None: ...

    @property
    def client_id(self) -> int: ...

    def require_orders(self) -> None:
        """Return only where orders may be sent now.

        Raises:
            NotConnected: with the state and what to do; `UpstreamLost` where the gateway has lost IB.
        """
        ...

    def check_account(self, account: str) -> None:
        """Return only where orders for this account may be sent: a live one must be armed by name (CON-11).

        Raises:
            LiveAccountRefused: it is live and not armed.
        """
        ...


class Synchroniser(Protocol):
    """A service that must catch up with the broker before the session is READY."""

    async def synchronise(self) -> None:
        """Bring this service up to date. Raising keeps the session SYNCING, and it is called again."""
        ...

    def interrupted(self, reason: str) -> None:
        """The session ended, or lost IB: what is shown from now on is from before."""
        ...


class FxQuotes(Protocol):
    """Exchange rates from the market, for currencies of which the account statement says nothing."""

    def last(self, currency: str, base: str) -> FxRate | None:
        """What one unit of `currency` is worth in `base` by the present quotes; None where there is no good one."""
        ...
