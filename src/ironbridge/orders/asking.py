"""Asking the broker how orders stand, whenever that is in doubt: at each new session, on a timer, and on request.

Owns the order of questions. Which orders must be shown is fixed before the first question; open orders are asked for
first, then completed ones, then executions, so that an order that ends in between is in a later answer. A question that
is not answered in full fails as a whole: nothing is ever concluded from silence (I-04). What others have open on the
login is asked for last: it decides nothing here and is shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from ironbridge.domain.events import OrderEvent
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.modification import ModifyState
from ironbridge.domain.order_state import Order
from ironbridge.domain.reconciliation import Reconciliation, is_doubtful, repair_of
from ironbridge.domain.reports import OpenOrderReport
from ironbridge.domain.session import SessionState
from ironbridge.errors import IronbridgeError, NotConnected
from ironbridge.interfaces import Broker, Clock, Session
from ironbridge.orders.book import Book
from ironbridge.orders.codes import Codes
from ironbridge.orders.foreign import ForeignOrders
from ironbridge.orders.intake import Intake
from ironbridge.orders.reading import Reader, own
from ironbridge.orders.reconcile import Answers, reconcile

_LOG = logging.getLogger("ironbridge.orders")

GATHER_SECONDS = 0.2
"""Between a request and the asking: doubts come in bursts, and one asking settles them all."""


class Asking:
    """Brings the book to what the broker says.

    Parameters:
        broker: is asked.
        session: tells whether it may be, and as whom.
        book, intake, reader, codes, foreign: what the answers are held against, and how they are taken.
        sending: keys of orders that are being sent at this moment; they are nobody's to judge.
        patience: tells the seconds that the broker may take to show an order, on a session that goes on.
        every: seconds between askings without a doubt.
        asked: called whenever the broker has answered in full and what that came to is in the book.

    Attributes:
        every: see above; `configure` changes it.
        last: what came of the last asking that was answered in full, None before the first.
        failure: when the newest attempt after that failed, and why; None where it did not.
        next_at: when the timer asks next, None where it does not run.
    """

    def __init__(
        self,
        broker: Broker,
        session: Session,
        clock: Clock,
        *,
        book: Book,
        intake: Intake,
        reader: Reader,
        codes: Codes,
        foreign: ForeignOrders,
        sending: Collection[str],
        patience: Callable[[], float],
        every: float,
        asked: Callable[[], None] = lambda: None,
    ) -> None:
        self._broker = broker
        self._session = session
        self._clock = clock
        self._book = book
        self._intake = intake
        self._reader = reader
        self._codes = codes
        self._foreign = foreign
        self._sending = sending
        self._patience = patience
        self.every = every
        self._asked = asked
        self._turn = asyncio.Lock()
        self._doubt = asyncio.Event()
        self._why = ""
        self._retimed = asyncio.Event()
        self.last: Reconciliation | None = None
        self.failure: tuple[datetime, str] | None = None
        self.next_at: datetime | None = None

    def configure(self, every: float) -> None:
        """Ask at another interval from now on."""
        if every != self.every:
            self.every = every
            self._retimed.set()

    def request(self, why: str) -> None:
        """Ask soon. Where there is no session the next one begins with asking anyway."""
        _LOG.info("The broker will be asked how orders stand: %s", why)
        self._why = self._why or why
        self._doubt.set()

    async def now(self) -> Reconciliation:
        """Ask now, because somebody wants to know; raises as `ask` does, and `NotConnected` without a session."""
        self._session.require_orders()
        return await self.ask(new_session=False, why="asked for")

    async def ask(self, *, new_session: bool, why: str) -> Reconciliation:
        """Ask for everything and record what it comes to.

        Raises:
            NotConnected, SessionLost, RequestTimeout, RequestRejected: a question was not answered in full; nothing
                was concluded.
            StorageError: what it came to could not be recorded yet.
        """
        async with self._turn:
            began = self._clock.now()
            try:
                answers, everywhere = await self._answers(new_session=new_session)
                events: list[OrderEvent] = []

                def decide(book: Book) -> Sequence[OrderEvent]:
                    events[:] = reconcile(book, answers, self._reader, self._codes)
                    return events

                await self._intake.settle(decide)
            except IronbridgeError as error:
                self.failure = self._clock.now(), str(error)
                raise
            self._foreign.keep_only(everywhere)
            self.last, self.failure = self._report(began, why, answers, events), None
            self._asked()
            return self.last

    async def _answers(self, *, new_session: bool) -> tuple[Answers, Sequence[OpenOrderReport]]:
        judged = self._judged(new_session=new_session)
        client_id = self._session.client_id
        open_orders = await self._broker.open_orders()
        completed = await self._broker.completed_orders()
        executions = await self._broker.executions()
        everywhere = await self._broker.all_open_orders()
        return Answers(client_id, open_orders, completed, executions, judged, new_session), everywhere

    def _report(self, began: datetime, why: str, answers: Answers, events: Sequence[OrderEvent]) -> Reconciliation:
        return Reconciliation(
            began,
            self._clock.now(),
            why,
            answers.client_id,
            len(answers.judged),
            len(answers.open),
            len(answers.completed),
            len(answers.executions),
            tuple(map(repair_of, events)),
            tuple(order for order in self._book if is_doubtful(order)),
            tuple(self._foreign.list()),
            tuple(one for one in answers.executions if own(self._book, one) is None),
        )

    async def run(self) -> None:
        """Ask on request and on the timer, until cancelled."""
        while True:
            await self._doubt_or_timer()
            await self._clock.sleep(GATHER_SECONDS)
            why, self._why = self._why or "the timer", ""
            self._doubt.clear()
            try:
                self._session.require_orders()
                await self.ask(new_session=False, why=why)
            except NotConnected:
                # The session that comes begins with asking. One that is asking now may have raised the doubt itself,
                # over what it could not send before it was ready.
                if self._session.state is SessionState.SYNCING:
                    self._why = why
                    self._doubt.set()
            except IronbridgeError as error:
                _LOG.warning("The broker could not be asked how orders stand, and will be again: %s", error)
                await self._clock.sleep(self._patience())
                self._doubt.set()

    async def _doubt_or_timer(self) -> None:
        since, at = self._clock.monotonic(), self._clock.now()
        while not self._doubt.is_set() and (wait := since + self.every - self._clock.monotonic()) > 0:
            self._retimed.clear()
            self.next_at = at + timedelta(seconds=self.every)
            waits = {
                asyncio.ensure_future(self._doubt.wait()),
                asyncio.ensure_future(self._retimed.wait()),
                asyncio.ensure_future(self._clock.sleep(wait)),
            }
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waits:
                    task.cancel()
                await asyncio.wait(waits)

    def _judged(self, *, new_session: bool) -> frozenset[str]:
        settled_by = self._clock.now() - timedelta(seconds=self._patience())
        return frozenset(
            order.key
            for order in self._book
            if order.key not in self._sending and (new_session or _unknown(order) or order.updated_at <= settled_by)
        )


def _unknown(order: Order) -> bool:
    """Whether the order, or what was last asked of it, has had its time and was not answered."""
    pending = order.pending
    return order.state is OrderState.UNKNOWN or (pending is not None and pending.state is ModifyState.UNKNOWN)
