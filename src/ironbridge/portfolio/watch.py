"""When an account needs a person: margin that runs short, and large changes within a short time (ACC-6). Pure.

Each warning is raised once an episode and ends with some room to spare (hysteresis), so that a number that trembles at
its limit is one alert and not many. What is not known neither raises nor ends one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from ironbridge.domain.account import Funds
from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.values import plain

ROOM = Decimal("1.1")
"""A low margin is well again a tenth above its limit."""
CALM = Decimal("0.5")
"""A large change is over at half of its limit."""

Moment = tuple[datetime, Decimal]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a person is told; None for never.

    Parameters:
        cushion: excess liquidity as a part of net liquidation, below which margin is short; half of it is critical.
        excess_liquidity: the same as an amount in the account's base currency.
        change: part of net liquidation by which net liquidation may change within the window.
        position_change: part of net liquidation by which one position's value may change within it.
        window: how long it is.
    """

    cushion: Decimal | None = None
    excess_liquidity: Decimal | None = None
    change: Decimal | None = None
    position_change: Decimal | None = None
    window: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Standing:
    """One account at a moment: its funds, and what each position is worth in its base currency, by name."""

    funds: Funds
    positions: Mapping[str, Decimal] = field(default_factory=dict)


class AccountWatch:
    """Remembers what was told, and what things were worth."""

    def __init__(self) -> None:
        self._levels: dict[tuple[str, str], int] = {}
        self._past: dict[tuple[str, str], deque[Moment]] = {}

    def look(self, now: datetime, standings: Iterable[Standing], limits: Thresholds) -> list[Alert]:
        """The alerts that are due."""
        return [alert for standing in standings for alert in self._look(now, standing, limits)]

    def _look(self, now: datetime, standing: Standing, limits: Thresholds) -> Iterator[Alert]:
        funds = standing.funds
        money = f" {funds.currency}" if funds.currency else ""
        percent = None if funds.cushion is None else f"{plain(round(funds.cushion * 100, 2))} %"
        yield from self._low(now, funds.account, "margin-cushion", funds.cushion, limits.cushion,
                             f"the margin cushion is {percent} of net liquidation")  # fmt: skip
        excess = None if funds.excess_liquidity is None else plain(round(funds.excess_liquidity, 2))
        yield from self._low(now, funds.account, "excess-liquidity", funds.excess_liquidity, limits.excess_liquidity,
                             f"excess liquidity is {excess}{money}")  # fmt: skip
        worth = funds.net_liquidation
        yield from self._moved(now, funds.account, "net liquidation", worth, worth, limits.change, limits.window, money)
        for name, value in standing.positions.items():
            limit, window = limits.position_change, limits.window
            yield from self._moved(now, funds.account, name, value, worth, limit, window, money)

    def _low(
        self, now: datetime, account: str, kind: str, value: Decimal | None, limit: Decimal | None, words: str
    ) -> Iterator[Alert]:
        key = (account, kind)
        if limit is None:
            self._levels.pop(key, None)
            return
        if value is None:
            return
        before = self._levels.get(key, 0)
        level = 2 if value < limit / 2 else 1 if value < limit else 0
        if level > before:
            severity = AlertSeverity.CRITICAL if level == 2 else AlertSeverity.WARNING
            step = "Reduce positions or add funds: at zero IB liquidates."
            yield Alert(now, f"{kind}-low", severity, f"{account}: {words}, the limit is {plain(limit)}.", step)
            self._levels[key] = level
        elif before and value >= limit * ROOM:
            yield Alert(now, f"{kind}-well", AlertSeverity.INFO, f"{account}: {words}.")
            self._levels[key] = 0

    def _moved(
        self, now: datetime, account: str, name: str, value: Decimal | None, whole: Decimal | None,
        limit: Decimal | None, window: timedelta, money: str,
    ) -> Iterator[Alert]:  # fmt: skip
        key = (account, name)
        past = self._past.setdefault(key, deque())
        while past and past[0][0] < now - window:
            past.popleft()
        if value is None or whole is None or limit is None:
            return
        past.append((now, value))
        at, furthest = max(past, key=lambda moment: abs(value - moment[1]))
        change, bound = value - furthest, limit * abs(whole)
        told = self._levels.get(key, 0)
        if not told and bound and abs(change) >= bound:
            self._levels[key] = 1
            way = "risen" if change > 0 else "fallen"
            minutes = max(round((now - at).total_seconds() / 60), 1)
            text = (
                f"{account}: {name} has {way} by {plain(round(abs(change), 2))}{money} within {minutes} min, "
                f"to {plain(round(value, 2))}."
            )
            kind = "net-liquidation-moved" if name == "net liquidation" else "position-moved"
            step = "See whether this is the market, a trade or a transfer."
            yield Alert(now, kind, AlertSeverity.WARNING, text, step)
        elif told and abs(change) <= bound * CALM:
            self._levels[key] = 0
