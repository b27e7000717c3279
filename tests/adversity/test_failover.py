"""The primary goes, the backup serves, and back (CON-8): over real sockets, with orders and subscriptions under way.

Two doors to one paper gateway stand for two gateways of one login. The engine's own times are short and real.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
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
from ironbridge.errors import ConnectFailed
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import Swallow
from ironbridge.session.failover import OrdersInFlight
from ironbridge.settings import load_settings

S = SessionState
ACCOUNT = "DU1000001"
CLIENT = 6
AAPL, MSFT = ib.Stock("AAPL"), ib.Stock("MSFT")
FAR = ib.buy(1).limit("100.00")
BACKOFF, FAILURES, COOLDOWN = 0.1, 2, 1.0
BOUND = BACKOFF * FAILURES + 3.0
"""Seconds from a killed primary to READY at the backup: the waits between attempts at the primary, at their longest,
and three for connecting and catching up on a machine that has other things to do."""


@pytest.fixture
async def doors(gateway: PaperGateway) -> AsyncIterator[tuple[Door, Door]]:
    async with Door(gateway.port) as primary, Door(gateway.port) as backup:
        yield primary, backup


Connect = Callable[..., AbstractAsyncContextManager[Bridge]]


@pytest.fixture
def connect(doors: tuple[Door, Door], tmp_path: Path) -> Connect:
    primary, backup = doors

    def make(**settings: Any) -> AbstractAsyncContextManager[Bridge]:
        quick = {
            "host": "127.0.0.1",
            "port": primary.port,
            "client_id": CLIENT,
            "account": ACCOUNT,
            "backups": f"127.0.0.1:{backup.port}",
            "home": tmp_path / "home",
            "heartbeat_interval": 0.2,
            "answer_timeout": 1,
            "request_timeout": 1,
            "connection_timeout": 1,
            "breaker_failures": FAILURES,
            "breaker_cooldown": COOLDOWN,
        }
        return open_bridge(load_settings({**quick, **settings}, {}))

    return make


def quicken(bridge: Bridge, **more: Any) -> None:
    options = replace(bridge.session.options, backoff_base=BACKOFF, backoff_cap=BACKOFF, heartbeat_timeout=0.3, **more)
    bridge.session.configure(options)


async def ready_at(bridge: Bridge, door: Door) -> None:
    """Return when the session is READY at this door."""
    async with asyncio.timeout(20):
        with bridge.topics.session.subscribe() as changes:
            while not (bridge.session.state is S.READY and bridge.session.status().endpoint.port == door.port):
                await anext(changes)


async def working(bridge: Bridge, quantity: int) -> Any:
    handle = await bridge.orders.submit(AAPL, ib.buy(quantity).limit("100.00"))
    async with asyncio.timeout(10):
        with bridge.orders.follow(handle.key) as follower:
            while handle.order.state is not OrderState.WORKING:
                await follower.next()
    return handle


async def test_a_killed_primary_is_followed_by_the_backup(doors, connect, gateway):
    primary, backup = doors
    async with connect() as bridge, bridge.market.subscribe(AAPL) as stream:
        quicken(bridge)
        first = await working(bridge, 1)
        with bridge.topics.alerts.subscribe() as alerts:
            begun = time.perf_counter()
            await primary.shut()
            await ready_at(bridge, backup)
            assert time.perf_counter() - begun < BOUND
            async with asyncio.timeout(5):
                while (alert := await anext(alerts)).kind != "failover":
                    pass
        assert f"127.0.0.1:{backup.port}" in alert.text
        assert gateway.clients == (CLIENT,), "the same client id, once"
        gaps, quotes = 0, 0
        async with asyncio.timeout(10):
            async for event in stream:
                gaps += isinstance(event, MarketGap)
                quotes += bool(gaps) and isinstance(event, Quote) and event.quality is Quality.GOOD
                if quotes:
                    break
        assert gaps == 1
        assert first.order.state is OrderState.WORKING, "reconciled at the backup"
        second = await working(bridge, 2)
        assert second.order.order_id > first.order.order_id, "the high-water mark holds at every gateway"
        await bridge.orders.cancel(first.key)
        assert (await first.done(10)).state is OrderState.CANCELLED, "the backup manages what the primary sent"
        page = await bridge.log.page(50)
        assert any(entry.what == "failover" for entry in page)
        assert any("Going to the backup" in entry.text for entry in page)
        assert bridge.session.health().moves == 1


async def test_an_order_that_the_primary_took_to_its_grave_is_reconciled_at_the_backup(doors, connect, gateway):
    primary, backup = doors
    async with connect(answer_timeout=30) as bridge:
        quicken(bridge)
        gateway.faults.inject(Swallow("OpenOrder", count=100))
        gateway.faults.inject(Swallow("OrderStatus", count=100))
        handle = await bridge.orders.submit(AAPL, FAR)
        async with asyncio.timeout(10):
            while not gateway.venue.orders():  # noqa: ASYNC110 - the venue tells nobody but its clients
                await asyncio.sleep(0.005)
        await primary.shut()
        async with asyncio.timeout(10):
            with bridge.orders.follow(handle.key) as follower:
                while handle.order.state is not OrderState.UNKNOWN:
                    await follower.next()
        gateway.faults.clear()
        await ready_at(bridge, backup)
        assert handle.order.state is OrderState.WORKING
        assert len(gateway.venue.orders()) == 1, "nothing was sent again"


async def test_a_half_open_primary_is_found_and_left(doors, connect, gateway):
    primary, backup = doors
    async with connect() as bridge:
        quicken(bridge)
        await bridge.session.until(S.READY, 5)
        begun = time.perf_counter()
        primary.freeze()
        await ready_at(bridge, backup)
        # A heartbeat's interval and time-out, then so many attempts that each take the connect time-out.
        assert time.perf_counter() - begun < 0.2 + 0.3 + FAILURES * 1.0 + BOUND
        assert gateway.clients == (CLIENT,)


async def test_with_both_down_the_one_that_is_first_back_serves(doors, connect, gateway):
    primary, backup = doors
    async with connect() as bridge:
        quicken(bridge)
        await backup.shut()
        await primary.shut()
        with bridge.topics.session.subscribe() as changes:
            async with asyncio.timeout(10):
                while not all(each.breaker == "open" for each in bridge.session.status().gateways):
                    await anext(changes)
        await backup.open()
        await ready_at(bridge, backup)
        assert gateway.clients == (CLIENT,)
        assert primary.entered == 1


async def test_the_engine_begins_at_the_backup_where_the_primary_is_down(doors, connect):
    primary, backup = doors
    await primary.shut()
    async with connect(breaker_failures=1) as bridge:
        assert bridge.session.status().endpoint.port == backup.port
        assert bridge.session.state is S.READY


async def test_a_flapping_primary_is_left_alone(doors, connect):
    primary, backup = doors
    async with connect(breaker_cooldown=60) as bridge:
        quicken(bridge)
        for number in range(1, FAILURES + 1):
            async with asyncio.timeout(10):
                while primary.entered < number:  # noqa: ASYNC110 - the door tells nobody
                    await asyncio.sleep(0.005)
            await bridge.session.until(S.READY, 10)
            with bridge.topics.session.subscribe() as changes:
                primary.drop()
                async with asyncio.timeout(10):
                    assert (await anext(changes)).after is S.RECONNECTING
        await ready_at(bridge, backup)
        backup.drop()
        await bridge.session.until(S.RECONNECTING, 10)
        await bridge.session.until(S.READY, 10)
        assert bridge.session.status().endpoint.port == backup.port, "not back to the one that flaps"
        assert primary.entered == FAILURES


async def test_back_to_the_primary_on_request_and_not_with_orders_in_flight(doors, connect, gateway):
    primary, backup = doors
    async with connect(failback="asked", answer_timeout=30) as bridge:
        quicken(bridge)
        await primary.shut()
        await ready_at(bridge, backup)
        with pytest.raises(ConnectFailed, match="does not answer, so the session stays"):
            await bridge.fail_back()
        assert bridge.session.state is S.READY
        await primary.open()
        await bridge.reconnect()
        await ready_at(bridge, backup)
        gateway.faults.inject(Swallow("OpenOrder", count=100))
        gateway.faults.inject(Swallow("OrderStatus", count=100))
        handle = await bridge.orders.submit(AAPL, FAR)
        with pytest.raises(OrdersInFlight, match="1 orders wait for their answers"):
            await bridge.fail_back()
        assert bridge.session.status().endpoint.port == backup.port
        gateway.faults.clear()
        await bridge.fail_back(force=True)
        await ready_at(bridge, primary)
        assert handle.order.state is OrderState.WORKING
        assert len(gateway.venue.orders()) == 1


async def test_the_next_reconnect_brings_it_back(doors, connect):
    primary, backup = doors
    async with connect(breaker_cooldown=0.2) as bridge:
        quicken(bridge)
        await primary.shut()
        await ready_at(bridge, backup)
        await primary.open()
        async with asyncio.timeout(5):
            while bridge.session.status().gateways[0].breaker == "open":  # noqa: ASYNC110 - time alone closes it
                await asyncio.sleep(0.01)
        backup.drop()
        await ready_at(bridge, primary)


async def test_a_backup_of_another_login_is_refused(doors, connect, tmp_path):
    primary, _ = doors
    async with PaperGateway(port=0, seed=3, accounts=("DU7777777",), step=0.02) as other:
        async with connect(backups=f"127.0.0.1:{other.port}") as bridge:
            quicken(bridge)
            with bridge.topics.alerts.subscribe() as alerts:
                await primary.shut()
                async with asyncio.timeout(10):
                    while (alert := await anext(alerts)).kind != "backup-refused":
                        pass
            assert f"no account {ACCOUNT}; it has DU7777777" in alert.text
            assert bridge.session.state in {S.RECONNECTING, S.CONNECTING}
            await primary.open()
            await ready_at(bridge, primary)
        assert other.clients == ()
