"""A hub over the fake feed, on a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ironbridge.domain.instrument import Contract, Forex, Index, Instrument, Stock
from ironbridge.errors import InstrumentNotFound
from ironbridge.marketdata import MarketData
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fake_feed import FakeFeed, contract_for

AAPL, MSFT, TSLA = Stock("AAPL"), Stock("MSFT"), Stock("TSLA")
EURUSD, SPX = Forex("EURUSD"), Index("SPX", "CBOE")
CONTRACTS = {
    instrument: contract_for(instrument, con_id)
    for con_id, instrument in enumerate((AAPL, MSFT, TSLA, EURUSD, SPX), start=1)
}


async def resolve(instrument: Instrument) -> Contract:
    for contract in CONTRACTS.values():
        if instrument == contract.instrument:
            return contract
    if instrument not in CONTRACTS:
        raise InstrumentNotFound(f"IB knows no {instrument}.")
    return CONTRACTS[instrument]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def feed() -> FakeFeed:
    return FakeFeed()


@pytest.fixture
async def market(clock: ManualClock, feed: FakeFeed) -> AsyncIterator[MarketData]:
    hub = MarketData(feed, resolve, clock, stale_after=30, linger=5, line_limit=3)
    await hub.start()
    await hub.synchronise()
    async with asyncio.timeout(10):
        yield hub
    await hub.stop()
