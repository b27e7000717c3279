"""A broker in memory, for programs that want to be tested without a socket.

A small real thing, not a recording of calls: it holds orders and tells of them as IB does, and does on command what IB
does by accident: loses, withholds, repeats and shuffles its messages, refuses, ends the link. Nothing in it is random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random

from ironbridge.domain.account import AccountValue, Position
from ironbridge.domain.advisor import AdvisorSetup
from ironbridge.domain.impact import OrderImpact
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.order import OrderRequest, OrderSpec, RiskApproved
from ironbridge.domain.reports import (
    AccountValueReport,
    BrokerReport,
    BrokerStatus,
    CommissionReport,
    CompletedOrderReport,
    ExecutionReport,
    LinkEnded,
    Notice,
    OpenOrderReport,
    PnlReport,
    PositionReport,
)
from ironbridge.domain.session import Endpoint, SessionInfo
from ironbridge.errors import IronbridgeError, NotConnected
from ironbridge.interfaces import Clock
from ironbridge.testing.fake_answers import change, end, ignore, refuse, take, trade
from ironbridge.testing.fake_orders import (
    ENDED,
    FakeOrder,
    aftermath,
    completed_report,
    execution_report,
    impact_of,
    open_report,
    status_report,
)

__all__ = ["FakeBroker", "FakeOrder", "change", "end", "ignore", "refuse", "take", "trade"]


class FakeBroker:
    """A broker in memory, as `ironbridge.interfaces.Broker`.

    Parameters:
        clock: dates its executions.
        client_id: whose session it is until `connect` says otherwise.
        contracts: what it knows of instruments.

    Attributes:
        on_place: what it does with a new order; see `take`, `trade`, `refuse`, `ignore`.
        on_modify: what it does with a modification: called with the order, its new request in `wanted`; see `change`.
        on_cancel: what it does with a cancel; see `end`, `ignore`.
        placed: every order that was handed to it, in order, those it then lost included.
        modified: every modification that was handed to it, in order.
        cancels: every order id that was asked to be cancelled.
        orders: what it holds, by order id.
        staged: what it was handed untransmitted, and shows to nobody.
        account_positions: what its accounts hold.
        account_values: the lines of their statements.
        accounts: the accounts of the login.
        pnl: the P&L that is followed, as (account, con_id or None).
        advisor_setup: what an advisor has set up, None for another login.
        lose: hand orders to nobody: they are placed and never heard of (I-11).
        silent: do everything and tell nothing.
        repeat: how often each report is told (I-16).
        split: make a second order of the next modification, beside the one that it is of (I-03).
        fail_place, fail_modify, fail_cancel, fail_ask: raised by the next calls of the kind, if set. An order
            that fails to be placed or modified with an outcome other than NOT_SENT is held, or modified, all the same.
    """

    def __init__(self, clock: Clock, *, client_id: int = 1, contracts: Sequence[Contract] = ()) -> None:
        self._clock = clock
        self._client_id = client_id
        self._contracts = tuple(contracts)
        self._listeners: list[Callable[[BrokerReport], None]] = []
        self._held: list[BrokerReport] | None = None
        self._next_perm = 1_000_001
        self._next_execution = 1
        self.connected = True
        self.on_place: Callable[[FakeBroker, FakeOrder], None] = take
        self.on_modify: Callable[[FakeBroker, FakeOrder], None] = change
        self.on_cancel: Callable[[FakeBroker, FakeOrder], None] = end
        self.placed: list[tuple[int, RiskApproved]] = []
        self.modified: list[tuple[int, RiskApproved]] = []
        self.twins: list[FakeOrder] = []
        self.staged: dict[int, FakeOrder] = {}
        self.cancels: list[int] = []
        self.orders: dict[int, FakeOrder] = {}
        self.account_positions: list[Position] = []
        self.account_values: list[AccountValue] = []
        self.accounts: tuple[str, ...] = ("DU1",)
        self.pnl: set[tuple[str, int | None]] = set()
        self.advisor_setup: AdvisorSetup | None = None
        self.lose = False
        self.silent = False
        self.split = False
        self.repeat = 1
        self.fail_place: IronbridgeError | None = None
        self.fail_modify: IronbridgeError | None = None
        self.fail_cancel: IronbridgeError | None = None
        self.fail_ask: IronbridgeError | None = None

    # as interfaces.Broker

    async def connect(self, endpoint: Endpoint) -> SessionInfo:
        self._client_id = endpoint.client_id
        self.connected = True
        return SessionInfo(178, self.accounts, max(self.orders, default=0) + 1, self._clock.now())

    async def disconnect(self) -> None:
        if self.connected:
            self.drop("closed here")

    def listen(self, listener: Callable[[BrokerReport], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def prepare(self, approved: RiskApproved, order_id: int) -> None:
        """There is nothing to encode."""

    async def place(self, approved: RiskApproved, order_id: int, *, parent_id: int = 0, transmit: bool = True) -> None:
        self._require()
        error, self.fail_place = self.fail_place, None
        if error is not None and error.outcome == "not_sent":
            raise error
        self.placed.append((order_id, approved))
        if not self.lose:
            self.staged[order_id] = FakeOrder(approved.request, order_id, self._client_id, 0, parent_id=parent_id)
            if transmit:
                self._transmit(parent_id or order_id, order_id)
        if error is not None:
            raise error

    def _transmit(self, family: int, order_id: int) -> None:
        """What was sent untransmitted goes out with an order of its family."""
        kin = [order for order in self.staged.values() if family in {order.order_id, order.parent_id}]
        for order in kin if order_id in {each.order_id for each in kin} else [self.staged[order_id]]:
            del self.staged[order.order_id]
            order.perm_id = self._next_perm
            self._next_perm += 1
            self.orders[order.order_id] = order
            self.on_place(self, order)

    async def modify(
        self,
        approved: RiskApproved,
        order_id: int,
        *,
        confirm: Callable[[], None],
        parent_id: int = 0,  # noqa: ARG002 - the interface's
    ) -> None:
        self._require()
        confirm()
        error, self.fail_modify = self.fail_modify, None
        if error is not None and error.outcome == "not_sent":
            raise error
        self.modified.append((order_id, approved))
        order = self.orders.get(order_id)
        if self.lose:
            pass
        elif order is None or order.status is BrokerStatus.CANCELLED:
            self.notice(order_id, 103, "Duplicate order id")
        elif order.status is BrokerStatus.FILLED:
            self.notice(order_id, 104, "Can't modify a filled order.")
        elif self.split:
            self.split = False
            self.twins.append(FakeOrder(approved.request, order_id, self._client_id, self._next_perm))
            self._next_perm += 1
            self._show(self.twins[-1])
        else:
            order.wanted = approved.request
            self.on_modify(self, order)
        if error is not None:
            raise error

    async def cancel(self, order_id: int, *, confirm: Callable[[], None] | None = None) -> None:
        self._require()
        if confirm is not None:
            confirm()
        error, self.fail_cancel = self.fail_cancel, None
        if error is not None:
            raise error
        self.cancels.append(order_id)
        order = self.orders.get(order_id)
        if self.staged.pop(order_id, None) is not None:
            self.notice(order_id, 202, "Order Canceled - reason:")
        elif order is None:
            self.notice(order_id, 10147, f"OrderId {order_id} that needs to be cancelled is not found.")
        elif order.status in ENDED:
            said = f"OrderId {order_id} that needs to be cancelled can not be cancelled, state: {order.status}."
            self.notice(order_id, 10148, said)
        else:
            self.on_cancel(self, order)

    async def cancel_all(self) -> None:
        self._require()
        for order in [*self.orders.values(), *self.twins]:
            if order.status not in ENDED:
                self.on_cancel(self, order)

    async def preview(self, request: OrderRequest, order_id: int) -> OrderImpact:  # noqa: ARG002 - the interface's
        self._answer()
        return impact_of(request)

    async def open_orders(self) -> Sequence[OpenOrderReport]:
        return [report for report in await self.all_open_orders() if report.client_id == self._client_id]

    async def all_open_orders(self) -> Sequence[OpenOrderReport]:
        self._answer()
        return [open_report(order) for order in (*self.orders.values(), *self.twins) if order.status not in ENDED]

    async def completed_orders(self) -> Sequence[CompletedOrderReport]:
        self._answer()
        return [completed_report(order) for order in self.orders.values() if order.status in ENDED]

    async def executions(self) -> Sequence[ExecutionReport]:
        self._answer()
        return [execution for order in self.orders.values() for execution in order.executions]

    async def positions(self) -> Sequence[Position]:
        self._answer()
        for position in self.account_positions:
            self.tell(PositionReport(position))
        return tuple(self.account_positions)

    async def follow_account(self, account: str) -> None:
        self._answer()
        for value in self.account_values:
            if value.account == account:
                self.tell(AccountValueReport(value))

    async def follow_values(self, account: str) -> None:
        await self.follow_account(account)

    async def follow_pnl(self, account: str, con_id: int | None = None) -> None:
        self._require()
        self.pnl.add((account, con_id))

    async def unfollow_pnl(self, account: str, con_id: int | None = None) -> None:
        self.pnl.discard((account, con_id))

    async def advisor(self) -> AdvisorSetup | None:
        self._answer()
        return self.advisor_setup

    async def contracts(self, instrument: Instrument) -> Sequence[Contract]:
        self._answer()
        return [c for c in self._contracts if c.instrument.symbol == instrument.symbol]

    async def server_time(self) -> datetime:
        self._answer()
        return self._clock.now()

    # what happens at the broker

    def hold(self, order_id: int) -> None:
        """The order is held and does not work yet (PreSubmitted)."""
        self._set(order_id, BrokerStatus.PRE_SUBMITTED)

    def work(self, order_id: int) -> None:
        """The order works at the exchange (Submitted)."""
        self._set(order_id, BrokerStatus.SUBMITTED)

    def change(self, order_id: int) -> None:
        """The order takes on the terms that were last wanted of it."""
        order = self.orders[order_id]
        order.request, order.wanted = order.wanted or order.request, None
        self._set(order_id, order.status if order.remaining > 0 else BrokerStatus.FILLED)

    def keep(self, order_id: int, code: int = 201, text: str = "Order rejected - reason:margin") -> None:
        """The modification is refused: the order stands as it was."""
        self.orders[order_id].wanted = None
        self.notice(order_id, code, text)

    def amend(self, order_id: int, spec: OrderSpec) -> None:
        """Somebody changes the order in TWS."""
        self.orders[order_id].wanted = replace(self.orders[order_id].request, spec=spec)
        self.change(order_id)

    def reject(self, order_id: int, code: int = 201, text: str = "Order rejected - reason:margin") -> None:
        """The order is refused: Inactive, and an error with the reason."""
        self._set(order_id, BrokerStatus.INACTIVE)
        self.notice(order_id, code, text)

    def end(self, order_id: int) -> None:
        """The order is cancelled."""
        order = self.orders[order_id]
        for order.status in (BrokerStatus.PENDING_CANCEL, BrokerStatus.CANCELLED):
            self.tell(status_report(order))
        self._follow(order)
        self.notice(order_id, 202, "Order Canceled - reason:")

    def fill(
        self, order_id: int, quantity: int | Decimal | None = None, price: int | str | Decimal = 100
    ) -> ExecutionReport:
        """Trade `quantity` units of the order, by default all that remain."""
        order = self.orders[order_id]
        amount = order.remaining if quantity is None else Decimal(quantity)
        execution = self._execution(order, f"0000f.{self._next_execution:08x}.01.01", amount, Decimal(price))
        self._next_execution += 1
        order.executions.append(execution)
        self.tell(execution)
        self._set(order_id, BrokerStatus.SUBMITTED if order.remaining > 0 else BrokerStatus.FILLED)
        if order.status is BrokerStatus.FILLED:
            self.tell(open_report(order))  # once more, with its commission
        self.tell(CommissionReport(execution.execution_id, Decimal(1), "USD", None))
        return execution

    def correct(
        self, execution: ExecutionReport, quantity: int | Decimal, price: int | str | Decimal
    ) -> ExecutionReport:
        """Correct an execution: its id's last number goes up by one (I-15)."""
        order = self.orders[execution.order_id]
        identity, _, number = execution.execution_id.rpartition(".")
        corrected = self._execution(order, f"{identity}.{int(number) + 1:02}", Decimal(quantity), Decimal(price))
        order.executions[order.executions.index(execution)] = corrected
        self.tell(corrected)
        return corrected

    def tell_pnl(self, report: PnlReport) -> None:
        """Tell of a P&L, if it is followed."""
        if (report.account, report.con_id) in self.pnl:
            self.tell(report)

    def notice(self, order_id: int | None, code: int, text: str) -> None:
        """Say something about an order, or about the session."""
        self.tell(Notice(order_id, code, text))

    def drop(self, reason: str = "the gateway closed the connection") -> None:
        """End the link. Orders live on."""
        self.connected = False
        self.pnl.clear()
        for listener in tuple(self._listeners):
            listener(LinkEnded(reason))

    # how it is told

    def tell(self, report: BrokerReport) -> None:
        """Tell a report, as the faults that are set have it."""
        if self.silent or not self.connected:
            return
        if self._held is not None:
            self._held += [report] * self.repeat
            return
        for _ in range(self.repeat):
            for listener in tuple(self._listeners):
                listener(report)

    def withhold(self) -> None:
        """Keep back what would be told, until `release`."""
        self._held = []

    def release(self, shuffle: Random | None = None) -> None:
        """Tell what was kept back, in its order or shuffled (I-16)."""
        held, self._held = self._held or [], None
        if shuffle is not None:
            shuffle.shuffle(held)
        for report in held:
            for listener in tuple(self._listeners):
                listener(report)

    def _set(self, order_id: int, status: BrokerStatus) -> None:
        order = self.orders[order_id]
        order.status = status
        self._show(order)
        self._follow(order)

    def _follow(self, order: FakeOrder) -> None:
        working, ending = aftermath(self.orders.values(), order)
        for each in working:
            self.work(each.order_id)
        for each in ending:
            self.end(each.order_id)

    def _show(self, order: FakeOrder) -> None:
        self.tell(open_report(order))
        self.tell(status_report(order))

    def _execution(self, order: FakeOrder, name: str, quantity: Decimal, price: Decimal) -> ExecutionReport:
        return execution_report(order, name, quantity, price, self._clock.now())

    def _require(self) -> None:
        if not self.connected:
            raise NotConnected("The fake broker is not connected.")

    def _answer(self) -> None:
        self._require()
        error, self.fail_ask = self.fail_ask, None
        if error is not None:
            raise error
