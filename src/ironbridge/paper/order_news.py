"""What clients hear of their orders, in the order in which a real gateway says it.

Recorded sequences (gateway-behaviour, section 1):

    market order    openOrder, orderStatus (PreSubmitted) - execDetails - openOrder, orderStatus (Filled)
                    - openOrder (Filled, with its commission) - commissionReport
    resting limit   openOrder, orderStatus (PreSubmitted) - openOrder, orderStatus (Submitted)
    cancel          orderStatus (PendingCancel) - orderStatus (Cancelled) - error 202
    after hours     error 399 - openOrder, orderStatus (PreSubmitted)

Only the owner hears, and client 0. While the gateway withholds (a fault), what happens is kept in order and told when
the link is back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from ironbridge.exchange.events import (
    CancelReason,
    CancelRejected,
    CommissionCharged,
    Event,
    ModifyRejected,
    OrderAccepted,
    OrderCancelled,
    OrderChanged,
    OrderFilled,
    OrderRejected,
    OrderSnapshot,
    OrderStatus,
    QuoteChanged,
    TradePrinted,
)
from ironbridge.paper.after_hours import warning_of
from ironbridge.paper.floor import Floor
from ironbridge.paper.order_echo import as_executed, as_shown, commission_report, exec_details, open_order, order_status
from ironbridge.paper.rejections import cancel_refusal, makes_inactive, refusal_of
from ironbridge.paper.session import Session
from ironbridge.paper.tickets import Ticket, TicketBook
from ironbridge.paper.translate import Refusal
from ironbridge.wire.contract import Contract
from ironbridge.wire.orders import OrderStatus as WireStatus

MASTER = 0
_OF_THE_MARKET = frozenset({QuoteChanged, TradePrinted})
"""Most of what happens, and none of it an order's."""
BACKLOG = 100_000
"""Events kept while the gateway withholds; more than a day of busy trading."""


