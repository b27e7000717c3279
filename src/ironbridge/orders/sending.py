"""What goes out: an order once its intent is durable, and a cancel.

Owns the step that must not be got wrong: between the durable intent and the record that the bytes went, every failure
is judged by one question, whether anything may have left. Where nothing has, the order is NOT_SENT; else it is SENT and
in doubt, and the broker is asked. Nothing is ever sent a second time.

A submission is a task of its own: that its caller gave up, or timed out, does not leave it half done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, KeysView, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ironbridge.domain.audit import present_actor
from ironbridge.domain.events import Claimed, OrderEvent, OrderIntended, OrderMoved
from ironbridge.domain.lifecycle import OrderState, Trigger
from ironbridge.domain.order import OrderRequest, RiskApproved
from ironbridge.domain.order_state import Order
from ironbridge.errors import IronbridgeError, NotConnected, OrderError, Outcome, StorageError
from ironbridge.interfaces import Broker, Journal, Session
from ironbridge.orders.book import Book
from ironbridge.orders.content import check_same
from ironbridge.orders.intake import STOP_SECONDS, Intake

_LOG = logging.getLogger("ironbridge.orders")


@dataclass(frozen=True, slots=True)
class _Submission:
    request: OrderRequest
    task: asyncio.Task[None]


class Sender:
    """Sends orders and cancels.

    Parameters:
        broker, journal, session: where they go, where they are recorded, whether they may go.
        book, intake: how orders stand, and how that changes.
        doubt: called with the reason when the broker must be asked how an order stands.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        session: Session,
        book: Book,
        intake: Intake,
        doubt: Callable[[str], None],
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._session = session
        self._book = book
        self._intake = intake
        self._doubt = doubt
        self._submissions: dict[str, _Submission] = {}

    @property
    def keys(self) -> KeysView[str]:
        """Keys of the orders that are being sent at this moment."""
        return self._submissions.keys()

    def request(self, key: str) -> OrderRequest | None:
        """What is being sent under the key, None where nothing is."""
        submission = self._submissions.get(key)
        return None if submission is None else submission.request

    def unrecorded(self) -> list[OrderRequest]:
        """Orders that are being sent and whose intent is not in the book yet."""
        requests = [submission.request for submission in self._submissions.values()]
        return [request for request in requests if self._book.get(request.key) is None]

    def begin(self, approved: RiskApproved) -> None:
        """Begin to send an order whose key is free."""
        key = approved.request.key
        task = asyncio.get_running_loop().create_task(self._send(approved), name=f"ironbridge-order-{key}")
        self._submissions[key] = _Submission(approved.request, task)
        task.add_done_callback(lambda task: self._ended(key, task))

    async def finish(self, key: str) -> None:
        """Return when the order under the key, if it is being sent, has been; raise what it raised."""
        submission = self._submissions.get(key)
        if submission is not None:
            await asyncio.shield(submission.task)

    async def cancel(self, key: str) -> None:
        """Send a cancel; see `OrderService.cancel`."""
        with suppress(IronbridgeError):
            await self.finish(key)
        order = self._cancellable(key)
        self._session.require_orders()
        # A journal that cannot be written must not keep a cancel from going out: it takes risk away.
        with suppress(StorageError):
            await self._intake.settle(lambda book: _cancel_requested(book, key), present_actor())
        self._cancellable(key)
        try:
            await self._broker.cancel(order.order_id)
        except IronbridgeError as error:
            known = error.outcome is Outcome.NOT_SENT and order.state not in {OrderState.SENT, OrderState.UNKNOWN}
            failed = OrderMoved(key, Trigger.CANCEL_REFUSED if known else Trigger.LOST, f"Not cancelled: {error}")
            self._intake.offer(lambda book: _while_cancelling(book, failed))
            self._doubt(f"the cancel of {key!r} failed")
            raise

    async def stop(self) -> None:
        """Finish what is being sent; what cannot be finished in time is in doubt at the next start."""
        tasks = {submission.task for submission in self._submissions.values()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _send(self, approved: RiskApproved) -> None:
        request, client_id = approved.request, self._session.client_id
        floor = self._session.info.next_order_id if self._session.info else 1
        claimed = await self._journal.claim(request, client_id, floor)
        if not claimed.fresh:
            await self._meet(claimed, request)
            return
        await self._intake.take(claimed.intent)
        assert isinstance(claimed.intent.event, OrderIntended)
        try:
            self._check_session(client_id)
            await self._broker.place(approved, claimed.intent.event.order_id)
        except IronbridgeError as error:
            if error.outcome is Outcome.NOT_SENT:
                await self._record(OrderMoved(request.key, Trigger.NEVER_SENT, str(error)))
                raise OrderError(
                    f"The order {request.key!r} was not sent: {error.message}",
                    next_step="Nothing is at IB, and nothing will be under this key. Submit it again under a new one.",
                    key=request.key,
                ) from error
            await self._in_doubt(request.key, str(error))
        # Whatever went wrong in there, bytes may have left: that is the one thing that must not be got wrong.
        except Exception as error:
            _LOG.exception("Sending the order %r failed in a way that is not foreseen", request.key)
            await self._in_doubt(request.key, f"Sending it failed: {error!r}")
        else:
            await self._record(OrderMoved(request.key, Trigger.SENT))

    def _check_session(self, client_id: int) -> None:
        # The session may have ended, or begun anew under another client id, while the intent became durable.
        self._session.require_orders()
        if self._session.client_id != client_id:
            raise NotConnected(f"The session's client id is {self._session.client_id} now, no longer {client_id}.")

    async def _in_doubt(self, key: str, reason: str) -> None:
        # SENT first: bytes may have left, so this must never be taken for an order of which only the intent exists.
        await self._record(OrderMoved(key, Trigger.SENT), OrderMoved(key, Trigger.LOST, reason))
        self._doubt(f"sending {key!r} failed")

    async def _meet(self, claimed: Claimed, request: OrderRequest) -> None:
        """The key was taken in the journal though not in the book: by another program on the same journal."""
        await self._intake.tail.catch_up()
        assert isinstance(claimed.intent.event, OrderIntended)
        taken = claimed.intent.event.request
        check_same(taken, request.instrument, request.spec, request.account, request.strategy)

    async def _record(self, *events: OrderEvent) -> None:
        # Where the journal cannot be written now, the events wait in the intake; what happened has happened.
        with suppress(StorageError):
            await self._intake.settle(lambda _book: events)

    def _cancellable(self, key: str) -> Order:
        order = self._book.require(key)
        if order.ended:
            raise OrderError(
                f"The order {key!r} is already {order.state.replace('_', ' ')}.",
                next_step="There is nothing left to cancel.",
                key=key,
            )
        if order.client_id != self._session.client_id:
            raise OrderError(
                f"The order {key!r} belongs to client id {order.client_id}, and this session is another one.",
                next_step=f"Connect as client {order.client_id}: IB lets no other cancel it.",
                key=key,
            )
        return order

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        del self._submissions[key]
        if not task.cancelled() and task.exception() is not None:
            _LOG.info("The order %r was not sent: %s", key, task.exception())


def _cancel_requested(book: Book, key: str) -> Sequence[OrderEvent]:
    order = book.require(key)
    return () if order.ended or order.state is OrderState.CANCELLING else (OrderMoved(key, Trigger.CANCEL_REQUESTED),)


def _while_cancelling(book: Book, event: OrderMoved) -> Sequence[OrderEvent]:
    return (event,) if book.require(event.key).state is OrderState.CANCELLING else ()
