"""Requests about orders: place, modify, cancel, and what stands open, is done, was filled.

Owns the rules of order ids (each once, rising), of what is held back until it is transmitted, and of whose orders a
client may see and touch. What follows at the venue is told by `order_news`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ironbridge.exchange import commands, events
from ironbridge.exchange.accounts import MarginImpact
from ironbridge.exchange.commands import OrderTerms
from ironbridge.exchange.events import Event, OrderSnapshot
from ironbridge.exchange.listing import Listing
from ironbridge.paper.allocation import impact_of, in_parts, is_for_several, shares
from ironbridge.paper.faults import FillFirst, RejectOrder, SilentOrder, SplitModify
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.listings import Listings
from ironbridge.paper.moments import parse_moment
from ironbridge.paper.order_echo import (
    as_executed,
    as_shown,
    commission_report,
    completed_order,
    exec_details,
    open_order,
    order_status,
    status_of,
    what_if,
)
from ironbridge.paper.order_faults import fill_now
from ironbridge.paper.order_news import OrderNews
from ironbridge.paper.order_terms import terms_of
from ironbridge.paper.plan import FaultPlan
from ironbridge.paper.rejections import cannot_cancel, refusal_of, unknown_cancel
from ironbridge.paper.session import Session
from ironbridge.paper.tickets import Ticket, TicketBook
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.contract import Contract
from ironbridge.wire.open_order import CompletedOrder, OpenOrder
from ironbridge.wire.orders import (
    CancelOrder,
    CompletedOrdersEnd,
    ExecDetailsEnd,
    ExerciseOptions,
    OpenOrderEnd,
    ReqAllOpenOrders,
    ReqAutoOpenOrders,
    ReqCompletedOrders,
    ReqExecutions,
    ReqGlobalCancel,
    ReqOpenOrders,
)
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.session import NextValidId, ReqIds
from ironbridge.wire.values import given

MASTER = 0
"""Client 0 sees every client's orders and executions, and alone may have manual orders bound to it."""


