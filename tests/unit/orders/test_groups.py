"""Groups: all of them or none, under one key; exits that wait, sibling that ends, and what is left of a broken one."""

import asyncio
from decimal import Decimal

import pytest

from ironbridge.domain.events import OrderIntended
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.links import OcaType, Role
from ironbridge.domain.order import buy, sell
from ironbridge.domain.risk import RiskLimits, RiskPolicy
from ironbridge.domain.session import Endpoint
from ironbridge.errors import (
    InvalidOrder,
    KeyConflict,
    NotConnected,
    OrderError,
    OrderNotFound,
    OrderRefused,
    OrderRejected,
    SessionLost,
    StorageError,
)
from ironbridge.testing.fakes import FakeBroker, take

AAPL, MSFT = Stock("AAPL"), Stock("MSFT")
S = OrderState
ENTRY = buy(10).limit(100)
ENDPOINT = Endpoint("h", 1, 1)


async def bracket(desk, key="b", **more):
    return await desk.orders.groups.bracket(AAPL, ENTRY, take_profit=110, stop_loss=95, key=key, **more)


def states(desk, key="b") -> list[OrderState]:
    return [order.state for order in desk.orders.groups.get(key).orders]


async def test_a_bracket_is_recorded_whole_before_it_is_sent_and_its_exits_wait(desk) -> None:
    recorded = []
    desk.broker.on_place = lambda broker, order: (
        recorded.append([type(r.event) for r in desk.journal._recorded]),
        take(broker, order),
    )
    group = await (await bracket(desk)).accepted()
    assert recorded[0] == [OrderIntended] * 3
    assert [order.key for order in group.orders] == ["b", "b/tp", "b/sl"]
    assert [order.order_id for order in group.orders] == [1, 2, 3]
    assert states(desk) == [S.WORKING, S.ACCEPTED, S.ACCEPTED]
    assert [str(order.request.spec) for order in group.orders] == [
        "BUY 10 LMT 100 DAY", "SELL 10 LMT 110 GTC", "SELL 10 STP stop 95 GTC",
    ]  # fmt: skip
    assert [approved.request.links.is_staged for _, approved in desk.broker.placed] == [True, True, False]
    assert {desk.broker.orders[n].parent_id for n in (2, 3)} == {1}
    assert group.entry.key == "b"
    assert group.take_profit.request.links.role is Role.TAKE_PROFIT


async def test_a_fill_of_the_entry_sets_the_exits_to_work_and_one_ends_the_other(desk) -> None:
    handle = await bracket(desk)
    desk.broker.fill(1)
    await desk.settle()
    assert states(desk) == [S.FILLED, S.WORKING, S.WORKING]
    desk.broker.fill(2, price=110)
    group = await handle.done()
    assert states(desk) == [S.FILLED, S.FILLED, S.CANCELLED]
    assert sum(order.position for order in group.orders) == 0


async def test_the_cancel_of_the_entry_takes_the_exits_with_it(desk) -> None:
    handle = await bracket(desk)
    await handle.accepted()
    await handle.cancel()
    group = await handle.cancelled()
    assert group.ended
    assert desk.broker.cancels == [1]
    assert states(desk) == [S.CANCELLED] * 3
    with pytest.raises(OrderError, match="has ended"):
        await handle.cancel()


async def test_the_same_key_and_content_are_the_same_group(desk) -> None:
    handles = await asyncio.gather(*(bracket(desk) for _ in range(20)))
    assert {handle.key for handle in handles} == {"b"}
    desk.broker.drop()
    await bracket(desk)
    assert len(desk.broker.placed) == 3
    with pytest.raises(KeyConflict, match="'b/tp' already stands for"):
        await desk.orders.groups.bracket(AAPL, ENTRY, take_profit=111, stop_loss=95, key="b")
    with pytest.raises(KeyConflict, match="b, b/tp, b/sl, and not for b, b/tp"):
        await desk.orders.groups.bracket(AAPL, ENTRY, take_profit=110, key="b")
    with pytest.raises(KeyConflict, match="another group"):
        await desk.orders.submit(AAPL, ENTRY, key="b")


async def test_a_key_is_an_order_or_a_group(desk) -> None:
    await desk.orders.submit(AAPL, ENTRY, key="b")
    with pytest.raises(KeyConflict, match="'b' already stands for"):
        await bracket(desk)
    await desk.orders.groups.oca([(AAPL, buy(1)), (MSFT, buy(1))], key="o")
    with pytest.raises(KeyConflict, match="already stands for a group: o/1, o/2"):
        await desk.orders.submit(AAPL, ENTRY, key="o")