class OrderNews:
    """Tells owners of their orders.

    Parameters:
        floor: the gateway's shared state.
        tickets: who sent which order.
    """

    def __init__(self, floor: Floor, tickets: TicketBook) -> None:
        self._floor = floor
        self._tickets = tickets
        self._withheld: list[Event] = []
        self._complete: set[int] = set()
        """Orders whose last fill has been told, and its commission not yet."""

    def tell(self, events: Sequence[Event]) -> None:
        """One step's events of the venue."""
        for at, event in enumerate(events):
            if type(event) in _OF_THE_MARKET:
                continue
            match event:
                case OrderAccepted():
                    self._bind(event)
                    self._tell(event, events[at + 1 :])
                case OrderRejected() | ModifyRejected() | CancelRejected():
                    self._tell(event, ())
                case OrderFilled() | CommissionCharged() | OrderCancelled() | OrderChanged():
                    self._floor.changed()
                    self._tell(event, ())
                case _:
                    pass

    def release(self) -> None:
        """Tell what was withheld."""
        withheld, self._withheld = self._withheld, []
        for at, event in enumerate(withheld):
            self._tell(event, withheld[at + 1 :])

    def _bind(self, event: OrderAccepted) -> None:
        ticket = self._tickets.get(event.order.client, event.order.order_id)
        if ticket is not None and not ticket.perm_id:
            self._tickets.bind(ticket, event.order.perm_id)
            self._floor.changed()

    def _tell(self, event: Event, rest: Sequence[Event]) -> None:
        if self._floor.upstream.withheld:
            if len(self._withheld) < BACKLOG:
                self._withheld.append(event)
            return
        match event:
            case OrderAccepted():
                self._accepted(event, rest)
            case OrderFilled():
                self._filled(event)
            case CommissionCharged():
                self._charged(event)
            case OrderCancelled():
                self._cancelled(event)
            case OrderChanged():
                self._pair(event.order)
            case OrderRejected():
                self._rejected(event)
            case ModifyRejected():
                self._error(event.order, refusal_of(event))
            case CancelRejected():
                if event.order is not None:
                    self._error(event.order, cancel_refusal(self._number(event.order), event))
            case _:
                pass

    # -- one event each

    def _accepted(self, event: OrderAccepted, rest: Sequence[Event]) -> None:
        ticket = self._tickets.by_perm(event.order.perm_id)
        warning = warning_of(event.order, self._floor.venue)
        if warning is not None and ticket is not None and not ticket.silent:
            self._error(event.order, warning)
        self._pair(event.order, "PreSubmitted")
        perm_id = event.order.perm_id
        fate = next(
            (e for e in rest if isinstance(e, (OrderFilled, OrderCancelled)) and e.order.perm_id == perm_id), None
        )
        if event.order.status is OrderStatus.WORKING and fate is None:
            self._pair(event.order)

    def _filled(self, event: OrderFilled) -> None:
        ticket = self._tickets.by_perm(event.order.perm_id)
        if ticket is None or ticket.silent:
            return
        contract = as_executed(ticket, event.execution, self._floor.venue.listing)
        for session in self._hearers(ticket):
            details = exec_details(-1, contract, event.execution, ticket, session.version)
            session.send(details)
        if event.order.status is OrderStatus.FILLED:
            self._complete.add(event.order.perm_id)
        self._pair(event.order)

    def _charged(self, event: CommissionCharged) -> None:
        ticket = self._tickets.by_perm(event.perm_id)
        if ticket is None:
            return
        ticket.commission = (ticket.commission or 0) + event.amount
        ticket.commission_currency = event.currency
        if ticket.silent:
            return
        snapshot = self._floor.venue.order(event.perm_id)
        report = commission_report(event)
        # The venue is a step ahead of what has been told: of several fills in one step the last one is not yet known.
        complete = event.perm_id in self._complete
        self._complete.discard(event.perm_id)
        for session in self._hearers(ticket):
            if snapshot is not None and complete:
                session.send(
                    open_order(ticket, self._contract(ticket), snapshot, parent=self._parent(snapshot), commission=True)
                )
            session.send(report)

    def _cancelled(self, event: OrderCancelled) -> None:
        ticket = self._tickets.by_perm(event.order.perm_id)
        if ticket is None or ticket.silent:
            return
        parent = self._parent(event.order)
        pending = event.reason in {CancelReason.REQUESTED, CancelReason.IMMEDIATE}
        text = "" if event.reason is CancelReason.REQUESTED else event.text
        told = [order_status(ticket, event.order, parent=parent)]
        if pending:
            told.insert(0, order_status(ticket, event.order, "PendingCancel", parent=parent))
        for session in self._hearers(ticket):
            for status in told:
                # A client that cancels another's order hears of it as of its own [recorded].
                mine = ticket.cancelled_by is not None and session.client_id == ticket.cancelled_by
                session.send(replace(status, client_id=ticket.cancelled_by) if mine else status)
            if session.client_id in {ticket.client, ticket.cancelled_by}:
                session.error(ticket.order_id, 202, f"Order Canceled - reason:{text}")

    def _rejected(self, event: OrderRejected) -> None:
        ticket = self._tickets.get(event.client, event.order_id)
        session = self._floor.session(event.client)
        refusal = refusal_of(event)
        if session is not None:
            if makes_inactive(event.reason):
                session.send(inactive(event))
            session.error(event.order_id, refusal.code, refusal.text)
        if ticket is not None and not ticket.perm_id:
            self._tickets.remove(ticket)

    def _error(self, snapshot: OrderSnapshot | None, refusal: Refusal) -> None:
        session = self._floor.session(snapshot.client) if snapshot is not None else None
        if snapshot is not None and session is not None:
            session.error(self._number(snapshot), refusal.code, refusal.text)

    def _number(self, snapshot: OrderSnapshot) -> int:
        """The client's own order id."""
        ticket = self._tickets.by_perm(snapshot.perm_id)
        return snapshot.order_id if ticket is None else ticket.order_id

    # -- the usual pair

    def _pair(self, snapshot: OrderSnapshot, status: str = "") -> None:
        ticket = self._tickets.by_perm(snapshot.perm_id)
        if ticket is None or ticket.silent:
            return
        parent = self._parent(snapshot)
        shown = open_order(ticket, self._contract(ticket), snapshot, status, parent=parent)
        told = order_status(ticket, snapshot, status, parent=parent)
        for session in self._hearers(ticket):
            session.send(shown)
            session.send(told)

    def _hearers(self, ticket: Ticket) -> Iterator[Session]:
        for client in dict.fromkeys((ticket.client, MASTER, ticket.cancelled_by)):
            session = self._floor.session(client) if client is not None else None
            if session is not None:
                yield session

    def _parent(self, snapshot: OrderSnapshot) -> Ticket | None:
        return self._tickets.by_perm(snapshot.terms.parent) if snapshot.terms.parent else None

    def _contract(self, ticket: Ticket) -> Contract:
        return as_shown(ticket, self._floor.venue.listing)


def inactive(event: OrderRejected) -> WireStatus:
    """The status of an order that the gateway took and the venue did not."""
    return WireStatus(
        order_id=event.order_id,
        status="Inactive",
        filled=Decimal(0),
        remaining=event.terms.quantity,
        avg_fill_price=Decimal(0),
        perm_id=0,
        parent_id=0,
        last_fill_price=Decimal(0),
        client_id=event.client,
        mkt_cap_price=Decimal(0),
    )
