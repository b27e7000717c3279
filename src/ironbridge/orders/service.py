"""Orders: submit, follow, modify, cancel. Never twice, never lost, never unchecked.

This module is the surface and the wiring. An order's way out is `submitting`, which checks it, and `sending`, which
makes its intent durable and only then lets the bytes go; `modifying` is the way of a change. From there on the broker's
word alone moves it: `reading` and `reconcile` judge what comes back, `intake` records it, `asking` asks when in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from ironbridge.domain.audit import BROKER
from ironbridge.domain.events import ModifyMoved, OrderEvent, OrderMoved, Recorded
from ironbridge.domain.impact import OrderImpact
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.market import Quote
from ironbridge.domain.order import OrderSpec, check_key
from ironbridge.domain.order_state import ForeignOrder, Order, OrderUpdate
from ironbridge.domain.reports import (
    BrokerReport,
    CommissionReport,
    ExecutionReport,
    LinkEnded,
    Notice,
    OpenOrderReport,
    StatusReport,
)
from ironbridge.errors import InvalidOrder, IronbridgeError
from ironbridge.interfaces import AuditLog, Broker, Clock, Gate, Journal, Session, Topic
from ironbridge.orders.approval import Approval
from ironbridge.orders.asking import Asking
from ironbridge.orders.book import Book
from ironbridge.orders.cancelling import Canceller, CancelReport
from ironbridge.orders.closing import close_by_hand
from ironbridge.orders.codes import Codes
from ironbridge.orders.follow import Follower, Followers
from ironbridge.orders.foreign import ForeignOrders
from ironbridge.orders.groups import Groups
from ironbridge.orders.guard import GroupGuard
from ironbridge.orders.handle import OrderHandle
from ironbridge.orders.intake import Intake
from ironbridge.orders.modifying import Modifier
from ironbridge.orders.options import OrderOptions, random_key
from ironbridge.orders.preview import Previewer
from ironbridge.orders.reading import Reader, awaits_news, cut_short, unanswered
from ironbridge.orders.sending import Sender
from ironbridge.orders.submitting import Submitter
from ironbridge.orders.watch import AnswerWatch

_OURS = (OpenOrderReport, StatusReport, ExecutionReport, CommissionReport, Notice, LinkEnded)


class OrderService:
    """All orders of one session.

    Parameters:
        broker: where orders go and reports come from.
        journal: where they are recorded.
        session: tells whether orders may be sent.
        gate: approves them.
        resolve: makes a contract of an instrument.
        quote: a quote of an instrument, for limits in money; asked for only where the gate needs one.
        clock: time.
        changes: every update of every order is published there.
        options: see `OrderOptions`.
        codes: what IB's codes mean.
        new_key: makes a key where the caller gives none.
        audit: where refusals are recorded; what is sent is recorded by the journal.
        elsewhere: tells whether another process owns a client id: its orders are shown here, and judged there.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        session: Session,
        gate: Gate,
        resolve: Callable[[Instrument], Awaitable[Contract]],
        quote: Callable[[Instrument], Awaitable[Quote | None]],
        clock: Clock,
        changes: Topic[OrderUpdate],
        options: OrderOptions | None = None,
        *,
        codes: Codes | None = None,
        new_key: Callable[[], str] = random_key,
        audit: AuditLog | None = None,
        elsewhere: Callable[[int], bool] = lambda _client_id: False,
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._changes = changes
        self._options = options or OrderOptions()
        self._new_key = new_key
        self._gate = gate
        self.clock = clock
        self.codes = codes or Codes()
        self._book = Book()
        self._followers = Followers()
        self._foreign = ForeignOrders()
        self._tasks: list[asyncio.Task[None]] = []
        self._reader = Reader(self.codes, lambda: session.client_id, self._foreign)
        self._elsewhere = elsewhere
        self._intake = Intake(self._book, journal, clock, self._published, elsewhere)
        self._watch = AnswerWatch(clock, self._options.patience, self._overdue)
        approval = Approval(session, gate, resolve, quote, self._intake, audit)
        self._modifier = Modifier(broker, journal, session, approval, self._book, self._intake, self._doubt)
        self._sender = Sender(broker, journal, session, self._book, self._intake, self._doubt)
        self._submitter = Submitter(
            session, approval, resolve, book=self._book, sender=self._sender, account=self._options.account
        )
        self.groups = Groups(self._book, self._submitter, self.handle, self.cancel, new_key)
        self._guard = GroupGuard(self._book, self._sender.cancel, self._doubt)
        self._canceller = Canceller(broker, session, self._book, self._sender, self.handle, self.foreign)
        self._previewer = Previewer(broker, journal, session, approval, self._submitter.account, new_key)
        self.reconciling = Asking(
            broker,
            session,
            clock,
            book=self._book,
            intake=self._intake,
            reader=self._reader,
            codes=self.codes,
            foreign=self._foreign,
            sending=self._sender.keys,
            patience=self._options.patience,
            every=self._options.reconcile_seconds,
            asked=self._guard.asked,
        )
        self._unlisten: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Read the journal and begin to take the broker's reports.

        Raises:
            StorageError: the journal cannot be read.
        """
        await self._intake.replay()
        for order in self._book:
            self._gate.note(order)
        self._unlisten = self._broker.listen(self._heard)
        self._intake.start()
        # What was under way when the last process ended is in doubt until the first session has asked.
        await self._intake.settle(cut_short)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._watch.run(), name="ironbridge-orders-watch"),
            loop.create_task(self.reconciling.run(), name="ironbridge-orders-asking"),
        ]

    async def stop(self) -> None:
        """End: submissions under way are finished, what was reported is recorded."""
        await self._guard.stop()
        await self._sender.stop()
        await self._modifier.stop()
        self._unlisten()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._intake.stop()

    # for callers

    async def submit(
        self,
        instrument: Instrument,
        spec: OrderSpec,
        *,
        key: str | None = None,
        account: str | None = None,
        strategy: str = "",
    ) -> OrderHandle:
        """Send an order, once, however often it is asked for under its key.

        Returns when the order is with the socket, not when IB has answered: await the handle for that. A key that was
        used gives its order back, whatever has become of it, with or without a connection.

        Parameters:
            instrument: what to trade.
            spec: the shape of the order, e.g. ``buy(10).limit("227.35")``.
            key: the caller's name for this order; one is made where it is None.
            account: the account it is for, where the login has several.
            strategy: who asks, for limits and the audit.

        Raises:
            InvalidOrder: the instrument cannot take the order. Nothing was recorded or sent, nor for the next five.
            InstrumentNotFound, AmbiguousInstrument: the instrument is not one thing.
            KeyConflict: the key stands for another order.
            LiveAccountRefused: the account is live and not armed.
            NotConnected: no order can be sent now.
            OrderRefused: the risk gate refused it.
            StorageError: the intent could not be recorded, so nothing was sent.
            OrderError: it was recorded, and the session ended before it was sent: it will not be.
        """
        key = self._new_key() if key is None else check_key(key)
        await self._submitter.submit(key, instrument, spec, account, strategy)
        return self.handle(key)

    async def modify(self, key: str, spec: OrderSpec | None = None, *, token: str = "", **changes: Any) -> OrderHandle:
        """Change an order that IB holds. Returns when the change is with the socket; await `OrderHandle.modified`.

        The new whole order is checked and approved as every order is, and the intent is durable before it is sent.
        Where the order has the wanted terms already, nothing is sent.

        Parameters:
            key: the order's key.
            spec: the whole order as it is to be; None to change single fields.
            token: the caller's name for this change: asking again under it changes nothing again.
            changes: fields of `OrderSpec` by name, such as ``limit_price="227.40"``, where no `spec` is given.

        Raises:
            OrderNotFound: no order has the key.
            InvalidOrder: the order cannot become that. Nothing was recorded or sent, nor for the next five.
            OrderError: the order has ended, is not known to be at IB, or another change of it is under way.
            KeyConflict: the token stands for another change.
            OrderRefused: the risk gate refused it.
            NotConnected: nothing can be sent now; `UpstreamLost` where the gateway has lost IB.
            StorageError: the intent could not be recorded, so nothing was sent.
        """
        if spec is not None and changes:
            raise InvalidOrder("A change was given twice.", next_step="Give the whole new order, or single fields.")
        with suppress(IronbridgeError):
            await self._sender.finish(key)
        number = await self._modifier.modify(key, changes if spec is None else spec, token)
        return OrderHandle(key, self, number)

    async def close_by_hand(self, key: str, *, by: str, reason: str) -> OrderHandle:
        """Take an order that is UNKNOWN for ended, on the word of a person who has looked elsewhere. Sends nothing.

        What IB says of it later counts all the same: a fill is taken, and an order that lives is shown as living.

        Parameters:
            key: the order's key.
            by: who says so.
            reason: what was found, and where.

        Raises:
            OrderNotFound: no order has the key.
            InvalidOrder: nobody, or no reason, is named.
            OrderError: it is not UNKNOWN.
            StorageError: it could not be recorded yet; it will be.
        """
        await close_by_hand(self._intake, self._book, key, by, reason)
        return self.handle(key)

    async def cancel(self, key: str) -> OrderHandle:
        """Ask IB to cancel an order. Returns when the request is with the socket; await the handle for its outcome.

        Raises:
            OrderNotFound: no order has the key.
            OrderError: the order has ended, or belongs to another client id.
            NotConnected: nothing can be sent now; `UpstreamLost` where the gateway has lost IB. Nothing was sent.
            SessionLost: the session ended meanwhile; whether IB got the request is not known.
        """
        await self._sender.cancel(key)
        return self.handle(key)

    async def cancel_all(
        self,
        *,
        account: str | None = None,
        strategy: str | None = None,
        everywhere: bool = False,
        timeout: float = 10.0,  # noqa: ASYNC109 - what has not ended by then is in the report
    ) -> CancelReport:
        """Cancel every open order of this client id, wait for each, and ask the broker what is left.

        Parameters:
            account, strategy: cancel only the orders of these; None cancels all, those not made here included.
            everywhere: ask IB beside that to cancel all that any client and TWS have open on the login.
            timeout: seconds to wait for each to end.

        Returns:
            What has ended and what has not, with the reason; look at `CancelReport.is_clear`.

        Raises:
            NotConnected: nothing can be sent now; `UpstreamLost` where the gateway has lost IB.
        """
        return await self._canceller.cancel_all(
            account=account, strategy=strategy, everywhere=everywhere, seconds=timeout
        )

    async def preview(self, instrument: Instrument, spec: OrderSpec, *, account: str | None = None) -> OrderImpact:
        """What an order would do to margin and cost, by the broker's own what-if. Nothing is ordered.

        The margin of one unit of an instrument is ``preview(instrument, buy(1)).initial_margin.change`` (INS-5).

        Parameters:
            instrument, spec, account: as for `submit`.

        Raises:
            InvalidOrder, InstrumentNotFound, AmbiguousInstrument, LiveAccountRefused: as for `submit`.
            NotConnected: nothing can be asked now.
            RequestRejected: IB would not take the order; its code and words.
            RequestTimeout: IB did not answer.
        """
        return await self._previewer.preview(instrument, spec, account)

    def get(self, key: str) -> Order:
        """The order as it stands.

        Raises:
            OrderNotFound: no order has the key.
        """
        return self._book.require(key)

    def list(self, *, open_only: bool = False) -> list[Order]:
        """Every order, oldest first; with `open_only` those that have not ended."""
        return [order for order in self._book if not (open_only and order.ended)]

    def foreign(self) -> Sequence[ForeignOrder]:
        """Open orders at the broker that were not made here."""
        return self._foreign.list()

    def handle(self, key: str) -> OrderHandle:
        """A handle of the order.

        Raises:
            OrderNotFound: no order has the key.
        """
        self._book.require(key)
        return OrderHandle(key, self)

    async def story(self, key: str) -> Sequence[Recorded]:
        """Everything that has happened to the order, from the journal.

        Raises:
            OrderNotFound: no order has the key.
            StorageError: the journal cannot be read.
        """
        self._book.require(key)
        return await self._journal.story(key)

    def follow(self, key: str) -> Follower:
        """Every update of the order from now on, for the length of a `with` block."""
        self._book.require(key)
        return self._followers.follow(key)

    @property
    def settle_seconds(self) -> float:
        return self._options.settle_seconds

    @property
    def unknown_seconds(self) -> float:
        return self._options.unknown_seconds

    # for the session

    async def synchronise(self) -> None:
        """Hold every order against what the broker says; see `interfaces.Synchroniser`."""
        await self.reconciling.ask(new_session=True, why="a new session")

    def interrupted(self, reason: str) -> None:
        """What awaits an answer is in doubt from now on; see `interfaces.Synchroniser`."""
        self._intake.offer(lambda book: unanswered(book, f"The connection was lost before IB answered: {reason}"))

    # what comes back

    def _heard(self, report: BrokerReport) -> None:
        if isinstance(report, _OURS):
            self._intake.offer(lambda book: self._read(report, book), BROKER)

    def _doubt(self, why: str) -> None:
        self.reconciling.request(why)

    def _read(self, report: BrokerReport, book: Book) -> Sequence[OrderEvent]:
        reading = self._reader.read(report, book)
        if reading.ask:
            self._doubt(reading.ask)
        return reading.events

    def _published(self, update: OrderUpdate) -> None:
        self._gate.note(update.order)
        ours = not self._elsewhere(update.order.client_id)
        if ours and isinstance(update.event, OrderMoved | ModifyMoved) and awaits_news(update.order):
            self._watch.add(update.order.key)
        self._guard.note(update)
        self._changes.publish(update)
        self._followers.publish(update)

    def _overdue(self, key: str) -> None:
        self._intake.offer(lambda book: self._give_up(book.require(key)))

    def _give_up(self, order: Order) -> Sequence[OrderEvent]:
        if not awaits_news(order):
            return ()
        reason = f"IB has not answered within {self._options.patience():g} s."
        self._doubt(f"{order.key!r} is {order.state} and nothing more has come")
        return unanswered((order,), reason)

    def __repr__(self) -> str:
        orders = self.list()
        return f"<OrderService {len(orders)} orders, {sum(not order.ended for order in orders)} open>"
