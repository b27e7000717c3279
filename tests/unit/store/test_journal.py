"""The journal gives each key and each id once, in a sequence without holes, and remembers.

What every journal must do is asked of the one in memory too, so that tests that use it prove something.
"""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ironbridge.domain.events import Claimed, OrderIntended, OrderMoved
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import Trigger
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.errors import StorageError
from ironbridge.interfaces import Journal
from ironbridge.store import Database, SqlJournal
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.standins import MemoryJournal


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def sql_journal(database: Database, clock: ManualClock) -> SqlJournal:
    return SqlJournal(database, clock)


@pytest.fixture(params=("sql", "memory"))
def journal(request: pytest.FixtureRequest, clock: ManualClock) -> Journal:
    return MemoryJournal(clock) if request.param == "memory" else request.getfixturevalue("sql_journal")


def request(key: str, quantity: int = 1) -> OrderRequest:
    return OrderRequest(key, Stock("AAPL"), buy(quantity), "DU1")


def order_id(claimed: Claimed) -> int:
    assert isinstance(claimed.intent.event, OrderIntended)
    return claimed.intent.event.order_id


async def test_a_claim_records_the_intent_and_dates_it(journal: Journal, clock: ManualClock) -> None:
    claimed = await journal.claim(request("a"), client_id=3, floor=17)
    assert claimed.fresh
    assert claimed.intent.sequence == 1
    assert claimed.intent.at == clock.now()
    assert claimed.intent.event == OrderIntended("a", request("a"), client_id=3, order_id=17)
    assert list(await journal.replay()) == [claimed.intent]


async def test_a_taken_key_gives_the_first_intent_whatever_is_asked_now(journal: Journal) -> None:
    first = await journal.claim(request("a"), 3, 17)
    again = await journal.claim(request("a", quantity=99), 4, 500)
    assert again == Claimed(first.intent, fresh=False)
    assert len(await journal.replay()) == 1


async def test_ids_rise_whatever_the_gateway_says(journal: Journal) -> None:
    """I-02: after the daily restart nextValidId went back."""
    ids = [order_id(await journal.claim(request(f"k{n}"), 3, floor)) for n, floor in enumerate((50, 50, 1, 10, 52, 90))]
    assert ids == [50, 51, 52, 53, 54, 90]


async def test_each_client_id_counts_alone(journal: Journal) -> None:
    assert order_id(await journal.claim(request("a"), 1, 100)) == 100
    assert order_id(await journal.claim(request("b"), 2, 1)) == 1
    assert order_id(await journal.claim(request("c"), 1, 1)) == 101


async def test_ids_that_are_used_up(sql_journal: SqlJournal) -> None:
    with pytest.raises(StorageError, match="used up its order ids"):
        await sql_journal.claim(request("a"), 1, 2**31 - 1)
    assert await sql_journal.replay() == []


async def test_a_hundred_claims_of_one_key_at_once(journal: Journal) -> None:
    claims = await asyncio.gather(*(journal.claim(request("same"), 1, 1) for _ in range(100)))
    assert sum(claim.fresh for claim in claims) == 1
    assert {claim.intent.sequence for claim in claims} == {1}


async def test_two_writers_of_one_file_never_share_a_number(tmp_path: Path, database: Database) -> None:
    """I-12: two writers."""
    second = Database.at(tmp_path / "ironbridge.db")
    await second.open()
    journals = [SqlJournal(database, ManualClock()), SqlJournal(second, ManualClock())]
    claims = await asyncio.gather(*(journals[n % 2].claim(request(f"k{n // 2}"), 1, 1) for n in range(60)))
    fresh = [claim for claim in claims if claim.fresh]
    assert sorted(order_id(claim) for claim in fresh) == list(range(1, 31))
    assert [r.sequence for r in await journals[0].replay()] == list(range(1, 31))
    await second.close()


async def test_events_follow_each_other_without_holes(journal: Journal, clock: ManualClock) -> None:
    await journal.claim(request("a"), 1, 1)
    await clock.advance(1.5)
    moved = await journal.append((OrderMoved("a", Trigger.SENT), OrderMoved("a", Trigger.HELD, perm_id=9)))
    assert [r.sequence for r in moved] == [2, 3]
    assert {r.at for r in moved} == {clock.now()}
    assert not await journal.append(())
    assert list(await journal.replay())[1:] == list(moved)


async def test_a_story_is_one_orders_events(journal: Journal) -> None:
    for key in "ab":
        await journal.claim(request(key), 1, 1)
    await journal.append([OrderMoved(key, Trigger.SENT) for key in "aba"])
    assert [r.sequence for r in await journal.story("a")] == [1, 3, 5]
    assert not await journal.story("z")


async def test_all_of_it_survives_being_closed(tmp_path: Path) -> None:
    recorded = []
    for n in range(3):
        database = Database.at(tmp_path / "kept.db")
        await database.open()
        journal = SqlJournal(database, ManualClock())
        assert await journal.replay() == recorded
        recorded.append((await journal.claim(request(f"k{n}"), 1, 1)).intent)
        await database.close()
    assert [r.event.order_id for r in recorded if isinstance(r.event, OrderIntended)] == [1, 2, 3]


async def test_a_claim_that_fails_midway_leaves_no_trace(database: Database, sql_journal: SqlJournal) -> None:
    def break_keys(connection: Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE order_keys RENAME COLUMN sequence TO number")

    def mend_keys(connection: Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE order_keys RENAME COLUMN number TO sequence")

    await sql_journal.claim(request("a"), 1, 1)
    await database.write(break_keys)
    with pytest.raises(StorageError):
        await sql_journal.claim(request("b"), 1, 1)
    await database.write(mend_keys)
    claimed = await sql_journal.claim(request("b"), 1, 1)
    assert claimed.fresh
    assert (claimed.intent.sequence, order_id(claimed)) == (2, 2)


async def test_a_group_takes_all_its_keys_and_ids_or_none(journal: Journal) -> None:
    claims = await journal.claim_all([request("g"), request("g/tp"), request("g/sl")], 1, 5)
    assert [(order_id(claimed), claimed.fresh) for claimed in claims] == [(5, True), (6, True), (7, True)]
    again = await journal.claim_all([request("h"), request("g/tp"), request("x")], 1, 5)
    assert [(claimed.intent.event.key, claimed.fresh) for claimed in again] == [("g/tp", False)]
    assert len(await journal.replay()) == 3
    assert order_id(await journal.claim(request("h"), 1, 5)) == 8


async def test_an_id_that_is_reserved_is_no_orders(journal: Journal) -> None:
    assert await journal.reserve_id(1, 3) == 3
    assert order_id(await journal.claim(request("k"), 1, 1)) == 4
    assert await journal.reserve_id(1, 1) == 5
    assert await journal.reserve_id(2, 1) == 1
    assert len(await journal.replay()) == 1
