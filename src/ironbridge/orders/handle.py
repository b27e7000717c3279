"""What a caller holds of an order: how it stands now, and ways to wait for what becomes of it.

A handle owns no state. Any number of handles of one order, in whatever tasks, say the same. Waiting has an end: a
time-out raises and leaves the order as it is, since not to wait for an order does not cancel it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from ironbridge.domain.events import Recorded
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order_state import Order, OrderUpdate
from ironbridge.errors import OrderError, OrderRejected, OrderUnknown, RequestTimeout
from ironbridge.interfaces import Clock
from ironbridge.orders.book import fold
from ironbridge.orders.codes import Codes
from ironbridge.orders.follow import Follower

ACCEPT_SECONDS = 30.0
"""How long `accepted` waits by itself: three times what an answer may take before the order counts as unknown."""

_TAKEN = frozenset({OrderState.ACCEPTED, OrderState.WORKING, OrderState.FILLED, OrderState.CANCELLED})


class Desk(Protocol):
    """What a handle needs of the service."""

    @property
    def clock(self) -> Clock: ...

    @property
    def codes(self) -> Codes: ...

    @property
    def settle_seconds(self) -> float:
        """How long an ended order may wait for its last fills and commissions."""
        ...

    @property
    def unknown_seconds(self) -> float:
        """How long `done` waits for the fate of an order that is UNKNOWN."""
        ...

    def get(self, key: str) -> Order: ...

    def follow(self, key: str) -> Follower: ...

    async def story(self, key: str) -> Sequence[Recorded]: ...

    async def cancel(self, key: str) -> OrderHandle: ...


class OrderHandle:
    """One order, as its owner follows it.

    Attributes:
        key: the order's key.
    """

    def __init__(self, key: str, desk: Desk) -> None:
        self.key = key
        self._desk = desk

    @property
    def order(self) -> Order:
        """The order as it stands."""
        return self._desk.get(self.key)

    async def accepted(self, timeout: float = ACCEPT_SECONDS) -> Order:  # noqa: ASYNC109 - it ends with an error that knows the order
        """Wait until IB has taken the order.

        Parameters:
            timeout: seconds to wait at most.

        Returns:
            The order; by then it may have been filled or cancelled.

        Raises:
            OrderRejected: IB refused it.
            OrderError: it was never sent.
            OrderUnknown: whether IB has it was not known when the time was over.
            RequestTimeout: IB had not answered when the time was over. The order lives on.
        """
        order = await self._until(lambda order: order.state in _TAKEN or order.ended, timeout)
        self._raise_if_refused(order)
        if order.state in _TAKEN:
            return order
        raise self._not_in_time(order, timeout, "IB has not taken it")

    async def done(self, timeout: float | None = None) -> Order:  # noqa: ASYNC109 - as above
        """Wait until the order has ended, and for its last fills and commissions.

        Parameters:
            timeout: seconds to wait at most; None waits as long as the order stands.

        Returns:
            The order, filled or cancelled.

        Raises:
            OrderRejected: IB refused it.
            OrderError: it was never sent.
            OrderUnknown: its fate is not known, and has not been for the time that the service gives it.
            RequestTimeout: it still stood when the time was over. The order lives on.
        """
        ends = None if timeout is None else self._desk.clock.monotonic() + timeout
        order = await self._until(_ended_or_unknown, timeout)
        while order.state is OrderState.UNKNOWN:
            patience = self._left(ends, self._desk.unknown_seconds)
            order = await self._until(lambda order: order.state is not OrderState.UNKNOWN, patience)
            if order.state is OrderState.UNKNOWN:
                raise self._unknown(order)
            order = await self._until(_ended_or_unknown, self._left(ends, None))
        self._raise_if_refused(order)
        if not order.ended:
            raise self._not_in_time(order, timeout or 0.0, "it has not ended")
        order = await self._until(lambda order: order.settled, self._left(ends, self._desk.settle_seconds))
        self._raise_if_refused(order)
        return order

    async def events(self) -> AsyncIterator[OrderUpdate]:
        """The order's whole story: every update from its intent on, as it comes, up to its last fill and commission.

        Raises:
            SlowConsumer: too many were left unread.
            StorageError: the story so far could not be read.
        """
        with self._desk.follow(self.key) as follower:
            order: Order | None = None
            for recorded in await self._desk.story(self.key):
                order = fold(order, recorded)
                yield OrderUpdate(order, recorded.event)
            while order is None or not order.settled:
                update = await self._next(follower, self._desk.settle_seconds if order and order.ended else None)
                if update is None:
                    return
                if order is None or update.order.sequence > order.sequence:
                    order = update.order
                    yield update

    async def cancel(self) -> OrderHandle:
        """Ask IB to cancel the order; see `OrderService.cancel`."""
        return await self._desk.cancel(self.key)

    def __repr__(self) -> str:
        return f"<OrderHandle {self.order}>"

    async def _until(self, condition: Callable[[Order], bool], seconds: float | None) -> Order:
        """The order once the condition holds, or as it stands when the time is over."""
        clock = self._desk.clock
        ends = None if seconds is None else clock.monotonic() + seconds
        with self._desk.follow(self.key) as follower:
            order = self.order
            while not condition(order):
                update = await self._next(follower, self._left(ends, None))
                if update is None:
                    return self.order
                order = update.order
            return order

    async def _next(self, follower: Follower, seconds: float | None) -> OrderUpdate | None:
        """The next update, or None when the time is over."""
        if seconds is None:
            return await follower.next()
        if seconds <= 0:
            return None
        update = asyncio.ensure_future(follower.next())
        timer = asyncio.ensure_future(self._desk.clock.sleep(seconds))
        try:
            await asyncio.wait({update, timer}, return_when=asyncio.FIRST_COMPLETED)
            return update.result() if update.done() else None
        finally:
            for task in (update, timer):
                task.cancel()
            await asyncio.wait({update, timer})

    def _left(self, ends: float | None, most: float | None) -> float | None:
        """Seconds until `ends`, and no more than `most`."""
        left = None if ends is None else max(ends - self._desk.clock.monotonic(), 0.0)
        return min((seconds for seconds in (left, most) if seconds is not None), default=None)

    def _raise_if_refused(self, order: Order) -> None:
        if order.state is OrderState.REJECTED:
            step = "" if order.code is None else self._desk.codes[order.code].next_step
            words = order.reason or "IB gave no reason."
            raise OrderRejected(
                f"IB refused the order {order.key!r}: {words}",
                code=order.code,
                text=words,
                next_step=step,
                key=order.key,
            )
        if order.state is OrderState.NOT_SENT:
            raise OrderError(
                f"The order {order.key!r} was never sent: {order.reason}",
                next_step="Nothing is at IB. Submit it under a new key if it is still wanted.",
                key=order.key,
            )

    def _not_in_time(self, order: Order, seconds: float, what: str) -> OrderUnknown | RequestTimeout:
        if order.state is OrderState.UNKNOWN:
            return self._unknown(order)
        reason = f" ({order.reason})" if order.reason else ""
        return RequestTimeout(
            f"After {seconds:g} s {what}: the order {order.key!r} is {order.state.replace('_', ' ')}{reason}.",
            next_step="It lives on. Wait again, or cancel it.",
            key=order.key,
        )

    def _unknown(self, order: Order) -> OrderUnknown:
        return OrderUnknown(
            f"What became of the order {order.key!r} is not known: {order.reason}",
            next_step="Do not send it again. It is asked after whenever IB is reached; look it up in TWS.",
            key=order.key,
        )


def _ended_or_unknown(order: Order) -> bool:
    return order.ended or order.state is OrderState.UNKNOWN
