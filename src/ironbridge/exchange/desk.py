"""Orders from acceptance to their end.

The desk accepts, holds, releases, modifies and cancels orders, books their fills, and knows what an order's fate means
for others: children of a bracket, one-cancels-all groups. It decides; the floor trades. Every change is an event, and
an order that is done stays as its last snapshot.

Rules: a child waits until its parent is completely filled and dies with it; of a parent's children the first one filled
cancels the others; a market order that empties the book keeps taking until it is filled or its time is over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ironbridge.exchange import checks, triggers
from ironbridge.exchange.checks import Fault
from ironbridge.exchange.clearing import Clearing
from ironbridge.exchange.commands import CancelAll, CancelOrder, ModifyOrder, OcaType, OrderKind, OrderTerms, PlaceOrder
from ironbridge.exchange.commands import TimeInForce as Tif
from ironbridge.exchange.credit import Credit
from ironbridge.exchange.events import (
    CancelReason,
    CancelRejected,
    Change,
    Hold,
    ModifyRejected,
    OrderAccepted,
    OrderCancelled,
    OrderChanged,
    OrderRejected,
    OrderSnapshot,
    OrderStatus,
    RejectReason,
)
from ironbridge.exchange.floor import Floor, Trade
from ironbridge.exchange.hours import Hours
from ironbridge.exchange.ledger import Ledger
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import LiveOrder
from ironbridge.exchange.outbox import Outbox
from ironbridge.exchange.universe import Universe


class Desk:
    """Parameters:
    universe: what is listed.
    ledger: the accounts.
    credit: whether an order can be afforded, and what money is worth in another currency.
    hours: when orders may trade, and until when they live.
    outbox: where events go.
    clearing: where fills are booked.
    """

    def __init__(
        self,
        universe: Universe,
        ledger: Ledger,
        credit: Credit,
        clearing: Clearing,
        hours: Hours,
        outbox: Outbox,
    ) -> None:
        self._universe = universe
        self._ledger = ledger
        self._credit = credit
        self._clearing = clearing
        self._hours = hours
        self._out = outbox
        self.floor: Floor = Floor(hours.tape, self._filled)
        self.live: dict[int, LiveOrder] = {}
        self.done: dict[int, OrderSnapshot] = {}
        self._numbers: set[tuple[int, int]] = set()
        self.next_perm_id = 1
        self.next_rank = 1
        # Orders that wait for the market, by the listing that they look at.
        self.waiting: dict[int, dict[int, LiveOrder]] = {}

    def place(self, command: PlaceOrder, step: int) -> None:
        terms = command.terms
        listing = self._universe.by_con_id(terms.con_id)
        terms, fault = self._judged(terms, listing, step)
        if fault is None and (command.client, command.order_id) in self._numbers:
            fault = Fault(RejectReason.DUPLICATE_ORDER, f"Order id {command.order_id} is already in use.", "order_id")
        if fault is not None or listing is None:
            assert fault is not None
            self._out.put(OrderRejected, command.client, command.order_id, terms, fault.reason, fault.text, fault.field)
            return
        order = LiveOrder(self.next_perm_id, command.client, command.order_id, terms, self.next_rank, self._out.time)
        self.next_perm_id += 1
        self.next_rank += 1
        self._begin(order, listing, step)
        holds = self._holds(order, listing)
        order.move(OrderStatus.HELD if holds else OrderStatus.WORKING, holds)
        self._admit(order, listing, step)
        self._out.put(OrderAccepted, order.snapshot())
        self._set_alarms(order, listing)
        if holds:
            self._wait(order)
        else:
            self._work(order, listing, step)

    def fault_of(self, terms: OrderTerms, step: int) -> Fault | None:
        """Why an order would be refused, or None."""
        return self._judged(terms, self._universe.by_con_id(terms.con_id), step)[1]

    def _admit(self, order: LiveOrder, listing: Listing, step: int) -> None:
        self.live[order.perm_id] = order
        self._numbers.add((order.client, order.order_id))
        self._credit.pledges.note(order, self._credit.worst(order.terms, listing, step))

    def _judged(
        self, terms: OrderTerms, listing: Listing | None, step: int, old: LiveOrder | None = None
    ) -> tuple[OrderTerms, Fault | None]:
        """The terms with what was left open filled in, and the first fault."""
        account = self._ledger.get(terms.account)
        if account is None:
            return terms, Fault(RejectReason.UNKNOWN_ACCOUNT, f"There is no account {terms.account!r}.", "account")
        fault = checks.unoffered(terms, listing)
        if fault is not None:
            return terms, fault
        if listing is None or self._hours.is_over(listing):
            return terms, Fault(RejectReason.UNKNOWN_LISTING, f"No listing has con id {terms.con_id}.", "con_id")
        if terms.cash_quantity is not None and not terms.quantity:
            terms = replace(terms, quantity=self._credit.units_for(terms, listing, step))
        if (
            terms.kind is OrderKind.TRAIL_LIMIT
            and terms.limit_offset is None
            and terms.limit_price
            and terms.stop_price
        ):
            terms = replace(terms, limit_offset=abs(terms.limit_price - terms.stop_price))
        fault = checks.fault_of(terms, listing, self._out.time)
        if fault is None and terms.parent and not self._may_lead(terms.parent):
            fault = Fault(RejectReason.UNKNOWN_PARENT, f"Parent {terms.parent} is not a live order.", "parent")
        if fault is None:
            fault = self._credit.fault(account, terms, listing, old, step)
        return terms, fault

    def _may_lead(self, perm_id: int) -> bool:
        """Whether an order may have children: it lives, or has filled and so activates them at once."""
        done = self.done.get(perm_id)
        return perm_id in self.live or (done is not None and done.status is OrderStatus.FILLED)

    def _begin(self, order: LiveOrder, listing: Listing, step: int) -> None:
        """Sets what follows from the terms: prices in force and the end of life."""
        terms = order.terms
        order.limit_price = terms.limit_price
        order.stop_price = terms.stop_price if terms.kind in checks.TRIGGERED else None
        if terms.kind in checks.TRAILING and not terms.parent:
            self._trail(order, listing, step)
        order.expires_at = self._hours.end_of(terms, listing)

    def _holds(self, order: LiveOrder, listing: Listing) -> tuple[Hold, ...]:
        """Why the order cannot be in the book now."""
        terms, holds = order.terms, []
        if terms.parent in self.live:
            holds.append(Hold.PARENT)
        if terms.good_after is not None and terms.good_after > self._out.time:
            holds.append(Hold.TIME)
        if not self._hours.may_trade(terms, listing):
            holds.append(Hold.SESSION)
        if terms.kind in checks.TRIGGERED and not order.triggered:
            holds.append(Hold.TRIGGER)
        return tuple(holds)

    def expect_end(self, listing: Listing) -> None:
        """Has the venue called when a contract that is held or ordered ends."""
        if listing.expiry is not None:
            self._hours.expect_expiry(listing)

    def _set_alarms(self, order: LiveOrder, listing: Listing) -> None:
        self.expect_end(listing)
        if order.expires_at is not None:
            self._hours.alarm(order.expires_at, order.perm_id)
        if order.terms.good_after is not None:
            self._hours.alarm(order.terms.good_after, order.perm_id)
        if Hold.SESSION in order.holds:
            self._hours.alarm(self._hours.next_chance(order.terms, listing), order.perm_id)

    def _wait(self, order: LiveOrder) -> None:
        if Hold.TRIGGER in order.holds and Hold.PARENT not in order.holds:
            self.waiting.setdefault(order.terms.con_id, {})[order.perm_id] = order

    def _unwait(self, order: LiveOrder) -> None:
        waiting = self.waiting.get(order.terms.con_id)
        if waiting is not None and waiting.pop(order.perm_id, None) is not None and not waiting:
            del self.waiting[order.terms.con_id]

    def refresh(self, order: LiveOrder, step: int) -> None:
        """Looks again at why the order is held, and releases it when nothing is left."""
        listing = self._listing(order)
        holds = self._holds(order, listing)
        if holds == order.holds and (holds or order.status is OrderStatus.WORKING):
            return
        self._unwait(order)
        self.floor.withdraw(order)
        order.move(OrderStatus.HELD if holds else OrderStatus.WORKING, holds)
        if holds:
            if order.terms.kind in checks.TRAILING and Hold.PARENT not in holds:
                self._trail(order, listing, step)
            self._out.put(OrderChanged, order.snapshot(), Change.HELD)
            self._wait(order)
            self._set_alarms(order, listing)
        else:
            self._out.put(OrderChanged, order.snapshot(), Change.ACTIVATED)
            self._work(order, listing, step)

    def _work(self, order: LiveOrder, listing: Listing, step: int) -> None:
        """Sends a released order to the floor, and keeps what is left of it where its kind says."""
        terms = order.terms
        limit = order.limit_price if terms.kind in checks.LIMITED else None
        if terms.tif is Tif.FOK and not self.floor.fillable(listing, order, limit, step):
            self.end(order, CancelReason.IMMEDIATE, "The order could not be filled completely at once.")
            return
        self.floor.trade(listing, order, limit, step)
        if not order.is_live:
            return
        if terms.tif in {Tif.IOC, Tif.FOK}:
            self.end(order, CancelReason.IMMEDIATE, "What could not be filled at once is cancelled.")
        elif terms.kind is OrderKind.MARKET_TO_LIMIT:
            order.limit_price = order.last_fill_price or self._credit.price_for(terms.side, listing, step)
            self.floor.rest(listing, order, order.limit_price)
        elif limit is None:
            self.floor.owe(order)
        else:
            self.floor.rest(listing, order, limit)

    def look(self, listing: Listing, step: int) -> None:
        """Lets the orders that wait for this listing's market see a step of it."""
        waiting = self.waiting.get(listing.con_id)
        if not waiting or not self._hours.tape.is_open(listing, step):
            return
        seen = self.floor.glimpse(listing, step)
        for order in sorted(waiting.values(), key=lambda o: o.rank):
            if not order.is_live:
                continue
            stop = order.stop_price
            if stop is not None and Hold.SESSION not in order.holds and triggers.is_hit(order.terms, stop, seen):
                order.triggered = True
                self._out.put(OrderChanged, order.snapshot(), Change.TRIGGERED)
                self.refresh(order, step)
            elif order.terms.kind in checks.TRAILING and self._trail(order, listing, step):
                self._out.put(OrderChanged, order.snapshot(), Change.TRAILED)

    def _trail(self, order: LiveOrder, listing: Listing, step: int) -> bool:
        """Moves a trailing stop after the market; tells whether it moved."""
        stop = triggers.trailed(order.terms, order.stop_price, self.floor.glimpse(listing, step), listing)
        if stop is None or stop == order.stop_price:
            return False
        order.stop_price = stop
        order.limit_price = triggers.limit_behind(order.terms, stop, listing)
        return True

    def modify(self, command: ModifyOrder, step: int) -> None:
        order = self.live.get(command.perm_id)
        if order is None:
            self._refuse(ModifyRejected, command.perm_id, "modified")
            return
        listing = self._listing(order)
        terms, fault = self._judged(command.terms, listing, step, order)
        old = order.terms
        if (terms.account, terms.con_id, terms.side, terms.parent) != (old.account, old.con_id, old.side, old.parent):
            fault = Fault(RejectReason.BAD_TERMS, "Account, contract, side and parent of an order cannot change.")
        elif fault is None and terms.quantity <= order.filled:
            text = f"{order.filled} are filled already; the quantity must stay above that."
            fault = Fault(RejectReason.BAD_QUANTITY, text, "quantity")
        if fault is not None:
            self._out.put(ModifyRejected, order.perm_id, fault.reason, fault.text, fault.field, order.snapshot())
            return
        # Only a smaller quantity keeps an order's place in time.
        if replace(terms, quantity=old.quantity) != old or terms.quantity > old.quantity:
            order.rank = self.next_rank
            self.next_rank += 1
        self._unwait(order)
        self.floor.withdraw(order)
        if terms.kind is not old.kind or (not order.triggered):
            order.triggered = False
        order.terms = terms
        self._credit.pledges.note(order, self._credit.worst(terms, listing, step))
        self._begin(order, listing, step)
        holds = self._holds(order, listing)
        order.move(OrderStatus.HELD if holds else OrderStatus.WORKING, holds)
        self._out.put(OrderChanged, order.snapshot(), Change.MODIFIED)
        self._set_alarms(order, listing)
        if holds:
            self._wait(order)
        else:
            self._work(order, listing, step)

    def cancel(self, command: CancelOrder) -> None:
        order = self.live.get(command.perm_id)
        if order is None:
            self._refuse(CancelRejected, command.perm_id, "cancelled")
        else:
            self.end(order, CancelReason.REQUESTED, "")

    def cancel_all(self, command: CancelAll) -> None:
        for order in list(self.live.values()):
            if order.is_live and command.account in {"", order.terms.account}:
                self.end(order, CancelReason.REQUESTED, "")

    def forget(self, before: datetime) -> None:
        """Drops finished orders and executions of former days."""
        self.done = {
            perm_id: order for perm_id, order in self.done.items() if order.done_at is None or order.done_at >= before
        }
        self._clearing.forget(before)

    def _refuse(self, kind: type[ModifyRejected | CancelRejected], perm_id: int, verb: str) -> None:
        done = self.done.get(perm_id)
        if done is None:
            reason, text = RejectReason.UNKNOWN_ORDER, f"There is no order {perm_id}."
        else:
            reason, text = RejectReason.ALREADY_DONE, f"Order {perm_id} is {done.status}; it cannot be {verb}."
        if kind is ModifyRejected:
            self._out.put(ModifyRejected, perm_id, reason, text, "", done)
        else:
            self._out.put(CancelRejected, perm_id, reason, text, done)

    def end(self, order: LiveOrder, reason: CancelReason, text: str) -> None:
        """Cancels what is left of an order, and its children with it."""
        if not order.is_live:
            return
        self._unwait(order)
        self.floor.withdraw(order)
        order.move(OrderStatus.CANCELLED)
        self._archive(order, text)
        self._out.put(OrderCancelled, order.snapshot(), reason, text)
        for child in self._children(order):
            self.end(child, CancelReason.PARENT, "The parent order was cancelled.")

    def _archive(self, order: LiveOrder, text: str) -> None:
        order.done_at = self._out.time
        order.done_text = text
        del self.live[order.perm_id]
        self._numbers.discard((order.client, order.order_id))
        self._credit.pledges.note(order)
        self.done[order.perm_id] = order.snapshot()

    def _children(self, order: LiveOrder) -> list[LiveOrder]:
        return [other for other in self.live.values() if other.terms.parent == order.perm_id]

    def _filled(self, trade: Trade) -> None:
        """Books a fill and lets it take effect on other orders."""
        order = trade.order
        self._clearing.book(trade, self._listing(order))
        over = not order.is_live
        if over:
            self._archive(order, "")
        else:
            self._credit.pledges.note(order)
        self._ripple(order, trade.quantity, over=over)

    def _ripple(self, order: LiveOrder, quantity: Decimal, *, over: bool) -> None:
        """What a fill does to the group, the children and the siblings of an order."""
        terms = order.terms
        if terms.oca_group:
            self._reduce_group(order, quantity, over=over)
        if over:
            step = self._hours.step
            for child in self._children(order):
                if child.is_live:
                    self.refresh(child, step)
        if over and terms.parent:
            for sibling in list(self.live.values()):
                if sibling.is_live and sibling.terms.parent == terms.parent:
                    self.end(sibling, CancelReason.SIBLING, "Another order of the bracket was filled.")

    def _reduce_group(self, order: LiveOrder, quantity: Decimal, *, over: bool) -> None:
        terms = order.terms
        group = [
            other
            for other in self.live.values()
            if other.terms.oca_group == terms.oca_group and other.terms.account == terms.account and other is not order
        ]
        for other in group:
            if not other.is_live:
                continue
            left = other.terms.quantity - quantity
            if over or terms.oca_type in {OcaType.NONE, OcaType.CANCEL_WITH_BLOCK} or left <= other.filled:
                self.end(other, CancelReason.OCA, "Another order of the group was filled.")
            else:
                other.terms = replace(other.terms, quantity=left)
                self._credit.pledges.note(other)
                self._out.put(OrderChanged, other.snapshot(), Change.REDUCED)

    def ring(self, perm_id: int, step: int) -> None:
        """An alarm of an order: its life is over, or a hold may have ended."""
        order = self.live.get(perm_id)
        if order is None:
            return
        if order.expires_at is not None and order.expires_at <= self._out.time:
            self.end(order, CancelReason.EXPIRED, "The order's time is over.")
        else:
            self.refresh(order, step)

    def _listing(self, order: LiveOrder) -> Listing:
        listing = self._universe.by_con_id(order.terms.con_id)
        assert listing is not None
        return listing

    def readmit(self, order: LiveOrder, *, owed: bool) -> None:
        """Takes a live order of a former run back to where it stood."""
        listing = self._listing(order)
        self._admit(order, listing, self._hours.step)
        self._set_alarms(order, listing)
        if order.status is OrderStatus.HELD:
            self._wait(order)
        elif owed:
            self.floor.owe(order)
        elif order.units is not None:
            self.floor.book(listing).add(order, order.units)

    def interests(self) -> set[int]:
        """Listings whose market matters to some order."""
        found = set(self.waiting) | set(self.floor.owed)
        found.update(con_id for con_id, book in self.floor.books.items() if book.bids or book.asks)
        return found
