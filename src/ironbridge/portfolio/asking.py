"""Asking the broker for everything about the accounts of a login, and taking what it answers.

Each part counts only with its End (I-04); what is missing raises, and what was known stands as from before. Where an
account is to be opened in our books, the whole is asked for between two looks at the executions, until both show the
same ones: only then do position and executions belong together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ironbridge.domain.account import Position
from ironbridge.domain.advisor import AdvisorSetup
from ironbridge.domain.reports import BrokerReport, ExecutionReport
from ironbridge.domain.session import SessionInfo
from ironbridge.interfaces import Clock
from ironbridge.portfolio.account import Statement
from ironbridge.portfolio.positions import PositionBook

BRACKETS = 3
"""How often the whole is asked for until no execution came between. An account that trades all the time is opened at
a later synchronisation; until then our books say nothing of it."""


class AccountSource(Protocol):
    """The part of `interfaces.Broker` that knows accounts."""

    def listen(self, listener: Callable[[BrokerReport], None]) -> Callable[[], None]: ...

    async def positions(self) -> Sequence[Position]: ...

    async def executions(self) -> Sequence[ExecutionReport]: ...

    async def follow_account(self, account: str) -> None: ...

    async def follow_values(self, account: str) -> None: ...

    async def follow_pnl(self, account: str, con_id: int | None = None) -> None: ...

    async def unfollow_pnl(self, account: str, con_id: int | None = None) -> None: ...

    async def advisor(self) -> AdvisorSetup | None: ...


class AccountSession(Protocol):
    """What the portfolio needs to know of the session."""

    @property
    def info(self) -> SessionInfo | None: ...

    @property
    def account(self) -> str | None:
        """The account that is meant where none is named."""
        ...


class Asking:
    """Asks.

    Parameters:
        source: the broker.
        positions: takes positions.
        statement: the statement of an account, which takes its lines.
        executed: takes an execution.
        clock: dates the answers.
    """

    def __init__(
        self,
        source: AccountSource,
        positions: PositionBook,
        statement: Callable[[str], Statement],
        executed: Callable[[ExecutionReport], None],
        clock: Clock,
    ) -> None:
        self._source = source
        self._positions = positions
        self._statement = statement
        self._executed = executed
        self._clock = clock

    async def everything(self, info: SessionInfo, own: str | None, *, opened: bool) -> bool:
        """Ask for executions, positions and every account's values, and follow them from then on.

        Parameters:
            info: names the accounts.
            own: the account whose portfolio is followed; IB streams that of one alone.
            opened: whether our books know what there was before.

        Returns:
            Whether positions and executions are of one moment.
        """
        followed = own or info.accounts[0]
        for _ in range(BRACKETS):
            known = await self.executions()
            await self._ask_positions()
            for account in sorted(info.accounts, key=lambda name: (name == followed, name)):
                await self._follow(account, whole=account == followed)
            if opened or await self.executions() == known:
                return True
        return False

    async def executions(self) -> frozenset[str]:
        """Take all executions that the broker has; which they are."""
        answer = await self._source.executions()
        for report in answer:
            self._executed(report)
        return frozenset(report.execution_id for report in answer)

    async def _ask_positions(self) -> None:
        self._positions.begin()
        try:
            answer = await self._source.positions()
            self._positions.finish(answer, self._clock.now())
        finally:
            self._positions.abandon()

    async def _follow(self, account: str, *, whole: bool) -> None:
        statement = self._statement(account)
        statement.begin()
        try:
            await (self._source.follow_account if whole else self._source.follow_values)(account)
            statement.finish()
        finally:
            statement.abandon()
