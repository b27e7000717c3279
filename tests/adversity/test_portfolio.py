"""Positions, profit and our books through the incidents: what is not known is not known, and each fill counts once.

A gateway over a real socket whose clock a test moves, the whole engine on a real database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ib_async import IB, MarketOrder
from ib_async import Stock as IbStock

import ironbridge as ib
from ironbridge.bridge import Bridge
from ironbridge.domain.executions import ExecutionFilter, Holding
from ironbridge.domain.pnl import PnlSource
from ironbridge.domain.session import SessionState
from ironbridge.paper import PaperClock, PaperGateway
from ironbridge.paper.faults import Drop, RepeatExecutions, Resume, Sentinels, Swallow
from ironbridge.paper.order_faults import fill_now
from ironbridge.paper.scenario import load, play

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ACCOUNT = "DU1000001"
AAPL = ib.Stock("AAPL")
FAR = ib.buy(1).limit("100.00")
S = SessionState
D = Decimal


@pytest.fixture
async def paper() -> AsyncIterator[PaperGateway]:
    clock = PaperClock(START, speed=0)
    async with PaperGateway(port=0, seed=7, accounts=(ACCOUNT,), clock=clock, step=0.02) as gateway:
        yield gateway


@pytest.fixture
def pass_time(paper: PaperGateway) -> Callable[[float], None]:
    def move(seconds: float) -> None:
        paper.clock.step(timedelta(seconds=seconds))
        paper.step()

    return move


@pytest.fixture
def connect(paper: PaperGateway, tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Bridge]]:
    def make(**settings: Any) -> AbstractAsyncContextManager[Bridge]:
        quick: dict[str, Any] = {"heartbeat_interval": 0.2, "answer_timeout": 1, "request_timeout": 1}
        return ib.connect("127.0.0.1", paper.port, home=tmp_path / "home", **{**quick, **settings})

    return make


async def until(bridge: Bridge, so: Callable[[], object]) -> None:
    """Return when the portfolio has changed so that this is so."""
    async with asyncio.timeout(20):
        with bridge.topics.portfolio.subscribe() as changes:
            while not so():
                await anext(changes)


async def state(bridge: Bridge, wanted: SessionState) -> None:
    await bridge.session.until(wanted, 20)


async def bought(bridge: Bridge, quantity: int) -> None:
    """Buy at the market, and wait until fill, commission and position are here."""
    wanted = quantity + (bridge.portfolio.position(ACCOUNT, 265598) or 0)
    known = bridge.portfolio.books.recorder.counted
    await (await bridge.orders.submit(AAPL, ib.buy(quantity))).done(10)
    await until(bridge, lambda: bridge.portfolio.position(ACCOUNT, 265598) == wanted)
    await until(bridge, lambda: bridge.portfolio.books.recorder.counted >= known + 2)


def holding(bridge: Bridge) -> Holding:
    (found,) = bridge.portfolio.books.holdings(ACCOUNT)
    return found


def agrees(bridge: Bridge, paper: PaperGateway) -> None:
    """Books, broker's rows and venue hold the same of everything, to the cent."""
    view = paper.venue.account(ACCOUNT)
    held = {each.con_id: each.quantity for each in view.positions if each.quantity}
    books = bridge.portfolio.books
    assert {each.instrument.con_id: each.quantity for each in books.holdings(ACCOUNT) if each.quantity} == held
    assert {each.instrument.con_id: each.quantity for each in bridge.portfolio.positions()} == held
    cash = books.cash(ACCOUNT)
    for currency, amount in view.cash:
        folded = cash.get(currency)
        assert folded is not None
        assert abs(folded - amount) <= D("0.01")
    assert bridge.portfolio.discrepancies() == []


async def test_fills_lead_to_the_brokers_numbers_and_are_kept(paper, connect):
    async with connect() as bridge:
        await bought(bridge, 10)
        await (await bridge.orders.submit(AAPL, ib.sell(15))).done(10)
        await until(bridge, lambda: bridge.portfolio.position(ACCOUNT, 265598) == -5)
        await until(bridge, lambda: len(holding(bridge).commissions) and holding(bridge).fills >= 2)
        agrees(bridge, paper)
        mine = await bridge.portfolio.executions(ExecutionFilter(symbol="AAPL"), limit=1000)
        (position,) = bridge.portfolio.positions()
        average = holding(bridge).average_cost
        assert average is not None
        assert abs(average - position.average_cost) < D("0.0001"), "average cost, as the broker counts it"
    async with connect() as again:
        assert await again.portfolio.executions(ExecutionFilter(symbol="AAPL"), limit=1000) == mine
        agrees(again, paper)


async def test_i15_a_correction_replaces_its_fill_in_our_books(paper, connect):
    async with connect() as bridge:
        await bought(bridge, 3)
        paper.faults.inject(RepeatExecutions())
        paper.faults.inject(RepeatExecutions(corrected=True))
        counted = bridge.portfolio.books.recorder.counted
        await until(bridge, lambda: bridge.portfolio.books.recorder.counted > counted)
        paper.faults.inject(Drop())
        await state(bridge, S.RECONNECTING)
        await state(bridge, S.READY)
        agrees(bridge, paper)
        assert holding(bridge).quantity == 3
        page = await bridge.portfolio.executions()
        assert sum(each.report.quantity for each in page) == 3
        assert all(each.replaced for each in page), "the first word of each is its history"
        assert all(each.commission is not None for each in page)


