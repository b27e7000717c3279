"""What a caller holds of a group: how it stands, and ways to wait for all of it. As `OrderHandle`, it owns no state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from ironbridge.domain.order_group import OrderGroup
from ironbridge.domain.order_state import Order, OrderUpdate
from ironbridge.errors import IronbridgeError
from ironbridge.orders.handle import ACCEPT_SECONDS, OrderHandle


class GroupDesk(Protocol):
    """What a group's handle needs."""

    def get(self, key: str) -> OrderGroup: ...

    async def cancel(self, key: str) -> GroupHandle: ...


class GroupHandle:
    """One group, as its owner follows it.

    Attributes:
        key: the group's key.
        members: a handle of each of its orders.
    """

    def __init__(self, key: str, members: tuple[OrderHandle, ...], desk: GroupDesk) -> None:
        self.key = key
        self.members = members
        self._desk = desk

    @property
    def group(self) -> OrderGroup:
        """The group as it stands."""
        return self._desk.get(self.key)

    async def accepted(self, timeout: float = ACCEPT_SECONDS) -> OrderGroup:  # noqa: ASYNC109 - as OrderHandle.accepted
        """Wait until IB has taken every order of it.

        Raises:
            OrderRejected, OrderError, OrderUnknown, RequestTimeout: of the first order that was not; see
                `OrderHandle.accepted`. What stands alone then is cancelled by itself.
        """
        await self._all(lambda member: member.accepted(timeout))
        return self.group

    async def done(self, timeout: float | None = None) -> OrderGroup:  # noqa: ASYNC109 - as OrderHandle.done
        """Wait until every order of it has ended.

        Raises:
            OrderRejected, OrderError, OrderUnknown, RequestTimeout: of the first order of which that is so; see
                `OrderHandle.done`.
        """
        await self._all(lambda member: member.done(timeout))
        return self.group

    async def cancelled(self, timeout: float = ACCEPT_SECONDS) -> OrderGroup:  # noqa: ASYNC109 - as above
        """Wait for the outcome of a cancel: until every order of it has ended.

        Raises:
            CancelRefused, OrderUnknown, RequestTimeout: of the first order that lives on; see `OrderHandle.cancelled`.
        """
        await self._all(lambda member: _ended(member, timeout))
        return self.group

    async def events(self) -> AsyncIterator[OrderUpdate]:
        """Every update of every order of it, from their intents on, up to the last one's end."""
        news: asyncio.Queue[OrderUpdate | BaseException | None] = asyncio.Queue()

        async def follow(member: OrderHandle) -> None:
            try:
                async for update in member.events():
                    news.put_nowait(update)
                news.put_nowait(None)
            except IronbridgeError as error:
                news.put_nowait(error)

        following = [asyncio.ensure_future(follow(member)) for member in self.members]
        try:
            ended = 0
            while ended < len(following):
                update = await news.get()
                if isinstance(update, BaseException):
                    raise update
                if update is None:
                    ended += 1
                else:
                    yield update
        finally:
            for task in following:
                task.cancel()
            await asyncio.wait(following)

    async def cancel(self) -> GroupHandle:
        """Ask IB to cancel what is alive of it; see `Groups.cancel`."""
        return await self._desk.cancel(self.key)

    def __repr__(self) -> str:
        return f"<GroupHandle {self.group}>"

    async def _all(self, wait: Callable[[OrderHandle], Awaitable[Order]]) -> None:
        """Wait for all at the same time; the first failure is raised, in the orders' own order."""
        waiting = [asyncio.ensure_future(wait(member)) for member in self.members]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_EXCEPTION)
            for each in waiting:
                if each.done():
                    each.result()
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.wait(waiting)


async def _ended(member: OrderHandle, seconds: float) -> Order:
    """The order once it has ended, by its own cancel or with its parent."""
    if member.order.ended:
        return member.order
    return await (member.cancelled(seconds) if member.order.cancel_requested else member.done(seconds))
