"""Executions as CSV, for spreadsheets: one line each, in the newest correction, with what it cost.

A cell that a spreadsheet would take for a formula gets an apostrophe before it: an orderRef is anybody's words.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC
from typing import Any

from ironbridge.domain.executions import Execution
from ironbridge.domain.values import plain

COLUMNS = (
    "number", "time", "account", "symbol", "con_id", "kind", "currency", "side", "quantity", "price", "exchange",
    "commission", "commission_currency", "realized_pnl", "execution_id", "corrections", "busted", "ref", "order_id",
    "client_id", "perm_id",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_head() -> str:
    """The first line."""
    return ",".join(COLUMNS)


def csv_line(execution: Execution) -> str:
    """One execution as a line (RFC 4180), without its end."""
    report, commission = execution.report, execution.commission
    instrument = report.instrument
    cells: tuple[Any, ...] = (
        execution.number,
        report.time.astimezone(UTC).isoformat(),
        _words(report.account),
        _words(str(instrument)),
        instrument.con_id,
        instrument.kind.value,
        instrument.currency,
        report.side.value,
        plain(report.quantity),
        plain(report.price),
        _words(report.exchange),
        "" if commission is None else plain(commission.commission),
        "" if commission is None else _words(commission.currency),
        "" if commission is None or commission.realized_pnl is None else plain(commission.realized_pnl),
        _words(report.execution_id),
        len(execution.replaced),
        "true" if execution.busted else "false",
        _words(report.ref),
        report.order_id,
        report.client_id,
        report.perm_id,
    )
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _words(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
