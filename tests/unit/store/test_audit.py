"""The audit log: durable, chained, protected, and every way of tampering with it named by entry."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ironbridge.domain.audit import (
    BROKER,
    EMPTY,
    ENGINE,
    LIBRARY,
    Act,
    Actor,
    ActorKind,
    AuditEntry,
    AuditFilter,
    AuditHead,
    Deed,
    acting,
    digest,
    present_actor,
)
from ironbridge.domain.audit_check import Fault
from ironbridge.domain.events import OrderMoved
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import Trigger
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.errors import StorageError
from ironbridge.store import Anchor, AnchorKeeper, Database, SqlAudit, SqlJournal, SqlSettings
from ironbridge.testing.clock import ManualClock

ADA = Actor(ActorKind.USER, "ada", "console", "the morning's check")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def anchor(tmp_path: Path) -> Anchor:
    return Anchor(tmp_path / "audit.head")


@pytest.fixture
def audit(database: Database, clock: ManualClock, anchor: Anchor) -> SqlAudit:
    return SqlAudit(database, clock, anchor)


@pytest.fixture
def journal(database: Database, clock: ManualClock) -> SqlJournal:
    return SqlJournal(database, clock)


@pytest.fixture
async def filled(audit: SqlAudit) -> SqlAudit:
    for n in range(1, 21):
        await audit.record(Act("settings.changed", f"field-{n}", f"to {n}", {"after": n}))
    return audit


def request(key: str) -> OrderRequest:
    return OrderRequest(key, Stock("AAPL"), buy(1), "DU1")


def tamper(tmp_path: Path, *statements: str, protected: bool = False) -> None:
    """Change the file behind the engine's back, as somebody with a database browser would."""
    with closing(sqlite3.connect(tmp_path / "ironbridge.db")) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        if not protected:
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        if not protected:
            for _, sql in triggers:
                connection.execute(sql)


def rehash(tmp_path: Path, number: int, **changes: str) -> None:
    """Change an entry and make its hash fit, as somebody who has read the source would."""
    with closing(sqlite3.connect(tmp_path / "ironbridge.db")) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM audit WHERE number = ?", (number,)).fetchone()) | changes
    tamper(
        tmp_path,
        f"UPDATE audit SET actor = '{row['actor']}', hash = '{digest(row)}' WHERE number = {number}",
    )


async def faults(audit: SqlAudit, head: AuditHead | None = None) -> list[tuple[Fault, int]]:
    verdict = await audit.verify(head)
    assert verdict.intact == (not verdict.findings)
    return [(finding.fault, finding.number) for finding in verdict.findings]


async def test_an_entry_says_who_when_why_and_what(audit: SqlAudit, clock: ManualClock) -> None:
    with acting(ADA):
        (entry,) = await audit.record(Act(Deed.LIMITS_CHANGED, "max_order_quantity", "100 to 50", {"after": "50"}))
    assert (entry.number, entry.at, entry.actor) == (1, clock.now(), ADA)
    assert (entry.what, entry.subject, entry.text, entry.particulars) == (
        "limits.changed", "max_order_quantity", "100 to 50", {"after": "50"},
    )  # fmt: skip
    assert list(await audit.page()) == [entry]
    assert await audit.head() == entry.head


async def test_who_acts_follows_into_tasks_and_ends_with_the_block(audit: SqlAudit) -> None:
    async def later() -> AuditEntry:
        (entry,) = await audit.record(Act("x.y"))
        return entry

    with acting(ADA):
        task = asyncio.create_task(later())
    assert (await task).actor == ADA
    assert (await later()).actor == LIBRARY == present_actor()
    (entry,) = await audit.record(Act("x.y"), by=BROKER)
    assert entry.actor == BROKER


async def test_order_events_are_recorded_with_their_actors_in_one_chain(audit: SqlAudit, journal: SqlJournal) -> None:
    with acting(ADA):
        await journal.claim(request("a"), 1, 1)
    await journal.append([OrderMoved("a", Trigger.SENT), OrderMoved("a", Trigger.HELD, perm_id=4)], [ENGINE, BROKER])
    await audit.record(Act("x.y"))
    await journal.append([OrderMoved("a", Trigger.CANCELLED, "as asked", 202)])
    told = [(e.number, e.actor.name, e.what, e.subject, e.sequence) async for e in audit.entries()]
    assert told == [
        (1, "ada", "order.submitted", "a", 1),
        (2, "engine", "order.sent", "a", 2),
        (3, "broker", "order.held", "a", 3),
        (4, "program", "x.y", "", None),
        (5, "engine", "order.cancelled", "a", 4),
    ]
    verdict = await audit.verify()
    assert (verdict.intact, verdict.entries, verdict.journal) == (True, 5, 4)
    assert [e.text for e in await audit.page(AuditFilter(what="order.cancelled"))] == ["202 as asked"]


