"""Profit and loss of the day, with where the number is from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class PnlSource(StrEnum):
    BROKER = "broker"
    """IB's own daily P&L (reqPnL), which leaves deposits and withdrawals out."""
    NET_LIQUIDATION = "net_liquidation"
    """The change of net liquidation since `since`: deposits and withdrawals are in it."""


@dataclass(frozen=True, slots=True)
class DayStart:
    """What an account was worth when a day began, midnight in New York.

    Parameters:
        whole: whether this is the worth at midnight. Otherwise it is the first that was seen on that day, at `at`.
    """

    account: str
    day: date
    currency: str
    amount: Decimal
    at: datetime
    whole: bool


@dataclass(frozen=True, slots=True)
class DailyPnl:
    """An account's profit or loss of the day, in its base currency; None where it is not known.

    Parameters:
        amount: the day's profit or loss, from `source`.
        source: where it is from; None where nothing is known.
        since: since when it counts; None for IB's own day.
        at: when the source last spoke.
        unrealized: of all positions, as IB gives it with its daily P&L.
        realized: of the day, likewise.
        check: the other source's number, where both are known: a wide difference is a deposit or a fault.
        check_since: since when that counts.
    """

    account: str
    currency: str | None = None
    amount: Decimal | None = None
    source: PnlSource | None = None
    since: datetime | None = None
    at: datetime | None = None
    unrealized: Decimal | None = None
    realized: Decimal | None = None
    check: Decimal | None = None
    check_since: datetime | None = None