async def test_i01_fills_of_an_outage_are_in_our_books(paper, connect, pass_time):
    async with connect() as bridge:
        play(load("I-01"), paper)
        first = await bridge.orders.submit(AAPL, FAR)
        await state(bridge, S.DEGRADED)
        assert bridge.portfolio.position(ACCOUNT, 265598) is None, "what IB holds is not known behind a cut"
        assert bridge.portfolio.daily_pnl(ACCOUNT) is None
        fill(paper)
        await first.done(10)
        await until(bridge, lambda: bridge.portfolio.books.holdings(ACCOUNT))
        assert holding(bridge).traded == 1, "it counts as it is heard"
        pass_time(31)
        await state(bridge, S.READY)
        second = await bridge.orders.submit(AAPL, ib.buy(2).limit("100.00"))
        await second.accepted(10)
        pass_time(31)
        await state(bridge, S.DEGRADED)
        fill(paper)  # nobody says a word of it
        pass_time(31)
        await state(bridge, S.READY)
        await until(bridge, lambda: holding(bridge).quantity == 3)
        agrees(bridge, paper)


def fill(paper: PaperGateway) -> None:
    ticket = paper._tickets.by_perm(paper.venue.orders()[0].perm_id)
    assert ticket is not None
    fill_now(paper._floor, ticket)
    paper.settle()


async def test_i04_positions_without_their_end_stay_as_from_before(paper, connect):
    async with connect() as bridge:
        await bought(bridge, 4)
        paper.faults.inject(Swallow("PositionEnd"))
        paper.faults.inject(Drop())
        await state(bridge, S.RECONNECTING)
        await until(bridge, lambda: bridge.portfolio.interrupted_by)
        facts = bridge.portfolio
        assert [each.quantity for each in facts.positions()] == [4], "shown, as from before"
        assert facts.position(ACCOUNT, 265598) is None
        assert facts.position(ACCOUNT, 1) is None, "and what is not shown is not none"
        assert facts.exposure(ACCOUNT).gross is None
        await state(bridge, S.SYNCING)
        assert facts.position(ACCOUNT, 265598) is None
        paper.faults.inject(Resume())
        await state(bridge, S.READY)
        assert facts.position(ACCOUNT, 265598) == 4
        assert facts.position(ACCOUNT, 1) == 0
        agrees(bridge, paper)


async def test_i14_a_profit_that_ib_has_not_set_is_never_a_number(paper, connect):
    for kind in ("Pnl", "PnlSingle"):
        paper.faults.inject(Sentinels(kind))
    async with connect() as bridge:
        await bought(bridge, 2)
        pass_on = bridge.portfolio.pnl()
        assert pass_on.source is not PnlSource.BROKER
        assert (pass_on.unrealized, pass_on.realized) == (None, None)
        assert bridge.portfolio.daily_pnl(ACCOUNT) is None, "the day was not seen from its beginning"
        for each in await bridge.portfolio.executions():
            assert each.commission is None or each.commission.realized_pnl is None
        every = [*bridge.portfolio.positions(), bridge.portfolio.summary(), pass_on, holding(bridge)]
        numbers = [value for one in every for name in one.__slots__ if isinstance(value := getattr(one, name), D)]
        assert all(abs(number) < D("1e12") for number in numbers)


async def test_what_others_trade_is_in_the_books_of_a_client_that_ib_tells_of_it(paper, connect):
    async with connect(client_id=0) as bridge:
        await bought(bridge, 1)
        other = IB()
        await other.connectAsync("127.0.0.1", paper.port, clientId=9)
        trade = other.placeOrder(IbStock("AAPL", "SMART", "USD"), MarketOrder("BUY", 6))
        async with asyncio.timeout(10):
            while not trade.isDone():
                await trade.statusEvent
        other.disconnect()
        paper.faults.inject(Drop())
        await state(bridge, S.RECONNECTING)
        await state(bridge, S.READY)
        agrees(bridge, paper)
        assert holding(bridge).quantity == 7
        clients = {each.report.client_id for each in await bridge.portfolio.executions()}
        assert clients == {0, 9}


async def test_what_others_trade_unseen_is_a_difference_and_the_brokers_row_counts(paper, connect):
    """IB tells an ordinary client id nothing of other programs' executions: the row says what is held, not why."""
    async with connect() as bridge:
        await bought(bridge, 1)
        other = IB()
        await other.connectAsync("127.0.0.1", paper.port, clientId=9)
        other.placeOrder(IbStock("AAPL", "SMART", "USD"), MarketOrder("BUY", 6))
        await until(bridge, lambda: bridge.portfolio.position(ACCOUNT, 265598) == 7)
        other.disconnect()
        assert holding(bridge).quantity == 1
        found = bridge.portfolio.books.differences(datetime.now(UTC))
        assert {(each.matter.value, each.difference) for each in found or ()} >= {("position", D(6))}
        assert bridge.portfolio.accept(ACCOUNT) >= 1
        assert holding(bridge).quantity == 7
    async with connect() as again:
        assert holding(again).quantity == 7, "what was accepted is kept"


async def test_daily_profit_is_ibs_and_comes_back_after_a_cut(paper, connect, pass_time):
    async with connect() as bridge:
        await bought(bridge, 100)
        pass_time(2)
        await until(bridge, lambda: bridge.portfolio.pnl().source is PnlSource.BROKER)
        assert bridge.portfolio.daily_pnl(ACCOUNT) is not None
        await until(bridge, lambda: bridge.portfolio.positions()[0].daily_pnl is not None)
        paper.faults.inject(Drop())
        await state(bridge, S.RECONNECTING)
        await until(bridge, lambda: bridge.portfolio.pnl().source is not PnlSource.BROKER)
        await state(bridge, S.READY)
        pass_time(2)
        await until(bridge, lambda: bridge.portfolio.pnl().source is PnlSource.BROKER)
        await until(bridge, lambda: bridge.portfolio.positions()[0].daily_pnl is not None)
        assert bridge.portfolio.daily_pnl(ACCOUNT) == round(paper.venue.account(ACCOUNT).daily_pnl, 2)
