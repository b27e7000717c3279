"""Executions are kept once each, for good, with what they cost and what they were before each correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from ironbridge.domain.executions import CashOpening, ExecutionFilter, Opening
from ironbridge.domain.instrument import Stock
from ironbridge.domain.pnl import DayStart
from ironbridge.domain.reports import CommissionReport, ExecutionReport
from ironbridge.domain.values import Side
from ironbridge.errors import StorageError
from ironbridge.store import Database, SqlExecutions
from ironbridge.testing.executions import MemoryExecutions
from ironbridge.testing.fake_feed import contract_for

D = Decimal
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
AAPL = contract_for(Stock("AAPL"), 1).instrument
MSFT = contract_for(Stock("MSFT"), 2).instrument
ALL = ExecutionFilter()


@pytest.fixture(params=("sql", "memory"))
def store(request: pytest.FixtureRequest, database: Database) -> SqlExecutions | MemoryExecutions:
    return SqlExecutions(database) if request.param == "sql" else MemoryExecutions()


Store = SqlExecutions | MemoryExecutions


def fill(n: int, correction: int = 1, **changes: object) -> ExecutionReport:
    report = ExecutionReport(
        f"0000f.{n:08x}.01.{correction:02}", n, 1, n, f"key-{n}", "DU1", AAPL, Side.BUY, D("10.5"), D("150.25"),
        D("10.5"), D("150.25"), NOW + timedelta(seconds=n), "NASDAQ",
    )  # fmt: skip
    return replace(report, **changes)


def fee(report: ExecutionReport, amount: str = "1.05", realized: str | None = None) -> CommissionReport:
    return CommissionReport(report.execution_id, D(amount), "USD", None if realized is None else D(realized))


async def test_the_same_again_adds_nothing(store: Store) -> None:
    first = fill(1)
    await store.keep([first, first], [fee(first)])
    await store.keep([first, fill(2)], [fee(first, realized="7.25")])
    page = await store.page(ALL, 10)
    assert [one.report for one in page] == [fill(2), first]
    assert page[0].commission is None
    assert page[1].commission == fee(first, realized="7.25")
    assert [one.number for one in page] == [2, 1]


async def test_a_correction_is_listed_with_its_history(store: Store) -> None:
    second, third = fill(1, 2, quantity=D(9)), fill(1, 3, quantity=D(0))
    await store.keep([second], [fee(second)])
    await store.keep([fill(1)], [fee(fill(1), "9")])
    (page,) = await store.page(ALL, 10)
    assert (page.report, page.replaced, page.busted) == (second, (fill(1),), False)
    assert page.commission == fee(second), "the newest correction's commission counts"
    await store.keep([third], [])
    (page,) = await store.page(ALL, 10)
    assert (page.report, page.replaced, page.busted) == (third, (fill(1), second), True)
    executions, commissions, _, _ = await store.load()
    assert executions == [third]
    assert sorted(commissions, key=lambda c: c.execution_id) == [fee(fill(1), "9"), fee(second)]


async def test_pages_go_back_in_time_and_meet_without_a_gap(store: Store) -> None:
    same_second = [fill(n, time=NOW) for n in range(100, 105)]
    await store.keep([fill(n) for n in range(5, 0, -1)] + same_second, [])
    seen: list[str] = []
    before = None
    while page := await store.page(ALL, 3, before):
        seen += [one.report.execution_id for one in page]
        before = page[-1].number
    assert seen == [fill(n).execution_id for n in (5, 4, 3, 2, 1, 104, 103, 102, 101, 100)]


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    (
        (ExecutionFilter(account="DU2"), [3]),
        (ExecutionFilter(symbol="MSFT"), [2]),
        (ExecutionFilter(con_id=2), [2]),
        (ExecutionFilter(side=Side.SELL), [4]),
        (ExecutionFilter(ref="key-1"), [1]),
        (ExecutionFilter(since=NOW + timedelta(seconds=3)), [4, 3]),
        (ExecutionFilter(until=NOW + timedelta(seconds=3)), [2, 1]),
        (ExecutionFilter(since=(NOW + timedelta(seconds=4)).astimezone(timezone(timedelta(hours=9)))), [4]),
        (ExecutionFilter(account="DU1", symbol="AAPL", side=Side.BUY), [1]),
        (ExecutionFilter(symbol="' OR 1=1 --"), []),
    ),
)
async def test_they_are_chosen_by_what_they_are(store: Store, chosen: ExecutionFilter, numbers: list[int]) -> None:
    await store.keep([fill(1), fill(2, instrument=MSFT), fill(3, account="DU2"), fill(4, side=Side.SELL)], [])
    assert [one.report.order_id for one in await store.page(chosen, 10)] == numbers


async def test_openings_and_days_are_kept_and_set_anew(database: Database, tmp_path: Path) -> None:
    store = SqlExecutions(database)
    opening = Opening("DU1", AAPL, D(50), None, NOW, "first look")
    cash = CashOpening("DU1", "USD", D("1000.10"), NOW)
    await store.keep_openings([replace(opening, quantity=D(1))], [cash])
    await store.keep_openings([opening], [replace(cash, amount=D("5.5"))])
    day = DayStart("DU1", date(2026, 11, 20), "USD", D("100000.25"), NOW, whole=False)
    await store.keep_day(replace(day, amount=D(1)))
    await store.keep_day(day)
    await database.close()
    again = Database.at(tmp_path / "ironbridge.db")
    await again.open()
    kept = SqlExecutions(again)
    assert (await kept.load())[2:] == ([opening], [replace(cash, amount=D("5.5"))])
    assert await kept.days() == [day]
    await again.close()


async def test_many_are_kept_at_once(database: Database) -> None:
    store = SqlExecutions(database)
    many = [fill(n) for n in range(1, 1201)]
    await store.keep(many[:700], [])
    await store.keep(many, [fee(one) for one in many])
    executions, commissions, _, _ = await store.load()
    assert (len(executions), len(commissions)) == (1200, 1200)
    assert len(await store.page(ALL, 1000)) == 1000


@pytest.mark.parametrize(
    ("change", "words"),
    (("version = 99", "version 99"), ("payload = '{}'", "cannot be read")),
)
async def test_what_cannot_be_read_is_said(database: Database, change: str, words: str) -> None:
    store = SqlExecutions(database)
    await store.keep([fill(1)], [])
    await database.write(lambda connection: connection.execute(text(f"UPDATE executions SET {change}")))
    with pytest.raises(StorageError, match=words):
        await store.load()
