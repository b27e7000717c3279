"""Positions, accounts, profit and executions (ACC-1 to ACC-5).

Positions and amounts are the broker's own and say since when. Rows come as they change; `synchronise` asks for the
whole, and only a whole answer says what is not there (I-04). While the session is interrupted everything stays
readable and is marked as from before. Beside them stands what is folded from executions (`ledger`), and where the two
stay apart a person is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.account import AccountSummary, AccountValue, Exposure, Funds, FxRate, PortfolioChanged, Position
from ironbridge.domain.advisor import AdvisorSetup
from ironbridge.domain.alerts import Alert
from ironbridge.domain.discrepancy import Discrepancy
from ironbridge.domain.executions import Execution, ExecutionFilter
from ironbridge.domain.order_state import Order
from ironbridge.domain.pnl import DailyPnl
from ironbridge.domain.reports import (
    AccountValueReport,
    BrokerReport,
    CommissionReport,
    ExecutionReport,
    PnlReport,
    PositionReport,
)
from ironbridge.errors import InvalidInput, NotConnected, ProtocolError, RequestRejected, RequestTimeout
from ironbridge.interfaces import Clock, FxQuotes, Topic
from ironbridge.portfolio.account import Statement
from ironbridge.portfolio.asking import AccountSession, AccountSource, Asking
from ironbridge.portfolio.books import Books
from ironbridge.portfolio.exposure import exposure_of
from ironbridge.portfolio.fx import Rates
from ironbridge.portfolio.pnl import PnlBook
from ironbridge.portfolio.positions import PositionBook
from ironbridge.portfolio.recorder import ExecutionStore
from ironbridge.portfolio.streams import PositionStreams


class Portfolio:
    """What the accounts hold and are worth.

    It begins to listen with `start`, or with the first `synchronise`, and every account of the login is followed: the
    session's own with its portfolio, which IB streams of one account at a time, the others by their values and by the
    P&L of their positions.

    Parameters:
        source: the broker.
        session: names the accounts.
        clock: stamps what comes.
        changes: where `PortfolioChanged` is published, once for each batch of rows and account.
        store: where executions are kept for good.
        alerts: told where our numbers and the broker's stay apart, and of what cannot be kept.
        quotes: exchange rates of currencies that the account statement does not give; None for none.
    """

    def __init__(
        self,
        source: AccountSource,
        session: AccountSession,
        clock: Clock,
        changes: Topic[PortfolioChanged],
        *,
        store: ExecutionStore,
        quotes: FxQuotes | None = None,
        alerts: Topic[Alert] | None = None,
    ) -> None:
        self._source = source
        self._session = session
        self._clock = clock
        self._changes = changes
        self._rates = Rates(quotes)
        self._book = PositionBook()
        self._statements: dict[str, Statement] = {}
        self._asking = Asking(source, self._book, self._statement, self._executed, clock)
        self._books = Books(
            self._book,
            self._statements,
            store,
            clock,
            alerts,
            ask=self._asking.executions,
            whole=lambda: not self._interrupted and self._book.complete,
        )
        self._pnl = PnlBook()
        self._streams = PositionStreams(source, self._book.keys)
        self._advisor: AdvisorSetup | None = None
        self._heard: dict[str, datetime] = {}
        self._dirty: set[str] = set()
        self._interrupted = "the session has not begun"
        self._stop_listening: Callable[[], None] | None = None

    async def start(self, orders: Iterable[Order] = ()) -> None:
        """Read what is kept, and begin to listen, to keep and to check.

        Parameters:
            orders: those of the journal, for fills that are kept nowhere else.

        Raises:
            StorageError: what is kept cannot be read.
        """
        self._pnl.restore(await self._books.start(orders))
        self._listen()
        self._streams.start()

    async def stop(self) -> None:
        """Listen no more, and keep what was heard."""
        self.close()
        await self._streams.stop()
        await self._books.stop()

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

    def pnl(self, account: str | None = None) -> DailyPnl:
        """The profit or loss of the day, with its source: IB's own, else the change of net liquidation."""
        return self._daily(self._known(account))

    def pnl_course(self, account: str | None = None) -> list[tuple[datetime, Decimal]]:
        """How the day's profit has gone since it was first followed today."""
        return self._pnl.course(self._known(account))

    @property
    def books(self) -> Books:
        """Our own books: positions and cash as folded from executions."""
        return self._books

    async def executions(
        self, chosen: ExecutionFilter | None = None, *, limit: int = 100, before: int | None = None
    ) -> list[Execution]:
        """Executions of all times, ours and others', the newest first.

        Parameters:
            chosen: which; left out, all.
            limit: how many at most.
            before: the number of the last execution of the page before.

        Raises:
            StorageError: they cannot be read.
        """
        return await self._books.recorder.page(chosen or ExecutionFilter(), limit, before)

    def discrepancies(self, account: str | None = None) -> list[Discrepancy]:
        """Where our numbers and the broker's have stayed apart, of all accounts or of one, as alerts have told."""
        return [each for each in self._books.reported() if account in {None, each.account}]

    def accept(self, account: str) -> int:
        """Take the broker's word for everything that differs in an account; how many positions and balances it was.

        Raises:
            NotConnected: the broker's numbers are from before.
            InvalidInput: the login has no such account.
        """
        name = self._known(account)
        if not self._current(name) or not self._book.complete:
            raise NotConnected(
                f"What the broker has in {name} is not known now: {self._interrupted}.",
                next_step="Wait until the session is ready and ask again.",
            )
        count = self._books.accept(name)
        self._touch(name)
        return count

    @property
    def advisor(self) -> AdvisorSetup | None:
        """An advisor's groups, profiles and aliases, as of the last synchronisation; None for another login."""
        return self._advisor

    def _daily(self, account: str) -> DailyPnl:
        return self._pnl.daily(account, self.base_currency(account), self._clock.now())

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

    def daily_pnl(self, account: str) -> Decimal | None:
        """See `RiskFacts.daily_pnl`."""
        return self._pnl.for_limits(account, self._clock.now()) if self._current(account) else None

    def funds(self, account: str) -> Funds:
        """See `RiskFacts.funds`."""
        if not self._current(account):
            return Funds(account)
        return self._statement(account).funds()

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
        self._listen()
        opened = all(self._books.ledger.opened(account) for account in info.accounts)
        settled = await self._asking.everything(info, self._session.account, opened=opened)
        for account in info.accounts:
            self._heard[account] = self._clock.now()
            await self._source.follow_pnl(account)
            if settled:
                self._books.open(account)
        with suppress(RequestTimeout, RequestRejected, ProtocolError):
            # What an advisor has set up is for people: for want of it nobody is kept from trading.
            self._advisor = await self._source.advisor()
        self._interrupted = ""
        self._streams.begin()
        self._touch(*self.accounts)

    def _listen(self) -> None:
        if self._stop_listening is None:
            self._stop_listening = self._source.listen(self._hear)

    def interrupted(self, reason: str) -> None:
        """The session ended, or lost IB: what is shown from now on is from before."""
        if not self._interrupted:
            self._interrupted = reason
            self._pnl.interrupt()
            self._book.forget_daily()
            self._books.interrupt()
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
                if changed and line.name == "NetLiquidation":
                    self._note_worth(account, now)
            case PositionReport(position=row):
                changed = self._book.apply(row, now)
                account = row.account
                self._streams.changed()
            case PnlReport(account=account, con_id=con_id):
                if con_id is None:
                    changed = self._pnl.apply(report, now)
                else:
                    changed = self._book.apply_pnl(report, self.base_currency(account))
            case ExecutionReport():
                self._executed(report)
                return
            case CommissionReport():
                if self._books.recorder.charge(report):
                    fill = self._books.ledger.known(report.execution_id)
                    self._touch(*((fill.account,) if fill is not None else ()))
                return
            case _:
                return
        if account:
            self._heard[account] = now
        if changed:
            self._touch(account)

    def _executed(self, report: ExecutionReport) -> None:
        if self._books.recorder.take(report):
            self._touch(report.account)

    def _note_worth(self, account: str, now: datetime) -> None:
        funds = self._statement(account).funds()
        if funds.net_liquidation is not None and funds.currency is not None:
            start = self._pnl.note_worth(account, funds.currency, funds.net_liquidation, now)
            if start is not None:
                self._books.recorder.keep_day(start)

    def _touch(self, *accounts: str) -> None:
        if accounts and not self._dirty:
            asyncio.get_running_loop().call_soon(self._publish)
        self._dirty.update(accounts)

    def _publish(self) -> None:
        """One batch of rows is in: tell of each account that it changed."""
        dirty, self._dirty = self._dirty, set()
        for account in sorted(dirty):
            heard, pnl = self._heard.get(account), self._daily(account)
            self._pnl.sample(pnl, self._clock.now())
            self._changes.publish(
                PortfolioChanged(
                    account,
                    tuple(self._book.held(account)),
                    self._statement(account).summary(heard or self._clock.now()),
                    heard,
                    self._interrupted,
                    pnl,
                    self._books.recorder.counted,
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
