"""What the broker says, read as what has happened to our orders.

One report in, the events that are worth recording out: an echo of what is known makes none. Nothing here waits, and
nothing changes but what belongs to no order of ours: commissions that came before their fill, and foreign orders.

An order is recognised by (client id, order id) and must then carry our orderRef, where the message has one: ids can go
back to be used by somebody else (I-02), a ref cannot. The same ref under other ids is a second order (I-03).
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ironbridge.domain.events import (
    CommissionReceived,
    DuplicateFound,
    Fill,
    FillReceived,
    ModifyMoved,
    OrderEvent,
    OrderMoved,
    OrderNoticed,
)
from ironbridge.domain.instrument import Kind
from ironbridge.domain.lifecycle import OrderState, Trigger
from ironbridge.domain.modification import ModifyState, ModifyTrigger
from ironbridge.domain.order_state import Order, execution_identity
from ironbridge.domain.reports import (
    BrokerReport,
    BrokerStatus,
    CommissionReport,
    ExecutionReport,
    LinkEnded,
    Notice,
    OpenOrderReport,
    StatusReport,
)
from ironbridge.orders.book import Book, changes
from ironbridge.orders.codes import Codes, Meaning
from ironbridge.orders.foreign import ForeignOrders
from ironbridge.orders.terms import read_terms

V = TypeVar("V")

_LOG = logging.getLogger("ironbridge.orders")

STATUS_TRIGGERS: dict[BrokerStatus, Trigger] = {
    BrokerStatus.API_PENDING: Trigger.HELD,
    BrokerStatus.PENDING_SUBMIT: Trigger.HELD,
    BrokerStatus.PRE_SUBMITTED: Trigger.HELD,
    BrokerStatus.SUBMITTED: Trigger.WORKING,
    BrokerStatus.PENDING_CANCEL: Trigger.CANCEL_REQUESTED,
    BrokerStatus.API_CANCELLED: Trigger.CANCELLED,
    BrokerStatus.CANCELLED: Trigger.CANCELLED,
    BrokerStatus.FILLED: Trigger.FILLED,
    BrokerStatus.INACTIVE: Trigger.DEACTIVATED,
}

UNANSWERED = frozenset({OrderState.SENT, OrderState.CANCELLING})
"""States that only an answer of IB's can end."""

_UNHEARD = frozenset({OrderState.INTENDED, OrderState.SENT, OrderState.UNKNOWN})
"""States of an order that IB has not been known to take, where it has no permanent id either."""

_REFUSALS = frozenset({Meaning.REFUSES, Meaning.REFUSES_NEW, Meaning.DOUBTFUL})
_MODIFY_REFUSALS = frozenset({104})
"""Codes that are said of modifications alone. 104: a filled order cannot be modified."""

CUT_SHORT = "The program ended before IB's answer was recorded."

EARLY_LIMIT = 10_000
"""Commissions kept until their fill comes. Those of other programs' fills, which are not told us, end at the limit."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a report comes to.

    Parameters:
        events: to be recorded, in order.
        ask: why the broker must be asked how things stand, or an empty string.
    """

    events: tuple[OrderEvent, ...] = ()
    ask: str = ""


