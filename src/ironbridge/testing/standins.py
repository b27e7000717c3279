"""A session, a journal and facts in memory: what orders need beside a broker, without a socket and without a disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from ironbridge.domain.account import Exposure, Funds, Position
from ironbridge.domain.audit import Actor
from ironbridge.domain.discrepancy import Discrepancy
from ironbridge.domain.events import Claimed, OrderEvent, OrderIntended, Recorded
from ironbridge.domain.order import OrderRequest
from ironbridge.domain.session import SessionInfo, SessionState
from ironbridge.errors import IronbridgeError, NotConnected, UpstreamLost
from ironbridge.interfaces import Clock
from ironbridge.session.accounts import check_account

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FakeSession:
    """A session that is as it is told to be, as `ironbridge.interfaces.Session`."""

    def __init__(self, *, client_id: int = 1, accounts: tuple[str, ...] = ("DU1",), next_order_id: int = 1) -> None:
        self.state = SessionState.READY
        self.client_id = client_id
        self.upstream = True
        self.live_account: str | None = None
        self.info: SessionInfo | None = SessionInfo(178, accounts, next_order_id, _EPOCH)

    def require_orders(self) -> None:
        if self.state not in {SessionState.READY, SessionState.DEGRADED}:
            raise NotConnected(f"The session is {self.state.name}.", next_step="Wait until it is READY.")
        if not self.upstream:
            raise UpstreamLost("The gateway has lost its connection to IB.", next_step="Wait until it is back.")

    def check_account(self, account: str) -> None:
        check_account(account, self.live_account)


class KnownFacts:
    """Facts of accounts that are as they are told to be, as `ironbridge.interfaces.RiskFacts`; one base currency.

    Attributes:
        rows: everything that is held; None is "not known".
        rates: what one unit of each currency is worth in the base currency.
        pnl: profit or loss since the day began, by account.
        buying_power: the same for every account.
        differences: between the broker and the books, of every account.
        interrupted_by: why nothing is known to be current.
    """

    def __init__(self, base: str = "USD") -> None:
        self.rows: list[Position] | None = []
        self.rates: dict[str, Decimal] = {base: Decimal(1)}
        self.pnl: dict[str, Decimal] = {}
        self.buying_power: Decimal | None = None
        self.differences: list[Discrepancy] = []
        self.interrupted_by = ""
        self.accounts: tuple[str, ...] = ()
        self._base = base

    def held(self, account: str) -> list[Position] | None:
        return None if self.rows is None else [row for row in self.rows if row.account == account]

    def position(self, account: str, con_id: int) -> Decimal | None:
        rows = self.held(account)
        if rows is None:
            return None
        return sum((row.quantity for row in rows if row.instrument.con_id == con_id), Decimal(0))

    def exposure(self, account: str) -> Exposure:
        values = [row.market_value for row in self.held(account) or ()]
        known = [value for value in values if value is not None]
        return Exposure(account, self._base, sum(map(abs, known), Decimal(0)), sum(known, Decimal(0)))

    def discrepancies(self, account: str) -> list[Discrepancy]:
        return [each for each in self.differences if each.account == account]

    def daily_pnl(self, account: str) -> Decimal | None:
        return self.pnl.get(account)

    def funds(self, account: str) -> Funds:
        return Funds(account, self._base, buying_power=self.buying_power)

    def base_currency(self, account: str) -> str | None:  # noqa: ARG002 - one for all
        return self._base

    def fx(self, account: str, currency: str) -> Decimal | None:  # noqa: ARG002 - as above
        return self.rates.get(currency)


class MemoryJournal:
    """A journal that forgets with the process, as `ironbridge.interfaces.Journal`.

    Attributes:
        engaged: the kill switch, as this database would have it.
        fail: raised by the next calls, if set, until it is None again. Nothing is recorded then.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recorded: list[Recorded] = []
        self._intents: dict[str, Recorded] = {}
        self._marks: dict[int, int] = {}
        self.engaged = False
        self.fail: IronbridgeError | None = None

    async def halted(self) -> bool:
        self._check()
        return self.engaged

    async def claim(
        self, request: OrderRequest, client_id: int, floor: int, meanwhile: Callable[[Claimed], None] | None = None
    ) -> Claimed:
        self._check()
        taken = self._intents.get(request.key)
        if taken is not None:
            return Claimed(taken, fresh=False)
        order_id = await self.reserve_id(client_id, floor)
        intent = self._add(OrderIntended(request.key, request, client_id, order_id))
        self._intents[request.key] = intent
        claimed = Claimed(intent, fresh=True)
        if meanwhile is not None:
            meanwhile(claimed)
        return claimed

    async def claim_all(self, requests: Sequence[OrderRequest], client_id: int, floor: int) -> Sequence[Claimed]:
        self._check()
        taken = [self._intents[request.key] for request in requests if request.key in self._intents]
        if taken:
            return [Claimed(intent, fresh=False) for intent in taken]
        return [await self.claim(request, client_id, floor) for request in requests]

    async def reserve_id(self, client_id: int, floor: int) -> int:
        self._check()
        order_id = self._marks[client_id] = max(floor, self._marks.get(client_id, 0) + 1)
        return order_id

    async def append(self, events: Sequence[OrderEvent], by: Sequence[Actor] = ()) -> Sequence[Recorded]:  # noqa: ARG002 - it keeps no audit
        self._check()
        return [self._add(event) for event in events]

    async def replay(self) -> Sequence[Recorded]:
        self._check()
        return tuple(self._recorded)

    async def since(self, sequence: int) -> Sequence[Recorded]:
        self._check()
        return self._recorded[sequence:]

    async def story(self, key: str) -> Sequence[Recorded]:
        self._check()
        return [recorded for recorded in self._recorded if recorded.event.key == key]

    def _add(self, event: OrderEvent) -> Recorded:
        self._recorded.append(Recorded(len(self._recorded) + 1, self._clock.now(), event))
        return self._recorded[-1]

    def _check(self) -> None:
        if self.fail is not None:
            raise self.fail
