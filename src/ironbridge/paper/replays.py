"""Says executions again: as they were, or as IB corrects them, with a correction number one higher (I-15)."""

from __future__ import annotations

from dataclasses import replace

from ironbridge.paper.faults import RepeatExecutions
from ironbridge.paper.floor import Floor
from ironbridge.paper.order_echo import commission_report, exec_details
from ironbridge.paper.tickets import TicketBook
from ironbridge.paper.translate import contract_of


def repeat_executions(floor: Floor, tickets: TicketBook, fault: RepeatExecutions) -> None:
    """Push every execution again to the clients that had it."""
    for execution, charged in floor.venue.executions():
        listing = floor.venue.listing(execution.con_id)
        ticket = tickets.by_perm(execution.perm_id)
        if listing is None or ticket is None or fault.client not in {None, execution.client}:
            continue
        for session in floor.sessions(execution.client):
            number = corrected(execution.execution_id) if fault.corrected else execution.execution_id
            again = replace(execution, execution_id=number)
            session.send(exec_details(-1, contract_of(listing), again, ticket, session.version))
            if charged is not None:
                session.send(commission_report(replace(charged, execution_id=number)))


def corrected(execution_id: str) -> str:
    """`0000e0d5.6f3a1b2c.01.01` becomes `0000e0d5.6f3a1b2c.01.02`."""
    head, _, number = execution_id.rpartition(".")
    return f"{head}.{int(number) + 1:02d}" if head and number.isdigit() else f"{execution_id}.02"