class Reader:
    """Reads reports against a book.

    Parameters:
        codes: what IB's codes mean.
        client_id: tells the client id of the session, which errors do not carry.
        foreign: where orders of others are kept.
    """

    def __init__(self, codes: Codes, client_id: Callable[[], int], foreign: ForeignOrders) -> None:
        self._codes = codes
        self._client_id = client_id
        self._foreign = foreign
        self._early: OrderedDict[str, CommissionReport] = OrderedDict()
        self._foreign_fills: OrderedDict[str, None] = OrderedDict()

    def read(self, report: BrokerReport, book: Book) -> Reading:
        """What the report says of our orders as they stand in `book`."""
        match report:
            case OpenOrderReport():
                return self._open_order(report, book)
            case StatusReport():
                return self._status(report, book)
            case ExecutionReport():
                return self._execution(report, book)
            case CommissionReport():
                return self._commission(report, book)
            case Notice():
                return self._notice(report, book)
            case LinkEnded():
                return Reading(unanswered(book, f"The session ended before IB answered: {report.reason}"))
            case _:
                # Completed orders count only as a whole, in `reconcile`; account and positions are not ours to read.
                return Reading()

    def _open_order(self, report: OpenOrderReport, book: Book) -> Reading:
        order = own(book, report)
        if order is None:
            self._foreign.adopt(report)
            twin = book.by_ref(report.ref) if report.ref else None
            return Reading() if twin is None else _twin(twin, report.perm_id, report.order_id)
        if _another(order, report.perm_id):
            return _twin(order, report.perm_id, report.order_id)
        terms = read_terms(order, report, fresh=False)
        trigger = STATUS_TRIGGERS.get(report.status)
        if trigger is None:
            return Reading((*terms, *_undocumented(order).events))
        # Terms first: whether a fill or a status completes the order depends on them.
        return Reading((*terms, *_worth(order, OrderMoved(order.key, trigger, perm_id=report.perm_id)).events))

    def _status(self, report: StatusReport, book: Book) -> Reading:
        order = book.by_id(report.client_id, report.order_id)
        if order is None:
            self._foreign.update(report)
            return Reading()
        if _another(order, report.perm_id):
            return _twin(order, report.perm_id, report.order_id)
        trigger = STATUS_TRIGGERS.get(report.status)
        if trigger is None:
            return _undocumented(order)
        reason = f"IB holds it: {report.why_held}" if report.why_held else ""
        return _worth(order, OrderMoved(order.key, trigger, reason, perm_id=report.perm_id, filled=report.filled))

    def _execution(self, report: ExecutionReport, book: Book) -> Reading:
        identity = execution_identity(report.execution_id)[0]
        order = own(book, report)
        if order is None:
            _remember(self._foreign_fills, identity, None)
            self._early.pop(identity, None)
            twin = book.by_ref(report.ref) if report.ref else None
            # An older execution is of an order from before this journal that happened to have the same key.
            if twin is None or report.time < twin.created_at:
                return Reading()
            return _twin(twin, report.perm_id, report.order_id)
        if report.instrument.kind is Kind.COMBO:
            return Reading()  # a combination's own execution says again what its legs' have said
        fill = Fill(report.execution_id, report.side, report.quantity, report.price, report.time, report.exchange)
        events: list[OrderEvent] = []
        if _another(order, report.perm_id):
            events += _twin(order, report.perm_id, report.order_id).events
        events += _worth(order, FillReceived(order.key, fill, report.perm_id)).events
        early = self._early.pop(identity, None)
        if early is not None:
            events.append(_commission_of(order, early))
        return Reading(tuple(events))

    def _commission(self, report: CommissionReport, book: Book) -> Reading:
        order = book.by_execution(report.execution_id)
        if order is not None:
            return _worth(order, _commission_of(order, report))
        identity, correction = execution_identity(report.execution_id)
        known = self._early.get(identity)
        newer = known is None or correction >= execution_identity(known.execution_id)[1]
        if newer and identity not in self._foreign_fills:
            _remember(self._early, identity, report)
        return Reading()

    def _notice(self, report: Notice, book: Book) -> Reading:
        order = None if report.order_id is None else book.by_id(self._client_id(), report.order_id)
        if self._codes[report.code].meaning is Meaning.UNRECOGNISED:
            about = "the session" if report.order_id is None else f"order id {report.order_id}"
            self._codes.meet(report.code, report.text, about if order is None else f"the order {order.key!r}")
        if order is None:
            return Reading()
        code, text, key = report.code, report.text, order.key
        noticed = OrderNoticed(key, code, text)
        asked = f"IB said of order {key!r}: {code} {text}"
        cancelling = order.state is OrderState.CANCELLING
        unheard = order.state in _UNHEARD and not order.perm_id
        pending = order.pending
        if pending is not None and (self._codes[code].meaning in _REFUSALS or code in _MODIFY_REFUSALS):
            # IB says the same of an order and of its modification. What becomes of the order is asked for.
            return Reading((ModifyMoved(key, pending.number, ModifyTrigger.REFUSED, text, code),), asked)
        match self._codes[code].meaning:
            case Meaning.REFUSES:
                return _worth(order, OrderMoved(key, Trigger.REJECTED, text, code))
            case Meaning.REFUSES_NEW if unheard:
                return _worth(order, OrderMoved(key, Trigger.REJECTED, text, code))
            case Meaning.CANCELLED:
                return _worth(order, OrderMoved(key, Trigger.CANCELLED, text, code))
            case Meaning.CANCEL_REFUSED if cancelling:
                return Reading((OrderMoved(key, Trigger.CANCEL_REFUSED, text, code),), asked)
            case Meaning.NOT_FOUND if cancelling and not order.perm_id and order.request.links.group:
                # It was taken back before it was transmitted: there is nothing at IB that could still become an order.
                return _worth(order, OrderMoved(key, Trigger.CANCELLED, text, code))
            case Meaning.NOT_FOUND if cancelling:
                return Reading((OrderMoved(key, Trigger.LOST, text, code),), asked)
            case Meaning.DOUBTFUL if unheard:
                return Reading((OrderMoved(key, Trigger.LOST, text, code),), asked)
            case Meaning.UNRECOGNISED:
                _LOG.warning("IB said of order %r what is not in the table; it ends nothing: %s %s", key, code, text)
        return _worth(order, noticed)


