"""Taking risk away: cancelling much at once and closing what is held, each with the broker's word that it is done.

What the risk department decides is done here. A cancel that was sent is not taken for one that was heard: what is left
is what the broker, asked in full afterwards, still holds open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from ironbridge.domain.account import Position
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order import OrderSpec
from ironbridge.domain.order_state import Order
from ironbridge.domain.reports import OpenOrderReport
from ironbridge.domain.values import Side, plain
from ironbridge.errors import OrderNotFound
from ironbridge.interfaces import Broker
from ironbridge.orders.service import OrderService

ANSWER_SECONDS = 3.0
"""How long the cancels of one attempt may take to be confirmed before the broker is asked in full."""

CLOSER = "risk-close"
"""The strategy that closing orders carry."""


class OrderHands:
    """The risk department's hands.

    Parameters:
        orders: our orders.
        broker: the session that they belong to.
    """

    def __init__(self, orders: OrderService, broker: Broker) -> None:
        self._orders = orders
        self._broker = broker

    async def cancel_everything(self) -> Sequence[str]:
        """Cancel every open order of the login, whoever made it.

        Returns:
            What the broker, asked in full afterwards, still holds open, in words; empty where it holds nothing.

        Raises:
            NotConnected, SessionLost, RequestTimeout, RequestRejected: it could not be asked; nothing is known.
        """
        await self._cancel(self._orders.list(open_only=True))
        await self._broker.cancel_all()
        await self._settled(self._orders.list(open_only=True))
        left = [_said(report) for report in await self._broker.all_open_orders()]
        doubtful = [order for order in self._orders.list(open_only=True) if order.state is OrderState.UNKNOWN]
        return [*left, *(f"{order.key!r} is {order.state}: {order.reason}" for order in doubtful)]

    async def cancel_account(self, account: str) -> Sequence[str]:
        """Cancel every order of ours of one account; returns, in words, those that are not known to have ended."""
        await self._cancel(self._of(account))
        await self._settled(self._of(account))
        return [f"{order.key!r} is {order.state}" for order in self._of(account)]

    async def close(self, position: Position, key: str) -> bool:
        """Send the market order, under this key, that closes the position; False where it has ended and did not.

        Raises:
            IronbridgeError: it could not be sent.
        """
        side = Side.SELL if position.quantity > 0 else Side.BUY
        spec = OrderSpec(side, abs(position.quantity))
        try:
            return not self._orders.get(key).ended
        except OrderNotFound:
            await self._orders.submit(position.instrument, spec, key=key, account=position.account, strategy=CLOSER)
            return True

    def _of(self, account: str) -> list[Order]:
        orders = self._orders.list(open_only=True)
        return [order for order in orders if order.request.account == account and order.request.strategy != CLOSER]

    async def _cancel(self, orders: Iterable[Order]) -> None:
        # Each on its own: one that cannot be cancelled must not keep the next from being.
        await asyncio.gather(*(self._orders.cancel(order.key) for order in orders), return_exceptions=True)

    async def _settled(self, orders: Iterable[Order]) -> None:
        handles = [self._orders.handle(order.key) for order in orders]
        await asyncio.gather(*(handle.done(ANSWER_SECONDS) for handle in handles), return_exceptions=True)


def _said(report: OpenOrderReport) -> str:
    whose = report.ref or f"client {report.client_id}'s order {report.order_id}"
    quantity = f"{report.side} {plain(report.quantity)} {report.instrument} {report.order_type}"
    return f"{whose} ({quantity}) is {report.status}"
