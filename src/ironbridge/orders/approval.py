"""What every order passes before it is recorded, a new one and a changed one alike: contract, content, session, gate.

What must be waited for (the contract, a quote) is asked for first; then `approve` decides at once, so that nothing can
come between its yes and what is done with it. A refusal is recorded in the audit log and leaves nothing else behind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from ironbridge.domain.audit import Act, Deed
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.market import Quote
from ironbridge.domain.order import OrderRequest, OrderSpec, RiskApproved
from ironbridge.domain.order_state import Order
from ironbridge.errors import OrderRefused, StorageError
from ironbridge.interfaces import AuditLog, Gate, Session
from ironbridge.orders.intake import Intake
from ironbridge.orders.validation import check_spec


class Approval:
    """Checks orders.

    Parameters:
        session: tells whether orders may be sent, and for whom.
        gate: approves them.
        resolve, quote: what an order is for and what it trades at; see `OrderService`.
        intake: tells whether what happens can be recorded.
        audit: where refusals are recorded, None where nothing is.
    """

    def __init__(
        self,
        session: Session,
        gate: Gate,
        resolve: Callable[[Instrument], Awaitable[Contract]],
        quote: Callable[[Instrument], Awaitable[Quote | None]],
        intake: Intake,
        audit: AuditLog | None,
    ) -> None:
        self._session = session
        self._gate = gate
        self._resolve = resolve
        self._quote = quote
        self._intake = intake
        self._audit = audit

    async def contract(self, instrument: Instrument, *specs: OrderSpec) -> Contract:
        """The contract, which can take orders of these shapes now.

        Raises:
            InvalidOrder: it cannot take one of them.
            InstrumentNotFound, AmbiguousInstrument: the instrument is not one thing.
            NotConnected: no order can be sent now.
        """
        contract = await self._resolve(instrument)
        for spec in specs:
            check_spec(spec, contract)
        self._session.require_orders()
        return contract

    async def quote(self, *requests: OrderRequest) -> Quote | None:
        """A quote of what the orders are for, if the gate needs one."""
        if any(self._gate.needs_quote(request) for request in requests):
            return await self._quote(requests[0].instrument)
        return None

    def approve(
        self,
        request: OrderRequest,
        contract: Contract,
        quote: Quote | None,
        *,
        replacing: Order | None = None,
        pending: Iterable[OrderRequest] = (),
    ) -> RiskApproved:
        """The order, approved.

        Raises:
            NotConnected: no order can be sent now.
            LiveAccountRefused: the account is live and not armed.
            StorageError: nothing can be recorded now.
            OrderRefused: the gate refused it; hand it to `refused`.
        """
        self._session.require_orders()
        self._session.check_account(request.account)
        if not self._intake.running:
            raise StorageError("The order service is not running.", next_step="Start it before orders are sent.")
        if self._intake.fault is not None:
            raise self._intake.fault
        return self._gate.check(request, contract, quote, replacing=replacing, pending=pending)

    async def refused(self, request: OrderRequest, refusal: OrderRefused) -> None:
        """Record that the gate refused the order."""
        if self._audit is None:
            return
        text = f"{request.spec} {request.instrument} for {request.account}: {refusal.message}"
        # It stays refused where it cannot be recorded: the caller is to hear why it was.
        with suppress(StorageError):
            await self._audit.record(Act(Deed.ORDER_REFUSED, request.key, text, refusal.details))