def own(book: Book, report: OpenOrderReport | ExecutionReport) -> Order | None:
    """The order that the message is about, None where it is not ours.

    All our orders carry a ref. Where a message has none, it must be about the same thing on the same side.
    """
    order = book.by_id(report.client_id, report.order_id)
    if order is None:
        return None
    if report.ref:
        return order if report.ref == order.request.ref else None
    same = (report.instrument.con_id, report.side) == (order.instrument.con_id, order.side)
    return order if same else None


def awaits_news(order: Order) -> bool:
    """Whether IB has more to say of the order as it stands, so that its silence is a doubt.

    An answer is due, of the order or of its modification, or an order is Inactive without a word on why, or more is
    said to be filled than fills have come.
    """
    missing = order.filled < (order.quantity if order.state is OrderState.FILLED else order.reported_filled)
    return missing or order.state in UNANSWERED or order.state is OrderState.INACTIVE or _modifying(order) is not None


def unanswered(orders: Iterable[Order], reason: str) -> tuple[OrderEvent, ...]:
    """Each order and each modification that awaits an answer is lost from sight."""
    lost: list[OrderEvent] = []
    for order in orders:
        if order.state in UNANSWERED:
            lost.append(OrderMoved(order.key, Trigger.LOST, reason))
        number = _modifying(order)
        if number is not None:
            lost.append(ModifyMoved(order.key, number, ModifyTrigger.LOST, reason))
    return tuple(lost)


def cut_short(book: Book) -> Sequence[OrderEvent]:
    """What was under way when the program ended is in doubt, until the first session has asked."""
    events: list[OrderEvent] = []
    for order in book:
        if order.state in UNANSWERED or order.state is OrderState.INTENDED:
            events.append(OrderMoved(order.key, Trigger.LOST, CUT_SHORT))
        if order.pending is not None and order.pending.state is not ModifyState.UNKNOWN:
            events.append(ModifyMoved(order.key, order.pending.number, ModifyTrigger.LOST, CUT_SHORT))
    return events


def _modifying(order: Order) -> int | None:
    """The number of the modification that only an answer of IB's can end, None where there is none."""
    pending = order.pending
    return pending.number if pending is not None and pending.state is ModifyState.SENT else None


def _worth(order: Order, event: OrderEvent) -> Reading:
    return Reading((event,)) if changes(order, event) else Reading()


def _undocumented(order: Order) -> Reading:
    _LOG.warning("IB gave order %r a status that is not documented; it moves nothing.", order.key)
    return Reading()


def _another(order: Order, perm_id: int) -> bool:
    """Whether this is another order at IB than the one we know: IB never gives an order a second permanent id."""
    return bool(perm_id and order.perm_id and perm_id != order.perm_id)


def _twin(order: Order, perm_id: int, order_id: int) -> Reading:
    event = DuplicateFound(order.key, perm_id, order_id)
    if not changes(order, event):
        return Reading()
    _LOG.error("IB holds a second order under the key %r: permanent id %s, order id %s.", order.key, perm_id, order_id)
    return Reading((event,))


def _commission_of(order: Order, report: CommissionReport) -> CommissionReceived:
    return CommissionReceived(order.key, report.execution_id, report.commission, report.currency, report.realized_pnl)


def _remember(kept: OrderedDict[str, V], name: str, value: V) -> None:
    kept[name] = value
    if len(kept) > EARLY_LIMIT:
        kept.popitem(last=False)
