"""Executions as they count: each fill once, in its newest correction, with its commission and what it replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.instrument import Instrument
from ironbridge.domain.reports import CommissionReport, ExecutionReport
from ironbridge.domain.values import Side


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill of an account, ours or not.

    Parameters:
        number: rises by one for each row that was kept; for paging.
        report: what the broker says of it now. A quantity of zero is a bust: the fill has been undone.
        commission: what it cost, None where the broker has not said yet.
        replaced: what it was before each correction, the oldest first.
    """

    number: int
    report: ExecutionReport
    commission: CommissionReport | None = None
    replaced: tuple[ExecutionReport, ...] = ()

    @property
    def busted(self) -> bool:
        return not self.report.quantity


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Which executions are asked for; what is left out is not asked about.

    Parameters:
        account: of this account.
        symbol: of this symbol, as the instrument has it: AAPL, ES, EUR.
        con_id: of this very instrument.
        side: bought or sold.
        since: executed at or after this moment.
        until: executed before this moment.
        ref: of orders with this orderRef.
    """

    account: str | None = None
    symbol: str | None = None
    con_id: int | None = None
    side: Side | None = None
    since: datetime | None = None
    until: datetime | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What an account held of an instrument before the first execution that is known here.

    Parameters:
        cost: what it cost in all, signed as the quantity, commissions and multiplier in it; None where the broker's
            average cost cannot tell (the position was closed or turned since).
        at: when the broker's position was taken as the start.
        reason: why it was: the first look, or a person's word that the broker is right.
    """

    account: str
    instrument: Instrument
    quantity: Decimal
    cost: Decimal | None
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CashOpening:
    """What an account had of a currency before the first execution that is known here."""

    account: str
    currency: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """One position, folded from executions.

    Amounts are in the instrument's currency and None where they depend on an opening that is not known.

    Parameters:
        quantity: signed; None before the broker has said what there was at the start.
        cost: what the position cost, signed as the quantity, commissions and multiplier in it.
        realized: profit that the executions known here have realised, after commissions.
        traded: signed sum of the executions alone.
        fills: how many of them count.
        commissions: what they cost, by currency.
        opening: what there was before them.
    """

    account: str
    instrument: Instrument
    quantity: Decimal | None
    cost: Decimal | None
    realized: Decimal | None
    traded: Decimal
    fills: int
    commissions: tuple[tuple[str, Decimal], ...]
    opening: Opening | None

    @property
    def average_cost(self) -> Decimal | None:
        """Per unit with the multiplier in it, as IB gives it."""
        return self.cost / self.quantity if self.cost is not None and self.quantity else None
