"""Orders at the broker that are not ours: what the reports last said of them, and nothing more.

They are adopted so that a person sees all that may trade on the account. They have no key, no journal and no lifecycle
here, and the list is renewed whenever the broker is asked in full.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ironbridge.domain.order_state import ForeignOrder
from ironbridge.domain.reports import BrokerStatus, OpenOrderReport, StatusReport

_ENDED = frozenset({BrokerStatus.FILLED, BrokerStatus.CANCELLED, BrokerStatus.API_CANCELLED})


class ForeignOrders:
    """The open orders of others, by what IB calls them."""

    def __init__(self) -> None:
        self._orders: dict[tuple[int, int, int], ForeignOrder] = {}

    def adopt(self, report: OpenOrderReport) -> None:
        """Take what an openOrder message says."""
        name = (report.client_id, report.order_id, report.perm_id)
        if report.status in _ENDED:
            self._orders.pop(name, None)
            return
        known = self._orders.get(name)
        order = _foreign(report)
        self._orders[name] = order if known is None else replace(order, filled=known.filled)

    def update(self, report: StatusReport) -> None:
        """Take what an orderStatus message says of an order that was adopted."""
        name = (report.client_id, report.order_id, report.perm_id)
        known = self._orders.get(name)
        if known is None:
            return
        if report.status in _ENDED:
            del self._orders[name]
        else:
            self._orders[name] = replace(known, status=report.status, filled=report.filled)

    def keep_only(self, reports: Iterable[OpenOrderReport]) -> None:
        """Drop what is not among all open orders."""
        names = {(report.client_id, report.order_id, report.perm_id) for report in reports}
        self._orders = {name: order for name, order in self._orders.items() if name in names}

    def list(self) -> list[ForeignOrder]:
        return list(self._orders.values())


def _foreign(report: OpenOrderReport) -> ForeignOrder:
    return ForeignOrder(
        report.client_id,
        report.order_id,
        report.perm_id,
        report.ref,
        report.account,
        report.instrument,
        report.side,
        report.quantity,
        report.order_type,
        report.status,
    )
