"""Orders from acceptance to their end.

The desk accepts, holds, releases, modifies and cancels orders, and lets fills take effect. It decides; the floor
trades, the clearing books, the vigil watches the market for those that wait. Every change is an event, and an order
that is done stays as its last snapshot.

Rules: a child waits until its parent is completely filled and dies with it; a market order that empties the book keeps
taking until it is filled or its time is over; an order for an auction trades in it or not at all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ironbridge.exchange import checks
from ironbridge.exchange.checks import Fault
from ironbridge.exchange.clearing import Clearing
from ironbridge.exchange.combos import LegFill
from ironbridge.exchange.commands import CancelAll, CancelOrder, ModifyOrder, OrderTerms, PlaceOrder
from ironbridge.exchange.conditions import Senses
from ironbridge.exchange.credit import Credit
from ironbridge.exchange.entry import Entry
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
from ironbridge.exchange.groups import Groups
from ironbridge.exchange.handling import Handling
from ironbridge.exchange.hours import Hours
from ironbridge.exchange.ledger import Ledger
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import LiveOrder
from ironbridge.exchange.outbox import Outbox
from ironbridge.exchange.universe import Universe
from ironbridge.exchange.vigil import Verdict, Vigil


class Desk:
    """Parameters:
    universe: what is listed.
    ledger: the accounts.
    credit: whether an order can be afforded.
    clearing: where fills are booked.
    floor: where orders trade; its fills come here.
    hours: when orders may trade, and until when they live.
    senses: what conditions look at.
    outbox: where events go.
    first_perm_id: of the first order.
    """

    def __init__(
        self,
        universe: Universe,
        ledger: Ledger,
        credit: Credit,
        clearing: Clearing,
        floor: Floor,
        hours: Hours,
        senses: Senses,
        outbox: Outbox,
        first_perm_id: int,
    ) -> None:
        self._credit = credit
        self._clearing = clearing
        self._hours = hours
        self._out = outbox
        self.floor = floor
        self.live: dict[int, LiveOrder] = {}
        self.done: dict[int, OrderSnapshot] = {}
        self._numbers: set[tuple[int, int]] = set()
        self.next_perm_id = first_perm_id
        self.next_rank = 1
        self.vigil = Vigil(floor, hours, senses)
        self.entry = Entry(universe, ledger, credit, hours, self._leader)
        self._handling = Handling(universe, floor, credit, hours, self.end, self._filled_combo)
        self._groups = Groups(self.end, self.refresh, self._reduced)
        floor.on_fill(self._filled)

    def place(self, command: PlaceOrder) -> None:
        terms, fault = self.entry.judged(command.terms, self._hours.step)
        if fault is None and (command.client, command.order_id) in self._numbers:
            fault = Fault(RejectReason.DUPLICATE_ORDER, f"Order id {command.order_id} is already in use.", "order_id")
        if fault is not None:
            self._out.put(OrderRejected, command.client, command.order_id, terms, fault.reason, fault.text, fault.field)
            return
        order = LiveOrder(self.next_perm_id, command.client, command.order_id, terms, self.next_rank, self._out.time)
        self.next_perm_id += 1
        self.next_rank += 1
        listing = self._listing(order)
        self._begin(order, listing)
        holds = self._holds(order, listing)
        order.move(OrderStatus.HELD if holds else OrderStatus.WORKING, holds)
        self._admit(order, listing)
        self._out.put(OrderAccepted, order.snapshot())
        self._settle_in(order, listing)

    def _leader(self, perm_id: int) -> OrderTerms | None:
        """The terms of an order that may have children: it lives, or has filled and so releases them at once."""
        live, done = self.live.get(perm_id), self.done.get(perm_id)
        if live is not None:
            return live.terms
        return done.terms if done is not None and done.status is OrderStatus.FILLED else None

    def _admit(self, order: LiveOrder, listing: Listing) -> None:
        self.live[order.perm_id] = order
        self._numbers.add((order.client, order.order_id))
        self._groups.join(order)
        self._credit.pledges.note(order, self._credit.worst(order.terms, listing, self._hours.step))

    def _begin(self, order: LiveOrder, listing: Listing) -> None:
        """Sets what follows from the terms: prices in force, the auction, and the end of life."""
        terms = order.terms
        order.limit_price = terms.limit_price
        order.stop_price = terms.stop_price if terms.kind in checks.TRIGGERED else None
        if not terms.parent:
            self.vigil.trail(order, listing, self._hours.step)
        order.auction_at = self._hours.auction_of(terms, listing)
        order.expires_at = self._hours.end_of(terms, listing)

    def _holds(self, order: LiveOrder, listing: Listing) -> tuple[Hold, ...]:
        """Why the order cannot be in the book now."""
        terms, holds = order.terms, []
        if terms.parent in self.live:
            holds.append(Hold.PARENT)
        if terms.good_after is not None and terms.good_after > self._hours.now:
            holds.append(Hold.TIME)
        if terms.conditions and not terms.conditions_cancel and not order.condition_met:
            holds.append(Hold.CONDITION)
        if order.auction_at is not None:
            if order.auction_at > self._hours.now:
                holds.append(Hold.SESSION)
        elif not self._hours.may_trade(terms, listing):
            holds.append(Hold.SESSION)
        if terms.kind in checks.TRIGGERED and not order.triggered:
            holds.append(Hold.TRIGGER)
        return tuple(holds)

    def _settle_in(self, order: LiveOrder, listing: Listing) -> None:
        """Puts an order that has just been accepted, changed or released where it belongs."""
        self._set_alarms(order, listing)
        if order.terms.conditions and not order.condition_met and self.vigil.conditions_met(order, listing):
            self._condition_met(order)
            return
        self.vigil.keep(order)
        if order.status is OrderStatus.WORKING:
            self._handling.work(order, listing)

    def expect_end(self, listing: Listing) -> None:
        """Has the venue called when a contract that is held or ordered ends."""
        if listing.expiry is not None and listing.con_id:
            self._hours.expect_expiry(listing)

    def _set_alarms(self, order: LiveOrder, listing: Listing) -> None:
        self.expect_end(listing)
        moments = [order.expires_at, order.terms.good_after, order.auction_at]
        moments += [condition.time for condition in order.terms.conditions]
        if Hold.SESSION in order.holds and order.auction_at is None:
            moments.append(self._hours.next_chance(order.terms, listing))
        elif order.status is OrderStatus.WORKING or order.holds == (Hold.TRIGGER,):
            moments.append(self._hours.next_pause(order.terms, listing))
        for moment in moments:
            if moment is not None:
                self._hours.alarm(moment, order.perm_id)

    def refresh(self, order: LiveOrder) -> None:
        """Looks again at why the order is held, and releases it when nothing is left."""
        listing = self._listing(order)
        if order.auction_at is not None and order.auction_at < self._hours.now:
            # What kept it from the auction has gone: the next auction it is.
            order.auction_at = self._hours.auction_of(order.terms, listing)
        holds = self._holds(order, listing)
        if holds == order.holds and (holds or order.status is OrderStatus.WORKING):
            self._set_alarms(order, listing)
            return
        self._take_away(order)
        order.move(OrderStatus.HELD if holds else OrderStatus.WORKING, holds)
        if order.terms.parent and holds == (Hold.TRIGGER,):
            self.vigil.trail(order, listing, self._hours.step)
        self._out.put(OrderChanged, order.snapshot(), Change.HELD if holds else Change.ACTIVATED)
        self._settle_in(order, listing)

    def _take_away(self, order: LiveOrder) -> None:
        self.vigil.drop(order)
        self.floor.withdraw(order)

    def look(self, listing: Listing, step: int) -> None:
        """Lets the orders that wait for this listing's market see a step of it."""
        for order in self.vigil.at(listing.con_id):
            if order.is_live:
                self._carry_out(self.vigil.judge(order, listing, step), order, listing, step)

    def _carry_out(self, verdict: Verdict, order: LiveOrder, listing: Listing, step: int) -> None:
        if verdict is Verdict.TRIGGERED:
            order.triggered = True
            self._out.put(OrderChanged, order.snapshot(), Change.TRIGGERED)
            self.refresh(order)
        elif verdict is Verdict.TRAILED:
            self._out.put(OrderChanged, order.snapshot(), Change.TRAILED)
        elif verdict is Verdict.CONDITION_MET:
            self._condition_met(order)
        elif verdict is Verdict.REPEGGED:
            self._handling.peg(order, listing, step)
        elif verdict is Verdict.TRY_COMBO:
            self._handling.combo(order, step)

    def _condition_met(self, order: LiveOrder) -> None:
        order.condition_met = True
        if order.terms.conditions_cancel:
            self.end(order, CancelReason.CONDITION, "The order's condition to cancel is met.")
        else:
            self.refresh(order)

    def modify(self, command: ModifyOrder) -> None:
        order = self.live.get(command.perm_id)
        if order is None:
            reason, text = self._why_not(command.perm_id, "modified")
            self._out.put(ModifyRejected, command.perm_id, reason, text, "", self.done.get(command.perm_id))
            return
        terms, fault = self.entry.judged(command.terms, self._hours.step, order)
        old = order.terms
        if _identity(terms) != _identity(old):
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
        listing = self._listing(order)
        self._take_away(order)
        order.triggered = order.triggered and terms.kind is old.kind
        order.condition_met = order.condition_met and terms.conditions == old.conditions
        self._groups.leave(order)
        order.terms = terms
        self._groups.join(order)
        self._credit.pledges.note(order, self._credit.worst(terms, listing, self._hours.step))
        self._begin(order, listing)
        holds = self._holds(order, listing)
        order.move(OrderStatus.HELD if holds else OrderStatus.WORKING, holds)
        self._out.put(OrderChanged, order.snapshot(), Change.MODIFIED)
        self._settle_in(order, listing)

    def cancel(self, command: CancelOrder) -> None:
        order = self.live.get(command.perm_id)
        if order is None:
            reason, text = self._why_not(command.perm_id, "cancelled")
            self._out.put(CancelRejected, command.perm_id, reason, text, self.done.get(command.perm_id))
        else:
            self.end(order, CancelReason.REQUESTED, "")

    def cancel_all(self, command: CancelAll) -> None:
        for order in list(self.live.values()):
            if order.is_live and command.account in {"", order.terms.account}:
                self.end(order, CancelReason.REQUESTED, "")

    def _why_not(self, perm_id: int, verb: str) -> tuple[RejectReason, str]:
        done = self.done.get(perm_id)
        if done is None:
            return RejectReason.UNKNOWN_ORDER, f"There is no order {perm_id}."
        return RejectReason.ALREADY_DONE, f"Order {perm_id} is {done.status}; it cannot be {verb}."

    def end(self, order: LiveOrder, reason: CancelReason, text: str) -> None:
        """Cancels what is left of an order, and its children with it."""
        if not order.is_live:
            return
        self._take_away(order)
        order.move(OrderStatus.CANCELLED)
        order.done_at = self._out.time
        order.done_text = text
        self._archive(order)
        self._out.put(OrderCancelled, order.snapshot(), reason, text)
        for child in self._groups.children(order):
            self.end(child, CancelReason.PARENT, "The parent order was cancelled.")

    def _archive(self, order: LiveOrder) -> None:
        del self.live[order.perm_id]
        self._numbers.discard((order.client, order.order_id))
        self._credit.pledges.note(order)
        self.vigil.drop(order)
        self._groups.leave(order)
        self.done[order.perm_id] = order.snapshot()

    def _filled(self, trade: Trade) -> None:
        """Books a fill of the floor's and lets it take effect on other orders."""
        listing = self._listing(trade.order)
        self._clearing.book(trade, listing)
        self.expect_end(listing)
        self._after_fill(trade.order, trade.quantity)

    def _filled_combo(self, order: LiveOrder, fills: list[LegFill], units: Decimal, price: Decimal) -> None:
        self._clearing.book_combo(order, fills, units, price, self._listing(order))
        for fill in fills:
            self.expect_end(fill.listing)
        self._after_fill(order, units)

    def _after_fill(self, order: LiveOrder, quantity: Decimal) -> None:
        over = not order.is_live
        if over:
            self._archive(order)
        else:
            self._credit.pledges.note(order)
        self._groups.filled(order, quantity, over=over)
        for waiting in self.vigil.expecting_trades():
            if waiting.is_live and self.vigil.conditions_met(waiting, self._listing(waiting)):
                self._condition_met(waiting)

    def _reduced(self, order: LiveOrder) -> None:
        self._credit.pledges.note(order)
        self._out.put(OrderChanged, order.snapshot(), Change.REDUCED)

    def ring(self, perm_id: int) -> None:
        """An alarm of an order: its life is over, or a hold may have begun or ended."""
        order = self.live.get(perm_id)
        if order is None:
            return
        if order.expires_at is not None and order.expires_at <= self._hours.now:
            self.end(order, CancelReason.EXPIRED, "The order's time is over.")
        elif order.terms.conditions and not order.condition_met:
            if self.vigil.conditions_met(order, self._listing(order)):
                self._condition_met(order)
        else:
            self.refresh(order)

    def _listing(self, order: LiveOrder) -> Listing:
        listing = self.entry.listing(order.terms)
        assert listing is not None
        return listing

    def forget(self, before: datetime) -> None:
        """Drops finished orders and executions of former days."""
        self.done = {n: order for n, order in self.done.items() if order.done_at is None or order.done_at >= before}
        self._clearing.forget(before)

    def readmit(self, order: LiveOrder, *, owed: bool) -> None:
        """Takes a live order of a former run back to where it stood."""
        listing = self._listing(order)
        self._admit(order, listing)
        self._set_alarms(order, listing)
        self.vigil.keep(order)
        if owed:
            self.floor.owe(order)
        elif order.units is not None:
            self.floor.book(listing).add(order, order.units)

    def interests(self) -> set[int]:
        """Listings whose market matters to some order."""
        return set(self.vigil.waiting) | self.floor.interests()


def _identity(terms: OrderTerms) -> tuple[object, ...]:
    return terms.account, terms.con_id, terms.side, terms.parent, terms.legs
