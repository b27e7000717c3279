"""A broker's accounts in memory, and the session that names them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ironbridge.domain.account import AccountValue, Position
from ironbridge.domain.advisor import AdvisorSetup
from ironbridge.domain.instrument import Stock
from ironbridge.domain.reports import AccountValueReport, BrokerReport, ExecutionReport, PositionReport
from ironbridge.domain.session import SessionInfo
from ironbridge.testing.fake_feed import contract_for

D = Decimal
AAPL = Position("DU1", contract_for(Stock("AAPL"), 1).instrument, D(100), D("150.5"))
MSFT = replace(AAPL, instrument=contract_for(Stock("MSFT"), 2).instrument, quantity=D(5))
LINES = (
    AccountValue("DU1", "NetLiquidation", "100000.25", "USD"),
    AccountValue("DU1", "TotalCashValue", "50000", "USD"),
    AccountValue("DU1", "BuyingPower", "400000", "USD"),
    AccountValue("DU1", "AvailableFunds", "1.7976931348623157E308", "USD"),
    AccountValue("DU1", "InitMarginReq", "", "USD"),
    AccountValue("DU1", "UnrealizedPnL", "950", "USD"),
    AccountValue("DU1", "UnrealizedPnL", "1000.5", "BASE"),
    AccountValue("DU1", "CashBalance", "50000", "BASE"),
    AccountValue("DU1", "CashBalance", "40000", "USD"),
    AccountValue("DU1", "CashBalance", "9000.10", "EUR"),
    AccountValue("DU1", "AccountType", "INDIVIDUAL", ""),
)


@dataclass
class Session:
    info: SessionInfo | None
    account: str | None = "DU1"


class Accounts:
    """A broker's accounts in memory, that publishes rows as IB does: each one, then the answer."""

    def __init__(self) -> None:
        self.rows: list[Position] = [AAPL]
        self.lines: dict[str, Sequence[AccountValue]] = {"DU1": LINES}
        self.followed: list[str] = []
        self.values: list[str] = []
        self.executed: list[ExecutionReport] = []
        self.pnl: set[tuple[str, int | None]] = set()
        self.setup: AdvisorSetup | None = None
        self.broken: Exception | None = None
        self.listeners: list[Callable[[BrokerReport], None]] = []

    def listen(self, listener: Callable[[BrokerReport], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def say(self, *reports: BrokerReport) -> None:
        for report in reports:
            for listener in self.listeners:
                listener(report)

    async def positions(self) -> Sequence[Position]:
        if self.broken is not None:
            raise self.broken
        self.say(*map(PositionReport, self.rows))
        return list(self.rows)

    async def executions(self) -> Sequence[ExecutionReport]:
        return list(self.executed)

    async def follow_pnl(self, account: str, con_id: int | None = None) -> None:
        self.pnl.add((account, con_id))

    async def unfollow_pnl(self, account: str, con_id: int | None = None) -> None:
        self.pnl.discard((account, con_id))

    async def advisor(self) -> AdvisorSetup | None:
        return self.setup

    async def follow_values(self, account: str) -> None:
        self.values.append(account)
        self.say(*map(AccountValueReport, self.lines.get(account, ())))

    async def follow_account(self, account: str) -> None:
        self.followed.append(account)
        self.say(*map(AccountValueReport, self.lines.get(account, ())))
