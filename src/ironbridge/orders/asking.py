"""Asking the broker how orders stand, whenever that is in doubt: at each new session, on a timer, and on request.

Owns the order of questions. Which orders must be shown is fixed before the first question; open orders are asked for
first, then completed ones, then executions, so that an order that ends in between is in a later answer. A question that
is not answered in full fails as a whole: nothing is ever concluded from silence (I-04).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import timedelta

from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.modification import ModifyState
from ironbridge.domain.order_state import Order
from ironbridge.errors import IronbridgeError, NotConnected
from ironbridge.interfaces import Broker, Clock, Session
from ironbridge.orders.book import Book
from ironbridge.orders.codes import Codes
from ironbridge.orders.foreign import ForeignOrders
from ironbridge.orders.intake import Intake
from ironbridge.orders.reading import Reader
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
        self._every = every
        self._asked = asked
        self._turn = asyncio.Lock()
        self._doubt = asyncio.Event()

    def request(self, why: str) -> None:
        """Ask soon. Where there is no session the next one begins with asking anyway."""
        _LOG.info("The broker will be asked how orders stand: %s", why)
        self._doubt.set()

    async def ask(self, *, new_session: bool) -> None:
        """Ask for everything and record what it comes to.

        Raises:
            NotConnected, SessionLost, RequestTimeout, RequestRejected: a question was not answered in full; nothing
                was concluded.
            StorageError: what it came to could not be recorded yet.
        """
        async with self._turn:
            judged = self._judged(new_session=new_session)
            client_id = self._session.client_id
            open_orders = await self._broker.open_orders()
            completed = await self._broker.completed_orders()
            executions = await self._broker.executions()
            answers = Answers(client_id, open_orders, completed, executions, judged, new_session)
            await self._intake.settle(lambda book: reconcile(book, answers, self._reader, self._codes))
            self._foreign.keep_only(open_orders)
            self._asked()

    async def run(self) -> None:
        """Ask on request and on the timer, until cancelled."""
        while True:
            await self._doubt_or_timer()
            await self._clock.sleep(GATHER_SECONDS)
            self._doubt.clear()
            try:
                self._session.require_orders()
                await self.ask(new_session=False)
            except NotConnected:
                # Nothing is forgotten by this: the session that comes begins with asking.
                continue
            except IronbridgeError as error:
                _LOG.warning("The broker could not be asked how orders stand, and will be again: %s", error)
                await self._clock.sleep(self._patience())
                self._doubt.set()

    async def _doubt_or_timer(self) -> None:
        doubt = asyncio.ensure_future(self._doubt.wait())
        timer = asyncio.ensure_future(self._clock.sleep(self._every))
        try:
            await asyncio.wait({doubt, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (doubt, timer):
                task.cancel()
            await asyncio.wait({doubt, timer})

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
