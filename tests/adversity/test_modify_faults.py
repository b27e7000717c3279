"""Changes, cancels and groups under the gateway's faults, over a real socket: what the incidents do to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

import ironbridge as ib
from ironbridge.bridge import Bridge
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.modification import ModifyState
from ironbridge.domain.session import SessionState
from ironbridge.errors import ModifyRefused, OrderError, UpstreamLost
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import (
    Duplicate,
    FillFirst,
    Ignore,
    LoseUpstream,
    OnMessage,
    RejectOrder,
    RestoreUpstream,
    SendOrderError,
    SplitModify,
    Swallow,
)

AAPL = ib.Stock("AAPL")
FAR = ib.buy(10).limit("100.00")
"""No price comes near it."""
S, M = OrderState, ModifyState


@pytest.fixture
async def paper() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=7, accounts=("DU1000001",), step=0.02) as gateway:
        yield gateway


@pytest.fixture
def connect(paper: PaperGateway, tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Bridge]]:
    def make(**settings: Any) -> AbstractAsyncContextManager[Bridge]:
        quick: dict[str, Any] = {"heartbeat_interval": 0.2, "answer_timeout": 1, "request_timeout": 1}
        return ib.connect("127.0.0.1", paper.port, home=tmp_path / "home", **{**quick, **settings})

    return make


async def working(bridge: Bridge, key: str = "k") -> Any:
    handle = await bridge.orders.submit(AAPL, FAR, key=key)
    await handle.accepted()
    return handle


async def becomes(bridge: Bridge, key: str, done: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(20):
        with bridge.orders.follow(key) as follower:
            while not done(bridge.orders.get(key)):
                await follower.next()
    return bridge.orders.get(key)


def at_venue(paper: PaperGateway) -> list[Any]:
    return list(paper.venue.orders())


async def test_i03_nothing_is_changed_or_cancelled_while_upstream_is_lost(connect, paper) -> None:
    async with connect() as bridge:
        handle = await working(bridge)
        paper.faults.inject(LoseUpstream())
        await bridge.session.until(SessionState.DEGRADED, 20)
        for attempt in (handle.modify(quantity=20), handle.cancel(), bridge.orders.cancel_all()):
            with pytest.raises(UpstreamLost):
                await attempt
        paper.faults.inject(RestoreUpstream())
        await bridge.session.until(SessionState.READY, 20)
        assert [held.terms.quantity for held in at_venue(paper)] == [10]
        await (await handle.modify(quantity=20)).modified()
        (held,) = at_venue(paper)
        assert held.terms.quantity == 20 == handle.order.quantity


async def test_i03_a_change_that_became_a_second_order_is_found(connect, paper) -> None:
    paper.faults.inject(SplitModify())
    async with connect() as bridge:
        handle = await working(bridge)
        changed = await handle.modify(quantity=20)
        await becomes(bridge, "k", lambda order: order.pending is None)
        with pytest.raises(ModifyRefused, match="holds the order as it was"):
            await changed.modified()
        order = handle.order
        assert (order.quantity, len(order.duplicates)) == (10, 1)
        assert sorted(held.terms.quantity for held in at_venue(paper)) == [10, 20]
        with pytest.raises(OrderError, match="more than one order"):
            await handle.modify(quantity=30)


@pytest.mark.parametrize("code", (399, 2109, 404, 10349))
async def test_i05_advisory_codes_end_neither_the_order_nor_its_change(connect, paper, code) -> None:
    async with connect() as bridge:
        handle = await working(bridge)
        paper.faults.inject(Swallow("OpenOrder"))
        await handle.modify(quantity=20)
        paper.faults.inject(SendOrderError(code))
        order = await becomes(bridge, "k", lambda order: any(notice[0] == code for notice in order.notices))
        assert order.state is S.WORKING
        order = await becomes(bridge, "k", lambda order: order.pending is None)
        assert (order.state, order.quantity, order.modifications[0].state) == (S.WORKING, 20, M.ACCEPTED)


async def test_i11_a_change_that_is_dropped_without_a_word_is_known_not_to_have_taken(connect, paper) -> None:
    async with connect() as bridge:
        handle = await working(bridge)
        paper.faults.inject(Ignore("PlaceOrder"))
        await handle.modify(quantity=20)
        order = await becomes(bridge, "k", lambda order: order.pending is None)
        assert (order.quantity, order.modifications[0].state) == (10, M.REFUSED)


async def test_i16_a_fill_overtakes_a_cancel_and_statuses_come_twice(connect, paper) -> None:
    paper.faults.inject(FillFirst())
    paper.faults.inject(Duplicate("OrderStatus", count=None))
    paper.faults.inject(Duplicate("OpenOrder", count=None))
    async with connect() as bridge:
        handle = await working(bridge)
        await (await handle.modify(quantity=12)).modified()
        order = await (await handle.cancel()).cancelled()
        assert (order.state, order.filled, len(order.modifications)) == (S.FILLED, 12, 1)


@pytest.mark.parametrize("code", (201, 110, 321, 103))
async def test_i18_a_refused_change_is_told_and_the_order_lives(connect, paper, code) -> None:
    async with connect() as bridge:
        handle = await working(bridge)
        paper.faults.inject(RejectOrder(code, "It is refused."))
        with pytest.raises(ModifyRefused, match="It is refused") as refused:
            await (await handle.modify(quantity=20)).modified()
        assert refused.value.code == code
        order = await (await handle.modify(quantity=15)).modified()
        assert (order.state, order.quantity) == (S.WORKING, 15)
        assert [held.terms.quantity for held in at_venue(paper)] == [15]


@pytest.mark.parametrize("fault", (RejectOrder(201, "Order rejected - reason:no"), Ignore("PlaceOrder")))
async def test_a_bracket_without_its_entry_is_taken_back(connect, paper, fault) -> None:
    """I-11, I-18: the entry is refused, or dropped without a word; nothing is left, held back or working."""
    async with connect() as bridge:
        paper.faults.inject(fault)
        handle = await bridge.orders.groups.bracket(AAPL, FAR, take_profit=400, stop_loss=90, key="b")
        for member in handle.members:
            await becomes(bridge, member.key, lambda order: order.ended)
        assert not handle.group.has_traded
        assert at_venue(paper) == []
        # What was held back for the entry is gone too: nothing of it goes out with the next order.
        await working(bridge, "next")
        assert len(at_venue(paper)) == 1


async def test_a_bracket_whose_last_order_is_dropped_leaves_nothing_with_the_gateway(connect, paper) -> None:
    """I-11: entry and take profit are held back by the gateway, which lists them nowhere."""
    async with connect() as bridge:
        paper.faults.inject(Ignore("PlaceOrder"), OnMessage("PlaceOrder", nth=2))
        await bridge.orders.groups.bracket(AAPL, FAR, take_profit=400, stop_loss=90, key="b")
        for key in ("b", "b/tp", "b/sl"):
            await becomes(bridge, key, lambda order: order.state is S.CANCELLED)
        await working(bridge, "next")
        assert [held.order_id for held in at_venue(paper)] == [bridge.orders.get("next").order_id]
