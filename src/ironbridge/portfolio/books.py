"""Our own books: the ledger, what keeps it, and where it stays apart from what the broker says.

An account is opened once, by what the broker holds: from then on executions alone move it, so that whatever else
happens at the broker shows as a difference, and stands until a person accepts the broker's number.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.alerts import Alert
from ironbridge.domain.discrepancy import Discrepancy
from ironbridge.domain.executions import Holding
from ironbridge.domain.order_state import Order
from ironbridge.domain.pnl import DayStart
from ironbridge.interfaces import Clock, Topic
from ironbridge.portfolio.account import Statement
from ironbridge.portfolio.checker import Checker
from ironbridge.portfolio.checking import differences
from ironbridge.portfolio.positions import PositionBook
from ironbridge.portfolio.recorder import ExecutionStore, Recorder

FIRST_LOOK = "the broker's position when this account was first seen here"
ACCEPTED = "the broker's position, accepted by hand"


class Books:
    """The books of all accounts.

    Parameters:
        positions: what the broker holds.
        statements: what it states, by account.
        store: where executions are kept for good.
        clock: time.
        alerts: told where the numbers stay apart, and of what cannot be kept.
        ask: asks the broker for its executions and takes them.
        whole: whether what the broker says is known to be current.
    """

    def __init__(
        self,
        positions: PositionBook,
        statements: Mapping[str, Statement],
        store: ExecutionStore,
        clock: Clock,
        alerts: Topic[Alert] | None,
        *,
        ask: Callable[[], Awaitable[object]],
        whole: Callable[[], bool],
    ) -> None:
        self._positions = positions
        self._statements = statements
        self._clock = clock
        self._whole = whole
        self.recorder = Recorder(store, clock, alerts)
        self.ledger = self.recorder.ledger
        self._checker = Checker(self.differences, ask, clock, alerts)

    async def start(self, orders: Iterable[Order]) -> list[DayStart]:
        """Read what is kept, and begin to keep and to check; where the accounts' last known days began.

        Raises:
            StorageError: what is kept cannot be read.
        """
        days = await self.recorder.start(orders)
        self._checker.start()
        return days

    async def stop(self) -> None:
        await self._checker.stop()
        await self.recorder.stop()

    def open(self, account: str) -> None:
        """What the broker has now, and the executions known here, tell what there was before them."""
        now = self._clock.now()
        self.ledger.open(account, self._positions.held(account), now, FIRST_LOOK)
        statement = self._statements.get(account)
        if statement is not None:
            self.recorder.keep_cash(self.ledger.open_cash(account, statement.cash(), now))
        self.recorder.notify()

    def holdings(self, account: str | None = None) -> list[Holding]:
        """Positions as folded, with cost, realised profit and commissions, flat ones too; of all accounts or of one."""
        return self.ledger.holdings(account)

    def cash(self, account: str) -> dict[str, Decimal | None]:
        """Cash by currency as folded; None where what there was before is not known."""
        return self.ledger.cash(account)

    def unforeseeable(self, account: str, currency: str) -> str:
        """Why executions alone do not tell the cash in a currency; empty where they do."""
        return self.ledger.unforeseeable(account, currency)

    def interrupt(self) -> None:
        """The session is not whole."""
        self._checker.interrupt()

    def reported(self) -> list[Discrepancy]:
        return self._checker.reported()

    def differences(self, now: datetime) -> list[Discrepancy] | None:
        """Everything that differs at this moment; None where the broker's numbers are not current."""
        if not self._whole():
            return None
        found: list[Discrepancy] = []
        for account, statement in sorted(self._statements.items()):
            if self.ledger.opened(account):
                cash = self.ledger.cash(account)
                told = {c: amount for c, amount in cash.items() if not self.ledger.unforeseeable(account, c)}
                held = self._positions.held(account)
                found += differences(account, self.ledger.holdings(account), held, told, dict(statement.cash()), now)
        return found

    def accept(self, account: str) -> int:
        """Take the broker's word for everything that differs in an account; how many numbers it was."""
        now = self._clock.now()
        rows = {row.instrument.con_id: row for row in self._positions.held(account)}
        mine = [each for each in self.differences(now) or () if each.account == account]
        for each in mine:
            if each.instrument is None:
                self.recorder.keep_cash([self.ledger.reopen_cash(account, each.currency, each.broker, now)])
            else:
                con_id = each.instrument.con_id
                self.ledger.reopen(account, con_id, rows.get(con_id), now, ACCEPTED)
                self.recorder.notify()
        self._checker.look()
        return len(mine)
