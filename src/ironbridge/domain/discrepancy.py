"""Where what is folded here and what the broker says are not the same, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ironbridge.domain.instrument import Instrument
from ironbridge.domain.values import plain


class Matter(StrEnum):
    POSITION = "position"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """The executions known here do not lead to what the broker has.

    Parameters:
        account: whose it is.
        matter: what differs.
        instrument: of a position; None for cash.
        currency: of the cash, or of the instrument.
        folded: what opening and executions lead to.
        broker: what the broker says.
        since: when the difference was first seen.
        reported: whether it has stood for so long that it is told: a fill and the position it makes come apart.
    """

    account: str
    matter: Matter
    instrument: Instrument | None
    currency: str
    folded: Decimal
    broker: Decimal
    since: datetime
    reported: bool = False

    @property
    def key(self) -> tuple[str, Matter, int | str]:
        """What differs, whatever the numbers."""
        return self.account, self.matter, self.currency if self.instrument is None else self.instrument.con_id

    @property
    def difference(self) -> Decimal:
        """The broker's number less ours."""
        return self.broker - self.folded

    def __str__(self) -> str:
        what = f"{self.currency} in cash" if self.instrument is None else str(self.instrument)
        return (
            f"{self.account}: the broker has {plain(self.broker)} {what}, the executions known here lead to "
            f"{plain(self.folded)}."
        )
