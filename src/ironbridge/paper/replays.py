"""Says executions again, or corrects one as IB does: under a correction number one higher (I-15)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ironbridge.errors import InvalidInput
from ironbridge.exchange.commands import CorrectFill
from ironbridge.paper.faults import CorrectExecution, RepeatExecutions
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


def correct_execution(floor: Floor, tickets: TicketBook, fault: CorrectExecution) -> None:
    """Correct the newest execution, and push it to the client that had it; whoever asks hears the corrected one.

    Raises:
        InvalidInput: there is none yet.
    """
    for execution, _ in reversed(floor.venue.executions()):
        listing = floor.venue.listing(execution.con_id)
        ticket = tickets.by_perm(execution.perm_id)
        if listing is not None and ticket is not None and fault.client in {None, execution.client}:
            break
    else:
        raise InvalidInput("There is no execution to correct.", next_step="Inject it after a fill.")
    quantity = execution.quantity if fault.quantity is None else Decimal(str(fault.quantity))
    price = execution.price if fault.price is None else Decimal(str(fault.price))
    number = corrected(execution.execution_id)
    floor.changed()
    floor.act(CorrectFill(execution.execution_id, number, quantity, price))
    again, charged = next(pair for pair in floor.venue.executions() if pair[0].execution_id == number)
    for session in floor.sessions(execution.client):
        session.send(exec_details(-1, contract_of(listing), again, ticket, session.version))
        session.send(commission_report(charged))


def corrected(execution_id: str) -> str:
    """`0000e0d5.6f3a1b2c.01.01` becomes `0000e0d5.6f3a1b2c.01.02`."""
    head, _, number = execution_id.rpartition(".")
    return f"{head}.{int(number) + 1:02d}" if head and number.isdigit() else f"{execution_id}.02"
