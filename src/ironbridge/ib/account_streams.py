"""The streams about accounts that carry a request id: daily P&L, and values of accounts beside the followed one.

Owns which number of this link stands for which stream, so that a row, which names only the number, is told with its
account. One stream for each thing: asked for again, it is the same stream.
"""

from __future__ import annotations

from collections.abc import Callable

from ironbridge.domain.reports import AccountValueReport, BrokerReport, PnlReport
from ironbridge.ib.account import value
from ironbridge.ib.numbers import optional_decimal

PnlKey = tuple[str, int | None]
"""Account, and con_id of a position or None for the whole."""


class AccountStreams:
    """The account streams of one link.

    Parameters:
        publish: where reports go.
    """

    def __init__(self, publish: Callable[[BrokerReport], None]) -> None:
        self._publish = publish
        self._pnl: dict[int, PnlKey] = {}
        self._values: dict[str, int] = {}

    # which there are

    def pnl_number(self, key: PnlKey) -> int | None:
        """The stream of this P&L, None where there is none."""
        return next((number for number, known in self._pnl.items() if known == key), None)

    def open_pnl(self, number: int, key: PnlKey) -> None:
        self._pnl[number] = key

    def close_pnl(self, key: PnlKey) -> int | None:
        """Forget a stream; its number, for the cancel."""
        number = self.pnl_number(key)
        if number is not None:
            del self._pnl[number]
        return number

    def refused(self, number: int) -> None:
        """IB has refused this request: there is no such stream."""
        self._pnl.pop(number, None)

    def close_values(self, account: str) -> int | None:
        """Forget the stream of an account's values; its number, for the cancel."""
        return self._values.pop(account, None)

    def open_values(self, number: int, account: str) -> None:
        self._values[account] = number

    # what they say

    def pnl(self, number: int, daily: float, unrealized: float, realized: float) -> None:
        key = self._pnl.get(number)
        if key is not None:
            amounts = (optional_decimal(daily), optional_decimal(unrealized), optional_decimal(realized))
            self._publish(PnlReport(key[0], None, *amounts))

    def pnl_single(
        self, number: int, quantity: float, daily: float, unrealized: float, realized: float, worth: float
    ) -> None:
        key = self._pnl.get(number)
        if key is not None:
            amounts = (optional_decimal(daily), optional_decimal(unrealized), optional_decimal(realized))
            self._publish(PnlReport(*key, *amounts, optional_decimal(quantity), optional_decimal(worth)))

    def update(self, account: str, name: str, text: str, currency: str) -> None:
        self._publish(AccountValueReport(value(account, name, text, currency)))
