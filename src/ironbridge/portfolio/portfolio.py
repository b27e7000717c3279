"""Positions and accounts as the broker states them (ACC-1, ACC-2).

Owns nothing of its own making: every number here is the broker's, and says since when. Rows come as they change;
`synchronise` asks for the whole, and only a whole answer says what is not there (I-04). While the session is
interrupted everything stays readable and is marked as from before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from ironbridge.domain.account import AccountSummary, AccountValue, Exposure, Funds, FxRate, PortfolioChanged, Position
from ironbridge.domain.reports import AccountValueReport, BrokerReport, PositionReport
from ironbridge.domain.session import SessionInfo
from ironbridge.errors import InvalidInput, NotConnected
from ironbridge.interfaces import Clock, FxQuotes, Topic
from ironbridge.portfolio.account import Statement
from ironbridge.portfolio.exposure import exposure_of
from ironbridge.portfolio.fx import Rates
from ironbridge.portfolio.positions import PositionBook


class AccountSource(Protocol):
    """The part of `interfaces.Broker` that knows accounts."""

    def listen(self, listener: Callable[[BrokerReport], None]) -> Callable[[], None]: ...

    async def positions(self) -> Sequence[Position]: ...

    async def follow_account(self, account: str) -> None: ...


class AccountSession(Protocol):
    """What the portfolio needs to know of the session."""

    @property
    def info(self) -> SessionInfo | None: ...

    @property
    def account(self) -> str | None:
        """The account that is meant where none is named."""
        ...


class Portfolio:
    """What the accounts hold and are worth.

    It begins to listen with the first `synchronise`, and every account of the login is followed. IB streams the
    values of one account at a time, so the session's own account is followed last: that one stays up to date by
    itself, the others are as of the last synchronisation.

    Parameters:
        source: the broker.
        session: names the accounts.
        clock: stamps what comes.
        changes: where `PortfolioChanged` is published, once for each batch of rows and account.
        quotes: exchange rates of currencies that the account statement does not give; None for none.
    """

    def __init__(
        self,
        source: AccountSource,
        session: AccountSession,
        clock: Clock,
        changes: Topic[PortfolioChanged],
        *,
        quotes: FxQuotes | None = None,
    ) -> None:
        self._source = source
        self._session = session
        self._clock = clock
        self._changes = changes
        self._rates = Rates(quotes)
        self._book = PositionBook()
        self._statements: dict[str, Statement] = {}
        self._heard: dict[str, datetime] = {}
        self._dirty: set[str] = set()
        self._interrupted = "the session has not begun"
        self._stop_listening: Callable[[], None] | None = None

    def positions(self, account: str | None = None) -> list[Position]:
        """What is held, of one account or of all."""
        return self._book.held(self._known(account) if account else None)

    def closed_today(self, account: str | None = None) -> list[Position]:
        """What was closed since midnight in New York with a profit or a loss; quantities are zero."""
        return self._book.closed(self._clock.now(), self._known(account) if account else None)

    def summary(self, account: str | None = None) -> AccountSummary:
        """The amounts that people ask for first; None where the broker has not said.

        Parameters:
            account: which account; left out, the session's own.

        Raises:
            NotConnected: no account is known yet.
            InvalidInput: the login has no such account.
        """
        name = self._known(account)
        return self._statement(name).summary(self._heard.get(name, self._clock.now()))

    def values(self, account: str | None = None) -> list[AccountValue]:
        """Every line of the broker's account statement, by name and currency.

        Raises:
            NotConnected: no account is known yet.
            InvalidInput: the login has no such account.
        """
        return self._statement(self._known(account)).lines()

    def as_of(self, account: str | None = None) -> datetime | None:
        """When the broker last said anything about the account; None where it has not yet."""
        return self._heard.get(self._known(account))

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the broker has named, in order."""
        info = self._session.info
        return tuple(sorted({*self._statements, *self._book.accounts, *(info.accounts if info else ())}))

    @property
    def interrupted_by(self) -> str:
        """Why everything here is from before; empty while it is kept up to date."""
        return self._interrupted

    # facts for risk limits, as `interfaces.RiskFacts` has them

    def position(self, account: str, con_id: int) -> Decimal | None:
        """See `RiskFacts.position`."""
        return self._book.quantity(account, con_id) if self._current(account) else None

    def held(self, account: str) -> list[Position] | None:
        """See `interfaces.RiskFacts.held`."""
        return self._book.held(account) if self._current(account) else None

    def exposure(self, account: str) -> Exposure:
        """See `RiskFacts.exposure`."""
        base = self.base_currency(account)
        if not self._current(account) or not self._book.complete:
            reason = self._interrupted or f"the positions of {account} are not known"
            return Exposure(account, base, None, None, (reason,))
        return exposure_of(account, base, self._book.held(account), lambda currency: self.fx(account, currency))

    def daily_pnl(self, account: str) -> Decimal | None:  # noqa: ARG002 - IB's daily P&L is not followed yet
        """See `RiskFacts.daily_pnl`."""
        return None

    def funds(self, account: str) -> Funds:
        """See `RiskFacts.funds`."""
        if not self._current(account):
            return Funds(account)
        summary = self._statement(account).summary(self._clock.now())
        return Funds(
            account,
            summary.currency or None,
            summary.net_liquidation,
            summary.available_funds,
            summary.buying_power,
            summary.excess_liquidity,
            summary.cushion,
        )

    def base_currency(self, account: str) -> str | None:
        """See `RiskFacts.base_currency`."""
        statement = self._statements.get(account)
        return None if statement is None else statement.base_currency

    def fx(self, account: str, currency: str) -> Decimal | None:
        """See `RiskFacts.fx`."""
        rate = self.rate(account, currency) if self._current(account) else None
        return None if rate is None else rate.rate

    def rate(self, account: str, currency: str) -> FxRate | None:
        """What one unit of a currency is worth in the account's base currency, with its source and its age.

        None where neither the broker nor the market says.
        """
        statement = self._statements.get(account)
        if statement is None:
            return None
        return self._rates.rate(statement, currency, self._clock.now(), self._heard.get(account))

    def _current(self, account: str) -> bool:
        """Whether what is known of the account is so now."""
        return not self._interrupted and account in self.accounts

    async def synchronise(self) -> None:
        """Ask for all positions and every account's values.

        Raises:
            IronbridgeError: an answer did not come whole; what was known stays, marked as from before.
        """
        info = self._session.info
        if info is None:
            raise NotConnected("Positions cannot be asked for: there is no session.")
        if self._stop_listening is None:
            self._stop_listening = self._source.listen(self._hear)
        self._book.begin()
        try:
            answer = await self._source.positions()
            self._book.finish(answer, self._clock.now())
        finally:
            self._book.abandon()
        own = self._session.account
        for account in sorted(info.accounts, key=lambda name: (name == own, name)):
            await self._follow(account)
        self._interrupted = ""
        self._touch(*self.accounts)

    async def _follow(self, account: str) -> None:
        statement = self._statement(account)
        statement.begin()
        try:
            await self._source.follow_account(account)
            statement.finish()
        finally:
            statement.abandon()
        self._heard[account] = self._clock.now()

    def interrupted(self, reason: str) -> None:
        """The session ended, or lost IB: what is shown from now on is from before."""
        if not self._interrupted:
            self._interrupted = reason
            self._touch(*self.accounts)

    def close(self) -> None:
        """Listen no more."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None

    def _hear(self, report: BrokerReport) -> None:
        now = self._clock.now()
        match report:
            case AccountValueReport(value=line):
                # Lines for the whole login come without an account; they are of the one that is followed.
                account = line.account or self._session.account or ""
                changed = bool(account) and self._statement(account).apply(line)
            case PositionReport(position=row):
                changed = self._book.apply(row, now)
                account = row.account
            case _:
                return
        if account:
            self._heard[account] = now
        if changed:
            self._touch(account)

    def _touch(self, *accounts: str) -> None:
        if accounts and not self._dirty:
            asyncio.get_running_loop().call_soon(self._publish)
        self._dirty.update(accounts)

    def _publish(self) -> None:
        """One batch of rows is in: tell of each account that it changed."""
        dirty, self._dirty = self._dirty, set()
        for account in sorted(dirty):
            heard = self._heard.get(account)
            self._changes.publish(
                PortfolioChanged(
                    account,
                    tuple(self._book.held(account)),
                    self._statement(account).summary(heard or self._clock.now()),
                    heard,
                    self._interrupted,
                )
            )

    def _statement(self, account: str) -> Statement:
        return self._statements.setdefault(account, Statement(account))

    def _known(self, account: str | None) -> str:
        accounts = self.accounts
        if not accounts:
            raise NotConnected("No account is known yet.", next_step="Wait until the session is ready and ask again.")
        name = account or self._session.account or (accounts[0] if len(accounts) == 1 else None)
        if name not in accounts:
            raise InvalidInput(
                "Several accounts could be meant." if name is None else f"This login has no account {name!r:.40}.",
                next_step=f"Name one of {', '.join(accounts)}.",
            )
        return name

    def __repr__(self) -> str:
        held = len(self._book.held())
        return f"<Portfolio of {', '.join(self.accounts) or 'no account yet'}: {held} positions>"
