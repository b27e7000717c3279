"""Cancelling: its own outcome for one order, and for all of them a report of what has ended and what has not."""

import pytest

from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order import buy
from ironbridge.domain.reports import BrokerStatus
from ironbridge.errors import CancelRefused, NotConnected, OrderUnknown, RequestRejected, RequestTimeout, UpstreamLost
from ironbridge.testing.fake_orders import FakeOrder
from ironbridge.testing.fakes import FakeBroker, ignore

AAPL = Stock("AAPL")
S = OrderState


async def open_orders(desk, count: int = 3, **more) -> None:
    for n in range(count):
        await (await desk.orders.submit(AAPL, buy(10).limit(100), key=f"k{n}", **more)).accepted()


async def test_a_cancel_that_took(desk) -> None:
    await open_orders(desk, 1)
    handle = await desk.orders.cancel("k0")
    assert (await handle.cancelled()).state is S.CANCELLED


async def test_a_fill_that_came_first_is_its_end(desk) -> None:
    await open_orders(desk, 1)
    desk.broker.on_cancel = lambda broker, order: broker.fill(order.order_id)
    assert (await (await desk.orders.cancel("k0")).cancelled()).state is S.FILLED


async def test_a_cancel_that_ib_refuses_leaves_the_order(desk) -> None:
    await open_orders(desk, 1)
    desk.broker.on_cancel = lambda broker, order: broker.notice(order.order_id, 10148, "It can not be cancelled.")
    handle = await desk.orders.cancel("k0")
    with pytest.raises(CancelRefused, match="is working: It can not be cancelled") as refused:
        await handle.cancelled()
    assert refused.value.code == 10148


async def test_a_cancel_of_what_ib_does_not_find_is_unknown_until_asked(desk) -> None:
    await open_orders(desk, 1)
    desk.broker.on_cancel = lambda broker, order: broker.notice(order.order_id, 10147, "It is not found.")
    with pytest.raises(OrderUnknown, match="not found"):
        await (await desk.orders.cancel("k0")).cancelled()
    await desk.clock.advance(1)
    assert desk.order("k0").state is S.WORKING, "IB, asked, holds it open"


async def test_a_cancel_without_an_answer(desk) -> None:
    await open_orders(desk, 1)
    desk.broker.on_cancel = ignore
    handle = await desk.orders.cancel("k0")
    with pytest.raises(RequestTimeout, match="has not ended"):
        await handle.cancelled(0)


async def test_upstream_lost_while_a_cancel_waits_for_its_turn_keeps_it_back(desk) -> None:
    await open_orders(desk, 1)
    cancel = desk.broker.cancel

    async def wait_and_cancel(*args, **kwargs) -> None:
        desk.session.upstream = False
        await cancel(*args, **kwargs)

    desk.broker.cancel = wait_and_cancel
    with pytest.raises(UpstreamLost):
        await desk.orders.cancel("k0")
    await desk.settle()
    assert (desk.broker.cancels, desk.order("k0").state) == ([], S.WORKING)


async def test_all_are_cancelled_and_it_is_verified(desk) -> None:
    await open_orders(desk)
    desk.broker.orders[9] = stranger = FakeOrder(desk.order("k0").request, 9, 1, 99, BrokerStatus.SUBMITTED)
    stranger.request = type(stranger.request)("other", stranger.request.instrument, buy(1).limit(1), "DU1")
    desk.broker.work(9)
    await desk.settle()
    report = await desk.orders.cancel_all()
    assert report.is_clear
    assert {order.key for order in report.ended} == {"k0", "k1", "k2"}
    assert sorted(desk.broker.cancels) == [1, 2, 3, 9]


async def test_what_is_left_is_named_with_its_reason(desk) -> None:
    await open_orders(desk)

    def answer(broker: FakeBroker, order) -> None:
        if order.order_id == 1:
            broker.end(1)
        elif order.order_id == 2:
            broker.notice(2, 10148, "It can not be cancelled.")

    desk.broker.on_cancel = answer
    report = await desk.orders.cancel_all(timeout=0)
    assert not report.is_clear
    assert [order.key for order in report.ended] == ["k0"]
    assert {order.key: why for order, why in report.alive}.keys() == {"k1", "k2"}
    assert {open_.order_id for open_ in report.still_open} == {2, 3}
    assert report.verified


async def test_what_cannot_be_verified_is_not_clear(desk) -> None:
    await open_orders(desk, 1)
    desk.broker.fail_ask = RequestTimeout("IB did not answer.")
    report = await desk.orders.cancel_all()
    assert (report.alive, report.verified, report.is_clear, report.reason) == ((), False, False, "IB did not answer.")


async def test_only_those_of_a_strategy(desk) -> None:
    await open_orders(desk, 2)
    await desk.orders.submit(AAPL, buy(5).limit(90), key="s", strategy="momentum")
    report = await desk.orders.cancel_all(strategy="momentum")
    assert ([order.key for order in report.ended], report.is_clear) == (["s"], True)
    assert len(desk.orders.list(open_only=True)) == 2


async def test_everywhere_asks_ib_to_cancel_what_others_have_open_too(desk) -> None:
    await open_orders(desk, 1)
    desk.broker.orders[50] = FakeOrder(desk.order("k0").request, 50, 7, 500, BrokerStatus.SUBMITTED)
    assert (await desk.orders.cancel_all(everywhere=True)).is_clear
    assert desk.broker.orders[50].status is BrokerStatus.CANCELLED


async def test_while_upstream_is_lost_nothing_is_cancelled(desk) -> None:
    await open_orders(desk, 1)
    desk.session.upstream = False
    with pytest.raises(UpstreamLost):
        await desk.orders.cancel_all()
    assert desk.broker.cancels == []


async def test_a_what_if_orders_nothing_and_its_id_is_never_an_orders(desk) -> None:
    impact = await desk.orders.preview(AAPL, buy(10).limit(100))
    assert (impact.initial_margin.change, impact.commission) == (500, 1)
    assert (desk.orders.list(), desk.broker.placed, await desk.journal.replay()) == ([], [], ())
    handle = await desk.orders.submit(AAPL, buy(1), key="k")
    assert handle.order.order_id == 2
    desk.broker.fail_ask = RequestRejected("No.", code=201, text="No.")
    with pytest.raises(RequestRejected):
        await desk.orders.preview(AAPL, buy(10))
    desk.session.upstream = False
    with pytest.raises(NotConnected):
        await desk.orders.preview(AAPL, buy(10))
