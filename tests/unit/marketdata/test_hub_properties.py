"""Whatever readers and sessions do, in whatever order: in the end exactly the lines that are needed, and no more."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from ironbridge.domain.market import MarketGap, Quality, Quote
from ironbridge.errors import IronbridgeError
from ironbridge.marketdata import LineState, MarketData, MarketStream
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fake_feed import FakeFeed

from .conftest import AAPL, CONTRACTS, EURUSD, MSFT, SPX, TSLA, resolve

INSTRUMENTS = (AAPL, MSFT, TSLA, EURUSD, SPX)
LIMIT = 3

slot = st.integers(0, 3)
which = st.integers(0, len(INSTRUMENTS) - 1)
steps = st.one_of(
    st.tuples(st.just("enter"), slot, st.sets(which, min_size=1, max_size=3)),
    st.tuples(st.just("add"), slot, st.sets(which, min_size=1, max_size=2)),
    st.tuples(st.just("drop"), slot, st.sets(which, min_size=1, max_size=2)),
    st.tuples(st.just("leave"), slot),
    st.tuples(st.just("cancel"), slot),
    st.tuples(st.just("quote"), which),
    st.tuples(st.just("tick"), which),
    st.tuples(st.just("refuse"), which),
    st.tuples(st.just("advance"), st.integers(1, 12)),
    st.tuples(st.sampled_from(["lose", "upstream_lost", "restore", "synchronise", "hold", "release", "settle"])),
)


class World:
    """A hub, its feed, and four readers that come and go."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.feed = FakeFeed(LIMIT)
        self.hub = MarketData(self.feed, resolve, self.clock, line_limit=LIMIT, linger=5, stale_after=20)
        self.streams: dict[int, MarketStream] = {}
        self.tasks: dict[int, list[asyncio.Task[None]]] = {}
        self.loose: list[asyncio.Task[None]] = []

    def later(self, work: Callable[[], Awaitable[object]], slot: int | None = None) -> None:
        async def run() -> None:
            with suppress(IronbridgeError):
                await work()

        task = asyncio.get_running_loop().create_task(run())
        (self.loose if slot is None else self.tasks.setdefault(slot, [])).append(task)

    async def do(self, name: str, *arguments: object) -> None:
        await getattr(self, name)(*arguments)

    async def enter(self, slot: int, which: set[int]) -> None:
        if slot not in self.streams:
            self.streams[slot] = stream = self.hub.subscribe(*(INSTRUMENTS[n] for n in which))
            self.later(stream.__aenter__, slot)

    async def add(self, slot: int, which: set[int]) -> None:
        if slot in self.streams:
            stream = self.streams[slot]
            self.later(lambda: stream.add(*(INSTRUMENTS[n] for n in which)), slot)

    async def drop(self, slot: int, which: set[int]) -> None:
        if slot in self.streams:
            self.streams[slot].drop(*(INSTRUMENTS[n] for n in which))

    async def leave(self, slot: int) -> None:
        if slot in self.streams:
            self.streams.pop(slot).close()

    async def cancel(self, slot: int) -> None:
        for task in self.tasks.pop(slot, ()):
            task.cancel()
            await asyncio.wait({task})

    async def quote(self, which: int) -> None:
        self.later(lambda: self.hub.quote(INSTRUMENTS[which], timeout=7))

    async def tick(self, which: int) -> None:
        self.feed.quote(which + 1, 10, 11, 10.5)

    async def refuse(self, which: int) -> None:
        self.feed.refuse(which + 1, 10197, "No market data during competing live session")

    async def advance(self, seconds: int) -> None:
        await self.clock.advance(seconds)

    async def lose(self) -> None:
        self.feed.lose()
        self.hub.interrupted("socket closed")

    async def upstream_lost(self) -> None:
        self.hub.interrupted("upstream lost")

    async def restore(self) -> None:
        self.feed.restore()
        await self.synchronise()

    async def synchronise(self) -> None:
        self.later(self.hub.synchronise)

    async def hold(self) -> None:
        self.feed.hold()

    async def release(self) -> None:
        self.feed.release()

    async def settle(self) -> None:
        await self.clock.settle()

    async def come_to_rest(self) -> None:
        """A good session, everything sent, every quote answered or timed out, every linger over."""
        self.feed.release()
        self.feed.restore()
        await self.clock.settle()
        self.hub.interrupted("a last cut")
        await self.hub.synchronise()
        await self.clock.advance(15)
        pending = [*self.loose, *(task for tasks in self.tasks.values() for task in tasks)]
        assert all(task.done() for task in pending)
        for task in pending:
            if not task.cancelled():
                task.result()

    def needed(self) -> list[int]:
        read = {contract.con_id for stream in self.streams.values() for contract in stream.asked}
        return sorted(read)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, max_size=40))
def test_the_broker_streams_exactly_what_is_read(script: list[tuple[object, ...]]) -> None:
    async def play() -> None:
        world = World()
        await world.hub.start()
        await world.hub.synchronise()
        for name, *arguments in script:
            await world.do(str(name), *arguments)
            assert len(world.feed.streaming) == len(set(world.feed.streaming)), "never two lines for one contract"
        await world.come_to_rest()
        assert world.feed.streaming == world.needed()
        assert sorted((w.instrument.con_id, w.state) for w in world.hub.watching()) == [
            (con_id, LineState.OPEN) for con_id in world.needed()
        ]
        assert world.feed.most <= LIMIT
        for stream in world.streams.values():
            assert stream.unread <= 4 * len(INSTRUMENTS)
        await world.hub.stop()
        assert world.feed.streaming == []

    asyncio.run(play())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(which, st.sampled_from(["tick", "cut", "refuse", "silence"])), max_size=120))
def test_a_reader_that_never_reads_keeps_a_few_items_and_is_told_all_that_it_must_know(
    script: list[tuple[int, str]],
) -> None:
    async def play() -> None:
        world = World()
        hub, feed, clock = world.hub, world.feed, world.clock
        await hub.start()
        await hub.synchronise()
        first_cut = last_mend = None
        async with hub.subscribe(AAPL, MSFT, TSLA) as stream:
            for n, what in script:
                con_id = n % 3 + 1
                if what == "tick":
                    feed.quote(con_id, 10, 11)
                elif what == "refuse":
                    feed.refuse(con_id, 354, "Requested market data is not subscribed.")
                elif what == "silence":
                    await clock.advance(21)
                else:
                    feed.lose()
                    hub.interrupted("cut")
                    first_cut = first_cut or clock.now()
                    await clock.advance(1)
                    feed.restore()
                    await hub.synchronise()
                    last_mend = clock.now()
                await clock.settle()
                assert stream.unread <= 4 * 3
            feed.quote(1, 12, 13)
            await hub.stop()
            events = [event async for event in stream]
        gaps = [event for event in events if isinstance(event, MarketGap) and event.instrument == AAPL_ID]
        assert [(gap.since, gap.until) for gap in gaps] == ([] if first_cut is None else [(first_cut, last_mend)])
        quotes = [event for event in events if isinstance(event, Quote)]
        assert len(quotes) == len({quote.instrument for quote in quotes}), "the newest of each alone"
        for quote in quotes:
            assert quote.quality is not Quality.GOOD or quote.bid is not None

    asyncio.run(play())


AAPL_ID = CONTRACTS[AAPL].instrument
