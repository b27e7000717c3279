"""The ledger: positions, cash and profit folded from executions, ours and foreign ones. Pure.

Invariants, whatever the order in which executions, corrections and commissions come, and however often: each fill
counts once, in its highest correction (I-15; a correction to quantity zero is a bust and counts for nothing); a
position is its opening plus the sum of its fills; cash is its opening plus what fills and commissions moved. Fills are
folded in the order of their own time, so that a late one lands where it belongs.

A position that was there before the first execution known here has an opening, from the broker, derived by taking the
known fills back from what the broker holds. Without one the quantity is not known: None.

A combination is told as an execution of its own beside those of its legs: the legs count, the combination does not.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.account import Position
from ironbridge.domain.executions import CashOpening, Holding, Opening
from ironbridge.domain.instrument import Instrument, Kind
from ironbridge.domain.order_state import execution_identity
from ironbridge.domain.reports import CommissionReport, ExecutionReport
from ironbridge.portfolio.cash import Moves, moved_by, multiplier_of, unforeseeable
from ironbridge.portfolio.costing import ZERO, Standing, Step, after, before

Key = tuple[str, int]
"""Account and con_id."""
NOTHING_BEFORE = "nothing was held when the account was opened here"

Place = tuple[datetime, str]
"""Where a fill stands in its position: its time, then its identity, since IB's times are whole seconds."""


