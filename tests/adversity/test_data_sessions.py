"""Market data over sessions of its own (CON-8): they come and go, and the order session never feels it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.adversity.doors import Door

import ironbridge as ib
from ironbridge.bootstrap import open_bridge
from ironbridge.bridge import Bridge
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.market import MarketGap, Quality, Quote
from ironbridge.domain.session import SessionState
from ironbridge.errors import ClientIdInUse, NotConnected
from ironbridge.ib import IbDataLink
from ironbridge.interfaces import Broker, Link, MarketFeed
from ironbridge.paper import PaperGateway
from ironbridge.session.pool import SessionNotFound
from ironbridge.settings import load_settings

S = SessionState
AAPL, MSFT, EURUSD = ib.Stock("AAPL"), ib.Stock("MSFT"), ib.Forex("EURUSD")
ORDERS_ID, FIRST_ID, SECOND_ID = 6, 11, 12

Connect = Callable[..., AbstractAsyncContextManager[Bridge]]


@pytest.fixture
async def doors(gateway: PaperGateway) -> AsyncIterator[tuple[Door, Door]]:
    async with Door(gateway.port) as first, Door(gateway.port) as second:
        yield first, second


@pytest.fixture
def connect(gateway: PaperGateway, doors: tuple[Door, Door], tmp_path: Path) -> Connect:
    first, second = doors

    def make(**settings: Any) -> AbstractAsyncContextManager[Bridge]:
        sessions = f"127.0.0.1:{first.port}/{FIRST_ID}?lines=5, 127.0.0.1:{second.port}/{SECOND_ID}?lines=5&name=second"
        quick = {
            "host": "127.0.0.1",
            "port": gateway.port,
            "client_id": ORDERS_ID,
            "home": tmp_path / "home",
            "data_sessions": sessions,
            "heartbeat_interval": 0.2,
            "request_timeout": 3,
            "connection_timeout": 5,
        }
        return open_bridge(load_settings({**quick, **settings}, {}))

    return make


async def in_state(bridge: Bridge, name: str, state: SessionState) -> None:
    await bridge.sessions[name].until(state, 20)


async def clients(gateway: PaperGateway, *wanted: int) -> None:
    """Return when the gateway has exactly these."""
    async with asyncio.timeout(5):
        while sorted(gateway.clients) != sorted(wanted):  # noqa: ASYNC110 - the gateway tells nobody
            await asyncio.sleep(0.01)


async def good_after_a_gap(stream: Any) -> MarketGap:
    gap = None
    async with asyncio.timeout(20):
        async for event in stream:
            if isinstance(event, MarketGap):
                gap = event
            elif gap is not None and isinstance(event, Quote) and event.quality is Quality.GOOD:
                return gap
    raise AssertionError("the stream ended")


async def test_each_session_is_up_under_its_own_client_id(connect, gateway):
    async with connect() as bridge:
        assert sorted(gateway.clients) == [ORDERS_ID, FIRST_ID, SECOND_ID]
        assert bridge.sessions.state is S.READY
        reports = bridge.sessions.report()
        assert [(each.name, each.carries_orders) for each in reports] == [
            ("orders", True), ("data-1", False), ("second", False),
        ]  # fmt: skip
        async with bridge.market.subscribe(AAPL, MSFT, EURUSD):
            assert [(each.lines, each.line_limit) for each in bridge.sessions.report()] == [(0, 100), (2, 5), (1, 5)]
        with pytest.raises(SessionNotFound, match="orders, data-1, second"):
            bridge.sessions["third"]
    await clients(gateway)


async def test_a_data_gateway_is_killed_while_orders_go_on(connect, gateway, doors):
    first, _ = doors
    async with connect() as bridge, bridge.market.subscribe(AAPL) as stream:
        (watched,) = bridge.market.watching()
        assert watched.session == "data-1"
        with bridge.topics.sessions.subscribe() as others:
            placing = asyncio.create_task(place(bridge, 20))
            await first.shut()
            gap = await good_after_a_gap(stream)
            handles = await placing
            assert "closed" in gap.reason
            assert [watched.session for watched in bridge.market.watching()] == ["second"]
            async with asyncio.timeout(5):
                change = await anext(others)
            assert (change.session, change.after) == ("data-1", S.RECONNECTING)
        assert bridge.session.health().attempts == 1, "the order session was never touched"
        assert all(handle.order.state is OrderState.WORKING for handle in handles)
        assert len(gateway.venue.orders()) == 20
        assert bridge.sessions.state is S.DEGRADED
        bridge.session.require_orders()
        await first.open()
        await in_state(bridge, "data-1", S.READY)
        assert bridge.sessions.state is S.READY
        assert [watched.session for watched in bridge.market.watching()] == ["second"]


async def place(bridge: Bridge, count: int) -> list[Any]:
    handles = []
    for number in range(1, count + 1):
        handle = await bridge.orders.submit(AAPL, ib.buy(number).limit("100.00"))
        async with asyncio.timeout(10):
            with bridge.orders.follow(handle.key) as follower:
                while handle.order.state is not OrderState.WORKING:
                    await follower.next()
        handles.append(handle)
    return handles


async def test_a_half_open_data_gateway_is_found_and_its_lines_move(connect, doors):
    first, _ = doors
    async with connect() as bridge, bridge.market.subscribe(AAPL) as stream:
        # Of this session alone: the order session's own time-out is long, so that a busy machine is no silence.
        options = replace(bridge.session.options, heartbeat_timeout=0.3, backoff_base=0.05, backoff_cap=0.1)
        bridge.sessions["data-1"].configure(options)
        first.freeze()
        gap = await good_after_a_gap(stream)
        assert "heartbeat" in gap.reason
        assert bridge.session.health().attempts == 1


async def test_an_order_session_that_goes_leaves_the_data_alone(connect, gateway, doors, tmp_path):
    door = Door(gateway.port)
    async with door, connect(port=door.port) as bridge, bridge.market.subscribe(AAPL) as stream:
        async with asyncio.timeout(10):
            await anext(stream)
        await door.shut()
        await bridge.session.until(S.RECONNECTING, 10)
        for _ in range(5):
            async with asyncio.timeout(10):
                event = await anext(stream)
            assert not isinstance(event, MarketGap)
        with pytest.raises(NotConnected):
            await bridge.orders.submit(AAPL, ib.buy(1).limit("100.00"))


async def test_each_is_commanded_alone(connect, gateway):
    async with connect() as bridge:
        await bridge.disconnect("second")
        await clients(gateway, ORDERS_ID, FIRST_ID)
        assert bridge.sessions.state is S.DEGRADED
        await asyncio.gather(*(bridge.reconnect("data-1") for _ in range(3)), bridge.connect("second"))
        for name in ("data-1", "second"):
            await in_state(bridge, name, S.READY)
        assert sorted(gateway.clients) == [ORDERS_ID, FIRST_ID, SECOND_ID]
        assert bridge.session.health().attempts == 1
        await bridge.disconnect()
        await clients(gateway)
        await bridge.connect()
        assert sorted(gateway.clients) == [ORDERS_ID, FIRST_ID, SECOND_ID]


async def test_the_engine_begins_without_its_data_gateways(connect, gateway, doors):
    first, second = doors
    await first.shut()
    await second.shut()
    async with connect() as bridge:
        assert bridge.session.state is S.READY
        assert bridge.sessions.state is S.DEGRADED
        with pytest.raises(NotConnected, match="There is no market data"):
            await bridge.market.quote(AAPL)
        await place(bridge, 1)
        async with bridge.market.subscribe(AAPL) as stream:
            await second.open()
            async with asyncio.timeout(20):
                while not (isinstance(event := await anext(stream), Quote) and event.quality is Quality.GOOD):
                    pass


async def test_kinds_go_to_the_session_that_is_for_them(connect, doors):
    first, second = doors
    sessions = f"127.0.0.1:{first.port}/{FIRST_ID}, 127.0.0.1:{second.port}/{SECOND_ID}?kinds=CASH&name=forex"
    async with connect(data_sessions=sessions) as bridge, bridge.market.subscribe(AAPL, EURUSD):
        assert {str(each.instrument.symbol): each.session for each in bridge.market.watching()} == {
            "AAPL": "data-1", "EUR": "forex",
        }  # fmt: skip


async def test_sessions_come_and_go_with_the_settings_and_readers_go_on(gateway, doors, tmp_path):
    first, second = doors
    one, two = f"127.0.0.1:{first.port}/{FIRST_ID}?lines=5&name=one", f"127.0.0.1:{second.port}/{SECOND_ID}?name=two"
    settings = {"host": "127.0.0.1", "port": gateway.port, "client_id": ORDERS_ID, "home": tmp_path / "home"}
    async with open_bridge(load_settings(settings, {})) as bridge, bridge.market.subscribe(AAPL) as stream:
        assert [watched.session for watched in bridge.market.watching()] == ["orders"]
        await bridge.change_settings({"data_sessions": (one, two)})
        await clients(gateway, ORDERS_ID, FIRST_ID, SECOND_ID)
        for name in ("one", "two"):
            await in_state(bridge, name, S.READY)
        async with bridge.market.subscribe(MSFT) as other:
            assert {str(each.instrument.symbol): each.session for each in bridge.market.watching()} == {
                "AAPL": "orders", "MSFT": "two",
            }  # fmt: skip
            await bridge.change_settings({"data_sessions": (one,)})
            gap = await good_after_a_gap(other)
            assert "taken out of the settings" in gap.reason
            assert bridge.market.watching()[1].session == "one"
            await clients(gateway, ORDERS_ID, FIRST_ID)
            attempts = bridge.sessions["one"].health().attempts
            await bridge.change_settings({"data_sessions": ()})
            await good_after_a_gap(other)
            assert attempts == 1, "what the settings left as it was is not touched"
            assert {watched.session for watched in bridge.market.watching()} == {"orders"}
        await clients(gateway, ORDERS_ID)
        assert bridge.session.health().attempts == 1
        async with asyncio.timeout(10):
            assert not isinstance(await anext(stream), MarketGap), "a line of the order session is not touched"


async def test_two_processes_never_have_one_data_client_id(gateway, doors, tmp_path):
    first, second = doors
    common = {"host": "127.0.0.1", "port": gateway.port, "home": tmp_path / "home", "request_timeout": 2}
    one = load_settings({**common, "client_id": 6, "data_sessions": f"127.0.0.1:{first.port}/{FIRST_ID}"}, {})
    two = load_settings({**common, "client_id": 7, "data_sessions": f"127.0.0.1:{second.port}/{FIRST_ID}"}, {})
    async with AsyncExitStack() as stack:
        owning = open_bridge(one)
        owner = await owning.__aenter__()
        try:
            await in_state(owner, "data-1", S.READY)
            later = await stack.enter_async_context(open_bridge(two))
            assert later.session.state is S.READY
            with pytest.raises(ClientIdInUse, match=f"Client id {FIRST_ID} is owned by"):
                await later.reconnect("data-1")
            assert later.sessions["data-1"].state is S.RECONNECTING
            assert sorted(gateway.clients) == [6, 7, FIRST_ID], "it never came to the gateway"
            later.sessions.configure(replace(later.session.options, client_id_cap=0.1), later.settings)
        finally:
            await owning.__aexit__(None, None, None)
        await in_state(later, "data-1", S.READY)


def test_a_data_session_has_no_way_to_send_an_order():
    """The type checker holds it too: an `OrderService` takes a `Broker`, and this is none."""
    orders = {name for name in vars(Broker) if not name.startswith("_")} - {
        name for name in vars(Link) if not name.startswith("_")
    }
    assert {"place", "cancel"} <= orders
    wanted = {name for protocol in (Link, MarketFeed) for name in vars(protocol) if not name.startswith("_")}
    assert {name for name in dir(IbDataLink) if not name.startswith("_")} == wanted | {"configure"}
    assert not orders & set(dir(IbDataLink))
