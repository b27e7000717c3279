"""A followed statement: said once whole, then only what changed.

A statement is a mapping from a line's key to the message that says it. A line that is no longer there is said once
more in its ended form (a position of zero), where its message has one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ironbridge.paper.session import Session
from ironbridge.wire.account import PortfolioValue, Position, PositionMulti

Statement = dict[Hashable, Any]


class Follow:
    """One session's subscription to a statement.

    Parameters:
        session: who follows.
        accounts: whose fills make it worth looking again at once.
        statement: gives the present one.
        every: how often it is looked at again anyway.
        now: when it began.
        after: said after each batch of changes, if any.
    """

    def __init__(
        self,
        session: Session,
        accounts: frozenset[str],
        statement: Callable[[], Statement],
        *,
        every: timedelta,
        now: datetime,
        after: Callable[[], Any] | None = None,
    ) -> None:
        self.session = session
        self.accounts = accounts
        self._statement = statement
        self._every = every
        self._due = now + every
        self._after = after
        self._said: Statement = {}

    def say(self) -> None:
        """Send what has changed since the last time."""
        present = self._statement()
        changes = [message for key, message in present.items() if self._said.get(key) != message]
        changes += [end for key, message in self._said.items() if key not in present for end in ended(message)]
        self._said = present
        for message in changes:
            self.session.send(message)
        if changes and self._after is not None:
            self.session.send(self._after())

    def step(self, now: datetime) -> None:
        if now >= self._due:
            self._due = now + self._every
            self.say()


def ended(message: Any) -> tuple[Any, ...]:
    """The last word on a line that is gone."""
    zero = Decimal(0)
    if isinstance(message, (Position, PositionMulti)):
        return (replace(message, position=zero, avg_cost=zero),)
    if isinstance(message, PortfolioValue):
        return (replace(message, position=zero, market_value=zero, average_cost=zero, unrealized_pnl=zero),)
    return ()
