"""Lines over several sessions (CON-8): which carries what, and what becomes of the lines of one that dies."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironbridge.domain.instrument import Kind
from ironbridge.domain.market import MarketGap, Quality, Quote
from ironbridge.errors import InvalidSettings, LineLimitReached, NotConnected
from ironbridge.marketdata import LineState, MarketData
from ironbridge.marketdata.carriers import Carrier, carriers_for, choose, moves
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fake_feed import FakeFeed

from .conftest import AAPL, CONTRACTS, EURUSD, MSFT, SPX, TSLA, resolve

STOCK, OPTION, FOREX = Kind.STOCK, Kind.OPTION, Kind.FOREX


def carrier(name, limit=10, *kinds, live=True, held=0, spare=False):
    made = Carrier(name, FakeFeed(), limit, frozenset(kinds), spare=spare)
    made.live, made.held = live, held
    return made


def test_by_kind_before_general_and_the_order_session_for_the_rest():
    orders, general, options = carrier("orders", spare=True), carrier("general"), carrier("options", 10, OPTION)
    assert carriers_for(STOCK, [orders, general, options]) == [general]
    assert carriers_for(OPTION, [orders, general, options]) == [options, general]
    assert carriers_for(STOCK, [orders, options]) == [orders], "no data session is for it"
    assert carriers_for(OPTION, [orders, options]) == [options], "the order session is no refuge"
    assert carriers_for(STOCK, [orders]) == [orders]


def test_they_fill_evenly():
    first, second = carrier("first", 4), carrier("second", 6)
    placed = []
    for _ in range(10):
        chosen = choose(STOCK, [first, second])
        chosen.held += 1
        placed.append(chosen.name)
    assert placed[:3] == ["second", "second", "first"]
    assert (first.free, second.free) == (0, 0)
    assert choose(STOCK, [first, second]) is None


def test_a_session_for_the_kind_comes_first_while_it_has_room():
    general, options = carrier("general", 100), carrier("options", 1, OPTION)
    assert choose(OPTION, [general, options]) is options
    options.held = 1
    assert choose(OPTION, [general, options]) is general


def test_lines_of_a_dead_session_move_as_far_as_there_is_room():
    dead, alive = carrier("dead", 5, live=False, held=3), carrier("alive", 5, held=3)
    assert moves([(STOCK, dead), (STOCK, dead), (STOCK, dead)], [dead, alive]) == [alive, alive, None]
    assert moves([(STOCK, alive)], [dead, alive]) == [None], "where its session lives a line stays"


def test_a_session_without_lines_cannot_be():
    with pytest.raises(InvalidSettings, match="line_limit"):
        carrier("none", 0)


class Engine:
    """A hub over an order session and two data sessions, one of them for forex."""

    def __init__(self, general=2, forex=2):
        self.clock = ManualClock()
        self.feeds = {"orders": FakeFeed(3), "general": FakeFeed(general), "forex": FakeFeed(forex)}
        self.hub = MarketData(self.feeds["orders"], resolve, self.clock, line_limit=3, linger=5, stale_after=20)
        self.sessions = {
            "orders": self.hub,
            "general": self.hub.add_session("general", self.feeds["general"], general, frozenset()),
            "forex": self.hub.add_session("forex", self.feeds["forex"], forex, frozenset({FOREX, Kind.INDEX})),
        }

    async def begin(self):
        await self.hub.start()
        for session in self.sessions.values():
            await session.synchronise()
        return self

    def lose(self, name):
        self.feeds[name].lose()
        self.sessions[name].interrupted(f"{name} is gone")

    async def restore(self, name):
        self.feeds[name].restore()
        await self.sessions[name].synchronise()

    @property
    def streaming(self):
        return {name: feed.streaming for name, feed in self.feeds.items()}


@pytest.fixture
async def engine():
    made = await Engine().begin()
    async with asyncio.timeout(10):
        yield made
    await made.hub.stop()


async def test_the_order_session_is_kept_free(engine):
    async with engine.hub.subscribe(AAPL, EURUSD, MSFT):
        assert engine.streaming == {"orders": [], "general": [1, 2], "forex": [4]}
        assert [engine.hub.lines_in(name) for name in engine.feeds] == [0, 2, 1]
        assert {watched.session for watched in engine.hub.watching()} == {"general", "forex"}


async def test_a_dead_sessions_lines_move_with_a_gap(engine):
    async with engine.hub.subscribe(EURUSD) as stream:
        engine.feeds["forex"].quote(4, 1.1, 1.2)
        assert (await anext(stream)).quality is Quality.GOOD
        engine.lose("forex")
        await engine.clock.settle()
        assert engine.streaming == {"orders": [], "general": [4], "forex": []}
        engine.feeds["general"].quote(4, 1.3, 1.4)
        events = [await anext(stream), await anext(stream)]
        assert isinstance(events[0], MarketGap)
        assert "forex is gone" in events[0].reason
        assert isinstance(events[1], Quote)
        assert (events[1].bid, events[1].quality) == (1.3, Quality.GOOD)
        await engine.restore("forex")
        assert engine.streaming["general"] == [4], "it stays while its session lives"


async def test_what_finds_no_room_waits_for_its_own_session(engine):
    async with engine.hub.subscribe(AAPL, MSFT) as other, engine.hub.subscribe(EURUSD, SPX) as stream:
        engine.lose("forex")
        await engine.clock.settle()
        assert engine.streaming == {"orders": [], "general": [1, 2], "forex": []}
        other.drop(MSFT)
        await engine.clock.advance(6)
        assert engine.streaming["general"] == [1, 4], "a line that comes free is taken"
        await engine.restore("forex")
        assert engine.streaming == {"orders": [], "general": [1, 4], "forex": [5]}
        gaps = [await anext(stream), await anext(stream)]
        assert {gap.instrument for gap in gaps} == {CONTRACTS[EURUSD].instrument, CONTRACTS[SPX].instrument}


async def test_what_befalls_the_order_session_touches_no_line(engine):
    async with engine.hub.subscribe(AAPL, EURUSD) as stream:
        engine.lose("orders")
        await engine.clock.settle()
        assert engine.streaming == {"orders": [], "general": [1], "forex": [4]}
        assert stream.unread == 0


async def test_all_lines_taken_is_told_with_the_sessions(engine):
    async with engine.hub.subscribe(AAPL, MSFT):
        with pytest.raises(LineLimitReached, match="All 2 market-data lines of the account"):
            await engine.hub.quote(TSLA)
        async with engine.hub.subscribe(EURUSD, SPX):
            pass
        engine.hub.subscribe(EURUSD)


async def test_without_a_session_for_its_kind_there_is_no_quote(engine):
    engine.lose("general")
    with pytest.raises(NotConnected, match="general is gone"):
        await engine.hub.quote(AAPL)
    assert engine.sessions["orders"]._pool.live


async def test_a_request_under_way_goes_to_the_next_session(engine):
    engine.feeds["forex"].hold()
    stream = engine.hub.subscribe(EURUSD)
    entering = asyncio.create_task(stream.__aenter__())
    await engine.feeds["forex"].until_waiting()
    engine.lose("forex")
    engine.feeds["forex"].release()
    await entering
    assert engine.streaming == {"orders": [], "general": [4], "forex": []}
    stream.close()


INSTRUMENTS = (AAPL, MSFT, TSLA, EURUSD, SPX)
steps = st.one_of(
    st.tuples(st.sampled_from(["enter", "leave"]), st.integers(0, len(INSTRUMENTS) - 1)),
    st.tuples(st.sampled_from(["lose", "restore"]), st.sampled_from(["orders", "general", "forex"])),
    st.tuples(st.just("advance"), st.integers(1, 12)),
    st.tuples(st.sampled_from(["hold", "release"]), st.sampled_from(["general", "forex"])),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, max_size=40))
def test_each_line_is_in_one_session_that_is_for_it_and_none_is_over_its_limit(script):
    async def play():
        engine = await Engine(general=3, forex=2).begin()
        streams, tasks = {}, []
        for name, what in script:
            match name:
                case "enter" if what not in streams:
                    streams[what] = engine.hub.subscribe(INSTRUMENTS[what])
                    tasks.append(asyncio.create_task(streams[what].__aenter__()))
                case "leave" if what in streams:
                    streams.pop(what).close()
                case "lose":
                    engine.lose(what)
                case "restore":
                    tasks.append(asyncio.create_task(engine.restore(what)))
                case "advance":
                    await engine.clock.advance(what)
                case "hold" | "release":
                    getattr(engine.feeds[what], name)()
            await asyncio.sleep(0)
            check(engine)
        for feed in engine.feeds.values():
            feed.release()
        await engine.clock.settle()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in engine.feeds:
            await engine.restore(name)
        await engine.clock.advance(15)
        check(engine)
        everywhere = sorted(con_id for found in engine.streaming.values() for con_id in found)
        read = sorted(contract.con_id for stream in streams.values() for contract in stream.asked)
        assert everywhere == read
        assert all(watched.state is LineState.OPEN for watched in engine.hub.watching())
        await engine.hub.stop()

    def check(engine):
        placed = {name: engine.hub.lines_in(name) for name in engine.feeds}
        assert placed["orders"] == 0
        assert all(feed.most <= feed._limit for feed in engine.feeds.values())
        assert sum(placed.values()) == engine.hub.lines_open
        for watched in engine.hub.watching():
            assert watched.session == "general" or watched.instrument.kind in {FOREX, Kind.INDEX}

    asyncio.run(play())
