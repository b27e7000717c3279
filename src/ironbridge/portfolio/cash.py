"""What a fill and its commission do to cash, by currency. Pure.

Stocks, options, funds and the like are paid in full: quantity by price by multiplier. A currency pair moves both its
currencies. Futures and CFDs move no cash when they trade: what they gain is settled by marks, which executions do not
tell, so that cash in their currency cannot be foretold from executions; the same is so of bonds, whose accrued
interest is not in the price. Those are named, and their cash is not compared with the broker's.
"""

from __future__ import annotations

from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.domain.reports import ExecutionReport

PAID_IN_FULL = frozenset({
    Kind.STOCK, Kind.OPTION, Kind.FUTURE_OPTION, Kind.WARRANT, Kind.FUND, Kind.CRYPTO,
})  # fmt: skip
SETTLED_BY_MARKS = frozenset({Kind.FUTURE, Kind.CONTINUOUS_FUTURE, Kind.CFD})

Moves = dict[str, Decimal]


def multiplier_of(execution: ExecutionReport) -> Decimal:
    """Units of the underlying in one contract; 1 where IB names none."""
    return execution.instrument.multiplier or Decimal(1)


def moved_by(execution: ExecutionReport) -> Moves:
    """What the fill itself adds to each currency."""
    instrument = execution.instrument
    signed = execution.side.sign * execution.quantity
    if instrument.kind is Kind.FOREX:
        return {instrument.symbol: signed, instrument.currency: -signed * execution.price}
    if instrument.kind in PAID_IN_FULL:
        return {instrument.currency: -signed * execution.price * multiplier_of(execution)}
    return {}


def unforeseeable(execution: ExecutionReport) -> str:
    """Why cash in the instrument's currency cannot be told from executions; empty where it can."""
    kind = execution.instrument.kind
    if kind in PAID_IN_FULL or kind in {Kind.FOREX, Kind.COMBO}:
        return ""
    if kind in SETTLED_BY_MARKS:
        return f"{execution.instrument} is settled by marks"
    return f"what {execution.instrument} costs is more than its price tells"
