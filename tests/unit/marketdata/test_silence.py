"""Streams that stay open and say nothing: told with IB's words, asked for anew with patience, never shown as new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.domain.alerts import Alert
from ironbridge.domain.hours import is_open
from ironbridge.domain.market import DataKind, MarketGap, MarketNoticed, Quality, Quote
from ironbridge.errors import RequestTimeout
from ironbridge.marketdata import MarketData
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fake_feed import FakeFeed

from .conftest import AAPL, CONTRACTS, MSFT, resolve

COMPETING = (10197, "No market data during competing live session")


@pytest.fixture
def alerts() -> MemoryTopic[Alert]:
    return MemoryTopic("alerts")


@pytest.fixture
async def market(clock: ManualClock, feed: FakeFeed, alerts: MemoryTopic[Alert]) -> AsyncIterator[MarketData]:
    hub = MarketData(feed, resolve, clock, stale_after=30, alerts=alerts)
    await hub.start()
    await hub.synchronise()
    async with asyncio.timeout(10):
        yield hub
    await hub.stop()


async def test_a_silent_stream_is_asked_for_anew_ever_more_rarely(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL):
        feed.quote(1, 10, 11)
        asked = []
        for _ in range(40):
            await clock.advance(60)
            asked.append(feed.asked[1])
        assert asked[0] == 3, "as soon as it is stale, and when that was in vain"
        assert [after - before for before, after in zip(asked[20:], asked[30:], strict=False)] == [1] * 10
        assert feed.streaming == [1], "and never twice at one time"
        (line,) = market.watching()
        assert line.asked_again == market.asked_again == feed.asked[1] - 1


async def test_what_is_shown_meanwhile_is_stale_and_nothing_of_it_passes_for_new(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as stream:
        feed.quote(1, 10, 11)
        await clock.advance(31)
        assert feed.asked[1] == 2
        quote = market.last(AAPL)
        assert quote is not None
        assert (quote.bid, quote.ask, quote.quality) == (10, 11, Quality.STALE)
        feed.quote(1, None, 12)
        await clock.settle()
        fresh = market.last(AAPL)
        assert fresh is not None
        assert (fresh.bid, fresh.ask, fresh.quality) == (None, 12, Quality.PENDING)
        feed.quote(1, 11.5, 12)
        await clock.settle()
        found = [await anext(stream) for _ in range(stream.unread)]
        assert isinstance(found[-1], Quote)
        assert found[-1].quality is Quality.GOOD
        assert not any(isinstance(event, MarketGap) for event in found)


async def test_a_stream_that_speaks_by_itself_is_asked_at_once_the_next_time(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL):
        feed.quote(1, 10, 11)
        await clock.advance(400)
        before = feed.asked[1]
        feed.quote(1, 10, 12)
        await clock.advance(700)
        feed.quote(1, 10, 13)
        await clock.advance(32)
        assert feed.asked[1] > before
        (line,) = market.watching()
        assert line.quality is Quality.STALE


@pytest.mark.parametrize(("hours", "asked"), (("20260302:0400-20260302:0800;20260303:0400-20260303:2000", 1), ("", 3)))
async def test_a_closed_market_may_be_silent(feed: FakeFeed, clock: ManualClock, hours: str, asked: int) -> None:
    async def closed(_: object) -> object:
        return replace(CONTRACTS[AAPL], trading_hours=hours, time_zone="America/New_York")

    hub = MarketData(feed, closed, clock, stale_after=30)  # type: ignore[arg-type]
    await hub.start()
    await hub.synchronise()
    async with hub.subscribe(AAPL):
        await clock.advance(60)
        assert feed.asked[1] == asked
    await hub.stop()


async def test_a_frozen_stream_has_nothing_more_to_say(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    async with market.subscribe(AAPL):
        feed.kind(1, DataKind.FROZEN)
        feed.quote(1, 10, 11)
        await clock.advance(1000)
        assert feed.asked[1] == 1


async def test_ibs_words_reach_every_reader_and_the_alert(
    market: MarketData, feed: FakeFeed, clock: ManualClock, alerts: MemoryTopic[Alert]
) -> None:
    with alerts.subscribe() as told:
        async with market.subscribe(AAPL, MSFT) as stream, market.subscribe(AAPL) as other:
            feed.quote(1, 10, 11)
            feed.quote(2, 10, 11)
            await clock.settle()
            feed.notice(1, *COMPETING)
            await clock.settle()
            for reader in (stream, other):
                event = await anext(reader)
                assert isinstance(event, MarketNoticed)
                assert (event.instrument.con_id, event.code, event.text) == (1, *COMPETING)
            feed.quote(2, 10, 11)
            await clock.advance(29)
            feed.quote(2, 10, 12)
            await clock.advance(3)
            alert = await anext(told)
            assert alert.kind == "market-data-silent"
            assert alert.text == (
                "No market data comes for AAPL, though the session is up. "
                "IB said: No market data during competing live session (10197)."
            )
            assert "Another session" in alert.next_step
            await clock.advance(20)
            assert told._backlog == type(told._backlog)(), "once"  # type: ignore[attr-defined]
            (line, _) = market.watching()
            assert line.said is not None
            feed.quote(1, 10, 12)
            await clock.settle()
            (line, _) = market.watching()
            assert line.said is None


async def test_silence_without_a_word_alerts_when_asking_anew_was_in_vain(
    market: MarketData, feed: FakeFeed, clock: ManualClock, alerts: MemoryTopic[Alert]
) -> None:
    with alerts.subscribe() as told:
        async with market.subscribe(AAPL):
            feed.quote(1, 10, 11)
            await clock.advance(55)
            assert not told._backlog  # type: ignore[attr-defined]
            await clock.advance(10)
            assert "No market data comes for AAPL" in (await anext(told)).text
            await clock.advance(3000)
            assert not told._backlog  # type: ignore[attr-defined]


async def test_a_quote_that_does_not_come_quotes_ib(market: MarketData, feed: FakeFeed, clock: ManualClock) -> None:
    asking = asyncio.ensure_future(market.quote(AAPL, timeout=4))
    await clock.settle()
    feed.notice(1, *COMPETING)
    await clock.advance(4)
    with pytest.raises(RequestTimeout, match=r"no price came; IB said: No market data during .* \(10197\)"):
        await asking


async def test_a_session_that_ends_as_it_is_asked_for_anew_leaves_a_gap_to_be_told(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as stream:
        feed.quote(1, 10, 11)
        await clock.settle()
        feed.hold()
        await clock.advance(31)
        await feed.until_waiting()
        feed.lose()
        market.interrupted("the link was lost")
        feed.release()
        await clock.settle()
        quote = market.last(AAPL)
        assert quote is not None
        assert (quote.bid, quote.quality) == (10, Quality.INTERRUPTED)
        feed.restore()
        await market.synchronise()
        events = [await anext(stream) for _ in range(stream.unread)]
        assert any(isinstance(event, MarketGap) for event in events)
        assert feed.streaming == [1]


async def test_a_notice_is_bounded_for_a_reader_that_does_not_read(
    market: MarketData, feed: FakeFeed, clock: ManualClock
) -> None:
    async with market.subscribe(AAPL) as stream:
        for number in range(100):
            feed.notice(1, 10167 + number % 2, f"word {number}")
            await clock.settle()
        assert stream.unread <= 2


NEW_YORK = ZoneInfo("America/New_York")
HOURS = "20260302:0930-20260302:1600;20260303:0930-20260303:1600;20260307:CLOSED"


@pytest.mark.parametrize(
    ("moment", "expected"),
    (
        (datetime(2026, 3, 2, 9, 30, tzinfo=NEW_YORK), True),
        (datetime(2026, 3, 2, 16, 0, tzinfo=NEW_YORK), False),
        (datetime(2026, 3, 7, 12, 0, tzinfo=NEW_YORK), False),
        (datetime(2026, 3, 8, 12, 0, tzinfo=NEW_YORK), None),
        (datetime(2026, 3, 2, 9, 0, tzinfo=NEW_YORK), None),
    ),
)
def test_whether_a_market_is_open(moment: datetime, expected: bool | None) -> None:
    contract = replace(CONTRACTS[AAPL], trading_hours=HOURS, time_zone="America/New_York")
    assert is_open(contract, moment) is expected
    assert is_open(contract, moment.astimezone(ZoneInfo("UTC"))) is expected
    assert is_open(replace(contract, time_zone="Nowhere/Land"), moment) is None
    assert is_open(replace(contract, trading_hours="nonsense"), moment) is None
    assert is_open(replace(contract, trading_hours="20260399:0000-20260399:9999"), moment) is None
    assert is_open(contract, moment + timedelta(days=90)) is None


async def test_a_quiet_market_that_answers_each_time_is_no_alarm(
    market: MarketData, feed: FakeFeed, clock: ManualClock, alerts: MemoryTopic[Alert]
) -> None:
    with alerts.subscribe() as told:
        async with market.subscribe(AAPL):
            asked = 0
            for _ in range(600):
                if feed.asked[1] > asked:
                    asked = feed.asked[1]
                    feed.quote(1, 10, 11)
                await clock.advance(5)
            assert asked > 3
            assert not told._backlog  # type: ignore[attr-defined]