class OrderDesk:
    """The order desk.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
        tickets: who sent which order.
        news: what tells clients of what happens to them.
        faults: the fault plan.
        across: whether a client may cancel another's order by its id.
    """

    def __init__(
        self,
        floor: Floor,
        listings: Listings,
        tickets: TicketBook,
        news: OrderNews,
        faults: FaultPlan,
        *,
        across: bool = False,
    ) -> None:
        self._across = across
        self._floor = floor
        self._listings = listings
        self._tickets = tickets
        self._news = news
        self._faults = faults

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            PlaceOrder: self.place,
            CancelOrder: self.cancel,
            ReqGlobalCancel: self.cancel_all,
            ReqIds: self.ids,
            ReqOpenOrders: self.open_orders,
            ReqAllOpenOrders: self.all_open_orders,
            ReqAutoOpenOrders: self.auto_bind,
            ReqCompletedOrders: self.completed_orders,
            ReqExecutions: self.executions,
            ExerciseOptions: self.exercise,
        }

    def happened(self, happened: Sequence[Event]) -> None:
        self._news.tell(happened)

    def step(self, now: datetime) -> None:
        """Nothing here waits for the clock: the venue's own time moves orders."""

    def left(self, session: Session) -> None:
        """Orders outlive the session that sent them."""

    # -- placing

    def place(self, session: Session, message: PlaceOrder) -> None:
        client = client_of(session)
        if message.order.what_if:
            self._what_if(session, message)
            return
        rejection = self._faults.take(RejectOrder, client)
        if rejection is not None:
            raise Refusal(rejection.code, rejection.text)
        ticket = self._tickets.get(client, message.order_id)
        if ticket is not None:
            self._modify(ticket, message)
            return
        if self._tickets.is_spent(client, message.order_id) and not self._tickets.is_held(client, message.order_id):
            raise Refusal(103, "Duplicate order id")
        if not message.order.transmit:
            self._translate(message, client)
            self._tickets.hold(client, message)
            return
        for each in self._tickets.release(client, message):
            try:
                self._send(client, each)
            except Refusal as refusal:
                session.error(each.order_id, refusal.code, refusal.text)

    def _send(self, client: int, message: PlaceOrder, venue_id: int | None = None) -> None:
        terms, listing = self._translate(message, client)
        number = message.order_id if venue_id is None else venue_id
        ticket = Ticket(client, message.order_id, message, listing.con_id if listing else 0, terms.account, number)
        ticket.silent = self._faults.take(SilentOrder, client) is not None
        self._tickets.add(ticket)
        self._floor.changed()
        self._floor.act(commands.PlaceOrder(client, number, terms))

    def _modify(self, ticket: Ticket, message: PlaceOrder) -> None:
        snapshot = self._floor.venue.order(ticket.perm_id)
        if snapshot is None or snapshot.status is events.OrderStatus.CANCELLED:
            raise Refusal(103, "Duplicate order id")
        if snapshot.status is events.OrderStatus.FILLED:
            raise Refusal(104, "Can't modify a filled order.")
        terms, listing = self._translate(message, ticket.client)
        if (listing.con_id if listing else 0) != ticket.con_id or terms.side is not snapshot.terms.side:
            raise Refusal(105, "Order being modified does not match original order.")
        if self._faults.take(SplitModify, ticket.client) is not None:
            self._send(ticket.client, message, self._tickets.second_id(ticket.client))
            return
        before, ticket.placed = ticket.placed, message
        self._floor.changed()
        happened = self._floor.act(commands.ModifyOrder(ticket.perm_id, terms))
        if any(isinstance(event, events.ModifyRejected) for event in happened):
            ticket.placed = before

    def _what_if(self, session: Session, message: PlaceOrder) -> None:
        if not message.order.transmit:
            raise Refusal(413, "What-if order should have the transmit flag set.")
        client = client_of(session)
        terms, _ = self._translate(message, client)
        impact = self._impact(replace(terms, shares=()))
        if terms.shares:
            impact = impact_of([self._impact(part) for part in in_parts(terms)], impact)
        ticket = Ticket(client, message.order_id, message, terms.con_id, terms.account, message.order_id)
        session.send(what_if(ticket, self._contract(ticket), impact))

    def _impact(self, terms: OrderTerms) -> MarginImpact:
        impact = self._floor.venue.what_if(terms, self._floor.now())
        if isinstance(impact, events.OrderRejected):
            raise refusal_of(impact)
        return impact

    def _translate(self, message: PlaceOrder, client: int) -> tuple[OrderTerms, Listing | None]:
        order, contract = message.order, message.contract
        if not contract.exchange:
            raise invalid("bN", "Missing order exchange.")
        listing = None if contract.sec_type == "BAG" else self._listings.one(contract)
        parent = 0
        parent_id = given(order.parent_id)
        if parent_id:
            above = self._tickets.get(client, parent_id)
            if above is None and not self._tickets.is_held(client, parent_id):
                raise Refusal(10006, "Missing parent order.")
            parent = above.perm_id if above is not None else 0
        advisor = self._floor.advisor
        parts = (
            shares(order, listing, advisor, self._floor.venue) if advisor is not None and is_for_several(order) else ()
        )
        terms = terms_of(
            order,
            account=advisor.master if advisor is not None and parts else self._account(order.account),
            con_id=listing.con_id if listing else 0,
            legs=contract.combo_legs,
            parent=parent,
        )
        return replace(terms, shares=parts) if parts else terms, listing

    def _account(self, name: str) -> str:
        accounts = self._floor.venue.accounts
        if not name:
            if len(accounts) > 1:
                raise Refusal(435, "You must specify an account.")
            return accounts[0]
        if name not in accounts:
            raise invalid("bX", f"Invalid account code '{name}'.")
        return name

    # -- ending

    def cancel(self, session: Session, message: CancelOrder) -> None:
        client = client_of(session)
        if self._tickets.drop_held(client, message.order_id):
            session.error(message.order_id, 202, "Order Canceled - reason:")
            return
        ticket = self._tickets.get(client, message.order_id)
        if ticket is None and self._across:
            ticket = self._of_another(client, message.order_id)
        if ticket is None:
            raise unknown_cancel(message.order_id)
        if self._faults.take(FillFirst, client) is not None:
            fill_now(self._floor, ticket)
        self._floor.act(commands.CancelOrder(ticket.perm_id))

    def _of_another(self, client: int, order_id: int) -> Ticket | None:
        """The newest live order of another client under this id; that one is told who has cancelled it."""
        found = self._tickets.of_others(client, order_id)
        live = {snapshot.perm_id for snapshot in self._floor.venue.orders()}
        ticket = next((each for each in found if each.perm_id in live), None)
        if ticket is not None:
            ticket.cancelled_by = client
        elif found:
            done = self._floor.venue.order(found[0].perm_id)
            raise cannot_cancel(order_id, status_of(done) if done is not None else "Cancelled")
        return ticket

    def cancel_all(self, _session: Session, _message: ReqGlobalCancel) -> None:
        self._floor.act(commands.CancelAll())

    def exercise(self, _session: Session, message: ExerciseOptions) -> None:
        if message.exercise_action not in {1, 2}:
            raise invalid("bE", "Exercise action must be 1 (exercise) or 2 (lapse)")
        listing = self._listings.one(message.contract)
        happened = self._floor.act(
            commands.ExerciseOption(
                self._account(message.account),
                listing.con_id,
                Decimal(message.exercise_quantity),
                lapse=message.exercise_action == 2,
            )
        )
        for event in happened:
            if isinstance(event, events.OrderRejected):
                raise refusal_of(event)

    # -- asking

    def ids(self, session: Session, _message: ReqIds) -> None:
        session.send(NextValidId(self._tickets.next_id(client_of(session))))

    def open_orders(self, session: Session, _message: ReqOpenOrders) -> None:
        self._show_open(session, self._visible(session))
        session.send(OpenOrderEnd())

    def all_open_orders(self, session: Session, _message: ReqAllOpenOrders) -> None:
        self._show_open(session, self._floor.venue.orders())
        session.send(OpenOrderEnd())

    def auto_bind(self, session: Session, _message: ReqAutoOpenOrders) -> None:
        if session.client_id != MASTER:
            raise Refusal(327, "Only the default client (i.e 0) can auto bind orders.")
        self.open_orders(session, ReqOpenOrders())

    def _visible(self, session: Session) -> Iterator[OrderSnapshot]:
        return (s for s in self._floor.venue.orders() if s.client == session.client_id)

    def _show_open(self, session: Session, snapshots: Iterator[OrderSnapshot] | Sequence[OrderSnapshot]) -> None:
        for snapshot in snapshots:
            ticket = self._tickets.by_perm(snapshot.perm_id)
            if ticket is None:
                continue
            parent = self._tickets.by_perm(snapshot.terms.parent)
            shown: OpenOrder = open_order(ticket, self._contract(ticket), snapshot, parent=parent)
            session.send(shown)
            session.send(order_status(ticket, snapshot, parent=parent))

    def completed_orders(self, session: Session, _message: ReqCompletedOrders) -> None:
        for snapshot in self._floor.venue.completed():
            ticket = self._tickets.by_perm(snapshot.perm_id)
            if ticket is not None:
                parent = self._tickets.by_perm(snapshot.terms.parent)
                done: CompletedOrder = completed_order(
                    ticket, self._contract(ticket), snapshot, session.version, parent
                )
                session.send(done)
        session.send(CompletedOrdersEnd())

    def _contract(self, ticket: Ticket) -> Contract:
        return as_shown(ticket, self._floor.venue.listing)

    def executions(self, session: Session, message: ReqExecutions) -> None:
        wanted = Wanted(message)
        for execution, charged in self._floor.venue.executions():
            if session.client_id not in {MASTER, execution.client}:
                continue
            ticket = self._tickets.by_perm(execution.perm_id)
            if ticket is None:
                continue
            contract = as_executed(ticket, execution, self._floor.venue.listing)
            if wanted.admits(execution, contract):
                session.send(exec_details(message.req_id, contract, execution, ticket, session.version))
                session.send(commission_report(charged))
        session.send(ExecDetailsEnd(message.req_id))


class Wanted:
    """The filter of a request for executions: every field that is given narrows."""

    def __init__(self, message: ReqExecutions) -> None:
        self._filter = message
        self._since: datetime | None = None
        if message.time:
            try:
                self._since = parse_moment(message.time)
            except ValueError:
                raise invalid("bE", f"Invalid time filter: {message.time}") from None

    def admits(self, execution: events.Execution, contract: Contract) -> bool:
        wanted = self._filter
        return (
            (not wanted.client_id or execution.client == wanted.client_id)
            and (not wanted.account or execution.account == wanted.account)
            and (not wanted.symbol or contract.symbol == wanted.symbol.upper())
            and (not wanted.sec_type or contract.sec_type == wanted.sec_type.upper())
            and (not wanted.exchange or wanted.exchange.upper() in {execution.exchange, contract.exchange})
            and (not wanted.side or wanted.side.upper()[:1] == execution.side.value[:1])
            and (self._since is None or execution.time >= self._since)
        )


def client_of(session: Session) -> int:
    assert session.client_id is not None, "a session that has started has a client id"
    return session.client_id
