"""The engine's side of the socket, against the paper gateway on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.domain.reports import BrokerReport
from ironbridge.domain.session import Endpoint
from ironbridge.ib import IbGateway
from ironbridge.paper import PaperGateway
from ironbridge.session import SlidingWindowPacer, Supervisor, SupervisorOptions, SystemClock

REQUEST_TIMEOUT = 0.5


class Ear:
    """Keeps the broker's reports and waits for the one that is wanted."""

    def __init__(self) -> None:
        self.reports: list[BrokerReport] = []
        self._news = asyncio.Event()

    def __call__(self, report: BrokerReport) -> None:
        self.reports.append(report)
        self._news.set()

    async def hears(self, kind: type[Any], fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The first report of this kind that fits, heard or yet to come."""
        async with asyncio.timeout(10):
            while True:
                for report in self.reports:
                    if isinstance(report, kind) and fits(report):
                        return report
                self._news.clear()
                await self._news.wait()

    def of(self, kind: type[Any]) -> list[Any]:
        return [report for report in self.reports if isinstance(report, kind)]


@pytest.fixture
async def paper() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=7, accounts=("DU1000001",), step=0.02) as gateway:
        yield gateway


@pytest.fixture
def endpoint(paper: PaperGateway) -> Endpoint:
    return Endpoint("127.0.0.1", paper.port, 5)


@pytest.fixture
async def broker(paper: PaperGateway) -> AsyncIterator[IbGateway]:
    clock = SystemClock()
    gateway = IbGateway(SlidingWindowPacer(clock), clock, request_timeout=REQUEST_TIMEOUT, connect_timeout=0.5)
    yield gateway
    await gateway.disconnect()


@pytest.fixture
def ear(broker: IbGateway) -> Ear:
    listener = Ear()
    broker.listen(listener)
    return listener


class Service:
    """A service that catches up by asking for open orders and positions."""

    def __init__(self, broker: IbGateway) -> None:
        self._broker = broker
        self.rounds = 0
        self.interruptions: list[str] = []

    async def synchronise(self) -> None:
        await self._broker.open_orders()
        await self._broker.positions()
        self.rounds += 1

    def interrupted(self, reason: str) -> None:
        self.interruptions.append(reason)


@pytest.fixture
def service(broker: IbGateway) -> Service:
    return Service(broker)


OPTIONS = SupervisorOptions(
    backoff_base=0.02,
    backoff_cap=0.2,
    client_id_cap=0.1,
    breaker_cooldown=0.3,
    heartbeat_interval=0.2,
    heartbeat_timeout=0.4,
)


@pytest.fixture
async def supervisor(broker: IbGateway, endpoint: Endpoint, service: Service) -> AsyncIterator[Supervisor]:
    session = Supervisor(
        broker, endpoint, SystemClock(), MemoryTopic("session"), synchronisers=[service], options=OPTIONS
    )
    session.start()
    yield session
    await session.stop()
