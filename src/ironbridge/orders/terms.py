"""The terms that IB shows an order with, held against those that are known here.

IB answers a modification with the order as it then is, and with nothing that names the modification. So its terms are
compared, and only those that the modification changes: a gateway fills in others. Messages come late and twice (I-16):
terms that were in force before, or were refused, are an echo and move nothing, unless IB was asked afresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from ironbridge.domain.events import ModifyMoved, OrderEvent, TermsChanged
from ironbridge.domain.modification import Modification, ModifyState, ModifyTrigger
from ironbridge.domain.order import OrderSpec
from ironbridge.domain.order_state import Order
from ironbridge.domain.order_types import TRAILING
from ironbridge.domain.reports import BrokerStatus, OpenOrderReport

_IN_FORCE = frozenset(
    {BrokerStatus.PRE_SUBMITTED, BrokerStatus.SUBMITTED, BrokerStatus.PENDING_CANCEL, BrokerStatus.FILLED}
)
"""Statuses whose terms IB's server has taken; before them TWS shows what it was merely told."""

NOT_TAKEN = "IB, asked afresh, holds the order as it was: the change did not take."

_NAMES = tuple(field.name for field in fields(OrderSpec))


def differing(one: OrderSpec, other: OrderSpec) -> frozenset[str]:
    """The names of the fields in which the two differ."""
    return frozenset(name for name in _NAMES if getattr(one, name) != getattr(other, name))


def read_terms(order: Order, report: OpenOrderReport, *, fresh: bool) -> Sequence[OrderEvent]:
    """What the terms of an openOrder message say of the order.

    Parameters:
        order: as it is known.
        report: the message. Terms that Ironbridge cannot express say nothing.
        fresh: it answers a question that was asked after everything known of the order, so that it cannot be an echo.
    """
    if report.spec is None or report.status not in _IN_FORCE:
        return ()
    shown, terms = _fixed(report.spec), _fixed(order.terms)
    awaited = _awaited(order)
    if awaited is not None:
        if _carries(shown, awaited):
            return (ModifyMoved(order.key, awaited.number, ModifyTrigger.ACCEPTED),)
        if awaited.pending and not fresh:
            return ()
        if awaited.pending:
            kept = ModifyMoved(order.key, awaited.number, ModifyTrigger.REFUSED, NOT_TAKEN)
            return (kept,) if shown == terms else (kept, TermsChanged(order.key, report.spec))
    if shown == terms or (not fresh and shown in _past(order)):
        return ()
    return (TermsChanged(order.key, report.spec),)


def _awaited(order: Order) -> Modification | None:
    """The newest modification, if IB's word on it may still come: what was only concluded, IB may yet contradict."""
    newest = order.modifications[-1] if order.modifications else None
    if newest is None or newest.pending:
        return newest
    concluded = newest.state in {ModifyState.OVERTAKEN, ModifyState.REFUSED} and newest.code is None
    return newest if concluded else None


def _carries(shown: OrderSpec, modification: Modification) -> bool:
    wanted = _fixed(modification.spec)
    changed = differing(wanted, _fixed(modification.before)) or frozenset(_NAMES)
    return all(getattr(shown, name) == getattr(wanted, name) for name in changed)


def _fixed(spec: OrderSpec) -> OrderSpec:
    """The terms without what IB itself moves: the stop of an order that trails, which begins as it was asked for."""
    return replace(spec, stop_price=None) if spec.order_type in TRAILING else spec


def _past(order: Order) -> set[OrderSpec]:
    """Every set of terms that the order has had or was to have."""
    of_changes = (spec for each in order.modifications for spec in (each.before, each.spec))
    return {_fixed(spec) for spec in (order.request.spec, *of_changes)}
