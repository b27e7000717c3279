"""What a caller holds of an order: how it stands now, and ways to wait for what becomes of it.

A handle owns no state. Any number of handles of one order, in whatever tasks, say the same. Waiting has an end: a
time-out raises and leaves the order as it is, since not to wait for an order does not cancel it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from ironbridge.domain.events import Recorded
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.modification import Modification, ModifyState
from ironbridge.domain.order import OrderSpec
from ironbridge.domain.order_state import Order, OrderUpdate
from ironbridge.errors import (
    CancelRefused,
    ModifyRefused,
    OrderError,
    OrderRejected,
    OrderUnknown,
    RequestTimeout,
)
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

    async def modify(
        self, key: str, spec: OrderSpec | None = None, *, token: str = "", **changes: Any
    ) -> OrderHandle: ...

    async def cancel(self, key: str) -> OrderHandle: ...


class OrderHandle:
    """One order, as its owner follows it.

    Attributes:
        key: the order's key.
        modification: the number of the modification that gave this handle, 0 where none did.
    """

    def __init__(self, key: str, desk: Desk, modification: int = 0) -> None:
        self.key = key
        self.modification = modification
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

    async def modify(self, spec: OrderSpec | None = None, *, token: str = "", **changes: Any) -> OrderHandle:
        """Change the order: ``await handle.modify(limit_price="227.40")``; see `OrderService.modify`."""
        return await self._desk.modify(self.key, spec, token=token, **changes)

    async def modified(self, timeout: float = ACCEPT_SECONDS) -> Order:  # noqa: ASYNC109 - as above
        """Wait for the outcome of the modification that gave this handle, or else of the newest.

        Parameters:
            timeout: seconds to wait at most.

        Returns:
            The order with its new terms in force; where nothing was to be changed, as it stands.

        Raises:
            ModifyRefused: IB refused the change, or the order ended first. The order is as it was.
            OrderError: the change was never sent.
            OrderUnknown: whether it took is not known; it is being asked after.
            RequestTimeout: IB had not answered when the time was over.
        """
        number = self.modification or len(self.order.modifications)
        if not number:
            return self.order
        waits = {ModifyState.REQUESTED, ModifyState.SENT}
        order = await self._until(lambda order: order.modifications[number - 1].state not in waits, timeout)
        change = order.modifications[number - 1]
        if change.state is ModifyState.ACCEPTED:
            return order
        raise self._not_modified(order, change, timeout)

    async def cancelled(self, timeout: float = ACCEPT_SECONDS) -> Order:  # noqa: ASYNC109 - as above
        """Wait for the outcome of a cancel.

        Parameters:
            timeout: seconds to wait at most.

        Returns:
            The order, which has ended: cancelled, or filled before the cancel came.

        Raises:
            CancelRefused: IB refused the cancel, or lost it: the order lives on.
            OrderUnknown: its fate is not known; it is being asked after.
            RequestTimeout: IB had not answered when the time was over.
        """
        order = await self._until(lambda order: not order.cancel_requested or _ended_or_unknown(order), timeout)
        if order.ended:
            return order
        if order.state is OrderState.UNKNOWN or order.cancel_requested:
            raise self._not_in_time(order, timeout, "it has not ended")
        text = order.reason or "No cancel of it is under way."
        raise CancelRefused(
            f"The order {order.key!r} was not cancelled and is {order.state}: {text}",
            code=order.code,
            text=text,
            next_step="Look at the order as it stands, and cancel it again if it is still to end.",
            key=order.key,
        )

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

    def _not_modified(self, order: Order, change: Modification, seconds: float) -> OrderError | RequestTimeout:
        key, said, details = order.key, change.reason, {"key": order.key, "modification": change.number}
        what = f"change {change.number} of the order {key!r} to {change.spec}"
        match change.state:
            case ModifyState.REFUSED | ModifyState.OVERTAKEN:
                return ModifyRefused(
                    f"{what[0].upper()}{what[1:]} did not take: {said}",
                    code=change.code,
                    text=said,
                    next_step="" if order.ended else f"It stands as it was: {order.terms}.",
                    **details,
                )
            case ModifyState.NOT_SENT:
                return OrderError(
                    f"{what[0].upper()}{what[1:]} was never sent: {said}",
                    next_step="It stands as it was. Ask for the change again if it is still wanted.",
                    **details,
                )
            case ModifyState.UNKNOWN:
                return OrderUnknown(
                    f"Whether {what} took is not known: {said}",
                    next_step="Do not ask for it again. IB is asked with what terms it holds the order.",
                    **details,
                )
        return RequestTimeout(
            f"After {seconds:g} s IB has not answered about {what}.", next_step="Wait again, or cancel it.", **details
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
