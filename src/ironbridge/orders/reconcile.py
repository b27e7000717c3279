"""The journal against the broker: what must be recorded so that both tell the same (ORD-3).

Pure: answers in, repair events out. It is sound only on whole answers, each up to its End, all asked for after the
orders in question stood as they did (`Answers.judged`); the caller sees to both. Of an order that no answer shows:

- Its intent alone is on record: it never left. The gateway takes a session of our client id only when the socket before
  it is read to its end and closed (it answers 326 until then), so bytes of an earlier session have been heard or are
  gone for good (I-17).
  But not of an order that goes out untransmitted: the gateway may hold it and lists it nowhere (`guard` cancels it).
- It was handed over: it stays UNKNOWN, with the reason. The server may have dropped it or may be slow (I-11), and
  sending it again could make a second one. It is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ironbridge.domain.events import OrderEvent, OrderMoved, Recorded
from ironbridge.domain.lifecycle import OrderState, Trigger
from ironbridge.domain.order_state import Order
from ironbridge.domain.reports import (
    BrokerReport,
    BrokerStatus,
    CompletedOrderReport,
    ExecutionReport,
    OpenOrderReport,
)
from ironbridge.orders.book import Book, changes
from ironbridge.orders.codes import Codes, Meaning
from ironbridge.orders.reading import Reader, own
from ironbridge.orders.terms import read_terms

ALIVE = frozenset(
    {
        BrokerStatus.API_PENDING,
        BrokerStatus.PENDING_SUBMIT,
        BrokerStatus.PRE_SUBMITTED,
        BrokerStatus.SUBMITTED,
        BrokerStatus.PENDING_CANCEL,
    }
)

_COMPLETED = {
    BrokerStatus.FILLED: Trigger.FILLED,
    BrokerStatus.CANCELLED: Trigger.CANCELLED,
    BrokerStatus.API_CANCELLED: Trigger.CANCELLED,
    # What IB lists as completed and Inactive will not work again: it was refused.
    BrokerStatus.INACTIVE: Trigger.REJECTED,
}

_NEVER_HEARD_OF = frozenset({OrderState.INTENDED, OrderState.UNKNOWN})

NOWHERE = "IB, asked in full, has it neither open nor completed nor executed. It is not sent again by itself."
NEVER_LEFT = "Only its intent was on record, and IB, asked in full, knows nothing of it."
STILL_OPEN = "IB, asked afresh, holds it open."
CANCEL_LOST = "IB holds it open: the cancel did not take. Cancel it again."


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that the broker knows of orders, as it answered.

    Parameters:
        client_id: whose open orders were asked for.
        open: all open orders.
        completed: all orders that IB lists as completed.
        executions: all executions that IB lists.
        judged: keys of the orders that these answers must show, if IB has them.
        new_session: whether the session, or IB's behind it, began after those orders were last spoken of.
    """

    client_id: int
    open: Sequence[OpenOrderReport]
    completed: Sequence[CompletedOrderReport]
    executions: Sequence[ExecutionReport]
    judged: frozenset[str]
    new_session: bool


def reconcile(book: Book, answers: Answers, reader: Reader, codes: Codes) -> list[OrderEvent]:
    """The events that bring the book to what the broker says."""
    repair = _Repair(book, reader)
    for execution in answers.executions:
        repair.read(execution)
    for report in answers.open:
        repair.read(report)
        order = own(repair.book, report)
        if order is not None:
            repair.shown.add(order.key)
            _found_open(repair, answers, order, report)
    for completed in answers.completed:
        found = _completed_order(repair.book, completed, answers)
        if found is not None:
            repair.shown.add(found.key)
            _found_completed(repair, found, completed)
    for key in sorted(answers.judged - repair.shown):
        _not_found(repair, answers, codes, repair.book.require(key))
    return repair.events


class _Repair:
    """Events so far, and the book as it would be with them."""

    def __init__(self, book: Book, reader: Reader) -> None:
        self.book = book.branch()
        self.events: list[OrderEvent] = []
        self.shown: set[str] = set()
        self._reader = reader

    def read(self, report: BrokerReport) -> None:
        for event in self._reader.read(report, self.book).events:
            self.emit(event)

    def emit(self, event: OrderEvent) -> None:
        order = self.book.require(event.key)
        if changes(order, event):
            self.book.take(Recorded(order.sequence, order.updated_at, event))
            self.events.append(event)


def _found_open(repair: _Repair, answers: Answers, order: Order, report: OpenOrderReport) -> None:
    if report.status not in ALIVE or report.perm_id != order.perm_id:
        return
    if order.key in answers.judged:
        for event in read_terms(order, report, fresh=True):
            repair.emit(event)
        order = repair.book.require(order.key)
    if order.ended and order.key in answers.judged:
        repair.emit(OrderMoved(order.key, Trigger.FOUND_OPEN, STILL_OPEN))
        return
    # On the session that carried the cancel it may still be under way, unless its answer is overdue already.
    given_up = answers.new_session or order.state is not OrderState.CANCELLING
    if order.cancel_requested and given_up and not order.ended and report.status is not BrokerStatus.PENDING_CANCEL:
        repair.emit(OrderMoved(order.key, Trigger.CANCEL_REFUSED, CANCEL_LOST))


def _completed_order(book: Book, report: CompletedOrderReport, answers: Answers) -> Order | None:
    known = book.by_perm(report.perm_id)
    if known is not None:
        return known
    order = book.by_ref(report.ref) if report.ref else None
    if order is None or order.perm_id or (order.sent_at is None and order.state is not OrderState.UNKNOWN):
        return None
    request = order.request
    same = (request.instrument.con_id, request.spec.side, request.spec.quantity, request.account) == (
        report.instrument.con_id, report.side, report.quantity, report.account,
    )  # fmt: skip
    alone = sum(other.ref == report.ref for other in answers.completed) == 1
    return order if same and alone else None


def _found_completed(repair: _Repair, order: Order, report: CompletedOrderReport) -> None:
    trigger = _COMPLETED.get(report.status)
    if trigger is not None:
        reason = "" if trigger is Trigger.FILLED else report.completed_status
        repair.emit(OrderMoved(order.key, trigger, reason, perm_id=report.perm_id, filled=report.filled))


def _not_found(repair: _Repair, answers: Answers, codes: Codes, order: Order) -> None:
    if order.ended:
        return
    if order.client_id != answers.client_id:
        reason = (
            f"It belongs to client id {order.client_id}, whose orders this session, of client id "
            f"{answers.client_id}, is not shown. Connect as client {order.client_id} to settle it."
        )
        repair.emit(OrderMoved(order.key, Trigger.LOST, reason))
    elif order.code is not None and codes[order.code].meaning is Meaning.DOUBTFUL:
        repair.emit(OrderMoved(order.key, Trigger.REJECTED, order.reason, order.code))
    elif _never_left(order):
        repair.emit(OrderMoved(order.key, Trigger.NEVER_SENT, NEVER_LEFT))
    else:
        said = f" It had said: {order.notices[-1][0]} {order.notices[-1][1]}" if order.notices else ""
        repair.emit(OrderMoved(order.key, Trigger.LOST, NOWHERE + said))


def _never_left(order: Order) -> bool:
    intent_alone = order.sent_at is None and not order.notices and order.state in _NEVER_HEARD_OF
    return intent_alone and not order.request.links.is_staged
