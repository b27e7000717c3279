"""Waiting for an order: every wait ends, and says what it knows (ORD-8)."""

import asyncio

import pytest

from ironbridge.domain.events import CommissionReceived, FillReceived, OrderIntended, OrderMoved
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order import buy
from ironbridge.domain.reports import BrokerStatus, CommissionReport
from ironbridge.errors import OrderError, OrderRejected, OrderUnknown, Outcome, RequestTimeout, SlowConsumer
from ironbridge.orders import OrderOptions, follow
from ironbridge.testing.fakes import ignore

AAPL = Stock("AAPL")
S = OrderState


@pytest.fixture
async def handle(desk):
    desk.broker.on_place = ignore
    return await desk.orders.submit(AAPL, buy(10), key="k")


async def waiting(desk, coroutine):
    task = asyncio.ensure_future(coroutine)
    await desk.settle()
    assert not task.done()
    return task


async def test_accepted_waits_for_ib(desk, handle) -> None:
    task = await waiting(desk, handle.accepted())
    desk.broker.hold(1)
    assert (await task).state is S.ACCEPTED


async def test_accepted_tells_of_a_refusal(desk, handle) -> None:
    task = await waiting(desk, handle.accepted())
    desk.broker.reject(1, 201, "Order rejected - reason:no margin")
    with pytest.raises(OrderRejected, match="no margin") as refused:
        await task
    assert (refused.value.code, refused.value.outcome) == (201, Outcome.REJECTED)


async def test_accepted_returns_what_was_cancelled_or_filled_at_once(desk, handle) -> None:
    desk.broker.fill(1)
    await desk.settle()
    assert (await handle.accepted()).state is S.FILLED


async def test_an_order_that_ib_holds_inactive_is_not_accepted(desk, handle) -> None:
    task = await waiting(desk, handle.accepted(timeout=5))
    desk.broker._set(1, BrokerStatus.INACTIVE)
    await desk.clock.advance(5)
    with pytest.raises(RequestTimeout, match="After 5 s IB has not taken it: the order 'k' is inactive"):
        await task


async def test_an_answer_that_never_comes_makes_the_order_unknown(desk, handle) -> None:
    """I-11: the paper server drops some of a batch of orders without a word."""
    desk.broker.orders.clear()
    task = await waiting(desk, handle.accepted(timeout=20))
    await desk.clock.advance(10)
    assert handle.order.state is S.UNKNOWN
    await desk.clock.advance(1)
    assert "neither open nor completed nor executed" in handle.order.reason
    await desk.clock.advance(10)
    with pytest.raises(OrderUnknown, match=r"not known.*Do not send it again") as unknown:
        await task
    assert unknown.value.outcome is Outcome.UNKNOWN
    assert len(desk.broker.placed) == 1


async def test_an_answer_that_is_late_clears_the_doubt(desk, handle) -> None:
    await desk.clock.advance(11)
    assert handle.order.state is S.ACCEPTED, "asked, IB said that it has it"


async def test_done_waits_for_the_last_commission(desk, handle) -> None:
    desk.broker.silent = True
    execution = desk.broker.fill(1)
    desk.broker.silent = False
    desk.broker.tell(execution)
    task = await waiting(desk, handle.done())
    desk.broker.tell(CommissionReport(execution.execution_id, 1, "USD", None))
    assert (await task).commission == {"USD": 1}


async def test_done_does_not_wait_for_it_for_ever(desk, handle) -> None:
    desk.broker.silent = True
    execution = desk.broker.fill(1)
    desk.broker.silent = False
    desk.broker.tell(execution)
    task = await waiting(desk, handle.done())
    await desk.clock.advance(2)
    assert (await task).commission == {}


async def test_done_has_a_time_out_and_leaves_the_order_as_it_is(desk, handle) -> None:
    desk.broker.work(1)
    task = await waiting(desk, handle.done(timeout=60))
    await desk.clock.advance(60)
    with pytest.raises(RequestTimeout, match=r"After 60 s it has not ended: the order 'k' is working.*It lives on"):
        await task
    assert handle.order.state is S.WORKING


async def test_done_gives_a_cancelled_order(desk, handle) -> None:
    desk.broker.work(1)
    task = await waiting(desk, handle.done())
    await handle.cancel()
    assert (await task).state is S.CANCELLED


