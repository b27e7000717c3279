"""A client id has one owner, and one that lost it can neither record nor send (I-19)."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ironbridge.domain.audit import AuditFilter
from ironbridge.domain.events import OrderMoved
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import Trigger
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.errors import HomeInUse, LeaseLost
from ironbridge.home import PROCESSES, Presence, enter_home
from ironbridge.store import Database, SqlAudit, SqlJournal, SqlLeases
from ironbridge.store.leases import CONFIRM_SECONDS, SURE_SECONDS
from ironbridge.testing.clock import ManualClock


@dataclass
class Process:
    """What one process has of its own; two of them share a file here as two processes do."""

    clock: ManualClock
    presence: Presence
    leases: SqlLeases
    journal: SqlJournal
    lost: list[int]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def presences(home: Path) -> Iterator[tuple[Presence, Presence]]:
    with enter_home(home) as one, enter_home(home) as two:
        yield one, two


@pytest.fixture
async def processes(
    presences: tuple[Presence, Presence], database: Database, home: Path
) -> AsyncIterator[list[Process]]:
    second = Database.at(home / "ironbridge.db")
    await second.open()
    made = []
    for name, presence, own in zip(("one", "two"), presences, (database, second), strict=True):
        clock, lost = ManualClock(), list[int]()
        leases = SqlLeases(own, presence, name, clock, lambda client_id, _why, lost=lost: lost.append(client_id))
        made.append(Process(clock, presence, leases, SqlJournal(own, clock, leases), lost))
    yield made
    await second.close()


def get_stuck(process: Process) -> None:
    os.utime(process.presence.home / PROCESSES / f"{process.presence.name}.lock", (1, 1))


def request(key: str) -> OrderRequest:
    return OrderRequest(key, Stock("AAPL"), buy(1), "DU1")


async def test_a_second_owner_is_told_of_the_first(processes: list[Process]) -> None:
    one, two = processes
    await one.leases.hold(1)
    await one.leases.hold(1)
    with pytest.raises(HomeInUse, match=rf"owned by one \(process {os.getpid()}\)"):
        await two.leases.hold(1)
    await two.leases.hold(2)
    await one.leases.confirm()
    assert (one.leases.elsewhere(1), str(one.leases.elsewhere(2))) == (None, f"two (process {os.getpid()})")


async def test_what_is_let_go_is_free_and_its_token_rises(processes: list[Process], database: Database) -> None:
    one, two = processes
    await one.leases.hold(1)
    await one.leases.hold(5)
    await one.leases.keep_only(5)
    await two.leases.hold(1)
    assert (two.leases.token(1), one.leases.token(1), one.leases.token(5)) == (2, None, 1)
    await one.leases.confirm()
    assert one.lost == []
    assert not await SqlAudit(database, one.clock).page(AuditFilter(what="session"))


async def test_one_that_is_stuck_loses_it_and_can_record_nothing_more(
    processes: list[Process], database: Database
) -> None:
    one, two = processes
    await one.leases.hold(1)
    assert (await one.journal.claim(request("before"), 1, 1)).fresh
    get_stuck(one)
    await two.leases.hold(1)
    # It has not looked yet, and believes that the id is its own.
    one.leases.require(1)
    with pytest.raises(LeaseLost):
        await one.journal.claim(request("after"), 1, 1)
    with pytest.raises(LeaseLost):
        await one.journal.append([OrderMoved("before", Trigger.SENT)])
    with pytest.raises(LeaseLost):
        await one.journal.claim(request("before"), 1, 1)
    await one.leases.confirm()
    assert one.lost == [1]
    with pytest.raises(LeaseLost, match="does not own"):
        one.leases.require(1)
    assert [recorded.event.key for recorded in await two.journal.replay()] == ["before"]
    assert (await two.journal.claim(request("after"), 1, 1)).fresh
    (entry,) = await SqlAudit(database, one.clock).page(AuditFilter(what="session.taken_over"))
    assert "fencing token 2" in entry.text


async def test_one_that_stood_still_is_not_sure_until_it_has_looked(processes: list[Process]) -> None:
    one, _ = processes
    await one.leases.hold(1)
    one.leases.require(1)
    await one.clock.advance(SURE_SECONDS + 0.1)
    with pytest.raises(LeaseLost, match="not known"):
        one.leases.require(1)
    await one.leases.confirm()
    one.leases.require(1)


async def test_it_is_confirmed_by_itself(processes: list[Process]) -> None:
    one, two = processes
    await one.leases.hold(1)
    await one.leases.start()
    await one.clock.until_sleeping()
    get_stuck(one)
    await two.leases.hold(1)
    await one.clock.advance(CONFIRM_SECONDS)
    await one.clock.until_sleeping()
    assert one.lost == [1]
    await one.leases.stop()
    assert two.leases.token(1) == 2


async def test_a_claim_needs_the_id_it_is_made_under(processes: list[Process]) -> None:
    one, _ = processes
    with pytest.raises(LeaseLost):
        await one.journal.claim(request("a"), 1, 1)
    await one.leases.hold(2)
    with pytest.raises(LeaseLost):
        await one.journal.claim(request("a"), 1, 1)
