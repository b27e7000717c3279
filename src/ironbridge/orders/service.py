"""Orders: submit, follow, cancel. Never twice, never lost, never unchecked.

The path of an order, and why each step stands where it does: its content is checked; its key is looked up, so that what
was asked for before is not asked for again; the session must be able to take orders and the risk gate must approve,
while a refusal still leaves nothing behind; the intent becomes durable with its id; and only then does the first byte
go out. From there on the broker's word alone moves it, through `intake`.

This module is the surface and the wiring; `sending` sends, `intake` records, `reading` and `reconcile` judge what comes
back, `asking` asks when in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from ironbridge.domain.audit import BROKER, Act, Deed
from ironbridge.domain.events import OrderEvent, OrderMoved, Recorded
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.lifecycle import OrderState, Trigger
from ironbridge.domain.market import Quote
from ironbridge.domain.order import OrderRequest, OrderSpec, RiskApproved, check_key
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
from ironbridge.errors import InvalidOrder, IronbridgeError, NotConnected, OrderRefused, StorageError
from ironbridge.interfaces import AuditLog, Broker, Clock, Gate, Journal, Session, Topic
from ironbridge.orders.asking import Asking
from ironbridge.orders.book import Book
from ironbridge.orders.codes import Codes
from ironbridge.orders.content import check_same, means
from ironbridge.orders.follow import Follower, Followers
from ironbridge.orders.foreign import ForeignOrders
from ironbridge.orders.handle import OrderHandle
from ironbridge.orders.intake import Intake
from ironbridge.orders.reading import UNANSWERED, Reader, awaits_news, unanswered
from ironbridge.orders.sending import Sender
from ironbridge.orders.validation import check_spec
from ironbridge.orders.watch import AnswerWatch

_OURS = (OpenOrderReport, StatusReport, ExecutionReport, CommissionReport, Notice, LinkEnded)

CUT_SHORT = "The program ended before IB's answer was recorded."


@dataclass(frozen=True, slots=True)
class OrderOptions:
    """How patient the service is.

    Parameters:
        account: the account that orders are for where none is named; None takes the login's only one.
        answer_seconds: how long IB may take to answer an order or a cancel before it counts as UNKNOWN.
        reconcile_seconds: how often the broker is asked in full without a doubt.
        settle_seconds: how long an ended order may wait for its last fills and commissions.
        unknown_seconds: how long a caller waits for the fate of an order that is UNKNOWN.
    """

    account: str | None = None
    answer_seconds: float = 10.0
    reconcile_seconds: float = 300.0
    settle_seconds: float = 2.0
    unknown_seconds: float = 30.0


def random_key() -> str:
    """A key for an order whose owner named none."""
    return uuid4().hex


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
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._session = session
        self._gate = gate
        self._resolve = resolve
        self._quote = quote
        self._changes = changes
        self._options = options or OrderOptions()
        self._new_key = new_key
        self._audit = audit
        self.clock = clock
        self.codes = codes or Codes()
        self._book = Book()
        self._followers = Followers()
        self._foreign = ForeignOrders()
        self._tasks: list[asyncio.Task[None]] = []
        self._reader = Reader(self.codes, lambda: session.client_id, self._foreign)
        self._intake = Intake(self._book, journal, clock, self._published)
        self._watch = AnswerWatch(clock, self._options.answer_seconds, self._overdue)
        self._sender = Sender(broker, journal, session, self._book, self._intake, self._doubt)
        self._asking = Asking(
            broker,
            session,
            clock,
            book=self._book,
            intake=self._intake,
            reader=self._reader,
            codes=self.codes,
            foreign=self._foreign,
            sending=self._sender.keys,
            patience=self._options.answer_seconds,
            every=self._options.reconcile_seconds,
        )
        self._unlisten: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Read the journal and begin to take the broker's reports.

        Raises:
            StorageError: the journal cannot be read.
        """
        for recorded in await self._journal.replay():
            known = self._book.get(recorded.event.key)
            if known is None or recorded.sequence > known.sequence:
                self._book.take(recorded)
        for order in self._book:
            self._gate.note(order)
        self._unlisten = self._broker.listen(self._heard)
        self._intake.start()
        # What was under way when the last process ended is in doubt until the first session has asked.
        await self._intake.settle(_cut_short)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._watch.run(), name="ironbridge-orders-watch"),
            loop.create_task(self._asking.run(), name="ironbridge-orders-asking"),
        ]

    async def stop(self) -> None:
        """End: submissions under way are finished, what was reported is recorded."""
        await self._sender.stop()
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
        if self._taken(key) is None:
            contract = await self._resolve(instrument)
            check_spec(spec, contract)
            self._session.require_orders()
            request = OrderRequest(key, contract.instrument, spec, self._account(account), strategy)
            quote = await self._quote(contract.instrument) if self._gate.needs_quote(request) else None
            # While contract and quote were asked for, somebody else may have taken the key.
            if self._taken(key) is None:
                try:
                    self._sender.begin(self._approve(request, contract, quote))
                except OrderRefused as refusal:
                    await self._record_refusal(request, refusal)
                    raise
                await self._sender.finish(key)
                return self.handle(key)
        request = self._taken(key) or self._book.require(key).request
        if not means(instrument, request.instrument):
            # It may be another way to write the same thing. Where nobody can say, it is a conflict.
            with suppress(IronbridgeError):
                instrument = (await self._resolve(instrument)).instrument
        check_same(request, instrument, spec, account, strategy)
        await self._sender.finish(key)
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
        await self._asking.ask(new_session=True)

    def interrupted(self, reason: str) -> None:
        """What awaits an answer is in doubt from now on; see `interfaces.Synchroniser`."""
        self._intake.offer(lambda book: unanswered(book, f"The connection was lost before IB answered: {reason}"))

    # the path of an order

    def _taken(self, key: str) -> OrderRequest | None:
        order = self._book.get(key)
        return self._sender.request(key) if order is None else order.request

    def _account(self, account: str | None) -> str:
        info = self._session.info
        wanted = account or self._options.account
        if info is None:
            self._session.require_orders()
            raise NotConnected("No session says which accounts there are.", next_step="Connect first.")
        if wanted is None and len(info.accounts) == 1:
            return info.accounts[0]
        if wanted is None:
            raise InvalidOrder(
                "This login has several accounts and the order names none.",
                next_step=f"Name one of {', '.join(info.accounts)}.",
            )
        if wanted not in info.accounts:
            raise InvalidOrder(
                f"{wanted!r:.60} is not an account of this login.", next_step=f"Name one of {', '.join(info.accounts)}."
            )
        return wanted

    def _approve(self, request: OrderRequest, contract: Contract, quote: Quote | None) -> RiskApproved:
        self._session.require_orders()
        self._session.check_account(request.account)
        if not self._intake.running:
            raise StorageError("The order service is not running.", next_step="Start it before orders are sent.")
        if self._intake.fault is not None:
            raise self._intake.fault
        return self._gate.check(request, contract, quote, pending=self._sender.unrecorded())

    async def _record_refusal(self, request: OrderRequest, refusal: OrderRefused) -> None:
        if self._audit is None:
            return
        text = f"{request.spec} {request.instrument} for {request.account}: {refusal.message}"
        # It stays refused where it cannot be recorded: the caller is to hear why it was.
        with suppress(StorageError):
            await self._audit.record(Act(Deed.ORDER_REFUSED, request.key, text, refusal.details))

    # what comes back

    def _heard(self, report: BrokerReport) -> None:
        if isinstance(report, _OURS):
            self._intake.offer(lambda book: self._read(report, book), BROKER)

    def _doubt(self, why: str) -> None:
        self._asking.request(why)

    def _read(self, report: BrokerReport, book: Book) -> Sequence[OrderEvent]:
        reading = self._reader.read(report, book)
        if reading.ask:
            self._doubt(reading.ask)
        return reading.events

    def _published(self, update: OrderUpdate) -> None:
        self._gate.note(update.order)
        if isinstance(update.event, OrderMoved) and awaits_news(update.order):
            self._watch.add(update.order.key)
        self._changes.publish(update)
        self._followers.publish(update)

    def _overdue(self, key: str) -> None:
        self._intake.offer(lambda book: self._give_up(book.require(key)))

    def _give_up(self, order: Order) -> Sequence[OrderEvent]:
        if not awaits_news(order):
            return ()
        reason = f"IB has not answered within {self._options.answer_seconds:g} s."
        self._doubt(f"{order.key!r} is {order.state} and nothing more has come")
        return unanswered((order,), reason)

    def __repr__(self) -> str:
        orders = self.list()
        return f"<OrderService {len(orders)} orders, {sum(not order.ended for order in orders)} open>"


def _cut_short(book: Book) -> Sequence[OrderEvent]:
    under_way = UNANSWERED | {OrderState.INTENDED}
    return [OrderMoved(order.key, Trigger.LOST, CUT_SHORT) for order in book if order.state in under_way]
