"""Our books beside the broker's: opened once, moved by executions alone, kept for good, corrected by a person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.portfolio.accounts import AAPL, MSFT, Accounts, Session
from tests.unit.portfolio.test_ledger import fee, fill

from ironbridge.bus import MemoryTopic
from ironbridge.domain.account import AccountValue, PortfolioChanged, Position
from ironbridge.domain.alerts import Alert
from ironbridge.domain.events import Fill
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.domain.order_state import Commission, Order
from ironbridge.domain.reports import (
    AccountValueReport,
    CommissionReport,
    ExecutionReport,
    PnlReport,
    PositionReport,
)
from ironbridge.domain.session import SessionInfo
from ironbridge.domain.values import Side
from ironbridge.errors import NotConnected, StorageError
from ironbridge.portfolio import Portfolio
from ironbridge.testing.clock import START, ManualClock
from ironbridge.testing.executions import MemoryExecutions

D = Decimal


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def broker() -> Accounts:
    return Accounts()


@pytest.fixture
def store() -> MemoryExecutions:
    return MemoryExecutions()


@pytest.fixture
def alerts() -> MemoryTopic[Alert]:
    return MemoryTopic("alerts")


@pytest.fixture
def changes() -> MemoryTopic[PortfolioChanged]:
    return MemoryTopic("portfolio")


@pytest.fixture
async def portfolio(
    broker: Accounts,
    clock: ManualClock,
    store: MemoryExecutions,
    alerts: MemoryTopic[Alert],
    changes: MemoryTopic[PortfolioChanged],
) -> AsyncIterator[Portfolio]:
    session = Session(SessionInfo(176, ("DU1",), 1, START))
    portfolio = Portfolio(broker, session, clock, changes, store=store, alerts=alerts)
    await portfolio.start()
    yield portfolio
    await portfolio.stop()


def held(quantity: int) -> Position:
    return replace(AAPL, quantity=D(quantity))


async def test_fills_move_our_books_and_the_broker_agrees(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock, alerts: MemoryTopic[Alert]
) -> None:
    await portfolio.synchronise()
    with alerts.subscribe() as told:
        bought = fill(1, Side.BUY, 20, 160)
        broker.say(bought, fee(bought, 1), PositionReport(held(120)), bought)
        broker.say(AccountValueReport(AccountValue("DU1", "CashBalance", "36799", "USD")))
        await clock.advance(600)
        (holding,) = portfolio.books.holdings()
        assert (holding.quantity, holding.fills, holding.realized) == (D(120), 1, 0)
        assert holding.opening is not None
        assert holding.opening.quantity == D(100)
        assert portfolio.books.cash("DU1") == {"EUR": D("9000.10"), "USD": D(36799)}
        assert portfolio.discrepancies() == []
        alerts.close()
        assert [alert async for alert in told] == []


async def test_a_foreign_fill_that_nobody_told_of_is_asked_for(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock
) -> None:
    await portfolio.synchronise()
    broker.executed = [fill(1, Side.SELL, 30, 160)]
    broker.say(PositionReport(held(70)))
    await clock.advance(30)
    assert portfolio.books.holdings()[0].quantity == D(70)
    assert portfolio.discrepancies() == []
    assert [each.report.order_id for each in await portfolio.executions()] == [1]


async def test_what_executions_do_not_explain_is_told_until_a_person_accepts_it(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock, alerts: MemoryTopic[Alert], store: MemoryExecutions
) -> None:
    await portfolio.synchronise()
    broker.rows = [held(70), MSFT]
    with alerts.subscribe() as told:
        broker.say(PositionReport(held(70)), PositionReport(MSFT))
        await clock.advance(60)
        texts = [(await anext(told)).text, (await anext(told)).text]
        assert texts == [
            "DU1: the broker has 70 AAPL, the executions known here lead to 100.",
            "DU1: the broker has 5 MSFT, the executions known here lead to 0.",
        ]
        assert [each.instrument and each.instrument.symbol for each in portfolio.discrepancies()] == ["AAPL", "MSFT"]
        portfolio.interrupted("cut")
        with pytest.raises(NotConnected, match="cut"):
            portfolio.accept("DU1")
        await portfolio.synchronise()
        assert portfolio.accept("DU1") == 2
        assert portfolio.discrepancies() == []
        assert (await anext(told)).kind == "position-agrees"
    await clock.settle()
    kept = (await store.load())[2]
    assert sorted((each.instrument.symbol, each.quantity) for each in kept) == [("AAPL", D(70)), ("MSFT", D(5))]


async def test_after_a_restart_the_books_go_on(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock, store: MemoryExecutions
) -> None:
    await portfolio.synchronise()
    bought = fill(1, Side.BUY, 20, 160)
    broker.say(bought, fee(bought, 1))
    await portfolio.stop()
    broker.rows = [held(125)]
    session = Session(SessionInfo(176, ("DU1",), 1, START))
    again = Portfolio(broker, session, clock, MemoryTopic("portfolio"), store=store)
    await again.start()
    assert again.books.holdings()[0].quantity == D(120), "before any session"
    await again.synchronise()
    await clock.advance(60)
    assert [each.difference for each in again.discrepancies()] == [D(5)], "traded while nobody listened"
    await again.stop()


async def test_an_account_that_trades_while_it_is_asked_about_is_not_opened_by_halves(
    portfolio: Portfolio, broker: Accounts
) -> None:
    rounds = iter(range(1, 100))
    honest = broker.executions

    async def busy() -> list[ExecutionReport]:
        broker.executed.append(fill(next(rounds), Side.BUY, 1, 160))
        return list(await honest())

    broker.executions = busy  # type: ignore[method-assign]  # a broker where something trades at each look
    await portfolio.synchronise()
    assert portfolio.books.holdings()[0].quantity is None
    broker.executions = honest  # type: ignore[method-assign]
    broker.rows = [held(100 + len(broker.executed))]
    await portfolio.synchronise()
    holding = portfolio.books.holdings()[0]
    assert holding.opening is not None
    assert holding.opening.quantity == D(100)


async def test_what_cannot_be_kept_is_told_once_held_and_tried_again(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock, alerts: MemoryTopic[Alert], store: MemoryExecutions
) -> None:
    store.fail = StorageError("The disk is full.", next_step="Make room on the disk.")
    with alerts.subscribe() as told:
        broker.say(fill(1, Side.BUY, 20, 160))
        alert = await anext(told)
        assert (alert.kind, alert.next_step) == ("executions-not-kept", "Make room on the disk.")
        with pytest.raises(StorageError, match="newest executions"):
            await portfolio.executions()
        await clock.advance(20)
        store.fail = None
        await clock.advance(6)
        alerts.close()
        assert [each.kind async for each in told] == []
    assert len(await portfolio.executions()) == 1


async def test_fills_that_only_the_journal_has_are_taken(
    broker: Accounts, clock: ManualClock, store: MemoryExecutions
) -> None:
    spec = buy(3).limit("150.00")
    fills = tuple(
        Fill(f"0000f.{n:08x}.01.01", Side.BUY, D(1), D(150 - n), START + timedelta(seconds=n), "NASDAQ") for n in (1, 2)
    )
    costs = (Commission(fills[0].execution_id, D("0.5"), "USD", None),)
    order = Order(
        "first", 7, 1, OrderRequest("first", AAPL.instrument, spec, "DU1"), OrderState.WORKING, START, START, 3,
        perm_id=9, fills=fills, commissions=costs,
    )  # fmt: skip
    portfolio = Portfolio(broker, Session(None), clock, MemoryTopic("portfolio"), store=store)
    await portfolio.start([order])
    page = await portfolio.executions()
    assert [each.report.execution_id for each in page] == [each.execution_id for each in reversed(order.fills)]
    assert page[0].report.ref == order.request.ref
    await portfolio.stop()


async def test_the_pnl_of_positions_is_followed_as_they_come_and_go(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock
) -> None:
    await portfolio.synchronise()
    await clock.settle()
    assert broker.pnl == {("DU1", None), ("DU1", 1)}
    broker.say(PositionReport(MSFT), PositionReport(held(0)))
    await clock.settle()
    assert broker.pnl == {("DU1", None), ("DU1", 2)}
    broker.say(PnlReport("DU1", 2, D(-3), D(4), D(0), D(5), D(1500)))
    (position,) = portfolio.positions()
    assert (position.daily_pnl, position.market_value, position.unrealized_pnl) == (D(-3), D(1500), D(4))
    broker.say(PnlReport("DU1", 2, D(-9), D(4), D(0), D(4), D(1200)))
    assert portfolio.positions()[0].daily_pnl == D(-3), "it speaks of another quantity"
    broker.say(PositionReport(replace(MSFT, market_value=D(1600), unrealized_pnl=D(5))))
    broker.say(PnlReport("DU1", 2, D(-2), D(6), D(0), D(5), D(1700)))
    (position,) = portfolio.positions()
    assert (position.daily_pnl, position.market_value) == (D(-2), D(1600)), "a portfolio row knows its currency"
    portfolio.interrupted("cut")
    assert portfolio.positions()[0].daily_pnl is None


async def test_daily_pnl_is_told_with_each_change(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock, changes: MemoryTopic[PortfolioChanged]
) -> None:
    await portfolio.synchronise()
    await clock.settle()
    with changes.subscribe() as told:
        broker.say(PnlReport("DU1", None, D("-250.5"), D(1), D(2)))
        change = await anext(told)
    assert change.pnl is not None
    assert change.pnl.amount == portfolio.daily_pnl("DU1") == D("-250.5")
    portfolio.interrupted("cut")
    assert portfolio.daily_pnl("DU1") is None
    assert portfolio.pnl().amount is None


async def test_commissions_are_joined_whenever_they_come(portfolio: Portfolio, broker: Accounts) -> None:
    await portfolio.synchronise()
    bought = fill(1, Side.BUY, 20, 160)
    broker.say(CommissionReport(bought.execution_id, D("1.25"), "USD", None), bought)
    (execution,) = await portfolio.executions()
    assert execution.commission is not None
    assert execution.commission.commission == D("1.25")
    await asyncio.sleep(0)
    assert portfolio.books.holdings()[0].commissions == (("USD", D("1.25")),)
