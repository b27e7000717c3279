"""What one currency is worth in another: from the broker's account statement first, from live quotes otherwise.

Every rate says where it is from and how old it is. A currency without a rate has none: None, never 1 (a sum in which
one currency counts as another is worse than no sum). IB's ExchangeRate is the value of one unit of the currency in the
account's base currency, by which it converts its own totals, so that what we convert agrees with them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.account import FxRate, RateSource
from ironbridge.interfaces import FxQuotes
from ironbridge.portfolio.account import Statement


class Rates:
    """Exchange rates into the base currency of each account.

    Parameters:
        quotes: where rates come from that the statement does not have; None for nowhere.
    """

    def __init__(self, quotes: FxQuotes | None = None) -> None:
        self._quotes = quotes

    def rate(self, statement: Statement, currency: str, now: datetime, heard: datetime | None) -> FxRate | None:
        """The rate of a currency into the base currency of an account; None where there is none.

        Parameters:
            statement: the account's.
            currency: of which one unit is valued.
            now: the present moment.
            heard: when the statement was last confirmed.
        """
        base = statement.base_currency
        if base is None:
            return None
        if currency == base:
            return FxRate(currency, base, Decimal(1), RateSource.BASE, now)
        stated = statement.exchange_rate(currency)
        if stated is not None:
            return FxRate(currency, base, stated, RateSource.ACCOUNT, heard or now)
        return None if self._quotes is None else self._quoted(currency, base)

    def _quoted(self, currency: str, base: str) -> FxRate | None:
        assert self._quotes is not None
        rate = self._quotes.last(currency, base)
        if rate is not None:
            return rate if rate.rate > 0 else None
        # IB quotes each pair in one direction alone: USD in EUR is read from EUR.USD.
        other = self._quotes.last(base, currency)
        if other is None or other.rate <= 0:
            return None
        return replace(other, currency=currency, base=base, rate=Decimal(1) / other.rate)
