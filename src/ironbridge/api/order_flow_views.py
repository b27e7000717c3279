"""Groups, what-ifs and cancels of many, as the service shows them."""

from __future__ import annotations

from typing import Any

from ironbridge.api.schemas.order_flow import (
    AliveView,
    CancelReportView,
    ChangeView,
    GroupView,
    ImpactView,
    OrderChange,
)
from ironbridge.api.views import order_view
from ironbridge.domain.impact import Change, OrderImpact
from ironbridge.domain.order_group import OrderGroup
from ironbridge.domain.order_types import TriggerMethod
from ironbridge.domain.reports import OpenOrderReport
from ironbridge.domain.values import plain
from ironbridge.orders import CancelReport

_NAMES = {"all_or_none": "is_all_or_none", "hidden": "is_hidden"}


def changes_of(body: OrderChange) -> dict[str, Any]:
    """The fields of a spec that are to change: those that were given, null included."""
    given = {_NAMES.get(name, name): getattr(body, name) for name in body.model_fields_set}
    if given.get("trigger_method") is not None:
        given["trigger_method"] = TriggerMethod[given["trigger_method"].upper()]
    return given


def group_view(group: OrderGroup) -> GroupView:
    return GroupView(
        key=group.key,
        open=not group.ended,
        whole=group.is_whole,
        orders=[order_view(order) for order in group.orders],
        summary=str(group),
    )


def impact_view(impact: OrderImpact) -> ImpactView:
    return ImpactView(
        initial_margin=_change(impact.initial_margin),
        maintenance_margin=_change(impact.maintenance_margin),
        equity_with_loan=_change(impact.equity_with_loan),
        commission=impact.commission,
        commission_min=impact.commission_min,
        commission_max=impact.commission_max,
        commission_currency=impact.commission_currency,
        warning=impact.warning,
    )


def report_view(report: CancelReport) -> CancelReportView:
    return CancelReportView(
        clear=report.is_clear,
        ended=[order_view(order) for order in report.ended],
        alive=[AliveView(order=order_view(order), reason=reason) for order, reason in report.alive],
        still_open=[_said(each) for each in report.still_open],
        verified=report.verified,
        reason=report.reason,
    )


def _change(change: Change) -> ChangeView:
    return ChangeView(before=change.before, change=change.change, after=change.after)


def _said(report: OpenOrderReport) -> str:
    whose = report.ref or f"order {report.order_id} of client {report.client_id}"
    return f"{whose}: {report.side} {plain(report.quantity)} {report.instrument} {report.order_type}, {report.status}"