@pytest.mark.parametrize(
    ("entry", "exits", "says"),
    (
        (ENTRY, {}, "needs a take profit or a stop loss"),
        (ENTRY, {"take_profit": 99}, "take profit of BUY 10 LMT 100 DAY is on the wrong side: 99 is no gain over 100"),
        (ENTRY, {"stop_loss": 101}, "stop loss of .* is on the wrong side"),
        (buy(10), {"take_profit": 90, "stop_loss": 95}, "take profit of .* is on the wrong side"),
        (sell(10).limit(100), {"take_profit": 110}, "wrong side.*of a sale the other way"),
        (ENTRY, {"take_profit": buy(10).limit(110)}, "take profit BUY 10 .* does not leave.*Make it SELL 10"),
        (ENTRY, {"stop_loss": sell(5).stop(95)}, "stop loss SELL 5 .* does not leave"),
        (buy(cash=1000), {"take_profit": 110}, "amount of money takes no exits"),
        (ENTRY, {"take_profit": "110.005"}, "tick"),
    ),
)
async def test_what_is_no_bracket_leaves_nothing_behind(desk, entry, exits, says) -> None:
    with pytest.raises(InvalidOrder, match=says):
        await desk.orders.groups.bracket(AAPL, entry, **exits, key="b")
    assert (desk.orders.list(), await desk.journal.replay()) == ([], ())
    with pytest.raises(OrderNotFound, match="No group has the key 'b'"):
        desk.orders.groups.get("b")


async def test_every_order_of_it_passes_the_gate_before_any_is_recorded(desk) -> None:
    desk.gate.policy = RiskPolicy.of(RiskLimits(max_open_orders=2))
    with pytest.raises(OrderRefused):
        await bracket(desk)
    assert (await desk.journal.replay(), desk.broker.placed) == ((), [])


async def test_a_journal_that_fails_sends_none_of_it(desk) -> None:
    desk.journal.fail = StorageError("The disk is full.")
    with pytest.raises(StorageError):
        await bracket(desk)
    assert desk.broker.placed == []
    desk.journal.fail = None
    await (await bracket(desk)).accepted()


# what is left of a group that could not be sent whole


@pytest.mark.parametrize("after", (0, 1, 2))
@pytest.mark.parametrize("error", (NotConnected("The socket closed."), SessionLost("Reset.")))
async def test_a_group_that_breaks_off_is_taken_back(desk, after, error) -> None:
    """Nothing works, nothing is left with the gateway, and each fate is known."""
    calls = []

    async def place(*args, **kwargs):
        calls.append(args)
        if len(calls) == after + 1:
            desk.broker.fail_place = type(error)(error.message)
        try:
            await original(*args, **kwargs)
        finally:
            if len(calls) == after + 1:
                desk.broker.connected = False

    original, desk.broker.place = desk.broker.place, place
    if isinstance(error, NotConnected):
        with pytest.raises(OrderError, match="not sent whole"):
            await bracket(desk)
    else:
        await bracket(desk)
    del desk.broker.place
    await desk.settle()
    sent_whole = after == 2 and isinstance(error, SessionLost)
    await desk.broker.connect(ENDPOINT)
    await desk.orders.synchronise()
    await desk.settle()
    if sent_whole:
        assert states(desk) == [S.WORKING, S.ACCEPTED, S.ACCEPTED]
        return
    assert desk.broker.staged == {}
    assert desk.broker.orders == {}
    assert set(states(desk)) <= {S.CANCELLED, S.NOT_SENT}
    assert len(desk.broker.placed) <= 3


@pytest.mark.parametrize("sent", (0, 1, 2, 3))
async def test_a_kill_between_the_orders_of_a_group_leaves_nothing_half_working(open_desk, desk, sent) -> None:
    """I-17: the intents are on record, `sent` orders have left, and the process is gone."""
    placed = 0
    original = desk.broker.place
    stuck = asyncio.Event()

    async def place(*args, **kwargs):
        nonlocal placed
        if placed == sent:
            stuck.set()
            await asyncio.Event().wait()
        placed += 1
        await original(*args, **kwargs)
        if placed == sent == 3:
            stuck.set()
            await asyncio.Event().wait()

    desk.broker.place = place
    desk.broker.silent = True
    submitting = asyncio.ensure_future(bracket(desk))
    await stuck.wait()
    del desk.broker.place
    desk.broker.silent = False
    async with open_desk(clock=desk.clock, broker=desk.broker, journal=desk.journal) as next_:
        await next_.orders.synchronise()
        await next_.settle()
        await next_.clock.advance(1)
        if sent == 3:
            assert states(next_) == [S.WORKING, S.ACCEPTED, S.ACCEPTED]
        else:
            assert desk.broker.staged == {}
            assert set(states(next_)) <= {S.CANCELLED, S.NOT_SENT}
            assert desk.broker.orders == {}
        again = await next_.orders.groups.bracket(AAPL, ENTRY, take_profit=110, stop_loss=95, key="b")
        assert again.key == "b"
        assert len(desk.broker.placed) == sent
    submitting.cancel()


