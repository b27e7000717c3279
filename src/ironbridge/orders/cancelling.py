"""Cancelling everything, and saying of each order what came of it: nothing is taken for ended on the word of a cancel.

Every open order of this client id is cancelled by its own id, in the cancel lane, those that were not made here
included. With `everywhere` IB is asked beside that to cancel what any client and TWS have open (reqGlobalCancel). Then
each is waited for, and the broker is asked once more what it holds open: what is still there is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ironbridge.domain.order_state import ForeignOrder, Order
from ironbridge.domain.reports import OpenOrderReport
from ironbridge.errors import IronbridgeError
from ironbridge.interfaces import Broker, Session
from ironbridge.orders.book import Book
from ironbridge.orders.handle import OrderHandle
from ironbridge.orders.reading import own
from ironbridge.orders.sending import Sender


@dataclass(frozen=True, slots=True)
class CancelReport:
    """What came of cancelling many orders.

    Parameters:
        ended: orders that have ended: cancelled, or filled before their cancel came.
        alive: orders that have not, with the reason.
        still_open: what the broker, asked at the end, holds open: of this client id, or with `everywhere` of the login.
        verified: whether the broker has answered that question in full; else what is open is not known.
        reason: why it could not be asked, empty where it was.
    """

    ended: tuple[Order, ...]
    alive: tuple[tuple[Order, str], ...]
    still_open: tuple[OpenOrderReport, ...]
    verified: bool
    reason: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether it is known that nothing is left."""
        return self.verified and not self.alive and not self.still_open


class Canceller:
    """Cancels many orders at once.

    Parameters:
        broker, session: who is asked, and whether it may be.
        book, sender: how orders stand, and what cancels one.
        handle: makes the handle of one order.
        foreign: open orders that were not made here.
    """

    def __init__(
        self,
        broker: Broker,
        session: Session,
        book: Book,
        sender: Sender,
        handle: Callable[[str], OrderHandle],
        foreign: Callable[[], Sequence[ForeignOrder]],
    ) -> None:
        self._broker = broker
        self._session = session
        self._book = book
        self._sender = sender
        self._handle = handle
        self._foreign = foreign

    async def cancel_all(
        self, *, account: str | None, strategy: str | None, everywhere: bool, seconds: float
    ) -> CancelReport:
        """See `OrderService.cancel_all`."""
        self._session.require_orders()
        client_id, narrow = self._session.client_id, account is not None or strategy is not None
        wanted = [
            order
            for order in self._book
            if not order.ended
            and account in {None, order.request.account}
            and strategy in {None, order.request.strategy}
        ]
        strangers = [each for each in self._foreign() if each.client_id == client_id and not narrow]
        if everywhere:
            await self._broker.cancel_all()
        faults = dict(
            zip(
                [order.key for order in wanted],
                await asyncio.gather(*(self._cancel(order.key, seconds) for order in wanted)),
                strict=True,
            )
        )
        await asyncio.gather(*(self._broker.cancel(each.order_id) for each in strangers), return_exceptions=True)
        keys = {order.key for order in wanted}
        still_open, reason = await self._still_open(keys, narrow=narrow, everywhere=everywhere)
        after = [self._book.require(order.key) for order in wanted]
        return CancelReport(
            ended=tuple(order for order in after if order.ended),
            alive=tuple((order, faults[order.key] or str(order.state)) for order in after if not order.ended),
            still_open=still_open,
            verified=not reason,
            reason=reason,
        )

    async def _cancel(self, key: str, seconds: float) -> str:
        """Why the order has not ended, empty where it has."""
        try:
            await self._sender.cancel(key)
            await self._handle(key).cancelled(seconds)
        except IronbridgeError as error:
            return "" if self._book.require(key).ended else str(error)
        return ""

    async def _still_open(
        self, keys: set[str], *, narrow: bool, everywhere: bool
    ) -> tuple[tuple[OpenOrderReport, ...], str]:
        try:
            reports = await (self._broker.all_open_orders() if everywhere else self._broker.open_orders())
        except IronbridgeError as error:
            return (), str(error)
        found = []
        for report in reports:
            order = own(self._book, report)
            if (order is None and not narrow) or (order is not None and order.key in keys):
                found.append(report)
        return tuple(found), ""
