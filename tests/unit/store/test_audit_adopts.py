"""A journal from before the audit log is vouched for as a whole, from the migration on."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ironbridge.domain.audit_check import Fault
from ironbridge.domain.events import OrderMoved
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import Trigger
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.store import Database, SqlAudit, SqlJournal
from ironbridge.testing.clock import ManualClock

OF_BEFORE = ("order_events", "order_keys", "order_ids")


@pytest.fixture
async def upgraded(tmp_path: Path, aged: Callable[[Path, str], None]) -> Path:
    """A database whose first three events are from before the log, and whose fourth is not."""
    path, new = tmp_path / "ironbridge.db", tmp_path / "new.db"
    aged(path, "0002")
    database = Database.at(new)
    await database.open()
    journal = SqlJournal(database, ManualClock())
    await journal.claim(OrderRequest("a", Stock("AAPL"), buy(1), "DU1"), 1, 1)
    await journal.append([OrderMoved("a", Trigger.SENT), OrderMoved("a", Trigger.HELD)])

    await database.close()
    with closing(sqlite3.connect(path)) as old:
        old.execute("ATTACH ? AS new", (str(new),))
        for table in OF_BEFORE:
            old.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
        old.commit()
    again = Database.at(path)
    await again.open()
    await SqlJournal(again, ManualClock()).append([OrderMoved("a", Trigger.WORKING)])
    await again.close()
    return path


async def verify(path: Path) -> list[tuple[Fault, int]]:
    database = Database.at(path)
    await database.open()
    verdict = await SqlAudit(database, ManualClock()).verify()
    await database.close()
    assert verdict.journal == 4 or verdict.findings
    return [(finding.fault, finding.number) for finding in verdict.findings]


async def test_it_is_vouched_for(upgraded: Path) -> None:
    assert await verify(upgraded) == []


async def test_a_change_before_the_log_is_found(upgraded: Path) -> None:
    with closing(sqlite3.connect(upgraded)) as connection, connection:
        connection.execute("DROP TRIGGER order_events_no_update")
        connection.execute("UPDATE order_events SET at = '2000-01-01T00:00:00+00:00' WHERE sequence = 2")
        connection.execute(
            "CREATE TRIGGER order_events_no_update BEFORE UPDATE ON order_events BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    assert await verify(upgraded) == [(Fault.JOURNAL_CHANGED, 3)]
