"""Unmodified ib_async against the paper gateway over a socket.

The gateway's clock stands still until a test moves it, so that nothing happens by chance between two lines of a test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ib_async import IB

from ironbridge.paper import PaperClock, PaperGateway

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ACCOUNT = "DU1000001"


class Desk:
    """A client, what it was told of errors, and the gateway's clock in one hand."""

    def __init__(self, paper: PaperGateway, ib: IB) -> None:
        self.paper = paper
        self.ib = ib
        self.errors: list[tuple[int, int, str]] = []
        self._news = asyncio.Event()
        ib.errorEvent += self._heard_error
        for news in (
            ib.updateEvent, ib.orderStatusEvent, ib.openOrderEvent, ib.execDetailsEvent, ib.commissionReportEvent,
            ib.positionEvent, ib.updatePortfolioEvent, ib.accountValueEvent, ib.accountSummaryEvent, ib.pnlEvent,
            ib.pnlSingleEvent, ib.disconnectedEvent, ib.pendingTickersEvent,
            ib.barUpdateEvent, ib.scannerDataEvent,
        ):  # fmt: skip
            news.connect(self._heard)

    def _heard(self, *_: Any) -> None:
        self._news.set()

    def _heard_error(self, number: int, code: int, text: str, _contract: Any) -> None:
        self.errors.append((number, code, text))
        self._news.set()

    def pass_time(self, seconds: float = 1.0) -> None:
        self.paper.clock.step(timedelta(seconds=seconds))
        self.paper.step()

    async def heard(self) -> None:
        """Wait until the gateway has taken what was sent, and its answers have come."""
        await self.ib.reqCurrentTimeAsync()

    async def until(self, done: Callable[[], Any]) -> None:
        """Wait for the news that makes it true."""
        async with asyncio.timeout(10):
            while not done():
                self._news.clear()
                await self._news.wait()

    async def done(self, trade: Any) -> Any:
        await self.until(trade.isDone)
        return trade

    async def gone(self) -> None:
        """Wait until the gateway has seen this client leave."""
        async with asyncio.timeout(10):
            while self.ib.client.clientId in self.paper.clients:  # noqa: ASYNC110  no event tells of it; sockets do
                await asyncio.sleep(0)

    async def error(self, code: int, number: int | None = None) -> str:
        """The text of the first error of this code."""

        def found() -> list[tuple[int, int, str]]:
            return [e for e in self.errors if e[1] == code and number in {None, e[0]}]

        await self.until(found)
        return found()[0][2]


@pytest.fixture
async def paper() -> AsyncIterator[PaperGateway]:
    clock = PaperClock(START, speed=0)
    async with PaperGateway(port=0, seed=7, accounts=(ACCOUNT,), clock=clock, step=0.02) as gateway:
        yield gateway


@pytest.fixture
async def connect(paper: PaperGateway) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    """Makes connected clients and takes them down."""
    made: list[IB] = []

    async def make(client: int = 1, **options: Any) -> Desk:
        ib = IB()
        ib.RaiseRequestErrors = True
        made.append(ib)
        desk = Desk(paper, ib)
        await ib.connectAsync("127.0.0.1", paper.port, clientId=client, timeout=5, **options)
        return desk

    yield make
    for ib in made:
        ib.disconnect()


@pytest.fixture
async def desk(connect: Callable[..., Awaitable[Desk]]) -> Desk:
    return await connect()
