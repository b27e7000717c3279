"""The connection log is read page by page, and never grows beyond its bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ironbridge.domain.connection_log import LogEntry, LogKind
from ironbridge.store import Database, SqlConnectionLog

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def entry(text: str, at: datetime = NOW) -> LogEntry:
    return LogEntry(at, LogKind.STATE, "ready", text, before="syncing")


async def test_pages_go_back_from_the_newest(database: Database) -> None:
    log = SqlConnectionLog(database)
    assert list(await log.page(10)) == []
    for number in range(1, 8):
        await log.append(entry(str(number)))
    newest = await log.page(3)
    assert [found.text for found in newest] == ["7", "6", "5"]
    assert [found.text for found in await log.page(3, newest[-1].number)] == ["4", "3", "2"]
    assert newest[0] == LogEntry(NOW, LogKind.STATE, "ready", "7", before="syncing", number=7)


async def test_it_is_bounded_by_number(database: Database) -> None:
    log = SqlConnectionLog(database, kept=10, sweep_every=5)
    for number in range(1, 31):
        await log.append(entry(str(number)))
    kept = [found.number for found in await log.page(100)]
    assert kept == list(range(30, 20, -1))
    await log.append(entry("31"))
    assert (await log.page(1))[0].number == 31, "numbers go on"


async def test_it_is_bounded_by_age(database: Database) -> None:
    log = SqlConnectionLog(database, kept_for=timedelta(days=30), sweep_every=5)
    for day in range(60, 0, -1):
        await log.append(entry(str(day), NOW - timedelta(days=day)))
    assert max(int(found.text) for found in await log.page(100)) <= 31
