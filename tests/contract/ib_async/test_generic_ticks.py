"""Every generic tick that is legal for a kind can be asked for, and the client takes what comes."""

from __future__ import annotations

import logging

import pytest
from ib_async import Forex, Future, Index, Stock

from ironbridge.domain.instrument import Kind
from ironbridge.paper.generic_ticks import legal_ticks

CONTRACTS = (
    (Kind.STOCK, Stock("AAPL", "SMART", "USD")),
    (Kind.STOCK, Stock("SPY", "SMART", "USD")),
    (Kind.FUTURE, Future("ES", "202606", "CME")),
    (Kind.INDEX, Index("SPX", "CBOE")),
    (Kind.FOREX, Forex("EURUSD")),
)


@pytest.mark.parametrize(("kind", "contract"), CONTRACTS, ids=lambda each: getattr(each, "symbol", None))
async def test_all_that_is_legal(desk, caplog, kind, contract):
    (contract,) = await desk.ib.qualifyContractsAsync(contract)
    _, legal = legal_ticks(kind)
    with caplog.at_level(logging.ERROR):
        ticker = desk.ib.reqMktData(contract, ",".join(str(number) for number in sorted(legal)))
        await desk.until(lambda: ticker.last > 0 or ticker.bid > 0)
        desk.pass_time(30)
        await desk.heard()
    assert [(code, text) for _, code, text in desk.errors if code < 2000] == []
    assert [record.message for record in caplog.records] == []


async def test_a_fund_tells_its_value(desk):
    told = []
    ticker = desk.ib.reqMktData(Stock("SPY", "SMART", "USD", conId=756733), "576,577,578,614,623")
    ticker.updateEvent += lambda each: told.extend(tick.tickType for tick in each.ticks)
    await desk.until(lambda: {92, 93, 94, 95, 96, 97, 98, 99} <= set(told))
    assert ticker.bid > 0


async def test_one_that_is_not_legal_for_the_kind(desk):
    desk.ib.reqMktData(Forex("EURUSD", conId=12087792), "236")
    assert "Incorrect generic tick list of 236.  Legal ones for (CASH) are: " in await desk.error(321)


async def test_a_line_without_its_quote(desk):
    told = []
    ticker = desk.ib.reqMktData(Stock("AAPL", "SMART", "USD", conId=265598), "mdoff,233")
    ticker.updateEvent += lambda each: told.extend(tick.tickType for tick in each.ticks)
    await desk.heard()
    desk.pass_time(5)
    await desk.until(lambda: ticker.rtTime is not None)
    assert told
    assert not set(told) & set(range(10))
