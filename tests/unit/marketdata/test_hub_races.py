"""The moments in which two things happen at once."""

import asyncio
from datetime import timedelta

import pytest

from ironbridge.domain.market import MarketGap, Quality, Quote, TickField
from ironbridge.errors import RequestTimeout, SessionLost
from ironbridge.marketdata import MarketData
from ironbridge.testing.clock import START, ManualClock
from ironbridge.testing.fake_feed import FakeFeed

from .conftest import AAPL, MSFT, TSLA


async def test_a_line_that_opens_after_the_cut_is_ended(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    feed.hold()
    stream = market.subscribe(AAPL)
    entering = asyncio.ensure_future(stream.__aenter__())
    await feed.until_waiting()
    market.interrupted("upstream lost")
    feed.release()
    await entering
    assert feed.streaming == [1], "it was on its way"
    await market.synchronise()
    assert feed.streaming == [1], "the old one is closed, a new one open"
    assert feed.asked[1] == 2
    stream.close()


async def test_a_close_that_is_cancelled_is_not_forgotten(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL, MSFT, TSLA) as stream:
        stream.drop(AAPL)
        await clock.advance(1)
        feed.hold()
        market.interrupted("upstream lost")
        restoring = asyncio.ensure_future(market.synchronise())
        await feed.until_waiting()
        restoring.cancel()
        await asyncio.wait({restoring})
        feed.release()
        await market.synchronise()
        assert feed.streaming == [2, 3]
        assert feed.most == 3


async def test_a_cut_while_it_is_restored_is_said_and_makes_the_gap_longer(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as stream:
        market.interrupted("first")
        feed.hold()
        restoring = asyncio.ensure_future(market.synchronise())
        await feed.until_waiting()
        feed.release()
        feed.hold()
        await clock.advance(3)
        market.interrupted("second")
        feed.release()
        with pytest.raises(SessionLost, match="second"):
            await restoring
        await clock.advance(3)
        await market.synchronise()
        assert feed.streaming == [1]
        await market.stop()
        gaps = [event async for event in stream if isinstance(event, MarketGap)]
        assert [(gap.since, gap.until) for gap in gaps] == [(START, START + timedelta(seconds=6))]


async def test_ticks_of_a_stream_that_is_cut_change_nothing(market: MarketData, feed: FakeFeed) -> None:
    async with market.subscribe(AAPL) as stream:
        feed.quote(1, 10, 11)
        await anext(stream)
        market.interrupted("upstream lost")
        feed.quote(1, 12, 13)
        quote = await anext(stream)
        assert isinstance(quote, Quote)
        assert (quote.bid, quote.quality) == (10, Quality.INTERRUPTED)
        assert stream.unread == 0


async def test_ticks_of_a_stream_that_was_refused_change_nothing(market: MarketData, feed: FakeFeed) -> None:
    async with market.subscribe(AAPL):
        feed.quote(1, 10, 11)
        (sink,) = feed.sinks(1)
        feed.refuse(1, 10197, "No market data during competing live session")
        sink.tick(TickField.BID, 99)
        sink.refused(354, "again")
        quote = market.last(AAPL)
        assert quote is not None
        assert (quote.bid, quote.quality) == (10, Quality.INTERRUPTED)
        (watched,) = market.watching()
        assert watched.refusal is not None
        assert watched.refusal.code == 10197


async def test_a_gap_begins_with_the_first_loss(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    async with market.subscribe(AAPL) as stream:
        market.interrupted("upstream lost")
        await clock.advance(5)
        feed.lose()
        market.interrupted("socket closed")
        await clock.advance(5)
        feed.restore()
        await market.synchronise()
        gap = await anext(stream)
        assert isinstance(gap, MarketGap)
        assert (gap.since, gap.until, gap.reason) == (START, START + timedelta(seconds=10), "upstream lost")


async def test_the_gap_comes_before_the_first_tick_even_if_that_is_faster(market: MarketData, feed: FakeFeed) -> None:
    async with market.subscribe(AAPL, MSFT) as stream:
        market.interrupted("upstream lost")
        await anext(stream)
        await anext(stream)
        feed.hold()
        restoring = asyncio.ensure_future(market.synchronise())
        await feed.until_waiting()
        feed.release()
        await restoring
        feed.tick(2, TickField.BID, 9)
        events = [await anext(stream) for _ in range(3)]
        assert [type(event) for event in events] == [MarketGap, MarketGap, Quote]


async def test_a_quote_waits_through_a_cut_and_says_so_if_it_does_not_end(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    ends_well = asyncio.ensure_future(market.quote(AAPL, timeout=10))
    does_not = asyncio.ensure_future(market.quote(MSFT, timeout=3))
    await clock.settle()
    feed.lose()
    market.interrupted("socket closed")
    await clock.advance(3)
    with pytest.raises(RequestTimeout, match=r"the stream was cut \(socket closed\)"):
        await does_not
    feed.restore()
    await market.synchronise()
    feed.quote(1, 10, 11)
    assert (await ends_well).quality is Quality.GOOD


async def test_a_cancelled_quote_gives_its_line_up(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    asking = asyncio.ensure_future(market.quote(AAPL))
    await clock.settle()
    asking.cancel()
    await asyncio.wait({asking})
    assert asking.cancelled()
    await clock.advance(6)
    assert feed.streaming == []
    assert clock.sleepers == 1, "the watch alone"


async def test_an_instrument_dropped_and_added_again_keeps_its_line(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as stream:
        feed.quote(1, 10, 11)
        stream.drop(AAPL)
        assert stream.unread == 0
        await stream.add(AAPL)
        assert stream.unread == 1, "the present quote comes again"
        await clock.advance(10)
        assert feed.asked[1] == 1


async def test_a_stream_closed_while_it_is_entered_reads_nothing(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    feed.hold()
    stream = market.subscribe(AAPL)
    entering = asyncio.ensure_future(stream.__aenter__())
    await feed.until_waiting()
    stream.close()
    feed.release()
    await entering
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    await clock.advance(6)
    assert feed.streaming == []
