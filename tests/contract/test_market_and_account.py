"""Market data, contracts and portfolio over a real socket, through the faults of the paper gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.contracts import Resolver, parse_instrument
from ironbridge.domain.account import PortfolioChanged
from ironbridge.domain.instrument import Contract, Instrument, Stock
from ironbridge.domain.market import MarketEvent, MarketGap, MarketRefused, Quality, Quote
from ironbridge.domain.order import OrderRequest, RiskApproved, buy
from ironbridge.domain.session import SessionState
from ironbridge.errors import AmbiguousInstrument, InstrumentNotFound, NotConnected
from ironbridge.ib import IbGateway
from ironbridge.marketdata import MarketData, MarketStream
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import Drop, LoseUpstream, RestoreUpstream, Resume, SendError, Silence
from ironbridge.portfolio import Portfolio
from ironbridge.session import Supervisor, SystemClock
from ironbridge.testing.executions import MemoryExecutions

AAPL = Stock("AAPL")


class Memory:
    """A contract cache that lasts as long as the test."""

    def __init__(self) -> None:
        self.kept: dict[Instrument, Contract] = {}

    async def load(self, instrument: Instrument) -> Contract | None:
        return self.kept.get(instrument)

    async def save(self, instrument: Instrument, contract: Contract) -> None:
        self.kept[instrument] = contract


@pytest.fixture
def resolver(broker: IbGateway) -> Resolver:
    return Resolver(broker, Memory(), SystemClock())


@pytest.fixture
def changes() -> MemoryTopic[PortfolioChanged]:
    return MemoryTopic("portfolio")


@pytest.fixture
async def market(broker: IbGateway, resolver: Resolver) -> AsyncIterator[MarketData]:
    hub = MarketData(broker, resolver.identify, SystemClock(), stale_after=0.3, watch_every=0.05)
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def portfolio(
    broker: IbGateway, supervisor: Supervisor, market: MarketData, changes: MemoryTopic[PortfolioChanged]
) -> Portfolio:
    """The account, of a session that is ready."""
    service = Portfolio(broker, supervisor, SystemClock(), changes, store=MemoryExecutions())
    supervisor.add_synchroniser(service)
    supervisor.add_synchroniser(market)
    await supervisor.connect()
    await supervisor.until(SessionState.READY, 10)
    return service


async def until(stream: MarketStream, fits: Callable[[MarketEvent], bool]) -> list[MarketEvent]:
    """The events up to the first that fits."""
    events = []
    async with asyncio.timeout(10):
        async for event in stream:
            events.append(event)
            if fits(event):
                return events
    raise AssertionError("the stream ended")


def with_quality(quality: Quality) -> Callable[[MarketEvent], bool]:
    return lambda event: isinstance(event, Quote) and event.quality is quality


good = with_quality(Quality.GOOD)


@pytest.mark.parametrize("text", ("AAPL", "EURUSD", "ESZ6", "IND:SPX", "OPT:SPY:20261218:680:C"))
async def test_every_kind_is_quoted(portfolio: Portfolio, market: MarketData, text: str) -> None:
    quote = await market.quote(parse_instrument(text))
    assert quote.instrument.con_id > 0
    price = quote.last if quote.bid is None else quote.mid
    assert price is not None
    assert price > 0


async def test_what_is_not_one_thing_is_said(portfolio: Portfolio, market: MarketData, resolver: Resolver) -> None:
    with pytest.raises(InstrumentNotFound, match="no stock NOSUCH"):
        await market.quote(Stock("NOSUCH"))
    with pytest.raises(AmbiguousInstrument, match="could be any of") as ambiguous:
        await market.quote(parse_instrument("FUT:ES"))
    first = ambiguous.value.candidates[0]
    chosen = ambiguous.value.next_step.removeprefix("Say which one, as in ").removesuffix(".")
    assert (await resolver.resolve(parse_instrument(chosen))).con_id == first.con_id


async def test_a_dropped_socket_is_a_gap_and_then_prices_again(
    portfolio: Portfolio, market: MarketData, paper: PaperGateway
) -> None:
    async with market.subscribe(AAPL) as stream:
        await until(stream, good)
        paper.faults.inject(Drop())
        gap = (await until(stream, lambda event: isinstance(event, MarketGap)))[-1]
        assert isinstance(gap, MarketGap)
        assert gap.since < gap.until
        assert gap.reason
        await until(stream, good)


@pytest.mark.parametrize("data_lost", (True, False))
async def test_upstream_lost_and_back_is_a_gap_on_a_living_socket(
    portfolio: Portfolio, market: MarketData, paper: PaperGateway, supervisor: Supervisor, data_lost: bool
) -> None:
    async with market.subscribe(AAPL) as stream:
        await until(stream, good)
        paper.faults.inject(LoseUpstream())
        await until(stream, with_quality(Quality.INTERRUPTED))
        with pytest.raises(NotConnected):
            await market.quote(AAPL)
        paper.faults.inject(RestoreUpstream(data_lost=data_lost))
        assert any(isinstance(event, MarketGap) for event in await until(stream, good))
    assert supervisor.health().links_lost == 0


@pytest.mark.parametrize("code", (None, 10197))
async def test_a_silent_stream_is_stale_and_then_good_again(
    portfolio: Portfolio, market: MarketData, paper: PaperGateway, code: int | None
) -> None:
    async with market.subscribe(AAPL) as stream:
        await until(stream, good)
        paper.faults.inject(Silence(code=code))
        await until(stream, with_quality(Quality.STALE))
        paper.faults.inject(Resume())
        await until(stream, good)


async def test_a_refused_stream_carries_the_brokers_words(
    portfolio: Portfolio, market: MarketData, paper: PaperGateway
) -> None:
    async with market.subscribe(AAPL) as stream:
        await until(stream, good)
        (line,) = market._pool.lines
        assert line.number is not None
        paper.faults.inject(SendError(354, id=line.number))
        refused = (await until(stream, lambda event: isinstance(event, MarketRefused)))[-1]
        assert isinstance(refused, MarketRefused)
        assert (refused.code, refused.text) == (354, "Requested market data is not subscribed.")
        assert (await market.quote(AAPL)).quality is Quality.GOOD, "the next one who asks, asks again"


async def test_the_account_is_what_the_broker_says(
    portfolio: Portfolio,
    broker: IbGateway,
    supervisor: Supervisor,
    resolver: Resolver,
    changes: MemoryTopic[PortfolioChanged],
) -> None:
    before = portfolio.summary()
    assert (before.account, before.currency) == ("DU1000001", "USD")
    assert before.net_liquidation is not None
    assert before.net_liquidation > 0
    assert portfolio.positions() == []
    assert portfolio.interrupted_by == ""
    contract = await resolver.resolve(AAPL)
    assert supervisor.info is not None
    with changes.subscribe() as stream:
        order = OrderRequest("ten", contract.instrument, buy(10), "DU1000001")
        await broker.place(RiskApproved(order, (), datetime.now(UTC)), supervisor.info.next_order_id)
        async with asyncio.timeout(10):
            async for change in stream:
                held = [p for p in change.positions if p.market_value is not None]
                if held:
                    break
    (position,) = held
    assert (position.quantity, position.instrument.exchange) == (Decimal(10), "SMART")
    assert position.average_cost > 0
    assert portfolio.positions()[0].quantity == 10


async def test_the_account_is_marked_as_from_before_and_caught_up(
    portfolio: Portfolio, supervisor: Supervisor, paper: PaperGateway, changes: MemoryTopic[PortfolioChanged]
) -> None:
    with changes.subscribe() as stream:
        paper.faults.inject(Drop())
        said: list[bool] = []
        async with asyncio.timeout(10):
            async for change in stream:
                said.append(bool(change.interrupted))
                if said[-2:] == [True, False]:
                    break
    assert portfolio.interrupted_by == ""
