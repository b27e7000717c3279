"""Groups that do not stand whole are taken back: what is alive of them is cancelled, as long as nothing has traded.

Step by step, for a bracket of entry, take profit and stop loss, of which only the last is sent with transmit=true:

- ended before the first byte: only intents are on record, and reconciling finds that none ever left, or, where the
  bytes may have gone, that IB shows nothing;
- ended before the last order went: the gateway holds the others untransmitted and lists them nowhere. They are unknown
  until IB, asked in full, shows none of them; then each is cancelled by its id, and "not found" is an answer too;
- ended after the last byte: IB shows all of them, and the group lives on;
- one was refused and the others were not: the others are cancelled. Once something has traded nothing is: the exits
  that are there protect the position, and what is missing is logged and shown.

A cancel takes risk away and may be sent again; nothing else ever is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ironbridge.domain.events import OrderMoved
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order_group import OrderGroup, to_withdraw
from ironbridge.domain.order_state import Order, OrderUpdate
from ironbridge.errors import IronbridgeError, NotConnected
from ironbridge.orders.book import Book

_LOG = logging.getLogger("ironbridge.orders")

_FAILED = frozenset({OrderState.REJECTED, OrderState.NOT_SENT})


class GroupGuard:
    """Watches groups.

    Parameters:
        book: how orders stand.
        cancel: sends a cancel for the order of that key.
        again: asks IB again soon, with the reason.
    """

    def __init__(self, book: Book, cancel: Callable[[str], Awaitable[None]], again: Callable[[str], None]) -> None:
        self._book = book
        self._cancel = cancel
        self._again = again
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def note(self, update: OrderUpdate) -> None:
        """Look at the group of an order that has just failed."""
        order = update.order
        if isinstance(update.event, OrderMoved) and order.state in _FAILED and order.request.links.group:
            self._look(order.request.links.group, asked=False)

    def asked(self) -> None:
        """Look at every group that is in doubt: IB has been asked in full just now."""
        groups = {order.request.links.group for order in self._book if not order.ended}
        for group in sorted(groups - {""}):
            self._look(group, asked=True)

    async def stop(self) -> None:
        """End what is under way: the next session begins with asking."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _look(self, key: str, *, asked: bool) -> None:
        group = OrderGroup(key, self._book.group(key))
        for order in to_withdraw(group.orders, asked=asked):
            if order.key not in self._under_way:
                _LOG.warning("The group %r does not stand whole; %r is cancelled.", key, order.key)
                task = asyncio.get_running_loop().create_task(self._withdraw(order), name=f"ironbridge-withdraw-{key}")
                self._under_way[order.key] = task
        if group.has_traded and not group.is_whole and not group.ended:
            missing = ", ".join(order.key for order in group.orders if order.state in _FAILED)
            _LOG.error("The group %r has traded and lacks %s; what is left of it lives on.", key, missing)

    async def _withdraw(self, order: Order) -> None:
        try:
            await self._cancel(order.key)
        except NotConnected as error:
            # A new session is asked while nothing can be sent yet. To wait for the timer would leave it half alive.
            _LOG.warning("The order %r of a broken group cannot be cancelled yet: %s", order.key, error)
            self._again(f"{order.key!r} of a broken group is not cancelled yet")
        except IronbridgeError as error:
            # The next asking looks again.
            _LOG.warning("The order %r of a broken group could not be cancelled yet: %s", order.key, error)
        finally:
            del self._under_way[order.key]
