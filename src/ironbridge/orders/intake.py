"""The one queue through which everything that happens to orders goes, in order.

Whoever has news offers a decision: a plain function that is shown the book as it stands at its turn and returns events.
One task takes what has gathered, lets each decide on a branch of the book that holds what those before it decided,
makes all of it durable in one transaction, and only then folds it into the book and publishes it: what anybody is shown
is on the disk.

While the journal cannot be written nothing is dropped: the events wait in their order and the write is tried again;
`fault` says so, and the service sends nothing new meanwhile. A decision that fails is logged and costs itself alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ironbridge.domain.audit import ENGINE, Actor
from ironbridge.domain.events import OrderEvent, Recorded
from ironbridge.domain.order_state import OrderUpdate
from ironbridge.errors import IronbridgeError, LeaseLost, StorageError
from ironbridge.interfaces import Clock, Journal
from ironbridge.orders.book import Book
from ironbridge.orders.tail import Tail

_LOG = logging.getLogger("ironbridge.orders")

BATCH = 500
"""Most decisions in one transaction: enough to make the commit cheap for each, few enough to keep it short."""

RETRY_SECONDS = 1.0
"""Between attempts to write a journal that failed."""

STOP_SECONDS = 5.0
"""How long stopping waits for what is queued to become durable."""

Decision = Callable[[Book], Sequence[OrderEvent]]


@dataclass(slots=True)
class _Turn:
    decide: Decision
    by: Actor
    done: asyncio.Future[None] | None = None


class Intake:
    """Orders the decisions, records what they come to, and publishes it.

    Parameters:
        book: what is folded into; nobody else changes it.
        journal: where events become durable.
        clock: paces the attempts of a journal that fails.
        publish: called with each update, once it is durable. It must not block.
        elsewhere: tells whether another process owns a client id. What becomes of its orders is for that one to
            record; here it is read from the journal.
    """

    def __init__(
        self,
        book: Book,
        journal: Journal,
        clock: Clock,
        publish: Callable[[OrderUpdate], None],
        elsewhere: Callable[[int], bool] = lambda _client_id: False,
    ) -> None:
        self._book = book
        self._journal = journal
        self._clock = clock
        self._publish = publish
        self._elsewhere = elsewhere
        self.tail = Tail(journal, clock, self._fold)
        self._turns: deque[_Turn] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None
        self._stopping = False
        self.fault: StorageError | None = None
        """Why the journal cannot be written at present, None while it can."""

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        self._stopping = False
        self._task = asyncio.get_running_loop().create_task(self._run(), name="ironbridge-orders-intake")
        self._task.add_done_callback(self._ended)
        self._following = asyncio.get_running_loop().create_task(self.tail.run(), name="ironbridge-orders-tail")

    async def stop(self) -> None:
        """End after what is queued; what the journal will not take within `STOP_SECONDS` is given up and logged."""
        task, self._task = self._task, None
        if task is None:
            return
        self._stopping = True
        self._wake.set()
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait({self._following})
        _, late = await asyncio.wait({task}, timeout=STOP_SECONDS)
        if late:
            _LOG.error("The order journal could not be written before the end: %s", self.fault)
            task.cancel()
            await asyncio.wait({task})

    def offer(self, decide: Decision, by: Actor = ENGINE) -> None:
        """Queue a decision, with whose it is for the audit. Returns at once."""
        self._turns.append(_Turn(decide, by))
        self._wake.set()

    async def settle(self, decide: Decision, by: Actor = ENGINE) -> None:
        """Queue a decision and wait until what it came to is durable and in the book.

        Raises:
            StorageError: the journal could not be written yet; the events wait and will be.
        """
        if not self.running:
            raise StorageError("The order service is not running.", next_step="Start it before it is used.")
        turn = _Turn(decide, by, asyncio.get_running_loop().create_future())
        self._turns.append(turn)
        self._wake.set()
        if self.fault is not None:
            raise self.fault
        assert turn.done is not None
        await turn.done

    async def take(self, recorded: Recorded) -> None:
        """Fold and publish a claim's intent, behind whatever was recorded before it."""
        await self.tail.put((recorded,))

    async def replay(self) -> None:
        """Fold all that the journal holds, publishing nothing.

        Raises:
            StorageError: it cannot be read.
        """
        for recorded in await self._journal.since(self.tail.seen):
            self._book.take(recorded)
            self.tail.seen = recorded.sequence

    def _fold(self, recorded: Recorded) -> None:
        self._publish(OrderUpdate(self._book.take(recorded), recorded.event))

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            _LOG.critical(
                "Taking in the news of orders has failed; nothing is sent any more", exc_info=task.exception()
            )
        for turn in self._turns:
            _settle(turn, StorageError("The order service has ended."))
        self._turns.clear()

    async def _run(self) -> None:
        while self._turns or not self._stopping:
            if not self._turns:
                self._wake.clear()
                await self._wake.wait()
                continue
            turns = [self._turns.popleft() for _ in range(min(len(self._turns), BATCH))]
            events, actors = self._decide(turns)
            await self.tail.put(await self._record(events, actors, turns))
            for turn in turns:
                _settle(turn, None)

    def _decide(self, turns: Sequence[_Turn]) -> tuple[list[OrderEvent], list[Actor]]:
        branch, now = self._book.branch(), self._clock.now()
        events: list[OrderEvent] = []
        actors: list[Actor] = []
        for turn in turns:
            try:
                for event in turn.decide(branch):
                    if self._is_elsewhere(branch, event):
                        continue
                    branch.take(Recorded(0, now, event))
                    events.append(event)
                    actors.append(turn.by)
            # One report that cannot be read must not stop the reading of all others; it is a fault of ours, loudly.
            except Exception as error:
                _LOG.exception("News of an order could not be taken")
                _settle(turn, error if isinstance(error, IronbridgeError) else StorageError(f"It failed: {error!r}."))
        return events, actors

    def _is_elsewhere(self, book: Book, event: OrderEvent) -> bool:
        order = book.get(event.key)
        return order is not None and self._elsewhere(order.client_id)

    async def _record(
        self, events: Sequence[OrderEvent], actors: Sequence[Actor], turns: Sequence[_Turn]
    ) -> Sequence[Recorded]:
        while events:
            try:
                recorded = await self._journal.append(events, actors)
            except LeaseLost as error:
                # Whoever owns the client id now asks the broker and records what it says: this is not lost.
                self.fault = error
                _LOG.error("%d order events are left to the client id's new owner: %s", len(events), error)
                for turn in turns:
                    _settle(turn, error)
                return ()
            except StorageError as error:
                self.fault = error
                _LOG.error("The order journal cannot be written, and is tried again: %s", error)
                for turn in turns:
                    _settle(turn, error)
                await self._clock.sleep(RETRY_SECONDS)
            else:
                self.fault = None
                return recorded
        return ()


def _settle(turn: _Turn, error: IronbridgeError | None) -> None:
    if turn.done is None or turn.done.done():
        return
    if error is None:
        turn.done.set_result(None)
    else:
        turn.done.set_exception(error)
