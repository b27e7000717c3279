"""Our numbers against the broker's: what differs, since when, and what of it is to be told. Pure.

A fill and the position that it makes come in separate messages, and IB states cash only every few minutes: a difference
counts once it has stood for its time. Halfway there the broker is to be asked for its executions once more, since it
tells nobody of fills that other programs made.

Not compared: currency pairs (IB's rows of them are for information, and can be set by hand; their cash is compared),
and cash that executions do not explain (see `portfolio.cash`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from ironbridge.domain.account import Position
from ironbridge.domain.discrepancy import Discrepancy, Matter
from ironbridge.domain.executions import Holding
from ironbridge.domain.instrument import Kind

STANDS_FOR = {Matter.POSITION: timedelta(seconds=20), Matter.CASH: timedelta(minutes=5)}
"""How long a difference must stand. IB tells of positions at once, and of cash at least every three minutes."""

CENT = Decimal("0.01")
"""The broker's amounts are rounded to it, at the opening and now."""


def differences(
    account: str,
    holdings: Iterable[Holding],
    rows: Iterable[Position],
    cash: Mapping[str, Decimal | None],
    stated: Mapping[str, Decimal],
    now: datetime,
) -> Iterator[Discrepancy]:
    """Everything that differs in one account.

    Parameters:
        holdings: positions as folded.
        rows: the broker's, all of them.
        cash: as folded, of the currencies whose cash executions explain.
        stated: the broker's.
        now: when they are compared.
    """
    held = {row.instrument.con_id: row for row in rows}
    for holding in holdings:
        row = held.pop(holding.instrument.con_id, None)
        if holding.instrument.kind is Kind.FOREX or holding.quantity is None:
            continue
        quantity = row.quantity if row is not None else Decimal(0)
        if quantity != holding.quantity:
            instrument = row.instrument if row is not None else holding.instrument
            yield Discrepancy(
                account, Matter.POSITION, instrument, instrument.currency, holding.quantity, quantity, now
            )
    for row in held.values():
        # An instrument of which no execution is known: in an account that is open, our books have none of it.
        if row.instrument.kind is not Kind.FOREX and row.quantity:
            yield Discrepancy(
                account, Matter.POSITION, row.instrument, row.instrument.currency, Decimal(0), row.quantity, now
            )
    for currency, amount in cash.items():
        if amount is not None and currency in stated and abs(stated[currency] - amount) > CENT:
            yield Discrepancy(account, Matter.CASH, None, currency, amount, stated[currency], now)


class Differences:
    """The differences that stand."""

    def __init__(self) -> None:
        self._standing: dict[tuple[str, Matter, int | str], Discrepancy] = {}
        self._asked: set[tuple[str, Matter, int | str]] = set()

    def look(self, found: Iterable[Discrepancy], now: datetime) -> tuple[list[Discrepancy], list[Discrepancy], bool]:
        """Take what differs at this moment.

        Returns:
            Those to be told of, those told of that are gone, and whether the broker's executions should be asked for.
        """
        present = {each.key: each for each in found}
        gone = [each for key, each in self._standing.items() if key not in present and each.reported]
        told: list[Discrepancy] = []
        ask = False
        standing = {}
        for key, each in present.items():
            before = self._standing.get(key)
            now_so = replace(each, since=before.since, reported=before.reported) if before is not None else each
            stood, needed = now - now_so.since, STANDS_FOR[each.matter]
            if stood >= needed / 2 and key not in self._asked:
                self._asked.add(key)
                ask = True
            elif stood >= needed and not now_so.reported:
                now_so = replace(now_so, reported=True)
                told.append(now_so)
            standing[key] = now_so
        self._asked &= standing.keys()
        self._standing = standing
        return told, gone, ask

    def interrupt(self, now: datetime) -> None:
        """Nothing was heard for a while: what is not told yet begins to stand anew."""
        self._standing = {
            key: each if each.reported else replace(each, since=now) for key, each in self._standing.items()
        }

    def reported(self) -> list[Discrepancy]:
        """What is told and still stands."""
        return [self._standing[key] for key in sorted(self._standing, key=str) if self._standing[key].reported]
