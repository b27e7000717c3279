"""Each incident's scenario, against the engine: what Ironbridge does instead.

The gateway's clock stands still until a test moves it; the engine's own times are short and real. I-13 is
`tests/contract/test_pace`, I-17 is `test_kill`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ironbridge as ib
from ironbridge.bootstrap import open_bridge
from ironbridge.bridge import Bridge
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.market import MarketGap, MarketNoticed, Quality, Quote
from ironbridge.domain.session import SessionState
from ironbridge.errors import IronbridgeError, NotConnected, OrderRejected, OrderUnknown, UpstreamLost
from ironbridge.paper import PaperClock, PaperGateway
from ironbridge.paper.faults import Drop, Resume, Sentinels
from ironbridge.paper.order_faults import fill_now
from ironbridge.paper.scenario import load, play
from ironbridge.settings import load_settings

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
AAPL = ib.Stock("AAPL")
S, Order = SessionState, OrderState

FAR = ib.buy(1).limit("100.00")
"""No price comes near it."""


@pytest.fixture
async def paper() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(
        port=0, seed=7, accounts=("DU1000001",), clock=PaperClock(START, speed=0), step=0.02
    ) as gateway:
        yield gateway


@pytest.fixture
def pass_time(paper: PaperGateway) -> Callable[[float], None]:
    def move(seconds: float) -> None:
        paper.clock.step(timedelta(seconds=seconds))
        paper.step()

    return move


@pytest.fixture
def connect(paper: PaperGateway, tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Bridge]]:
    def make(**settings: Any) -> AbstractAsyncContextManager[Bridge]:
        quick: dict[str, Any] = {"heartbeat_interval": 0.2, "answer_timeout": 1, "request_timeout": 1}
        return ib.connect("127.0.0.1", paper.port, home=tmp_path / "home", **{**quick, **settings})

    return make


async def state(bridge: Bridge, wanted: SessionState) -> None:
    await bridge.session.until(wanted, 20)


async def happens(bridge: Bridge, handle: Any, done: Callable[[Any], bool]) -> Any:
    """The order once it is so."""
    async with asyncio.timeout(20):
        with bridge.orders.follow(handle.key) as follower:
            while not done(handle.order):
                await follower.next()
    return handle.order


async def working(bridge: Bridge, spec: ib.OrderSpec = FAR) -> Any:
    handle = await bridge.orders.submit(AAPL, spec)
    await happens(bridge, handle, lambda order: order.state is Order.WORKING)
    return handle


def fill(paper: PaperGateway, number: int = 0) -> None:
    """The market comes to an open order."""
    ticket = paper._tickets.by_perm(paper.venue.orders()[number].perm_id)
    assert ticket is not None
    fill_now(paper._floor, ticket)
    paper.settle()


async def test_i01_events_count_whatever_the_link_says(paper, connect, pass_time):
    async with connect() as bridge:
        play(load("I-01"), paper)
        first = await working(bridge)
        await state(bridge, S.DEGRADED)
        fill(paper)
        assert (await first.done(10)).state is Order.FILLED
        with pytest.raises(UpstreamLost):
            await bridge.orders.submit(AAPL, FAR)
        pass_time(31)
        await state(bridge, S.READY)
        second = await working(bridge)
        pass_time(31)
        await state(bridge, S.DEGRADED)
        fill(paper)
        assert second.order.state is Order.WORKING, "nobody has said a word of it"
        pass_time(31)
        assert (await second.done(10)).filled == 1
        await state(bridge, S.READY)


async def test_i02_ids_never_go_back(paper, connect):
    async with connect() as bridge:
        play(load("I-02"), paper)
        with bridge.topics.session.subscribe(1000) as changes:
            for quantity in (1, 2):
                await bridge.orders.submit(AAPL, ib.buy(quantity).limit("100.00"))
            # The wait before the first attempt may be no time at all: the move is read, not the state caught.
            async with asyncio.timeout(20):
                async for change in changes:
                    if change.after is S.RECONNECTING:
                        break
        await state(bridge, S.READY)
        assert bridge.session.info.next_order_id == 1, "the gateway says so"
        await working(bridge, ib.buy(3).limit("100.00"))
        held = paper.venue.orders()
        assert [int(each.terms.quantity) for each in held] == [1, 2, 3]
        ids = [each.order_id for each in held]
        assert ids == sorted(set(ids))


async def test_i04_nothing_is_sent_before_all_is_known(paper, tmp_path):
    play(load("I-04"), paper)
    settings = load_settings(
        {"host": "127.0.0.1", "port": paper.port, "home": tmp_path / "home", "request_timeout": 0.5}, {}
    )
    async with open_bridge(settings, await_ready=False) as bridge:
        bridge.session.configure(replace(bridge.session.options, backoff_base=0.05, backoff_cap=0.2))
        with bridge.topics.session.subscribe(1000) as changes:
            async with asyncio.timeout(20):
                async for change in changes:
                    if "not read as none" in change.reason:
                        break
        assert change.after is S.SYNCING
        with pytest.raises(NotConnected):
            await bridge.orders.submit(AAPL, FAR)
        await state(bridge, S.READY)
        assert paper.faults.pending() == [], "each answer without an end was asked for again"
        assert (await working(bridge)).order.state is Order.WORKING


async def test_i05_a_code_ends_nothing(paper, connect):
    async with connect() as bridge:
        play(load("I-05"), paper)
        handle = await bridge.orders.submit(AAPL, FAR)
        await handle.accepted()
        # What was sent before an answer has been taken in with it.
        await bridge.contracts.resolve(ib.Stock("MSFT"))
        assert handle.order.state in {Order.ACCEPTED, Order.WORKING}
        assert len(paper.venue.orders()) == 1
        await bridge.orders.cancel(handle.key)
        assert (await handle.done(10)).state is Order.CANCELLED


async def test_i06_streams_go_on_after_a_gap(paper, connect, pass_time):
    async with connect() as bridge, asyncio.timeout(30):
        play(load("I-06"), paper)
        async with bridge.market.subscribe(AAPL) as stream:
            await state(bridge, S.DEGRADED)
            pass_time(11)
            await state(bridge, S.READY)
            gaps = 0
            async for event in stream:
                gaps += isinstance(event, MarketGap)
                if gaps and isinstance(event, Quote) and event.quality is Quality.GOOD:
                    break
            pass_time(61)
            await state(bridge, S.RECONNECTING)
            async for event in stream:
                gaps += isinstance(event, MarketGap)
                if gaps > 1 and isinstance(event, Quote) and event.quality is Quality.GOOD:
                    break
            assert gaps == 2


async def test_i07_silence_is_told(paper, connect):
    async with connect(stale_after=0.4) as bridge, asyncio.timeout(30):
        play(load("I-07"), paper)
        seen: set[object] = set()
        async with bridge.market.subscribe(AAPL) as stream:
            async for event in stream:
                seen.add(event.code if isinstance(event, MarketNoticed) else getattr(event, "quality", None))
                if {10197, Quality.STALE} <= seen:
                    break
        assert 10197 in seen


async def test_i08_waits_for_its_own_client_id(paper, connect, pass_time):
    async with connect(client_id=4) as bridge:
        handle = await working(bridge)
        scenario = load("I-08")
        *flaps, cut = scenario.steps[1:]
        for fault in (fault for step in flaps for fault in step.faults):
            paper.faults.inject(fault)
        await bridge.contracts.resolve(ib.Stock("MSFT"))
        assert paper.clients == (4,), "the order socket stays"
        for fault in cut.faults:
            paper.faults.inject(fault)
        await state(bridge, S.RECONNECTING)
        with bridge.topics.session.subscribe(1000) as changes:
            async with asyncio.timeout(20):
                async for change in changes:
                    if "in use" in change.reason:
                        break
        paper.faults.inject(Resume())
        await state(bridge, S.READY)
        assert paper.clients == (4,)
        await bridge.orders.cancel(handle.key)
        assert (await handle.done(10)).state is Order.CANCELLED


async def test_i09_orders_are_refused_with_the_reason(paper, connect, pass_time):
    async with connect(connection_timeout=0.5) as bridge:
        play(load("I-09"), paper)
        # The session is there already: the scenario waits for the next.
        await bridge.reconnect()
        await state(bridge, S.READY)
        pass_time(11)
        await state(bridge, S.RECONNECTING)
        with pytest.raises(NotConnected):
            await bridge.orders.submit(AAPL, FAR)
        pass_time(3 * 86400 + 1)
        await bridge.connect()
        await state(bridge, S.READY)


async def test_i10_a_dead_socket_is_found(paper, connect, pass_time):
    async with connect(connection_timeout=0.5) as bridge:
        play(load("I-10"), paper)
        await bridge.reconnect()
        await state(bridge, S.READY)
        pass_time(11)
        with pytest.raises(IronbridgeError):
            await bridge.contracts.resolve(ib.Stock("MSFT"))
        await state(bridge, S.RECONNECTING)
        assert "heartbeat" in bridge.session.status().reason
        pass_time(301)
        await bridge.connect()
        await state(bridge, S.READY)


async def test_i11_silence_is_unknown_and_never_sent_again(paper, connect):
    async with connect(answer_timeout=0.5) as bridge:
        play(load("I-11"), paper)
        handles = [await bridge.orders.submit(AAPL, ib.buy(n).limit("100.00")) for n in (1, 2, 3, 4, 5)]
        lost, silent = handles[1], handles[3]
        await happens(bridge, lost, lambda order: order.state is Order.UNKNOWN)
        with pytest.raises(OrderUnknown):
            await lost.accepted(1)
        assert (await happens(bridge, silent, lambda order: order.state is Order.WORKING)).state is Order.WORKING
        assert [int(each.terms.quantity) for each in paper.venue.orders()] == [1, 3, 4, 5]


async def test_i12_a_duplicate_id_is_the_new_orders_refusal(paper, connect):
    async with connect() as bridge:
        play(load("I-12"), paper)
        first = await working(bridge)
        second = await bridge.orders.submit(AAPL, ib.buy(2).limit("100.00"))
        with pytest.raises(OrderRejected) as refused:
            await second.accepted(10)
        assert refused.value.code == 103
        await state(bridge, S.READY)
        third = await working(bridge, ib.buy(3).limit("100.00"))
        assert (first.order.state, third.order.state) == (Order.WORKING, Order.WORKING)
        assert [int(each.terms.quantity) for each in paper.venue.orders()] == [1, 3]


async def test_i14_no_value_is_none(paper, connect):
    async with connect() as bridge:
        play(load("I-14"), paper)
        handle = await bridge.orders.submit(AAPL, ib.buy(1))
        order = await happens(bridge, handle, lambda order: order.filled == 1)
        assert (order.state, order.filled) == (Order.FILLED, 1)
        story = repr(await bridge.orders.story(handle.key))
        assert "E+308" not in story
        assert "e+308" not in story


async def test_i14_a_fill_without_a_total_counts_by_its_own_shares(paper, connect, pass_time):
    async with connect() as bridge:
        paper.faults.inject(Sentinels("ExecDetails"))
        handle = await bridge.orders.submit(AAPL, ib.buy(3))
        assert (await handle.done(10)).filled == 3
        paper.faults.inject(Drop())
        await state(bridge, S.RECONNECTING)
        pass_time(3)
        await state(bridge, S.READY)
        assert handle.order.filled == 3
        assert [each.quantity for each in bridge.portfolio.positions()] == [Decimal(3)]


async def test_i15_a_fill_counts_once(paper, connect, pass_time):
    async with connect() as bridge:
        play(load("I-15"), paper)
        handle = await bridge.orders.submit(AAPL, ib.buy(3))
        assert (await handle.done(10)).filled == 3
        pass_time(3)
        await bridge.contracts.resolve(ib.Stock("MSFT"))
        assert handle.order.filled == 3
        pass_time(3)
        await state(bridge, S.RECONNECTING)
        await state(bridge, S.READY)
        assert handle.order.filled == 3
        assert [each.quantity for each in bridge.portfolio.positions()] == [Decimal(3)]


async def test_i16_one_lifecycle_and_the_right_position(paper, connect):
    async with connect() as bridge:
        play(load("I-16"), paper)
        handle = await working(bridge)
        await bridge.orders.cancel(handle.key)
        order = await handle.done(10)
        assert (order.state, order.filled) == (Order.FILLED, 1)


async def test_i18_a_refusal_ends_the_order_with_ibs_words(paper, connect):
    async with connect() as bridge:
        play(load("I-18"), paper)
        for code, words in ((200, "No security"), (460, "permissions"), (201, "size exceeds"), (110, "variation")):
            handle = await bridge.orders.submit(AAPL, FAR)
            with pytest.raises(OrderRejected, match=words) as refused:
                await handle.done(10)
            assert refused.value.code == code
        assert paper.venue.orders() == []


async def test_i20_what_cannot_be_read_is_survived(paper, connect, pass_time):
    async with connect() as bridge:
        play(load("I-20"), paper)
        await bridge.reconnect()
        await state(bridge, S.READY)
        handle = await working(bridge)
        pass_time(6)
        await bridge.contracts.resolve(ib.Stock("MSFT"))
        pass_time(6)
        await state(bridge, S.RECONNECTING)
        await state(bridge, S.READY)
        await bridge.orders.cancel(handle.key)
        assert (await handle.done(10)).state is Order.CANCELLED