class _Series:
    """The fills of one position, in order, and how the position stood after each."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.opening: Opening | None = None
        self.places: list[Place] = []
        self.steps: dict[Place, Step] = {}
        self._standings: list[Standing] = []

    def put(self, place: Place, step: Step) -> None:
        if place not in self.steps:
            insort(self.places, place)
        self.steps[place] = step
        del self._standings[bisect_left(self.places, place) :]

    def drop(self, place: Place) -> None:
        index = bisect_left(self.places, place)
        del self.places[index], self.steps[place], self._standings[index:]

    def open(self, opening: Opening) -> None:
        self.opening = opening
        self._standings.clear()

    def standing(self) -> Standing:
        """How it stands after all fills; the opening counts as nothing where there is none."""
        first = Standing(self.opening.quantity, self.opening.cost) if self.opening else Standing()
        for place in self.places[len(self._standings) :]:
            self._standings.append(after(self._standings[-1] if self._standings else first, self.steps[place]))
        return self._standings[-1] if self._standings else first

    def in_order(self) -> list[Step]:
        return [self.steps[place] for place in self.places]


class Ledger:
    """All accounts."""

    def __init__(self) -> None:
        self._fills: dict[str, ExecutionReport] = {}
        self._commissions: dict[str, CommissionReport] = {}
        self._series: dict[Key, _Series] = {}
        self._moves: dict[str, Moves] = {}
        self._cash: dict[tuple[str, str], Decimal] = {}
        self._openings: dict[tuple[str, str], CashOpening] = {}
        self._unforeseeable: dict[tuple[str, str], str] = {}
        self._opened: dict[str, datetime] = {}
        self.made: list[Opening] = []
        """Openings made since somebody last took them from here, to be kept."""

    # taking

    def take(self, execution: ExecutionReport) -> bool:
        """Count an execution; whether it changed anything."""
        identity, correction = execution_identity(execution.execution_id)
        known = self._fills.get(identity)
        if known is not None:
            if execution_identity(known.execution_id)[1] >= correction:
                return False
            self._uncount(identity, known)
        self._fills[identity] = execution
        self._count(identity)
        return True

    def charge(self, commission: CommissionReport) -> bool:
        """Count a commission, before or after its fill; whether it changed anything."""
        identity, correction = execution_identity(commission.execution_id)
        known = self._commissions.get(identity)
        if known is not None and (known == commission or execution_identity(known.execution_id)[1] > correction):
            return False
        self._commissions[identity] = commission
        if identity in self._fills:
            self._count(identity)
        return True

    def open(self, account: str, rows: Iterable[Position], at: datetime, reason: str) -> None:
        """Take what the broker holds, fully asked, as the end that the known fills led to. Once for each account.

        What the broker does not hold had the opposite of its fills before them, or nothing. In an account that has
        been opened, what comes later begins at nothing, so that what executions do not explain shows as a difference.
        """
        held = {row.instrument.con_id: row for row in rows if row.account == account}
        first = account not in self._opened
        for con_id, row in held.items():
            self._series_of((account, con_id), row.instrument)
        self._opened.setdefault(account, at)
        for (owner, con_id), series in self._series.items():
            if owner != account or series.opening is not None:
                continue
            if first:
                self._open(account, con_id, series, held.get(con_id), at, reason)
            else:
                self._open_at_nothing(account, series)

    def reopen(self, account: str, con_id: int, row: Position | None, at: datetime, reason: str) -> Opening | None:
        """Take the broker's word for one position from now on; None where neither side knows it."""
        series = self._series.get((account, con_id))
        if series is None and row is None:
            return None
        if series is None:
            assert row is not None
            series = self._series_of((account, con_id), row.instrument)
        return self._open(account, con_id, series, row, at, reason)

    def opened(self, account: str) -> bool:
        """Whether what there was before the first execution has been told."""
        return account in self._opened

    def reopen_cash(self, account: str, currency: str, amount: Decimal, at: datetime) -> CashOpening:
        """Take the broker's word for one balance from now on."""
        opening = CashOpening(account, currency, amount - self._cash.get((account, currency), ZERO), at)
        self._openings[account, currency] = opening
        return opening

    def open_cash(self, account: str, balances: Iterable[tuple[str, Decimal]], at: datetime) -> list[CashOpening]:
        """Take the broker's cash as what the known fills led to; currencies that have an opening keep it."""
        made = []
        for currency, amount in balances:
            if (account, currency) not in self._openings:
                made.append(self.reopen_cash(account, currency, amount, at))
        return made

    def restore(self, openings: Iterable[Opening], cash: Iterable[CashOpening]) -> None:
        """Take openings that were kept."""
        for opening in openings:
            self._series_of((opening.account, opening.instrument.con_id), opening.instrument).open(opening)
            self._opened.setdefault(opening.account, opening.at)
        for each in cash:
            self._openings[each.account, each.currency] = each
            self._opened.setdefault(each.account, each.at)

    # telling

    def holding(self, account: str, con_id: int) -> Holding | None:
        """One position; None where nothing is known of the instrument."""
        series = self._series.get((account, con_id))
        return None if series is None else self._holding(account, series)

    def holdings(self, account: str | None = None) -> list[Holding]:
        """Every position that was ever known, flat ones too."""
        return [
            self._holding(owner, series)
            for (owner, _), series in sorted(self._series.items(), key=lambda item: item[0])
            if account in {None, owner}
        ]

    def cash(self, account: str) -> dict[str, Decimal | None]:
        """Cash by currency; None where the opening is not known."""
        currencies = {currency for owner, currency in (*self._cash, *self._openings) if owner == account}
        return {currency: self._balance(account, currency) for currency in sorted(currencies)}

    def unforeseeable(self, account: str, currency: str) -> str:
        """Why cash cannot be told from executions; empty where it can."""
        return self._unforeseeable.get((account, currency), "")

    def known(self, execution_id: str) -> ExecutionReport | None:
        """The fill of this identity as it counts."""
        return self._fills.get(execution_identity(execution_id)[0])

    def commission(self, execution_id: str) -> CommissionReport | None:
        return self._commissions.get(execution_identity(execution_id)[0])

    def __len__(self) -> int:
        """How many fills there are."""
        return len(self._fills)

    # inside

    def _series_of(self, key: Key, instrument: Instrument) -> _Series:
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series(instrument)
            if key[0] in self._opened:
                self._open_at_nothing(key[0], series)
        return series

    def _open_at_nothing(self, account: str, series: _Series) -> None:
        opening = Opening(account, series.instrument, ZERO, ZERO, self._opened[account], NOTHING_BEFORE)
        series.open(opening)
        self.made.append(opening)

    def _count(self, identity: str) -> None:
        execution, commission = self._fills[identity], self._charged(identity)
        instrument = execution.instrument
        if instrument.kind is not Kind.COMBO:
            signed = execution.side.sign * execution.quantity
            own = commission is not None and commission.currency == instrument.currency
            fee = commission.commission if commission is not None and own else ZERO
            step = Step(signed, signed * execution.price * multiplier_of(execution), fee)
            series = self._series_of((execution.account, instrument.con_id), instrument)
            series.put((execution.time, identity), step)
            reason = unforeseeable(execution)
            if reason:
                self._unforeseeable.setdefault((execution.account, instrument.currency), reason)
        self._move(execution.account, identity, _moves(execution, commission))

    def _charged(self, identity: str) -> CommissionReport | None:
        """The commission of a fill, as it counts: that of a fill which was undone is undone with it."""
        execution, commission = self._fills[identity], self._commissions.get(identity)
        if commission is None or execution.quantity:
            return commission
        undone = execution_identity(commission.execution_id)[1] < execution_identity(execution.execution_id)[1]
        return None if undone else commission

    def _uncount(self, identity: str, execution: ExecutionReport) -> None:
        if execution.instrument.kind is not Kind.COMBO:
            self._series[execution.account, execution.instrument.con_id].drop((execution.time, identity))
        self._move(execution.account, identity, {})

    def _move(self, account: str, identity: str, moves: Moves) -> None:
        for currency, amount in self._moves.get(identity, {}).items():
            self._cash[account, currency] -= amount
        self._moves[identity] = moves
        for currency, amount in moves.items():
            self._cash[account, currency] = self._cash.get((account, currency), ZERO) + amount

    def _balance(self, account: str, currency: str) -> Decimal | None:
        opening = self._openings.get((account, currency))
        if opening is None and not any(owner == account for owner, _ in self._openings):
            return None
        # A currency that the broker did not list when the account was opened began at nothing.
        return (opening.amount if opening else ZERO) + self._cash.get((account, currency), ZERO)

    def _open(
        self, account: str, con_id: int, series: _Series, row: Position | None, at: datetime, reason: str
    ) -> Opening:
        quantity = row.quantity if row is not None else ZERO
        cost = row.average_cost * quantity if row is not None else ZERO
        first, paid = before(quantity, cost, series.in_order())
        instrument = row.instrument if row is not None else series.instrument
        opening = Opening(account, replace(instrument, con_id=con_id), first, paid, at, reason)
        series.open(opening)
        self.made.append(opening)
        return opening

    def _holding(self, account: str, series: _Series) -> Holding:
        standing, opening = series.standing(), series.opening
        costs: Moves = {}
        for _, identity in series.places:
            commission = self._charged(identity)
            if commission is not None:
                costs[commission.currency] = costs.get(commission.currency, ZERO) + commission.commission
        steps = series.in_order()
        return Holding(
            account,
            series.instrument,
            standing.quantity if opening else None,
            standing.cost if opening else None,
            standing.realized if opening else None,
            sum((step.quantity for step in steps), ZERO),
            sum(bool(step.quantity) for step in steps),
            tuple(sorted(costs.items())),
            opening,
        )


def _moves(execution: ExecutionReport, commission: CommissionReport | None) -> Moves:
    moves = moved_by(execution)
    if commission is not None:
        moves[commission.currency] = moves.get(commission.currency, ZERO) - commission.commission
    return moves
