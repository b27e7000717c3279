"""The daily loss limit: reached is reached until the day is over, and risk is taken away until it is gone."""

import asyncio
from decimal import Decimal

import pytest
from tests.unit.risk.conftest import AAPL, MSFT

from ironbridge.bus import MemoryTopic
from ironbridge.domain.order import buy, sell
from ironbridge.domain.risk import LossAction, RiskLimits, RiskPolicy, trading_day
from ironbridge.domain.scope import Scope
from ironbridge.errors import InvalidInput, NotConnected, OrderRefused
from ironbridge.risk import LossWatch
from ironbridge.risk.losses import RETRY_SECONDS
from ironbridge.store import Anchor, Database, SqlAudit, SqlRiskStore

D = Decimal


class Hands:
    """Takes risk away as it is told to."""

    def __init__(self, facts) -> None:
        self.facts = facts
        self.cancelled: list[str] = []
        self.closed: list[tuple[str, str]] = []
        self.left: list[str] = []
        self.error: Exception | None = None
        self.refuses: set[str] = set()

    async def cancel_account(self, account):
        self.cancelled.append(account)
        if self.error is not None:
            raise self.error
        return tuple(self.left)

    async def close(self, position, key):
        self.closed.append((str(position.instrument), key))
        return key not in self.refuses


class Loss:
    def __init__(self, bench, database, tmp_path) -> None:
        self.bench = bench
        self.hands = Hands(bench.facts)
        self.changes = MemoryTopic("portfolio")
        self.audit = SqlAudit(database, bench.clock, Anchor(tmp_path / "anchor"))
        self.alerts = MemoryTopic("alerts")
        self.told = self.alerts.subscribe()
        self.watch = self.make(database)

    def make(self, database) -> LossWatch:
        return LossWatch(
            SqlRiskStore(database), self.audit, self.bench.facts, self.hands, self.bench.clock, self.changes,
            MemoryTopic("risk"), self.alerts,
        )  # fmt: skip

    async def begin(self, *, action=LossAction.REFUSE, limit="100", scope="all") -> None:
        self.bench.facts.accounts = ("DU1", "DU2")
        limits = RiskLimits(max_daily_loss=D(limit), on_daily_loss=action)
        self.bench.gate.policy = RiskPolicy().with_limits(Scope.parse(scope), limits)
        self.watch.configure(self.bench.gate.policy)
        self.bench.gate.guard(self.watch.block, refused=lambda _request, _error: None)
        await self.watch.start()

    async def result(self, pnl: str, account: str = "DU1") -> None:
        self.bench.facts.pnl[account] = D(pnl)
        self.watch.configure(self.bench.gate.policy)
        await self.until(lambda: True)

    async def until(self, condition) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await self.bench.clock.advance(0)
                await asyncio.sleep(0)


