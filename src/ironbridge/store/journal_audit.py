"""What the audit log records of an order's event: one entry for each, in the transaction of the event itself.

The entry holds the SHA-256 of the event's row, so that the log vouches for the journal as well; the particulars stay in
the journal alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ironbridge.domain.audit import Act, Deed
from ironbridge.domain.events import (
    CommissionReceived,
    FillReceived,
    ModifyMoved,
    ModifyRequested,
    OrderClosedByHand,
    OrderEvent,
    OrderIntended,
    OrderMoved,
    OrderNoticed,
    TermsChanged,
)
from ironbridge.domain.values import plain

ROW = ("sequence", "at", "key", "kind", "version", "payload")
"""A journal row's fields under its digest, in order."""


def row_digest(row: Mapping[str, Any]) -> str:
    """SHA-256 over the row's fields, each ended by a zero byte, which none of them holds."""
    return sha256("".join(f"{row[name]}\0" for name in ROW).encode()).hexdigest()


def act_of(event: OrderEvent, row: Mapping[str, Any]) -> Act:
    """The entry for an event, given the row that keeps it."""
    what, text = _told(event, row["kind"])
    return Act(what, event.key, text, {"digest": row_digest(row)}, row["sequence"])


def _told(event: OrderEvent, kind: str) -> tuple[str, str]:
    match event:
        case OrderIntended(request=request):
            strategy = f" by {request.strategy}" if request.strategy else ""
            return Deed.ORDER_SUBMITTED, f"{request.spec} {request.instrument} for {request.account}{strategy}"
        case OrderMoved(trigger=trigger, code=code, reason=reason):
            return f"order.{trigger.value}", f"{code} {reason}" if code is not None else reason
        case FillReceived(fill=fill):
            return "order.fill", f"{fill.side} {plain(fill.quantity)} at {plain(fill.price)}, {fill.execution_id}"
        case CommissionReceived():
            return "order.commission", f"{plain(event.commission)} {event.currency}, {event.execution_id}"
        case OrderNoticed(code=code, text=text):
            return "order.noticed", f"{code} {text}"
        case ModifyRequested(number=number, spec=spec):
            return "order.modify_requested", f"change {number}: {spec}"
        case ModifyMoved(number=number, trigger=moved, code=code, reason=reason):
            said = f"{code} {reason}" if code is not None else reason
            return f"order.modify_{moved.value}", f"change {number}: {said}" if said else f"change {number}"
        case TermsChanged(spec=spec):
            return "order.terms_changed", str(spec)
        case OrderClosedByHand(by=by, reason=reason):
            return Deed.ORDER_RESOLVED, f"closed by {by}: {reason}"
        case _:
            return f"order.{kind}", ""
