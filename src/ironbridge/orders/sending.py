"""What goes out: an order once its intent is durable, and a cancel.

Owns the step that must not be got wrong: between the durable intent and the record that the bytes went, every failure
is judged by one question, whether anything may have left. Where nothing has, the order is NOT_SENT; else it is SENT and
in doubt, and the broker is asked. Nothing is ever sent a second time.

Orders of a group go out together: all intents are durable, in one transaction, before the first byte of the first. What
a failure between two of them leaves is said of each, and `guard` cancels what then stands alone.

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
from ironbridge.orders.content import check_same_group
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

    def begin(self, *approved: RiskApproved) -> None:
        """Begin to send orders whose keys are free; several are a group, in the order in which they are to go."""
        key = approved[0].request.key
        task = asyncio.get_running_loop().create_task(self._send(approved), name=f"ironbridge-order-{key}")
        for each in approved:
            self._submissions[each.request.key] = _Submission(each.request, task)
        keys = [each.request.key for each in approved]
        task.add_done_callback(lambda task: self._ended(keys, task))

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
            await self._broker.cancel(order.order_id, confirm=self._session.require_orders)
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

    async def _send(self, approved: Sequence[RiskApproved]) -> None:
        requests, client_id = [each.request for each in approved], self._session.client_id
        claims = await self._claim(approved, client_id)
        if not claims[0].fresh:
            await self._meet(claims, requests)
            return
        for claimed in claims:
            await self._intake.take(claimed.intent)
        sent = 0
        try:
            for each in approved:
                self._check_session(client_id)
                await self._place(each)
                sent += 1
        except IronbridgeError as error:
            reached = error.outcome is not Outcome.NOT_SENT
            await self._broke_off(requests, sent, str(error), reached=reached)
            if not reached:
                raise _not_sent(requests, sent, error) from error
        # Whatever went wrong in there, bytes may have left: that is the one thing that must not be got wrong.
        except Exception as error:
            _LOG.exception("Sending the order %r failed in a way that is not foreseen", requests[sent].key)
            await self._broke_off(requests, sent, f"Sending it failed: {error!r}", reached=True)
        else:
            await self._record(*(OrderMoved(request.key, Trigger.SENT) for request in requests))

    async def _claim(self, approved: Sequence[RiskApproved], client_id: int) -> Sequence[Claimed]:
        floor = self._session.info.next_order_id if self._session.info else 1
        if len(approved) > 1:
            return await self._journal.claim_all([each.request for each in approved], client_id, floor)
        (only,) = approved

        def prepare(claimed: Claimed) -> None:
            if claimed.fresh and isinstance(claimed.intent.event, OrderIntended):
                # What is wrong with the order is told where it is placed.
                with suppress(IronbridgeError):
                    self._broker.prepare(only, claimed.intent.event.order_id)

        return (await self._journal.claim(only.request, client_id, floor, prepare),)

    async def _place(self, approved: RiskApproved) -> None:
        links = approved.request.links
        order_id = self._book.require(approved.request.key).order_id
        parent_id = self._book.require(links.parent).order_id if links.parent else 0
        await self._broker.place(approved, order_id, parent_id=parent_id, transmit=not links.is_staged)

    async def _broke_off(self, requests: Sequence[OrderRequest], sent: int, reason: str, *, reached: bool) -> None:
        """The sending ended at `requests[sent]`, of which bytes may have left if it was `reached`."""
        events: list[OrderEvent] = []
        for n, request in enumerate(requests):
            if n < sent or (n == sent and reached):
                # SENT first: bytes may have left, so this must never be taken for an order that is an intent alone.
                events.append(OrderMoved(request.key, Trigger.SENT))
                # Nothing is ever said of an untransmitted order whose family was not transmitted.
                if n == sent or request.links.is_staged:
                    events.append(OrderMoved(request.key, Trigger.LOST, reason))
            else:
                events.append(OrderMoved(request.key, Trigger.NEVER_SENT, reason))
        await self._record(*events)
        if sent or reached:
            self._doubt(f"sending {requests[0].key!r} failed")

    def _check_session(self, client_id: int) -> None:
        # The session may have ended, or begun anew under another client id, while the intent became durable.
        self._session.require_orders()
        if self._session.client_id != client_id:
            raise NotConnected(f"The session's client id is {self._session.client_id} now, no longer {client_id}.")

    async def _meet(self, claims: Sequence[Claimed], requests: Sequence[OrderRequest]) -> None:
        """A key was taken in the journal though not in the book: by another program on the same journal."""
        await self._intake.tail.catch_up()
        intents = (claimed.intent.event for claimed in claims)
        taken = {intent.key: intent.request for intent in intents if isinstance(intent, OrderIntended)}
        check_same_group(taken, requests)

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

    def _ended(self, keys: Sequence[str], task: asyncio.Task[None]) -> None:
        for key in keys:
            del self._submissions[key]
        if not task.cancelled() and task.exception() is not None:
            _LOG.info("The order %r was not sent: %s", keys[0], task.exception())


def _not_sent(requests: Sequence[OrderRequest], sent: int, error: IronbridgeError) -> OrderError:
    key, group = requests[sent].key, requests[0].links.group
    if len(requests) == 1:
        return OrderError(
            f"The order {key!r} was not sent: {error.message}",
            next_step="Nothing is at IB, and nothing will be under this key. Submit it again under a new one.",
            key=key,
        )
    return OrderError(
        f"The group {group!r} was not sent whole, {sent} of {len(requests)} orders were: {error.message}",
        next_step="What was sent is cancelled by itself. Look at the group, and submit it again under a new key.",
        key=group,
    )


def _cancel_requested(book: Book, key: str) -> Sequence[OrderEvent]:
    order = book.require(key)
    return () if order.ended or order.state is OrderState.CANCELLING else (OrderMoved(key, Trigger.CANCEL_REQUESTED),)


def _while_cancelling(book: Book, event: OrderMoved) -> Sequence[OrderEvent]:
    return (event,) if book.require(event.key).state is OrderState.CANCELLING else ()