async def test_what_a_store_changes_and_its_record_are_one(audit: SqlAudit, database: Database) -> None:
    settings = SqlSettings(database)
    await settings.save({"port": 1}, audit.recording(Act("settings.changed", "port")))

    def fails(_connection: Connection) -> None:
        raise LookupError("midway")

    with pytest.raises(LookupError):
        await settings.save({"port": 2}, fails)
    assert await settings.load() == {"port": 1}
    assert len(await audit.page()) == 1


async def test_two_processes_extend_one_chain(tmp_path: Path, database: Database, clock: ManualClock) -> None:
    second = Database.at(tmp_path / "ironbridge.db")
    await second.open()
    logs = [SqlAudit(database, clock), SqlAudit(second, clock)]
    await asyncio.gather(*(logs[n % 2].record(Act("x.y", str(n))) for n in range(60)))
    verdict = await logs[0].verify()
    assert (verdict.intact, verdict.entries) == (True, 60)
    await second.close()


async def test_pages_and_filters(audit: SqlAudit, clock: ManualClock) -> None:
    moments = []
    for n in range(6):
        moments.append(clock.now())
        with acting(ADA if n % 2 else LIBRARY):
            await audit.record(Act("order.sent" if n < 3 else "order_note.x", f"k{n}", "100%" if n == 4 else "plain"))
        await clock.advance(60)

    async def numbers(wanted: AuditFilter | None = None, **page: int) -> list[int]:
        return [entry.number for entry in await audit.page(wanted, **page)]

    assert await numbers(limit=2) == [6, 5]
    assert await numbers(limit=2, before=5) == [4, 3]
    assert await numbers(AuditFilter(actor="ada")) == [6, 4, 2]
    assert await numbers(AuditFilter(what="order")) == [3, 2, 1]
    assert await numbers(AuditFilter(subject="k1")) == [2]
    assert await numbers(AuditFilter(words="0%")) == [5]
    assert await numbers(AuditFilter(words="morning")) == [6, 4, 2]
    assert await numbers(AuditFilter(since=moments[2], until=moments[4])) == [4, 3]
    assert [e.number async for e in audit.entries(AuditFilter(since=moments[4]))] == [5, 6]


@pytest.mark.parametrize("table", ("audit", "order_events"))
@pytest.mark.parametrize(
    "statement", ("UPDATE {} SET at = 'x'", "DELETE FROM {}", "REPLACE INTO {0} SELECT * FROM {0}")
)
async def test_the_database_refuses_every_change(
    audit: SqlAudit, journal: SqlJournal, database: Database, table: str, statement: str
) -> None:
    await journal.claim(request("a"), 1, 1)

    def change(connection: Connection) -> None:
        connection.exec_driver_sql(statement.format(table))

    with pytest.raises(StorageError, match=r"only ever added to|UNIQUE"):
        await database.write(change)
    assert (await audit.verify()).intact


Tampering = Callable[[Path], None]


@pytest.mark.parametrize(
    ("tampering", "found"),
    (
        (lambda path: tamper(path, "UPDATE audit SET text = 'to 700' WHERE number = 7"), [(Fault.CHANGED, 7)]),
        (lambda path: tamper(path, "UPDATE audit SET at = 'yesterday' WHERE number = 7"), [(Fault.CHANGED, 7)]),
        (lambda path: tamper(path, "UPDATE audit SET actor = 'bob' WHERE number = 20"), [(Fault.CHANGED, 20)]),
        (lambda path: rehash(path, 7, actor="bob"), [(Fault.REWRITTEN, 7)]),
        (lambda path: tamper(path, "DELETE FROM audit WHERE number IN (7, 8)"), [(Fault.REMOVED, 7)]),
        (lambda path: tamper(path, "DELETE FROM audit WHERE number < 3"), [(Fault.REMOVED, 1)]),
        (
            lambda path: tamper(
                path,
                "UPDATE audit SET number = 99 WHERE number = 7",
                "UPDATE audit SET number = 7 WHERE number = 9",
                "UPDATE audit SET number = 9 WHERE number = 99",
            ),
            [(Fault.MOVED, 7), (Fault.MOVED, 9)],
        ),
        (
            lambda path: tamper(
                path,
                "DELETE FROM audit WHERE number = 19",
                "UPDATE audit SET number = 19 WHERE number = 20",
            ),
            [(Fault.MOVED, 19)],
        ),
    ),
)
async def test_what_was_done_to_the_log_is_named(
    filled: SqlAudit, tmp_path: Path, tampering: Tampering, found: list[tuple[Fault, int]]
) -> None:
    assert await faults(filled) == []
    tampering(tmp_path)
    assert await faults(filled) == found