async def test_a_refused_exit_takes_the_group_back(desk) -> None:
    def refuse(broker: FakeBroker, order) -> None:
        broker.reject(order.order_id) if order.order_id == 3 else take(broker, order)

    desk.broker.on_place = refuse
    handle = await bracket(desk)
    with pytest.raises(OrderRejected, match="'b/sl'"):
        await handle.accepted()
    group = await handle.cancelled()
    assert [order.state for order in group.orders] == [S.CANCELLED, S.CANCELLED, S.REJECTED]
    assert not group.is_whole


async def test_a_refused_exit_of_an_entry_that_has_traded_leaves_the_other_to_protect_it(desk, caplog) -> None:
    handle = await bracket(desk)
    await handle.accepted()
    desk.broker.fill(1, 4)
    desk.broker.reject(2)
    await desk.settle()
    assert states(desk) == [S.WORKING, S.REJECTED, S.ACCEPTED]
    assert desk.broker.cancels == []
    assert "has traded and lacks b/tp" in caplog.text


# one cancels all, and exits for an order that is there


@pytest.mark.parametrize("kind", tuple(OcaType))
async def test_a_fill_ends_the_others_of_a_group(desk, kind) -> None:
    handle = await desk.orders.groups.oca(
        [(AAPL, buy(10).limit(99)), (MSFT, buy(5).limit(50)), (AAPL, sell(10).limit(120))], kind=kind, key="o"
    )
    group = await handle.accepted()
    assert {(o.request.links.oca_group, o.request.links.oca_type) for o in group.orders} == {("o", kind)}
    desk.broker.fill(2)
    await handle.done()
    assert states(desk, "o") == [S.CANCELLED, S.FILLED, S.CANCELLED]


async def test_a_group_of_one_is_none(desk) -> None:
    with pytest.raises(InvalidOrder, match="2 to 20 orders, and this one has 1"):
        await desk.orders.groups.oca([(AAPL, buy(1))])


async def test_a_part_of_a_group_that_was_not_sent_takes_the_rest_back(desk) -> None:
    calls = []
    original = desk.broker.place

    async def place(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise NotConnected("The pace broke off.")
        await original(*args, **kwargs)

    desk.broker.place = place
    with pytest.raises(OrderError, match="'o' was not sent whole, 1 of 2 orders were"):
        await desk.orders.groups.oca([(AAPL, buy(10).limit(99)), (MSFT, buy(5).limit(50))], key="o")
    await desk.settle()
    assert states(desk, "o") == [S.CANCELLED, S.NOT_SENT]


async def test_exits_are_attached_to_an_order_that_ib_holds(desk) -> None:
    handle = await desk.orders.submit(AAPL, ENTRY, key="p")
    await handle.accepted()
    exits = await desk.orders.groups.attach("p", take_profit=110, stop_loss=95)
    again = await desk.orders.groups.attach("p", take_profit=110, stop_loss=95)
    assert (exits.key, again.key, len(desk.broker.placed)) == ("p/exits", "p/exits", 3)
    desk.broker.fill(1)
    await desk.settle()
    assert states(desk, "p/exits") == [S.WORKING, S.WORKING]
    with pytest.raises(OrderError, match="'p' is filled, and only one that IB holds takes exits"):
        await desk.orders.groups.attach("p", take_profit=110, key="late")


async def test_a_member_is_modified_as_any_order(desk) -> None:
    handle = await bracket(desk)
    await handle.accepted()
    order = await (await desk.orders.modify("b/sl", stop_price=96)).modified()
    assert order.terms.stop_price == Decimal(96)
    assert order.request.links.parent == "b"


async def test_its_events_are_all_of_its_orders(desk) -> None:
    handle = await bracket(desk)
    await handle.accepted()
    desk.broker.fill(1)
    desk.broker.fill(3, price=95)
    told = [update.order.key async for update in handle.events()]
    assert set(told) == {"b", "b/tp", "b/sl"}
