"""A thousand orders as fast as they can be submitted, under a gateway that keeps IB's limit strictly (I-13, CON-7)."""

import asyncio

import ironbridge as ib
from ironbridge.domain.lifecycle import OrderState
from ironbridge.paper import Limits, Pacing, PaperGateway

ORDERS = 1000
IN_FRONT = 20
"""Orders that are at the gateway before the rest; each is cancelled while hundreds wait for their turn."""


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
