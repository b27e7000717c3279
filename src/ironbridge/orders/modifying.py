"""Modifying an order that IB holds: checked as the whole new order, durable, sent once, and answered by its terms.

To IB a modification is a placeOrder under the order's own id. Of an order that IB does not hold it would be a new one,
and with the link behind the gateway lost it can become a second one (I-03). So it goes out only for an order that is
known to be at IB, only while IB is reached, with no other under way, and never twice: where no answer comes it is
UNKNOWN, and the broker is asked with what terms it holds the order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

from ironbridge.domain.audit import present_actor
from ironbridge.domain.events import ModifyMoved, ModifyRequested, OrderEvent
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.modification import ModifyTrigger
from ironbridge.domain.order import OrderSpec, OrderType, RiskApproved, TimeInForce
from ironbridge.domain.order_state import Order
from ironbridge.domain.risk import kill_switch_engaged
from ironbridge.domain.values import decimal_of, plain
from ironbridge.errors import (
    InvalidOrder,
    IronbridgeError,
    KeyConflict,
    OrderError,
    OrderRefused,
    Outcome,
    StorageError,
)
from ironbridge.interfaces import Broker, Journal, Session
from ironbridge.orders.approval import Approval
from ironbridge.orders.book import Book
from ironbridge.orders.intake import STOP_SECONDS, Intake
from ironbridge.orders.terms import differing

_LOG = logging.getLogger("ironbridge.orders")

FIXED = frozenset({"side", "cash_quantity", "algorithm", "scaling", "is_guaranteed"})
"""Fields that IB lets nobody change (105, "Order being modified does not match original order"), or advises against:
"to change other parameters, it might be preferable to instead cancel the open order, and create a new one"."""

_HELD = frozenset({OrderState.ACCEPTED, OrderState.WORKING})
"""States in which IB is known to hold the order, so that a modification cannot become a new one."""

_ALWAYS = frozenset(field.name for field in fields(OrderSpec) if field.default is not None)
"""Fields that every order has."""

_NUMBERS = frozenset(field.name for field in fields(OrderSpec) if "Decimal" in str(field.type))


class Modifier:
    """Sends modifications.

    Parameters:
        broker, journal, session: where they go, where they are recorded, whether they may go.
        approval: checks the new whole order.
        book, intake: how orders stand, and how that changes.
        doubt: called with the reason when the broker must be asked how an order stands.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        session: Session,
        approval: Approval,
        book: Book,
        intake: Intake,
        doubt: Callable[[str], None],
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._session = session
        self._approval = approval
        self._book = book
        self._intake = intake
        self._doubt = doubt
        self._tasks: set[asyncio.Task[None]] = set()

    async def modify(self, key: str, wanted: OrderSpec | Mapping[str, Any], token: str) -> int:
        """Send a modification; see `OrderService.modify`.

        Returns:
            Its number, 0 where the order has these terms already and nothing was sent.
        """
        order = self._book.require(key)
        done = _by_token(order, token, wanted)
        if done is not None:
            return done
        spec = _wanted_terms(order, wanted)
        if spec == order.terms and order.pending is None:
            return 0
        approved = await self._approve(order, spec)
        intent = _Intent(key, wanted, spec, token, self._session.client_id)
        task = asyncio.get_running_loop().create_task(self._carry_out(approved, order, intent))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task of its own: that its caller gave up does not leave it half done.
        await asyncio.shield(task)
        return intent.number

    async def stop(self) -> None:
        """Finish what is being sent; what cannot be finished in time is in doubt at the next start."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _approve(self, order: Order, spec: OrderSpec) -> RiskApproved:
        """The new whole order, checked as every order is."""
        _check_modifiable(order, spec, self._session.client_id)
        self._session.require_orders()
        contract = await self._approval.contract(order.instrument, spec)
        request = replace(order.request, spec=spec)
        quote = await self._approval.quote(request)
        order = self._book.require(order.key)
        _check_modifiable(order, spec, self._session.client_id)
        try:
            return self._approval.approve(request, contract, quote, replacing=order)
        except OrderRefused as refusal:
            await self._approval.refused(request, refusal)
            raise

    async def _carry_out(self, approved: RiskApproved, order: Order, intent: _Intent) -> None:
        key = order.key
        try:
            await self._intake.settle(intent.decide, present_actor())
        except StorageError as error:
            # The intent may yet be written, when the disk is back: with it must stand that it never left.
            reason = f"It could not be recorded in time: {error}"
            self._intake.offer(lambda _book: intent.moved(ModifyTrigger.NEVER_SENT, reason) if intent.fresh else ())
            raise
        if intent.fault is not None:
            raise intent.fault
        if not intent.fresh:
            return
        try:
            await self._check_switch()
            parent = self._book.get(order.request.links.parent)
            await self._broker.modify(
                approved,
                order.order_id,
                confirm=lambda: self._still(key, intent.number),
                parent_id=0 if parent is None else parent.order_id,
            )
        except IronbridgeError as error:
            if error.outcome is Outcome.NOT_SENT:
                await self._record(intent.moved(ModifyTrigger.NEVER_SENT, str(error)))
                raise
            await self._in_doubt(intent, str(error))
        # Whatever went wrong in there, bytes may have left: that is the one thing that must not be got wrong.
        except Exception as error:
            _LOG.exception("Modifying the order %r failed in a way that is not foreseen", key)
            await self._in_doubt(intent, f"Sending it failed: {error!r}")
        else:
            await self._record(intent.moved(ModifyTrigger.SENT))

    async def _check_switch(self) -> None:
        # Behind the durable intent, as a new order's is: a switch that was engaged before it is seen, though by
        # another process of which nothing has been heard here.
        if await self._journal.halted():
            raise kill_switch_engaged()

    def _still(self, key: str, number: int) -> None:
        """Called as the bytes go: while they waited for their turn the order may have ended, or IB been lost (I-03)."""
        self._session.require_orders()
        order = self._book.require(key)
        if order.client_id != self._session.client_id or order.state not in _HELD:
            raise OrderError(
                f"The order {key!r} is {_words(order)} by now; change {number} of it was not sent.", key=key
            )

    async def _in_doubt(self, intent: _Intent, reason: str) -> None:
        await self._record((*intent.moved(ModifyTrigger.SENT), *intent.moved(ModifyTrigger.LOST, reason)))
        self._doubt(f"sending change {intent.number} of {intent.key!r} failed")

    async def _record(self, events: Sequence[OrderEvent]) -> None:
        # Where the journal cannot be written now, the events wait in the intake; what happened has happened.
        with suppress(StorageError):
            await self._intake.settle(lambda _book: events)


class _Intent:
    """One attempt to modify, decided at its turn in the intake, where nobody else can come between.

    Attributes:
        number: of the modification that it made, or that its token has already.
        fresh: it made one, which must be sent now.
        fault: why it made none.
    """

    def __init__(
        self, key: str, wanted: OrderSpec | Mapping[str, Any], spec: OrderSpec, token: str, client_id: int
    ) -> None:
        self.key = key
        self.number = 0
        self.fresh = False
        self.fault: IronbridgeError | None = None
        self._wanted = wanted
        self._spec = spec
        self._token = token
        self._client_id = client_id

    def decide(self, book: Book) -> Sequence[OrderEvent]:
        order = book.require(self.key)
        try:
            self.number = _by_token(order, self._token, self._wanted) or 0
            if self.number:
                return ()
            _check_modifiable(order, self._spec, self._client_id)
        except IronbridgeError as error:
            self.fault = error
            return ()
        self.number, self.fresh = len(order.modifications) + 1, True
        return (ModifyRequested(self.key, self.number, self._spec, self._token),)

    def moved(self, trigger: ModifyTrigger, reason: str = "") -> Sequence[OrderEvent]:
        return (ModifyMoved(self.key, self.number, trigger, reason),)


def _by_token(order: Order, token: str, wanted: OrderSpec | Mapping[str, Any]) -> int | None:
    """The number of the modification that has this token already.

    Raises:
        KeyConflict: it is another change.
    """
    for known in order.modifications if token else ():
        if known.token == token:
            if _applied(known.spec, wanted) != known.spec:
                raise KeyConflict(
                    f"{token!r} already stands for another change of the order {order.key!r}: to {known.spec}.",
                    next_step="Use a new token for a new change.",
                    key=order.key,
                    token=token,
                )
            return known.number
    return None


def _wanted_terms(order: Order, wanted: OrderSpec | Mapping[str, Any]) -> OrderSpec:
    """The whole order as it is to be.

    Raises:
        InvalidOrder: it cannot be.
    """
    spec = _applied(order.terms, wanted)
    fixed = sorted(differing(spec, order.terms) & FIXED)
    if fixed:
        raise InvalidOrder(
            f"The {' and the '.join(each.replace('_', ' ') for each in fixed)} of an order cannot be changed.",
            next_step="Cancel it, and submit another one under a new key.",
        )
    return spec


def _applied(terms: OrderSpec, wanted: OrderSpec | Mapping[str, Any]) -> OrderSpec:
    if isinstance(wanted, OrderSpec):
        return wanted
    known = {field.name for field in fields(OrderSpec)}
    strange = sorted(set(wanted) - known)
    if strange:
        raise InvalidOrder(
            f"An order has no {strange[0]!r} that could be changed.",
            next_step=f"Name some of {', '.join(sorted(known))}.",
        )
    if not wanted:
        raise InvalidOrder("No change was given.", next_step="Give the new order, or some of its fields.")
    cleared = sorted(name for name in _ALWAYS & set(wanted) if wanted[name] is None)
    if cleared:
        raise InvalidOrder(f"An order cannot be without its {cleared[0].replace('_', ' ')}.", field=cleared[0])
    changes: dict[str, Any] = {
        name: decimal_of(value, name.replace("_", " ")) if name in _NUMBERS and value is not None else value
        for name, value in wanted.items()
    }
    for name, kind in (("order_type", OrderType), ("time_in_force", TimeInForce)):
        if name in changes:
            try:
                changes[name] = kind(changes[name])
            except ValueError:
                raise InvalidOrder(
                    f"{changes[name]!r:.60} is no {name.replace('_', ' ')}.",
                    next_step=f"Give one of {', '.join(kind)}.",
                ) from None
    return replace(terms, **changes)


def _check_modifiable(order: Order, spec: OrderSpec, client_id: int) -> None:
    """Return where IB is known to hold the order, and may be asked to change it to this."""
    key = order.key
    if order.ended:
        raise OrderError(
            f"The order {key!r} is already {_words(order)}.", next_step="There is nothing left to modify.", key=key
        )
    if order.client_id != client_id:
        raise OrderError(
            f"The order {key!r} belongs to client id {order.client_id}, and this session is another one.",
            next_step=f"Connect as client {order.client_id}: IB lets no other modify it.",
            key=key,
        )
    if order.pending is not None:
        raise OrderError(
            f"Change {order.pending.number} of the order {key!r} is {order.pending.state}: {order.pending.spec}.",
            next_step="Wait for its outcome before the next one; it is asked after by itself.",
            key=key,
        )
    if order.duplicates:
        raise OrderError(
            f"IB holds more than one order under the key {key!r}: permanent ids "
            f"{', '.join(map(str, (order.perm_id, *order.duplicates)))}.",
            next_step="A change could meet either. Cancel the order, or settle it in TWS.",
            key=key,
        )
    if order.state not in _HELD:
        raise OrderError(
            f"The order {key!r} is {_words(order)}, and only one that IB is known to hold can be modified.",
            next_step="Wait until its state is known, or cancel it.",
            key=key,
        )
    if spec.cash_quantity is None and spec.quantity <= order.filled:
        raise InvalidOrder(
            f"{plain(order.filled)} of the order {key!r} are filled; the quantity {plain(spec.quantity)} is not above.",
            next_step="Give a quantity above what is filled, or cancel the rest.",
        )


def _words(order: Order) -> str:
    return order.state.replace("_", " ")