async def test_an_entry_slipped_in_is_found(filled: SqlAudit, tmp_path: Path) -> None:
    tamper(
        tmp_path,
        "UPDATE audit SET number = -number - 1 WHERE number > 6",
        "UPDATE audit SET number = -number WHERE number < 0",
        "INSERT INTO audit SELECT 7, at, actor_kind, actor, via, why, what, subject, 'slipped in', details, sequence, "
        "hash, '' FROM audit WHERE number = 6",
    )
    rehash(tmp_path, 7)
    found = (await filled.verify()).findings
    assert [(f.fault, f.number) for f in found] == [(Fault.MOVED, n) for n in range(8, 22)]
    assert "The entry at 8 was written as entry 7" in found[0].text


async def test_a_cut_tail_is_found_by_the_head_that_was_kept(
    filled: SqlAudit, tmp_path: Path, anchor: Anchor, clock: ManualClock
) -> None:
    keeper = AnchorKeeper(filled, anchor, clock)
    keeper.start()
    await keeper.stop()
    kept = anchor.read()
    assert kept == await filled.head()
    assert kept.number == 20
    tamper(tmp_path, "DELETE FROM audit WHERE number > 17")
    verdict = await filled.verify()
    assert [(f.fault, f.number) for f in verdict.findings] == [(Fault.CUT, 18)]
    assert "entries 18 to 20 are missing" in verdict.findings[0].text
    await filled.record(Act("x.y"), Act("x.y"), Act("x.y"), Act("x.y"))
    assert await faults(filled) == [(Fault.REWRITTEN, 20)]
    assert await faults(filled, kept) == [(Fault.REWRITTEN, 20)]


async def test_a_whole_log_that_is_gone(filled: SqlAudit, tmp_path: Path, anchor: Anchor) -> None:
    anchor.keep(await filled.head())
    tamper(tmp_path, "DELETE FROM audit")
    assert await faults(filled) == [(Fault.CUT, 1)]


async def test_protection_that_was_taken_away_is_found(filled: SqlAudit, tmp_path: Path) -> None:
    tamper(tmp_path, "DROP TRIGGER audit_no_delete", protected=True)
    verdict = await filled.verify()
    assert [f.fault for f in verdict.findings] == [Fault.UNPROTECTED]
    assert "audit_no_delete" in verdict.findings[0].text


@pytest.mark.parametrize(
    ("statement", "fault", "sequence"),
    (
        ("UPDATE order_events SET payload = replace(payload, 'held', 'filled') WHERE sequence = 3", "changed", 3),
        ("DELETE FROM order_events WHERE sequence = 2", "removed", 2),
        ("INSERT INTO order_events SELECT 9, at, key, kind, version, payload FROM order_events LIMIT 1", "inserted", 9),
    ),
)
async def test_a_journal_that_was_changed_is_found(
    audit: SqlAudit, journal: SqlJournal, tmp_path: Path, statement: str, fault: str, sequence: int
) -> None:
    await journal.claim(request("a"), 1, 1)
    await journal.append([OrderMoved("a", Trigger.SENT), OrderMoved("a", Trigger.HELD)])
    assert await faults(audit) == []
    tamper(tmp_path, statement)
    assert await faults(audit) == [(Fault(f"journal_{fault}"), sequence)]


async def test_many_findings_are_counted_and_the_first_told(filled: SqlAudit, tmp_path: Path) -> None:
    for n in range(200):
        await filled.record(Act("x.y", str(n)))
    tamper(tmp_path, "UPDATE audit SET text = 'all'")
    verdict = await filled.verify()
    assert (verdict.wrong, len(verdict.findings)) == (220, 100)


async def test_an_entry_that_cannot_be_read_says_so(filled: SqlAudit, tmp_path: Path) -> None:
    tamper(tmp_path, "UPDATE audit SET at = 'yesterday' WHERE number = 7")
    with pytest.raises(StorageError, match=r"Entry 7 .* verify"):
        await filled.page()


async def test_the_head_only_goes_forward(anchor: Anchor, tmp_path: Path) -> None:
    assert anchor.read() is None
    anchor.keep(AuditHead(5, "a" * 64))
    anchor.keep(AuditHead(4, "b" * 64))
    assert anchor.read() == AuditHead(5, "a" * 64)
    (tmp_path / "audit.head").write_text("nonsense")
    with pytest.raises(StorageError, match="--head"):
        anchor.read()


async def test_long_and_foreign_words_are_kept_within_bounds(audit: SqlAudit) -> None:
    (entry,) = await audit.record(Act("x.y", "s" * 500, "täxt \x00 \ud800 " + "t" * 9000, {"when": timedelta(1)}))
    assert (len(entry.subject), len(entry.text)) == (200, 2000)
    assert entry.particulars == {"when": "1 day, 0:00:00"}
    assert await faults(audit) == []


async def test_an_empty_log_is_intact(audit: SqlAudit) -> None:
    verdict = await audit.verify()
    assert (verdict.intact, verdict.entries, verdict.head) == (True, 0, EMPTY)
