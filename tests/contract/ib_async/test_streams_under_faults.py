"""Books and single ticks when the link behind the gateway is lost, and under strict pacing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from ib_async import IB, Stock

from ironbridge.paper import Limits, Pacing, PaperClock, PaperGateway
from ironbridge.paper.faults import LoseUpstream, RestoreUpstream, Silence

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
MSFT = Stock("MSFT", "SMART", "USD", conId=272093)


def true(levels):
    return [(float(level.price), float(level.size)) for level in levels]


def held(levels):
    return [(level.price, level.size) for level in levels]


async def test_a_book_catches_up_after_an_outage(desk):
    ticker = desk.ib.reqMktDepth(AAPL, 5)
    await desk.heard()
    desk.paper.faults.inject(LoseUpstream())
    before = held(ticker.domBids)
    desk.pass_time(30)
    await desk.heard()
    assert held(ticker.domBids) == before
    desk.paper.faults.inject(RestoreUpstream())
    desk.pass_time(1)
    await desk.heard()
    assert held(ticker.domBids) == true(desk.paper.venue.book(265598, 5).bids)


async def test_lost_data_ends_all_without_a_word(desk):
    book, ticks = desk.ib.reqMktDepth(AAPL, 5), desk.ib.reqTickByTickData(MSFT, "BidAsk")
    await desk.heard()
    desk.paper.faults.inject(LoseUpstream())
    desk.paper.faults.inject(RestoreUpstream(data_lost=True))
    await desk.error(1101)
    told = []
    for each in (book, ticks):
        each.updateEvent += told.append
    desk.pass_time(60)
    await desk.heard()
    assert told == []
    again = desk.ib.reqMktDepth(AAPL, 5)
    await desk.heard()
    assert held(again.domAsks) == true(desk.paper.venue.book(265598, 5).asks)


async def test_a_silenced_client_hears_no_tick(desk):
    told = []
    ticker = desk.ib.reqTickByTickData(AAPL, "AllLast")
    ticker.updateEvent += told.append
    await desk.heard()
    desk.paper.faults.inject(Silence())
    desk.pass_time(30)
    await desk.heard()
    assert told == []


@pytest.mark.parametrize(("kind", "count"), (("AllLast", 20), ("BidAsk", 50), ("MidPoint", 10)))
async def test_earlier_ticks_come_first(desk, kind, count):
    ib = desk.ib
    past = ib.wrapper.startReq(6001)
    ib.client.reqTickByTickData(6001, AAPL, kind, count, False)
    async with asyncio.timeout(10):
        ticks = await past
    assert len(ticks) == count
    times = [each.time for each in ticks]
    assert times == sorted(times)
    assert times[-1] <= desk.paper.venue.now
    assert times[0] > desk.paper.venue.now - timedelta(hours=1)


async def test_too_many_earlier_ticks(desk):
    desk.ib.client.reqTickByTickData(6001, AAPL, "Last", 1001, False)
    assert "between 0 and 1000" in await desk.error(321, 6001)


async def test_the_same_instrument_twice_within_fifteen_seconds():
    clock = PaperClock(datetime(2026, 3, 2, 15, tzinfo=UTC), speed=0)
    limits = Limits(pacing=Pacing.STRICT)
    async with PaperGateway(port=0, clock=clock, limits=limits, step=0.02) as paper:
        ib, errors = IB(), []
        ib.errorEvent += lambda number, code, *_: errors.append((number, code))
        await ib.connectAsync("127.0.0.1", paper.port, clientId=1, timeout=5)
        for number, contract in ((6001, AAPL), (6002, MSFT), (6003, AAPL)):
            ib.client.reqTickByTickData(number, contract, "Last", 0, False)
        await ib.reqCurrentTimeAsync()
        assert [each for each in errors if each[1] == 10190] == [(6003, 10190)]
        clock.step(timedelta(seconds=16))
        ib.client.reqTickByTickData(6004, AAPL, "Last", 0, False)
        await ib.reqCurrentTimeAsync()
        assert len([each for each in errors if each[1] == 10190]) == 1
        ib.disconnect()
