"""The account statement: the broker's lines as they came, and the few amounts that people ask for first.

A line is never made up and never summed here: what the broker has not said is None, and its sentinels are nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from ironbridge.domain.account import AccountSummary, AccountValue, Funds

BASE = "BASE"
"""IB's name for the account's base currency in lines that it gives for each currency and in total."""

UNSET = Decimal("1e300")
"""Amounts from here on are IB's "not set"."""

_CASH = ("CashBalance", "TotalCashBalance")


class Statement:
    """The lines of one account."""

    def __init__(self, account: str) -> None:
        self.account = account
        self._lines: dict[tuple[str, str], AccountValue] = {}
        self._since: dict[tuple[str, str], AccountValue] | None = None

    def apply(self, line: AccountValue) -> bool:
        """Take one line; whether it changed anything."""
        key = (line.name, line.currency)
        if self._since is not None:
            self._since[key] = line
        changed = self._lines.get(key) != line
        self._lines[key] = line
        return changed

    def begin(self) -> None:
        """All lines are being asked for."""
        self._since = {}

    def finish(self) -> None:
        """All lines have come: those that were not among them are gone.

        Where none came the broker had nothing to add to what it streams, and the lines stand.
        """
        self._lines, self._since = self._since or self._lines, None

    def abandon(self) -> None:
        """They have not all come."""
        self._since = None

    def lines(self) -> list[AccountValue]:
        return [self._lines[key] for key in sorted(self._lines)]

    def summary(self, time: datetime) -> AccountSummary:
        """The first amounts, as of `time`."""
        currency = self._base_currency()
        return AccountSummary(
            account=self.account,
            currency=currency,
            time=time,
            net_liquidation=self._amount("NetLiquidation", currency),
            cash=self._amount("TotalCashValue", currency),
            buying_power=self._amount("BuyingPower", currency),
            available_funds=self._amount("AvailableFunds", currency),
            initial_margin=self._amount("InitMarginReq", currency),
            maintenance_margin=self._amount("MaintMarginReq", currency),
            unrealized_pnl=self._amount("UnrealizedPnL", currency),
            realized_pnl=self._amount("RealizedPnL", currency),
            cash_by_currency=self._cash(),
            excess_liquidity=self._amount("ExcessLiquidity", currency),
            cushion=self._plain_number("Cushion"),
        )

    def funds(self) -> Funds:
        """What the account may still use."""
        currency = self._base_currency()
        return Funds(
            self.account,
            currency or None,
            self._amount("NetLiquidation", currency),
            self._amount("AvailableFunds", currency),
            self._amount("BuyingPower", currency),
            self._amount("ExcessLiquidity", currency),
            self._plain_number("Cushion"),
        )

    @property
    def base_currency(self) -> str | None:
        """The currency in which the broker states the account's net liquidation, None where it has not."""
        return self._base_currency() or None

    def exchange_rate(self, currency: str) -> Decimal | None:
        """What the broker says that one unit of the currency is worth in the base currency."""
        line = self._lines.get(("ExchangeRate", currency))
        rate = None if line is None else amount_of(line.value)
        return rate if rate is not None and rate > 0 else None

    def _plain_number(self, name: str) -> Decimal | None:
        line = self._lines.get((name, ""))
        return None if line is None else amount_of(line.value)

    def _base_currency(self) -> str:
        named = sorted(c for name, c in self._lines if name == "NetLiquidation" and c not in {"", BASE})
        return named[0] if named else ""

    def _amount(self, name: str, currency: str) -> Decimal | None:
        """The amount in the base currency: its total over all currencies where the broker gives that."""
        candidates: Iterable[str] = (BASE, currency) if currency else (BASE,)
        for key in candidates:
            line = self._lines.get((name, key))
            if line is not None:
                return amount_of(line.value)
        return None

    def cash(self) -> tuple[tuple[str, Decimal], ...]:
        """Cash balances by currency."""
        return self._cash()

    def _cash(self) -> tuple[tuple[str, Decimal], ...]:
        for tag in _CASH:
            found = {
                currency: amount
                for (name, currency), line in self._lines.items()
                if name == tag and currency not in {"", BASE} and (amount := amount_of(line.value)) is not None
            }
            if found:
                return tuple(sorted(found.items()))
        return ()


def amount_of(text: str) -> Decimal | None:
    """The number that the broker wrote, None where it is none or stands for "not set"."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < UNSET else None
