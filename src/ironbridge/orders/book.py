"""The book: every order as it stands, folded from recorded events and from nothing else.

`fold` is the only way in which an order changes; it is pure, and asks `domain.lifecycle` for each step. `Book` keeps
the results and finds an order by each name that IB may use for it. A `branch` is a book of what would be: decisions are
tried on it before they are durable, and it leaves its parent untouched.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ironbridge.domain.events import (
    CommissionReceived,
    DuplicateFound,
    FillReceived,
    ModifyMoved,
    ModifyRequested,
    OrderClosedByHand,
    OrderEvent,
    OrderIntended,
    OrderMoved,
    OrderNoticed,
    Recorded,
    TermsChanged,
)
from ironbridge.domain.instrument import Kind
from ironbridge.domain.lifecycle import LIVE, OrderState, Trigger, advance
from ironbridge.domain.modification import Modification, ModifyState, ModifyTrigger, advance_modification
from ironbridge.domain.order import order_ref
from ironbridge.domain.order_state import ZERO, Commission, Order, execution_identity
from ironbridge.errors import OrderNotFound, StorageError

Changes = dict[str, Any]
"""Fields of an order and their new values."""

_PROOF_OF_SENDING = frozenset(Trigger) - {
    Trigger.LOST, Trigger.NEVER_SENT, Trigger.CANCEL_REQUESTED, Trigger.CANCEL_REFUSED, Trigger.CLOSED_BY_HAND,
}  # fmt: skip
"""We say that it went, or IB says something of it, which it could not have otherwise."""

_CANCEL_REQUESTED = {Trigger.CANCEL_REQUESTED: True, Trigger.CANCEL_REFUSED: False}


def fold(order: Order | None, recorded: Recorded) -> Order:
    """The order after the event.

    Raises:
        StorageError: an event of an order that was never intended, or a second intent of one that was.
        IllegalTransition: a step that the table does not have.
    """
    event = recorded.event
    if isinstance(event, OrderIntended) and order is None:
        return Order(
            event.key,
            event.order_id,
            event.client_id,
            event.request,
            OrderState.INTENDED,
            created_at=recorded.at,
            updated_at=recorded.at,
            sequence=recorded.sequence,
        )
    if order is None:
        raise StorageError(f"The journal tells of the order {event.key!r} before its intent.")
    after = replace(order, sequence=recorded.sequence, updated_at=recorded.at, **_told(order, event, recorded.at))
    return _overtaken(after, recorded.at) if after.ended and after.pending is not None else after


def changes(order: Order, event: OrderEvent) -> bool:
    """Whether the event would tell anything that the order does not know: an echo is not worth recording."""
    return fold(order, Recorded(order.sequence, order.updated_at, event)) != order


def _told(order: Order, event: OrderEvent, at: datetime) -> Changes:
    match event:
        case OrderMoved():
            return _moved(order, event, at)
        case FillReceived():
            return _filled(order, event, at)
        case CommissionReceived():
            return _charged(order, event)
        case OrderNoticed():
            notice = (event.code, event.text)
            return {} if notice in order.notices else {"notices": (*order.notices, notice)}
        case DuplicateFound():
            known = event.perm_id in order.duplicates
            return {} if known else {"duplicates": (*order.duplicates, event.perm_id)}
        case ModifyRequested():
            wanted = Modification(
                event.number, event.spec, order.terms, ModifyState.REQUESTED, at, at, token=event.token
            )
            return {"modifications": (*order.modifications, wanted)}
        case ModifyMoved():
            return _modified(order, event, at)
        case TermsChanged():
            return _with_terms(order, {"amended": event.spec})
        case OrderClosedByHand():
            return _moved(order, OrderMoved(event.key, Trigger.CLOSED_BY_HAND, event.reason), at)
        case OrderIntended():
            raise StorageError(f"The order {event.key!r} is intended twice in the journal.")


def _moved(order: Order, event: OrderMoved, at: datetime) -> Changes:
    state = advance(order.state, event.trigger)
    told: Changes = {"state": state}
    # A reason belongs to the state. The state's own first words are kept, except where it is not known and each
    # attempt to find out has something newer to say.
    if state is not order.state or (event.reason and (not order.reason or state is OrderState.UNKNOWN)):
        told |= {"reason": event.reason, "code": event.code}
    if not order.perm_id:
        told["perm_id"] = event.perm_id
    if event.filled is not None and event.filled > order.reported_filled:
        told["reported_filled"] = event.filled
    if event.trigger in _CANCEL_REQUESTED:
        told["cancel_requested"] = _CANCEL_REQUESTED[event.trigger]
    if order.sent_at is None and event.trigger in _PROOF_OF_SENDING:
        told["sent_at"] = at
    return told


def _filled(order: Order, event: FillReceived, at: datetime) -> Changes:
    identity, correction = execution_identity(event.fill.execution_id)
    fills = list(order.fills)
    for n, known in enumerate(fills):
        known_identity, known_correction = execution_identity(known.execution_id)
        if known_identity == identity:
            if correction <= known_correction:
                return {}
            fills[n] = event.fill
            break
    else:
        fills.append(event.fill)
    # An order for an amount of money has no quantity of its own: IB's status alone says when it is filled.
    # So it is with a combination, whose fills are those of its legs.
    single = order.instrument.kind is not Kind.COMBO
    complete = single and 0 < _expected(order) <= sum((fill.quantity for fill in fills), ZERO)
    state = advance(order.state, Trigger.FILLED if complete else Trigger.PART_FILLED)
    told: Changes = {
        "fills": tuple(fills),
        "perm_id": order.perm_id or event.perm_id,
        "sent_at": order.sent_at or at,
        "state": state,
    }
    if state is not order.state:
        told |= {"reason": "", "code": None}
    return told


def _expected(order: Order) -> Decimal:
    """How much must be filled for the order to be complete: a change that is under way may have made it larger."""
    return order.quantity if order.pending is None else max(order.quantity, order.pending.spec.quantity)


def _modified(order: Order, event: ModifyMoved, at: datetime) -> Changes:
    known = next((each for each in order.modifications if each.number == event.number), None)
    if known is None:
        raise StorageError(f"The journal tells of change {event.number} of the order {event.key!r} before its intent.")
    state = advance_modification(known.state, event.trigger)
    told: Changes = {}
    if state is not known.state or (state is ModifyState.UNKNOWN and event.reason not in {"", known.reason}):
        moved = replace(known, state=state, updated_at=at, reason=event.reason, code=event.code)
        told["modifications"] = tuple(moved if each is known else each for each in order.modifications)
        if state is ModifyState.ACCEPTED:
            told["amended"] = known.spec
    return _with_terms(order, told)


def _with_terms(order: Order, told: Changes) -> Changes:
    """The changes, and the end of the order where by its new terms what is filled is all of it."""
    after = replace(order, **told)
    if order.state in LIVE and 0 < _expected(after) <= after.filled:
        told |= {"state": advance(order.state, Trigger.FILLED), "reason": "", "code": None}
    return told


def _overtaken(order: Order, at: datetime) -> Order:
    known = order.modifications[-1]
    state = advance_modification(known.state, ModifyTrigger.OVERTAKEN)
    reason = f"The order was {order.state.replace('_', ' ')} first."
    overtaken = replace(known, state=state, updated_at=at, reason=reason, code=None)
    return replace(order, modifications=(*order.modifications[:-1], overtaken))


def _charged(order: Order, event: CommissionReceived) -> Changes:
    identity, correction = execution_identity(event.execution_id)
    parts = []
    for part in order.commissions:
        known_identity, known_correction = execution_identity(part.execution_id)
        if known_identity != identity:
            parts.append(part)
        elif correction < known_correction:
            return {}
    parts.append(Commission(event.execution_id, event.commission, event.currency, event.realized_pnl))
    if len(parts) == len(order.commissions) and set(parts) == set(order.commissions):
        return {}
    return {"commissions": tuple(parts)}


class Book:
    """All orders, each under every name it goes by."""

    def __init__(
        self,
        orders: MutableMapping[str, Order] | None = None,
        names: MutableMapping[tuple[str, object], str] | None = None,
    ) -> None:
        self._orders = {} if orders is None else orders
        self._names = {} if names is None else names

    def branch(self) -> Book:
        """A book that begins as this one and may go another way."""
        return Book(ChainMap({}, self._orders), ChainMap({}, self._names))

    def take(self, recorded: Recorded) -> Order:
        """Fold the event into its order and return the order after it."""
        event = recorded.event
        before = self._orders.get(event.key)
        order = fold(before, recorded)
        self._orders[event.key] = order
        if before is None:
            self._names["id", (order.client_id, order.order_id)] = event.key
            self._names["ref", order_ref(event.key)] = event.key
            self._join(order)
        if order.perm_id:
            self._names["perm", order.perm_id] = event.key
        if isinstance(event, FillReceived):
            self._names["execution", execution_identity(event.fill.execution_id)[0]] = event.key
        return order

    def get(self, key: str) -> Order | None:
        """The order of that key."""
        return self._orders.get(key)

    def require(self, key: str) -> Order:
        """The order of that key.

        Raises:
            OrderNotFound: there is none.
        """
        order = self._orders.get(key)
        if order is None:
            raise OrderNotFound(
                f"No order has the key {key!r}.", next_step="List the orders to see the keys that there are.", key=key
            )
        return order

    def by_id(self, client_id: int, order_id: int) -> Order | None:
        """The order that this client id sends under this id."""
        return self._named("id", (client_id, order_id))

    def by_ref(self, ref: str) -> Order | None:
        """The order whose key makes this orderRef."""
        return self._named("ref", ref)

    def by_perm(self, perm_id: int) -> Order | None:
        """The order that IB knows by this permanent id."""
        return self._named("perm", perm_id)

    def by_execution(self, execution_id: str) -> Order | None:
        """The order that this execution, in any correction, is a fill of."""
        return self._named("execution", execution_identity(execution_id)[0])

    def group(self, key: str) -> tuple[Order, ...]:
        """The orders of the group, in the order of their intents; empty where there is none."""
        orders: list[Order] = []
        member = self._names.get(("group", key))
        while member is not None:
            orders.append(self._orders[member])
            member = self._names.get(("before", member))
        return tuple(reversed(orders))

    def _join(self, order: Order) -> None:
        """Note the group's newest order, and which came before it."""
        group = order.request.links.group
        if group:
            before = self._names.get(("group", group))
            if before is not None:
                self._names["before", order.key] = before
            self._names["group", group] = order.key

    def __iter__(self) -> Iterator[Order]:
        """Every order, in the order of their intents."""
        return iter(tuple(self._orders.values()))

    def __len__(self) -> int:
        return len(self._orders)

    def _named(self, sort: str, name: object) -> Order | None:
        key = self._names.get((sort, name))
        return None if key is None else self._orders.get(key)