async def test_done_tells_of_an_order_that_stays_unknown(desk, handle) -> None:
    desk.broker.orders.clear()
    task = await waiting(desk, handle.done())
    await desk.clock.advance(10)
    await desk.clock.advance(29)
    assert not task.done()
    await desk.clock.advance(1)
    with pytest.raises(OrderUnknown):
        await task


async def test_done_goes_on_when_the_doubt_is_settled(desk, handle) -> None:
    task = await waiting(desk, handle.done())
    desk.broker.silent = True
    await desk.clock.advance(11)
    assert handle.order.state is S.ACCEPTED
    await desk.clock.advance(100)
    assert not task.done()
    desk.broker.silent = False
    desk.broker.fill(1)
    assert (await task).state is S.FILLED


async def test_events_tell_the_whole_story_and_end(desk, handle) -> None:
    desk.broker.work(1)
    await desk.settle()

    async def read():
        return [update async for update in handle.events()]

    task = await waiting(desk, read())
    desk.broker.fill(1, 4)
    await desk.settle()
    desk.broker.fill(1, 6)
    updates = await task
    assert [update.event for update in updates] == [recorded.event for recorded in await desk.orders.story("k")]
    kinds = [type(update.event) for update in updates]
    assert kinds[0] is OrderIntended
    assert kinds.count(FillReceived) == kinds.count(CommissionReceived) == 2
    assert updates[-1].order == handle.order


async def test_events_of_an_order_that_has_ended_are_its_story(desk, handle) -> None:
    desk.broker.fill(1)
    await handle.done()
    first = [update async for update in handle.events()]
    assert first[-1].order == handle.order
    assert [update async for update in handle.events()] == first


async def test_events_do_not_wait_for_ever_for_a_commission(desk, handle) -> None:
    desk.broker._set(1, BrokerStatus.CANCELLED)
    desk.broker.tell(desk.broker._execution(desk.broker.orders[1], "x.01", 3, 100))

    async def read():
        return [update async for update in handle.events()]

    task = await waiting(desk, read())
    await desk.clock.advance(2)
    assert isinstance((await task)[-1].event, FillReceived)


async def test_a_follower_that_does_not_read_is_told(desk, handle, monkeypatch) -> None:
    monkeypatch.setattr(follow, "FOLLOW_LIMIT", 2)
    with desk.orders.follow("k") as follower:
        for _ in range(3):
            desk.broker.fill(1, 1)
        await desk.settle()
        assert isinstance((await follower.next()).event, OrderMoved | FillReceived)
        await follower.next()
        with pytest.raises(SlowConsumer, match="'k'"):
            await follower.next()


async def test_many_may_wait_and_none_is_left_behind(desk, handle) -> None:
    tasks = [asyncio.ensure_future(handle.done()) for _ in range(200)]
    await desk.settle()
    desk.broker.fill(1)
    orders = await asyncio.gather(*tasks)
    assert {order.state for order in orders} == {S.FILLED}
    assert len(desk.orders._followers) == 0


async def test_a_cancelled_wait_leaves_nothing_behind(desk, handle) -> None:
    task = await waiting(desk, handle.done(timeout=100))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(desk.orders._followers) == 0


async def test_how_patient_the_service_is_can_be_said(open_desk) -> None:
    async with open_desk(options=OrderOptions(answer_seconds=2.0, unknown_seconds=1.0)) as desk:
        desk.broker.lose = True
        handle = await desk.orders.submit(AAPL, buy(1), key="k")
        task = asyncio.ensure_future(handle.done())
        await desk.clock.advance(4)
        with pytest.raises(OrderUnknown):
            await task


async def test_a_handle_shows_its_order(desk, handle) -> None:
    desk.broker.work(1)
    await desk.settle()
    assert repr(handle) == "<OrderHandle BUY 10 AAPL MKT DAY: working [k]>"


async def test_never_sent_is_an_error_of_its_own(desk) -> None:
    from ironbridge.errors import NotConnected

    desk.broker.fail_place = NotConnected("Gone.")
    with pytest.raises(OrderError):
        await desk.orders.submit(AAPL, buy(1), key="n")
    with pytest.raises(OrderError, match="never sent") as error:
        await desk.orders.handle("n").done()
    assert error.value.outcome is Outcome.NOT_SENT
