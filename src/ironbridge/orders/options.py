"""How patient the order service is, and how it names what nobody has named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class OrderOptions:
    """How patient the service is.

    Parameters:
        account: the account of orders that name none, or what tells it; None takes the login's only one.
        answer_seconds: how long IB may take to answer an order, a change or a cancel before that counts as UNKNOWN, or
            what tells it: it may be another for the next.
        reconcile_seconds: how often the broker is asked in full without a doubt.
        settle_seconds: how long an ended order may wait for its last fills and commissions.
        unknown_seconds: how long a caller waits for the fate of an order that is UNKNOWN.
    """

    account: str | Callable[[], str | None] | None = None
    answer_seconds: float | Callable[[], float] = 10.0
    reconcile_seconds: float = 300.0
    settle_seconds: float = 2.0
    unknown_seconds: float = 30.0

    def patience(self) -> float:
        """`answer_seconds` as of now."""
        return self.answer_seconds() if callable(self.answer_seconds) else self.answer_seconds


def random_key() -> str:
    """A key for an order whose owner named none."""
    return uuid4().hex
