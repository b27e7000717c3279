"""Quotes and streams over a feed that does what it is told."""

import asyncio
from datetime import timedelta

import pytest

from ironbridge.domain.instrument import Stock
from ironbridge.domain.market import DataKind, MarketGap, MarketRefused, Quality, Quote, TickField
from ironbridge.errors import (
    InstrumentNotFound,
    InvalidInput,
    LineLimitReached,
    NotConnected,
    RequestRejected,
    RequestTimeout,
)
from ironbridge.marketdata import LineState, MarketData
from ironbridge.testing.clock import START, ManualClock
from ironbridge.testing.fake_feed import FakeFeed

from .conftest import AAPL, CONTRACTS, EURUSD, MSFT, SPX, TSLA, resolve


async def quote_of(event: object) -> Quote:
    assert isinstance(event, Quote)
    return event


async def test_a_quote_waits_for_both_sides(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    asking = asyncio.ensure_future(market.quote(AAPL))
    await clock.settle()
    feed.tick(1, TickField.BID, 227.30, 200)
    await clock.settle()
    assert not asking.done()
    feed.tick(1, TickField.ASK, 227.32, 300)
    quote = await asking
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (227.30, 200, 227.32, 300)
    assert (quote.last, quote.volume) == (None, None)
    assert quote.quality is Quality.GOOD
    assert quote.kind is DataKind.LIVE
    assert quote.time == START
    assert quote.instrument.con_id == 1


async def test_the_quote_of_an_index_is_its_level(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    asking = asyncio.ensure_future(market.quote(SPX))
    await clock.settle()
    feed.tick(5, TickField.LAST, 6800.5)
    assert (await asking).last == 6800.5


async def test_repeated_quotes_share_a_line_that_lingers(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    first = asyncio.ensure_future(market.quote(AAPL))
    await clock.settle()
    feed.quote(1, 10, 11)
    await first
    assert (await market.quote(AAPL)).bid == 10
    assert feed.asked[1] == 1
    assert feed.streaming == [1]
    await clock.advance(6)
    assert feed.streaming == []
    assert market.watching() == ()


async def test_a_quote_that_does_not_come_says_what_came(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    asking = asyncio.ensure_future(market.quote(AAPL, timeout=4))
    await clock.settle()
    feed.tick(1, TickField.BID, 227.3)
    await clock.advance(4)
    with pytest.raises(RequestTimeout, match=r"AAPL .* within 4 s: only bid 227.3 came"):
        await asking
    asking = asyncio.ensure_future(market.quote(MSFT, timeout=4))
    await clock.advance(4)
    with pytest.raises(RequestTimeout, match="no price came"):
        await asking


async def test_a_quote_that_waits_to_be_asked_for_times_out_too(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    feed.hold()
    asking = asyncio.ensure_future(market.quote(AAPL, timeout=2))
    await feed.until_waiting()
    await clock.advance(2)
    with pytest.raises(RequestTimeout, match="still waiting to be sent"):
        await asking
    feed.release()
    await clock.settle()
    assert feed.streaming == []


@pytest.mark.parametrize(
    ("code", "text", "advice"),
    (
        (354, "Requested market data is not subscribed.", "delayed"),
        (10089, "Requested market data requires additional subscription for API.", "delayed"),
        (10197, "No market data during competing live session", "Another session"),
        (999, "Something new", "Look the code up"),
    ),
)
async def test_a_refusal_carries_the_brokers_words_and_what_to_do(
    market: MarketData, feed: FakeFeed, clock: ManualClock, code: int, text: str, advice: str
) -> None:
    asking = asyncio.ensure_future(market.quote(AAPL))
    await clock.settle()
    feed.refuse(1, code, text)
    with pytest.raises(RequestRejected, match=text) as refused:
        await asking
    assert refused.value.code == code
    assert advice in refused.value.next_step
    assert market.watching() == ()


async def test_without_a_session_there_is_no_quote(feed: FakeFeed, clock: ManualClock) -> None:
    hub = MarketData(feed, resolve, clock)
    with pytest.raises(NotConnected, match="the session has not begun"):
        await hub.quote(AAPL)


@pytest.mark.parametrize("seconds", (0, -1, float("nan")))
async def test_a_time_out_must_be_one(market: MarketData, seconds: float) -> None:
    with pytest.raises(InvalidInput, match="time-out"):
        await market.quote(AAPL, timeout=seconds)


async def test_an_unknown_instrument_leaves_nothing(market: MarketData, feed: FakeFeed) -> None:
    with pytest.raises(InstrumentNotFound):
        async with market.subscribe(AAPL, Stock("NOPE")):
            pass
    with pytest.raises(InstrumentNotFound):
        await market.quote(Stock("NOPE"))
    assert [line.readers for line in market.watching()] == [0]


async def test_two_readers_share_one_line_and_both_see_everything(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL, MSFT) as both, market.subscribe(AAPL) as one:
        assert feed.streaming == [1, 2]
        feed.quote(1, 10, 11)
        assert (await quote_of(await anext(both))).ask == 11
        assert (await quote_of(await anext(one))).ask == 11
        assert both.asked[CONTRACTS[MSFT].instrument] == MSFT
    assert feed.streaming == [1, 2]
    await clock.advance(6)
    assert feed.streaming == []


async def test_a_late_reader_begins_with_the_present_quote(market: MarketData, feed: FakeFeed) -> None:
    async with market.subscribe(AAPL) as early:
        feed.quote(1, 10, 11)
        await anext(early)
        async with market.subscribe(AAPL) as late:
            assert (await quote_of(await anext(late))).bid == 10


async def test_a_slow_reader_gets_the_newest_and_a_count(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as stream:
        for n in range(1, 11):
            feed.quote(1, n, n + 1)
            await clock.settle()
        assert stream.unread == 1
        quote = await quote_of(await anext(stream))
        assert quote.bid == 10
        assert stream.conflated == 9
        assert quote.sequence == 21, "two ticks a quote, and one for the opening"


async def test_instruments_come_and_go_while_a_stream_is_read(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe() as stream:
        await stream.add(AAPL, EURUSD)
        stream.drop(AAPL)
        feed.quote(1, 10, 11)
        feed.quote(4, 1.08, 1.0801)
        assert (await quote_of(await anext(stream))).instrument.pair == "EURUSD"
        await clock.advance(6)
        assert feed.streaming == [4]


async def test_a_cut_is_told_to_every_stream_and_nothing_old_passes_for_new(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as first, market.subscribe(AAPL) as second:
        feed.quote(1, 10, 11)
        await anext(first)
        old_sink = feed.sinks(1)[0]
        feed.lose()
        market.interrupted("socket closed")
        cut = await quote_of(await anext(first))
        assert (cut.bid, cut.quality) == (10, Quality.INTERRUPTED)
        await clock.advance(60)
        feed.restore()
        await market.synchronise()
        old_sink.tick(TickField.BID, 99.0)
        feed.tick(1, TickField.BID, 12)
        expected = MarketGap(CONTRACTS[AAPL].instrument, START, START + timedelta(seconds=60), "socket closed")
        for stream in (first, second):
            assert await anext(stream) == expected
            quote = await quote_of(await anext(stream))
            assert (quote.bid, quote.ask, quote.quality) == (12, None, Quality.PENDING)
        assert feed.streaming == [1]


async def test_a_subscription_made_without_a_session_is_opened_with_it(feed: FakeFeed, clock: ManualClock) -> None:
    hub = MarketData(feed, resolve, clock)
    async with hub.subscribe(AAPL) as stream:
        assert feed.streaming == []
        await hub.synchronise()
        feed.quote(1, 10, 11)
        assert (await quote_of(await anext(stream))).bid == 10
    await hub.stop()
    assert feed.streaming == []


async def test_a_second_cut_before_the_first_is_read_makes_one_gap(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as stream:
        for reason in ("first", "second"):
            feed.lose()
            market.interrupted(reason)
            await clock.advance(10)
            feed.restore()
            await market.synchronise()
        gap = await anext(stream)
        assert isinstance(gap, MarketGap)
        assert (gap.since, gap.until) == (START, START + timedelta(seconds=20))
        assert gap.reason == "second"


async def test_synchronise_twice_asks_once(market: MarketData, feed: FakeFeed) -> None:
    async with market.subscribe(AAPL):
        market.interrupted("upstream lost")
        await market.synchronise()
        await market.synchronise()
        assert feed.asked[1] == 2
        assert feed.streaming == [1], "the line of before is closed, though the socket was never lost"


async def test_a_failed_restoration_goes_on_where_it_stopped(market: MarketData, feed: FakeFeed) -> None:
    async with market.subscribe(AAPL, MSFT):
        feed.lose()
        market.interrupted("socket closed")
        with pytest.raises(NotConnected):
            await market.synchronise()
        feed.restore()
        await market.synchronise()
        assert feed.streaming == [1, 2]


async def test_silence_is_flagged_and_the_next_tick_ends_it(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as stream:
        feed.quote(1, 10, 11)
        assert (await quote_of(await anext(stream))).quality is Quality.GOOD
        await clock.advance(31)
        stale = await quote_of(await anext(stream))
        assert (stale.quality, stale.bid) == (Quality.STALE, 10)
        feed.quote(1, 10, 11)
        assert (await quote_of(await anext(stream))).quality is Quality.GOOD
        await clock.advance(10)
        assert stream.unread == 0


async def test_a_line_on_which_nothing_ever_comes_is_stale_too(market: MarketData, clock: ManualClock) -> None:
    async with market.subscribe(AAPL) as stream:
        await clock.advance(31)
        assert (await quote_of(await anext(stream))).quality is Quality.STALE


async def test_a_refused_stream_says_so_and_is_asked_for_again_by_the_next_reader(
    market: MarketData, feed: FakeFeed
) -> None:
    async with market.subscribe(AAPL) as stream:
        feed.quote(1, 10, 11)
        feed.refuse(1, 10197, "No market data during competing live session")
        refused = await anext(stream)
        assert isinstance(refused, MarketRefused)
        assert refused.code == 10197
        assert market.watching()[0].state is LineState.REFUSED
        async with market.subscribe(AAPL):
            feed.quote(1, 12, 13)
            assert (await quote_of(await anext(stream))).bid == 12


async def test_the_line_limit_is_kept_and_named(market: MarketData, feed: FakeFeed) -> None:
    async with market.subscribe(AAPL, MSFT, TSLA):
        with pytest.raises(LineLimitReached, match="All 3 market-data lines") as reached:
            await market.quote(EURUSD)
        assert reached.value.details["limit"] == 3
    async with market.subscribe(EURUSD):
        assert 4 in feed.streaming, "a lingering line makes room"
        assert feed.most == 3


async def test_a_cancelled_subscribe_leaks_nothing(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    feed.hold()

    async def enter() -> None:
        async with market.subscribe(AAPL, MSFT):
            pytest.fail("it was cancelled before")

    entering = asyncio.ensure_future(enter())
    await feed.until_waiting(2)
    entering.cancel()
    await asyncio.wait({entering})
    feed.release()
    await clock.advance(10)
    assert feed.streaming == []
    assert market.watching() == ()


async def test_a_second_reader_takes_over_when_the_first_is_cancelled(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    feed.hold()
    first = asyncio.ensure_future(market.quote(AAPL))
    second = asyncio.ensure_future(market.quote(AAPL))
    await feed.until_waiting()
    await clock.settle()
    first.cancel()
    await asyncio.wait({first})
    feed.release()
    await clock.settle()
    feed.quote(1, 10, 11)
    assert (await second).bid == 10
    assert feed.asked[1] == 1


async def test_stopping_ends_every_stream(market: MarketData, feed: FakeFeed) -> None:
    stream = market.subscribe(AAPL)
    async with stream:
        feed.quote(1, 10, 11)
        await market.stop()
        assert [type(event) async for event in stream] == [Quote]
    assert feed.streaming == []
    with pytest.raises(NotConnected, match="stopped"):
        async with market.subscribe(AAPL):
            pass


async def test_last_is_there_while_somebody_reads(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    assert market.last(AAPL) is None
    async with market.subscribe(AAPL):
        assert market.last(AAPL) is None
        feed.quote(1, 10, 11)
        by_name, by_id = market.last(AAPL), market.last(CONTRACTS[AAPL].instrument)
        assert by_name is by_id
        assert by_name is not None
        assert by_name.mid == 10.5
    await clock.advance(6)
    assert market.last(AAPL) is None


async def test_bad_prices_are_labelled_and_counted(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    async with market.subscribe(AAPL) as stream:
        for bid, ask, expected in [
            (10.0, 11.0, Quality.GOOD),
            (12.0, 11.0, Quality.SUSPECT),
            (-1.0, 11.0, Quality.SUSPECT),
            (100.0, 101.0, Quality.SUSPECT),
            (10.0, 11.0, Quality.GOOD),
            (1.7976931348623157e308, 11.0, Quality.PENDING),
        ]:
            feed.quote(1, bid, ask)
            quote = await quote_of(await anext(stream))
            assert quote.quality is expected, (bid, ask)
        assert quote.bid is None
        flaws = dict(market.watching()[0].flaws)
        assert flaws == {"crossed": 1, "negative": 1, "outlier": 2, "sentinel": 1}


async def test_a_suspect_quote_is_waited_out(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    asking = asyncio.ensure_future(market.quote(AAPL, timeout=3))
    await clock.settle()
    feed.quote(1, 12, 11)
    await clock.settle()
    assert not asking.done()
    await clock.advance(3)
    assert (await asking).quality is Quality.SUSPECT


@pytest.mark.parametrize("option", ("stale_after", "line_limit", "watch_every", "linger"))
def test_options_are_checked(feed: FakeFeed, clock: ManualClock, option: str) -> None:
    with pytest.raises(InvalidInput, match=option):
        MarketData(feed, resolve, clock, **{option: -1})
