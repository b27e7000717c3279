"""The kill switch: it blocks at once, cancels until nothing is left, and stays through restarts."""

import asyncio

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.domain.audit import Actor, ActorKind, acting
from ironbridge.domain.order import buy
from ironbridge.domain.risk import KillSwitch, SwitchState
from ironbridge.errors import InvalidInput, OrderRefused, RequestTimeout, StorageError
from ironbridge.risk import KillSwitchKeeper
from ironbridge.risk.switch import MOVES, RETRY_SECONDS
from ironbridge.store import Anchor, Database, SqlAudit, SqlJournal, SqlRiskStore

ANNE = Actor(ActorKind.USER, "anne", "console")


class Hands:
    """What is open, and how the broker takes its cancelling."""

    def __init__(self) -> None:
        self.left: list[str] = []
        self.error: Exception | None = None
        self.calls = 0
        self.called = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()

    async def __call__(self) -> list[str]:
        self.calls += 1
        self.called.set()
        await self.hold.wait()
        if self.error is not None:
            raise self.error
        return list(self.left)


@pytest.fixture
async def database(tmp_path):
    database = Database.at(tmp_path / "risk.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def make(database, bench, tmp_path):
    def keeper(hands: Hands) -> KillSwitchKeeper:
        audit = SqlAudit(database, bench.clock, Anchor(tmp_path / "anchor"))
        events, alerts = MemoryTopic("risk"), MemoryTopic("alerts")
        made = KillSwitchKeeper(SqlRiskStore(database), audit, hands, bench.clock, events, alerts)
        made.audit, made.alerts = audit, alerts.subscribe()
        return made

    return keeper


async def until(keeper: KillSwitchKeeper, *states: SwitchState) -> None:
    async with asyncio.timeout(10):
        while keeper.switch.state not in states:
            await keeper._moved.wait()


async def test_it_blocks_cancels_and_verifies(bench, make) -> None:
    keeper = make(Hands())
    await keeper.start()
    bench.gate.guard(keeper.block, refused=lambda _request, error: bench.refused.append(error.rule))
    bench.check(buy(1))
    with acting(ANNE):
        await keeper.engage("the strategy is mad")
    with pytest.raises(OrderRefused, match="by anne: the strategy is mad") as error:
        bench.check(buy(1))
    assert error.value.rule == "kill_switch"
    await until(keeper, SwitchState.VERIFIED)
    with acting(ANNE):
        await keeper.release("mended")
    bench.check(buy(1))
    deeds = [(entry.what, entry.actor.name, entry.text) for entry in await keeper.audit.page()]
    assert deeds == [
        ("kill_switch.released", "anne", "mended"),
        ("kill_switch.engaged", "anne", "the strategy is mad"),
    ]
    await keeper.stop()


async def test_what_is_left_is_tried_again_and_told_once(bench, make) -> None:
    hands = Hands()
    hands.left = ["'k1' (BUY 1 AAPL LMT) is Submitted"]
    keeper = make(hands)
    await keeper.start()
    await keeper.engage("stop")
    await until(keeper, SwitchState.INCOMPLETE)
    assert keeper.switch.left == tuple(hands.left)
    for calls in (2, 3):
        await bench.clock.until_sleeping()
        await bench.clock.advance(RETRY_SECONDS)
        while hands.calls < calls:
            await keeper._moved.wait()
    hands.left = []
    await bench.clock.until_sleeping()
    await bench.clock.advance(RETRY_SECONDS)
    await until(keeper, SwitchState.VERIFIED)
    told = []
    with keeper.alerts as alerts:
        while not told or "k1" not in told[-1]:
            told.append((await anext(alerts)).text)
    assert sum("Not everything is cancelled" in text for text in told) == 1
    await keeper.stop()


async def test_a_broker_that_cannot_be_asked_is_not_cancelled(bench, make) -> None:
    hands = Hands()
    hands.error = RequestTimeout("No answer about all open orders within 15 s.")
    keeper = make(hands)
    await keeper.start()
    await keeper.engage("stop")
    await until(keeper, SwitchState.INCOMPLETE)
    assert keeper.switch.left == ("not known: No answer about all open orders within 15 s.",)
    await keeper.stop()


@pytest.mark.parametrize("left", ([], ["an order"]))
async def test_a_restart_finds_it_as_it_was(bench, make, left) -> None:
    hands = Hands()
    hands.left = left
    keeper = make(hands)
    await keeper.start()
    await keeper.engage("stop")
    await until(keeper, SwitchState.VERIFIED, SwitchState.INCOMPLETE)
    await keeper.release("one")
    await keeper.engage("stop again")
    await until(keeper, SwitchState.VERIFIED, SwitchState.INCOMPLETE)
    await bench.clock.settle()
    await keeper.stop()

    hands = Hands()
    again = make(hands)
    await again.start()
    with pytest.raises(OrderRefused, match="stop again"):
        again.check()
    await until(again, SwitchState.VERIFIED)
    # Where the end of the cancelling had not been kept yet, it is done once more, which harms nothing.
    assert hands.calls == 1 or not left
    await again.stop()


async def test_it_is_engaged_though_it_cannot_be_kept(bench, make, database) -> None:
    hands = Hands()
    keeper = make(hands)
    await keeper.start()
    await database.close()
    with pytest.raises(StorageError):
        await keeper.engage("stop")
    with pytest.raises(OrderRefused):
        keeper.check()
    await until(keeper, SwitchState.VERIFIED)
    assert hands.calls == 1
    with pytest.raises(StorageError):
        await keeper.release("mended")
    with pytest.raises(OrderRefused):
        keeper.check()
    await keeper.stop()


async def test_engaged_once_more_it_cancels_once_more(bench, make) -> None:
    hands = Hands()
    hands.hold.clear()
    keeper = make(hands)
    await keeper.start()
    await keeper.engage("first")
    await hands.called.wait()
    await keeper.engage("second")
    hands.hold.set()
    await until(keeper, SwitchState.VERIFIED)
    assert hands.calls == 2
    assert keeper.switch.reason == "second"
    await keeper.stop()


async def test_words_are_asked_for_and_nothing_is_released_twice(make) -> None:
    keeper = make(Hands())
    await keeper.start()
    with pytest.raises(InvalidInput, match="No reason"):
        await keeper.engage("  ")
    assert not keeper.switch.engaged
    with pytest.raises(InvalidInput, match="not engaged"):
        await keeper.release("why not")
    await keeper.stop()


async def test_no_process_on_the_database_can_claim_while_it_is_engaged(bench, database) -> None:
    journal, store = SqlJournal(database, bench.clock), SqlRiskStore(database)
    known, new = bench.request(buy(1), key="known"), bench.request(buy(1), key="new")
    await journal.claim(known, 1, 1)
    engaged = KillSwitch(SwitchState.VERIFIED, bench.clock.now(), "anne", "drill")
    await store.save_switch(engaged)
    with pytest.raises(OrderRefused) as error:
        await journal.claim(new, 1, 1)
    assert error.value.rule == "kill_switch"
    assert not (await journal.claim(known, 1, 1)).fresh
    with pytest.raises(OrderRefused):
        await journal.claim_all((new,), 1, 1)
    assert await journal.halted()
    await store.save_switch(KillSwitch())
    assert not await journal.halted()
    assert (await journal.claim(new, 1, 1)).fresh


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(SwitchState)
