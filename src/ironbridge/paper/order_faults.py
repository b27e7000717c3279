"""Faults that befall orders which are live: a code about each of them, and a fill that a cancel cannot stop."""

from __future__ import annotations

from dataclasses import replace

from ironbridge.exchange import commands
from ironbridge.exchange.commands import OrderKind
from ironbridge.paper.faults import SendOrderError
from ironbridge.paper.floor import Floor
from ironbridge.paper.texts import text_of_code
from ironbridge.paper.tickets import Ticket, TicketBook


def send_order_errors(floor: Floor, tickets: TicketBook, fault: SendOrderError) -> None:
    """Say the code of every live order to the client that owns it."""
    for snapshot in floor.venue.orders():
        ticket = tickets.by_perm(snapshot.perm_id)
        if ticket is None or fault.client not in {None, ticket.client}:
            continue
        for session in floor.sessions(ticket.client):
            session.error(ticket.order_id, fault.code, fault.text or text_of_code(fault.code))


def fill_now(floor: Floor, ticket: Ticket) -> None:
    """Fill a live order at the market; one that cannot trade now stays as it is."""
    snapshot = floor.venue.order(ticket.perm_id)
    if snapshot is not None and snapshot.done_at is None:
        at_market = replace(snapshot.terms, kind=OrderKind.MARKET, limit_price=None, stop_price=None)
        floor.act(commands.ModifyOrder(ticket.perm_id, at_market))
