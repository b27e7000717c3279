"""A journal from before the audit log is vouched for as a whole, from the migration on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from ironbridge.domain.audit_check import Fault
from ironbridge.domain.events import OrderMoved
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import Trigger
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.store import Database, SqlAudit, SqlJournal
from ironbridge.testing.clock import ManualClock


@pytest.fixture
async def upgraded(tmp_path: Path) -> Path:
    """A database whose first three events are from before the log, and whose fourth is not."""
    now = Database.at(tmp_path / "now.db")
    await now.open()
    journal = SqlJournal(now, ManualClock())
    await journal.claim(OrderRequest("a", Stock("AAPL"), buy(1), "DU1"), 1, 1)
    await journal.append([OrderMoved("a", Trigger.SENT), OrderMoved("a", Trigger.HELD)])
    await now.close()
    path = tmp_path / "ironbridge.db"
    config = Config()
    config.set_main_option("script_location", "ironbridge.store:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.exec_driver_sql(f"ATTACH '{tmp_path}/now.db' AS now")
        connection.exec_driver_sql("INSERT INTO order_events SELECT * FROM now.order_events")
    engine.dispose()
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
