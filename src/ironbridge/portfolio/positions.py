"""What every account holds, folded from the broker's rows.

The broker tells of a position in two voices: position rows (quantity and cost, of every account) and portfolio rows
(the same with market value and P&L). They are folded by account and contract, and a number that one voice does not
give is kept from the other only while it is still true: with another quantity the old market value is not.

Unlike rows, the answer to a request for all positions says what there is not: what it leaves out is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from ironbridge.domain.account import Position
from ironbridge.domain.instrument import Instrument, Kind
from ironbridge.domain.reports import PnlReport

_ROUTED = frozenset({Kind.STOCK, Kind.OPTION, Kind.WARRANT, Kind.CFD, Kind.BOND, Kind.FUND})
"""Kinds that IB routes itself: its rows name the listing exchange or none, which is not where an order goes."""

Key = tuple[str, int]
"""Account and con_id."""


@dataclass(frozen=True, slots=True)
class _Closed:
    position: Position
    day: date


class PositionBook:
    """Every account's positions."""

    def __init__(self) -> None:
        self._held: dict[Key, Position] = {}
        self._closed: dict[Key, _Closed] = {}
        self._valued: set[Key] = set()
        self._since: set[Key] | None = None
        self.complete = False
        """Whether the broker, asked for everything, has answered in full: only then is what is not here not held."""

    def apply(self, row: Position, now: datetime) -> bool:
        """Take one row of the broker; whether it changed anything."""
        key = (row.account, row.instrument.con_id)
        if self._since is not None:
            self._since.add(key)
        closed = self._closed.get(key)
        before = self._held.get(key) or (closed.position if closed else None)
        after = _merged(before, row)
        if row.market_value is not None:
            self._valued.add(key)
        if after.quantity:
            self._closed.pop(key, None)
            self._held[key] = after
        else:
            self._held.pop(key, None)
            if after.realized_pnl:
                self._closed[key] = _Closed(after, day_of(now))
        return after != before

    def apply_pnl(self, report: PnlReport, base: str | None) -> bool:
        """Take the P&L of one position; whether it changed anything.

        It brings the worth of positions in accounts whose portfolio rows do not come. Whether IB states that in the
        instrument's currency or in the account's is not documented: it is taken where both are the same.
        """
        key = (report.account, report.con_id or 0)
        held = self._held.get(key)
        if held is None or report.quantity not in {None, held.quantity}:
            return False
        after = replace(held, daily_pnl=report.daily)
        if key not in self._valued and held.instrument.currency == base:
            after = replace(
                after,
                market_value=report.market_value,
                unrealized_pnl=report.unrealized,
                realized_pnl=report.realized,
            )
        self._held[key] = after
        return after != held

    def forget_daily(self) -> None:
        """The session ended: the day's numbers are not told any more."""
        for key, held in self._held.items():
            if held.daily_pnl is not None:
                self._held[key] = replace(held, daily_pnl=None)

    def begin(self) -> None:
        """All positions are being asked for: rows from now on are as new as the answer, or newer."""
        self._since = set()

    def finish(self, answer: Sequence[Position], now: datetime) -> None:
        """All positions, as asked for. Those that neither the answer nor a row since has named are gone."""
        since, self._since = self._since or set(), None
        self.complete = True
        for row in answer:
            if (row.account, row.instrument.con_id) not in since:
                self.apply(row, now)
        named = since | {(row.account, row.instrument.con_id) for row in answer}
        for key in self._held.keys() - named:
            del self._held[key]
        today = day_of(now)
        self._closed = {key: closed for key, closed in self._closed.items() if closed.day == today}

    def abandon(self) -> None:
        """The answer did not come."""
        self._since = None

    def quantity(self, account: str, con_id: int) -> Decimal | None:
        """Units held, as the broker's rows have it; None where not all of them have come."""
        held = self._held.get((account, con_id))
        return held.quantity if held else Decimal(0) if self.complete else None

    def keys(self) -> list[Key]:
        """What is held, by account and contract."""
        return sorted(self._held)

    def held(self, account: str | None = None) -> list[Position]:
        """What is held, in the order of accounts and instruments."""
        return sorted((p for p in self._held.values() if account in {None, p.account}), key=_place)

    def closed(self, now: datetime, account: str | None = None) -> list[Position]:
        """What was closed today with a profit or a loss; the quantity is zero."""
        today = day_of(now)
        positions = (closed.position for closed in self._closed.values() if closed.day == today)
        return sorted((p for p in positions if account in {None, p.account}), key=_place)

    @property
    def accounts(self) -> set[str]:
        return {account for account, _ in self._held}


def _merged(before: Position | None, row: Position) -> Position:
    if before is None:
        return replace(row, instrument=_orderable(row.instrument))
    same_quantity = before.quantity == row.quantity
    flat = not row.quantity
    return replace(
        row,
        instrument=before.instrument if before.instrument.exchange else _orderable(row.instrument),
        market_price=_either(row.market_price, before.market_price),
        market_value=_either(row.market_value, before.market_value if same_quantity else Decimal(0) if flat else None),
        unrealized_pnl=_either(
            row.unrealized_pnl, before.unrealized_pnl if same_quantity else Decimal(0) if flat else None
        ),
        realized_pnl=_either(row.realized_pnl, before.realized_pnl),
        daily_pnl=_either(row.daily_pnl, before.daily_pnl),
    )


def _either(new: Decimal | None, old: Decimal | None) -> Decimal | None:
    return old if new is None else new


def _orderable(instrument: Instrument) -> Instrument:
    """The instrument with an exchange that takes orders, where IB's row has none or the listing exchange."""
    if instrument.kind in _ROUTED:
        exchange = "SMART"
    elif instrument.kind is Kind.FOREX:
        exchange = instrument.exchange or "IDEALPRO"
    else:
        exchange = instrument.exchange or instrument.primary_exchange
    return instrument if exchange == instrument.exchange else replace(instrument, exchange=exchange)


def _place(position: Position) -> tuple[str, str, str, Decimal, int]:
    i = position.instrument
    return (position.account, str(i), i.expiry, i.strike or Decimal(0), i.con_id)


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo("America/New_York")


def day_of(now: datetime) -> date:
    """The day that P&L "today" means: IB's begins at midnight in New York."""
    return now.astimezone(_zone()).date()
