"""A thousand orders as fast as they can be submitted, under a gateway that keeps IB's limit strictly (I-13, CON-7)."""

import asyncio
import time

import ironbridge as ib
from ironbridge.domain.lifecycle import OrderState
from ironbridge.paper import Limits, Pacing, PaperGateway

ORDERS = 1000
IN_FRONT = 20
"""Orders that are at the gateway before the rest; each is cancelled while hundreds wait for their turn."""
HELD_UP_SECONDS = 1.5
"""How long the loaded machine leaves the program standing."""


async def test_a_thousand_orders_are_all_there_and_cancels_overtake(tmp_path) -> None:
    strict = Limits(pacing=Pacing.STRICT)
    async with (
        PaperGateway(port=0, seed=3, limits=strict) as gateway,
        ib.connect("127.0.0.1", gateway.port, home=tmp_path / "home", client_id=1) as bridge,
    ):
        aapl, spec = ib.Stock("AAPL"), ib.buy(1).limit("1.00")
        first = [await bridge.orders.submit(aapl, spec, key=f"front-{n}") for n in range(IN_FRONT)]
        for handle in first:
            await handle.accepted()

        rest = [
            asyncio.create_task(bridge.orders.submit(aapl, spec, key=f"rush-{n}")) for n in range(ORDERS - IN_FRONT)
        ]
        with bridge.topics.pacing.subscribe() as changes:
            while not any(lane.waiting > 100 for lane in bridge.pacing.usage.status().lanes):
                await anext(changes)
        await asyncio.gather(*(handle.cancel() for handle in first))
        ends = await asyncio.gather(*(handle.done(30) for handle in first))
        assert {order.state for order in ends} == {OrderState.CANCELLED}
        assert sum(not task.done() for task in rest) > ORDERS / 2, "the cancels went before the orders that waited"

        handles = await asyncio.gather(*rest)
        orders = await asyncio.gather(*(handle.accepted(60) for handle in handles))
        assert {order.state for order in orders} <= {OrderState.WORKING, OrderState.ACCEPTED}
        held = [*gateway.venue.orders(), *gateway.venue.completed()]
        assert len(held) == ORDERS
        assert len({order.request.key for order in bridge.orders.list()}) == ORDERS
        assert bridge.pacing.usage.status().violations == 0


async def test_orders_are_not_lost_to_the_pace_when_the_machine_stands_still_as_they_are_written(tmp_path) -> None:
    # What was written is read only behind the stop, all at once, and the orders that come then meet it in one second.
    # IB answers with error 100, which names no order, and drops one: it could never be told what became of it.
    strict = Limits(pacing=Pacing.STRICT)
    async with (
        PaperGateway(port=0, seed=3, limits=strict) as gateway,
        ib.connect("127.0.0.1", gateway.port, home=tmp_path / "home", client_id=1) as bridge,
    ):
        aapl, spec = ib.Stock("AAPL"), ib.buy(1).limit("1.00")
        with bridge.topics.pacing.subscribe() as changes:
            # A pause before: after one, a bunch may go at once.
            while bridge.pacing.usage.status().limits[0].used:
                await anext(changes)
        tasks = [asyncio.create_task(bridge.orders.submit(aapl, spec, key=f"held-{n}")) for n in range(150)]
        # One pass of the loop after the other: what is written must not have been read.
        while bridge.pacing.usage.status().limits[0].used < 40:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert len(gateway.venue.orders()) < 40, "they are written and not read"
        time.sleep(HELD_UP_SECONDS)  # noqa: ASYNC251 - the loop is what stands still
        for handle in await asyncio.gather(*tasks):
            await handle.accepted(30)
        assert bridge.pacing.usage.status().violations == 0
        assert len(gateway.venue.orders()) == 150
