"""What an order would do, asked of the broker before it is sent (what-if, ORD-9).

To IB it is a placeOrder with a flag, and carries an order id. That id is taken from the same durable source as every
order's, so that it can never meet an order: not one that is there, nor one that will be. It leaves no order in the
journal, and what IB answers is kept from everything that reads orders.
"""

from __future__ import annotations

from collections.abc import Callable

from ironbridge.domain.impact import OrderImpact
from ironbridge.domain.instrument import Instrument
from ironbridge.domain.order import OrderRequest, OrderSpec
from ironbridge.errors import NotConnected
from ironbridge.interfaces import Broker, Journal, Session
from ironbridge.orders.approval import Approval


class Previewer:
    """Asks what orders would do.

    Parameters:
        broker, journal, session: who is asked, where the id is taken, and whether it may be asked.
        approval: checks the order; its gate is not asked, since nothing is sent to be traded.
        account: the account of an order that names this one, or none.
        new_key: makes a name for it.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        session: Session,
        approval: Approval,
        account: Callable[[str | None], str],
        new_key: Callable[[], str],
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._session = session
        self._approval = approval
        self._account = account
        self._new_key = new_key

    async def preview(self, instrument: Instrument, spec: OrderSpec, account: str | None) -> OrderImpact:
        """See `OrderService.preview`."""
        contract = await self._approval.contract(instrument, spec)
        request = OrderRequest(self._new_key(), contract.instrument, spec, self._account(account))
        self._session.check_account(request.account)
        client_id, info = self._session.client_id, self._session.info
        order_id = await self._journal.reserve_id(client_id, info.next_order_id if info else 1)
        self._session.require_orders()
        if self._session.client_id != client_id:
            raise NotConnected(f"The session's client id is {self._session.client_id} now, no longer {client_id}.")
        return await self._broker.preview(request, order_id)