@pytest.fixture
async def database(tmp_path):
    database = Database.at(tmp_path / "risk.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def loss(bench, database, tmp_path):
    loss = Loss(bench, database, tmp_path)
    yield loss
    await loss.watch.stop()


async def test_at_the_limit_new_risk_is_refused(loss, bench) -> None:
    await loss.begin()
    await loss.result("-99.99")
    bench.check(buy(1))
    await loss.result("-100")
    with pytest.raises(OrderRefused, match="DU1 has lost 100") as refused:
        bench.check(buy(1))
    assert (refused.value.rule, refused.value.limit, refused.value.value) == ("max_daily_loss", "100", "100")
    bench.facts.pnl["DU2"] = D(0)
    bench.check(buy(1), account="DU2")
    await loss.result("500")
    with pytest.raises(OrderRefused):
        bench.check(buy(1))


async def test_a_way_out_stays_open(loss, bench) -> None:
    await loss.begin()
    bench.hold(10)
    await loss.result("-200")
    bench.check(sell(10))
    with pytest.raises(OrderRefused):
        bench.check(sell(11))
    with pytest.raises(OrderRefused):
        bench.check(buy(1))


async def test_a_result_that_is_not_known_is_not_zero(loss, bench) -> None:
    await loss.begin()
    with pytest.raises(OrderRefused, match="result of DU1 is not known"):
        bench.check(buy(1))


async def test_the_gate_sees_it_before_anybody_has_told(loss, bench) -> None:
    await loss.begin()
    bench.facts.pnl["DU1"] = D(-300)
    with pytest.raises(OrderRefused, match="has lost 300"):
        bench.check(buy(1))
    assert [reached.account for reached in loss.watch.reached] == ["DU1"]


async def test_the_day_in_new_york_ends_it(loss, bench) -> None:
    await loss.begin()
    await loss.result("-100")
    bench.facts.pnl["DU1"] = D(0)
    await bench.clock.advance(14.4 * 3600)
    assert trading_day(bench.clock.now()) == "2026-03-02"
    with pytest.raises(OrderRefused):
        bench.check(buy(1))
    await bench.clock.advance(0.2 * 3600)
    bench.check(buy(1))
    assert loss.watch.reached == ()


async def test_a_restart_does_not_forget(loss, bench, database) -> None:
    await loss.begin()
    await loss.result("-100")
    store = SqlRiskStore(database)
    async with asyncio.timeout(10):
        while not await store.losses():
            await bench.clock.settle()
    bench.facts.pnl["DU1"] = D(0)
    again = loss.make(database)
    await again.start()
    assert [each.account for each in again.reached] == ["DU1"]
    await again.stop()


async def test_a_person_may_release_it(loss, bench) -> None:
    await loss.begin()
    await loss.result("-100")
    bench.facts.pnl["DU1"] = D(-50)
    with pytest.raises(InvalidInput, match="No reason"):
        await loss.watch.release("DU1", " ")
    with pytest.raises(InvalidInput, match="has not reached"):
        await loss.watch.release("DU2", "x")
    await loss.watch.release("DU1", "a hedge is not counted")
    bench.check(buy(1))
    assert (await loss.audit.page())[0].text == "a hedge is not counted"


async def test_the_narrowest_limit_counts(loss, bench) -> None:
    await loss.begin(limit="1000")
    bench.gate.policy = bench.gate.policy.with_limits(Scope.parse("account:DU1"), RiskLimits(max_daily_loss=D(10)))
    bench.facts.pnl["DU2"] = D(-500)
    await loss.result("-10")
    assert [(each.account, each.limit) for each in loss.watch.reached] == [("DU1", D(10))]


async def test_orders_are_cancelled_until_none_is_left(loss, bench) -> None:
    await loss.begin(action=LossAction.CANCEL)
    loss.hands.left = ["'k' is working"]
    loss.hands.error = NotConnected("no session")
    await loss.result("-100")
    await loss.until(lambda: len(loss.hands.cancelled) == 1)
    loss.hands.error = None
    await bench.clock.until_sleeping()
    await bench.clock.advance(RETRY_SECONDS)
    await loss.until(lambda: len(loss.hands.cancelled) == 2)
    loss.hands.left = []
    await bench.clock.until_sleeping()
    await bench.clock.advance(RETRY_SECONDS)
    await loss.until(lambda: len(loss.hands.cancelled) == 3 and not loss.watch._acting)
    assert loss.hands.closed == []


async def test_positions_are_closed_once_each_and_again_where_that_failed(loss, bench) -> None:
    await loss.begin(action=LossAction.CLOSE)
    bench.hold(10)
    bench.hold(-5, MSFT)
    bench.hold(7, account="DU2")
    first = f"daily-loss-2026-03-02-DU1-{AAPL.con_id}-1"
    loss.hands.refuses = {first}
    await loss.result("-100")
    await loss.until(lambda: len(loss.hands.closed) == 2)
    other = ("MSFT", f"daily-loss-2026-03-02-DU1-{MSFT.con_id}-1")
    assert loss.hands.closed == [("AAPL", first), other]
    await bench.clock.until_sleeping()
    await bench.clock.advance(RETRY_SECONDS)
    await loss.until(lambda: len(loss.hands.closed) == 4)
    assert loss.hands.closed[2:] == [("AAPL", first.removesuffix("1") + "2"), other]
    bench.facts.rows = [row for row in bench.facts.rows if row.account == "DU2"]
    await bench.clock.until_sleeping()
    await bench.clock.advance(RETRY_SECONDS)
    await loss.until(lambda: not loss.watch._acting)
    assert loss.hands.cancelled == ["DU1"]


async def test_what_is_held_and_not_known_is_waited_for(loss, bench) -> None:
    await loss.begin(action=LossAction.CLOSE)
    bench.facts.rows = None
    await loss.result("-100")
    await loss.until(lambda: loss.hands.cancelled == ["DU1"])
    bench.facts.rows = []
    bench.hold(1)
    await bench.clock.until_sleeping()
    await bench.clock.advance(RETRY_SECONDS)
    await loss.until(lambda: len(loss.hands.closed) == 1)
