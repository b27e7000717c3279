"""Modifying: checked and approved as a whole, recorded before it is sent, answered by terms, never sent twice."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ironbridge.domain.algos import Adaptive
from ironbridge.domain.events import ModifyMoved, ModifyRequested, OrderIntended, Recorded
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.modification import ModifyState, ModifyTrigger
from ironbridge.domain.order import OrderRequest, buy, sell
from ironbridge.domain.reports import BrokerStatus
from ironbridge.domain.risk import RiskLimits, RiskPolicy
from ironbridge.domain.session import Endpoint
from ironbridge.errors import (
    InvalidOrder,
    KeyConflict,
    ModifyRefused,
    NotConnected,
    OrderError,
    OrderNotFound,
    OrderRefused,
    OrderUnknown,
    RequestTimeout,
    SessionLost,
    StorageError,
    UpstreamLost,
)
from ironbridge.orders.book import Book
from ironbridge.orders.terms import read_terms
from ironbridge.testing.fake_orders import FakeOrder, open_report
from ironbridge.testing.fakes import FakeBroker, ignore

AAPL = Stock("AAPL")
AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
S, M = OrderState, ModifyState
ASKED = buy(10).limit("227.35")
WANTED = buy(20).limit("227.40")


@pytest.fixture
async def handle(desk):
    handle = await desk.orders.submit(AAPL, ASKED, key="k")
    await handle.accepted()
    return handle


async def test_a_change_is_recorded_before_it_is_sent_and_in_force_when_ib_shows_it(desk, handle) -> None:
    seen = []

    def look(broker: FakeBroker, order) -> None:
        seen.append(desk.order("k").modifications)
        broker.change(order.order_id)

    desk.broker.on_modify = look
    changed = await handle.modify(WANTED)
    order = await changed.modified()
    assert [change.state for change in seen[0]] == [M.REQUESTED]
    assert (order.state, order.terms, order.quantity, order.request.spec) == (S.WORKING, WANTED, 20, ASKED)
    assert [(change.number, change.before, change.state) for change in order.modifications] == [(1, ASKED, M.ACCEPTED)]
    assert [(order_id, approved.request.spec) for order_id, approved in desk.broker.modified] == [(1, WANTED)]
    assert desk.broker.orders[1].request.spec == order.terms


async def test_single_fields_are_changed_from_the_terms_in_force(desk, handle) -> None:
    await (await handle.modify(limit_price="227.40")).modified()
    order = await (await handle.modify(quantity=12)).modified()
    assert order.terms == buy(12).limit("227.40")
    assert [change.number for change in order.modifications] == [1, 2]
    assert str(order) == "BUY 12 AAPL LMT 227.4 DAY: working [k]"


async def test_what_the_order_has_already_is_not_sent(desk, handle) -> None:
    order = await (await handle.modify(limit_price=Decimal("227.350"))).modified()
    assert (order.terms, order.modifications, desk.broker.modified) == (ASKED, (), [])


@pytest.mark.parametrize(
    ("spec", "changes", "says"),
    (
        (sell(10).limit("227.35"), {}, "side of an order cannot be changed.*Cancel it"),
        (None, {"side": "SELL"}, "side of an order cannot be changed"),
        (None, {"colour": 1}, "no 'colour' that could be changed. Name some of .*limit_price"),
        (None, {}, "No change was given"),
        (WANTED, {"quantity": 1}, "given twice"),
        (None, {"limit_price": "227.351"}, "tick of AAPL"),
        (None, {"limit_price": "much"}, "limit price must be a number"),
        (None, {"limit_price": None}, "needs a limit price"),
        (None, {"time_in_force": "ALWAYS"}, "'ALWAYS' is no time in force. Give one of DAY"),
        (None, {"algorithm": Adaptive()}, "algorithm of an order cannot be changed"),
        (None, {"quantity": 0}, "quantity 0 is not positive"),
        (None, {"quantity": "10.5"}, "no multiple of 1"),
    ),
)
async def test_what_cannot_be_changed_leaves_nothing_behind(desk, handle, spec, changes, says) -> None:
    recorded = len(await desk.journal.replay())
    with pytest.raises(ValueError, match=says):
        await handle.modify(spec, **changes)
    assert (desk.broker.modified, len(await desk.journal.replay())) == ([], recorded)


async def test_the_new_whole_order_passes_the_gate(desk, handle) -> None:
    desk.gate.policy = RiskPolicy.of(RiskLimits(max_quantity=Decimal(15)))
    with pytest.raises(OrderRefused, match="above the limit of 15"):
        await handle.modify(quantity=20)
    assert (desk.order("k").modifications, desk.broker.modified) == ((), [])
    await (await handle.modify(quantity=15)).modified()


async def test_while_upstream_is_lost_nothing_is_sent(desk, handle) -> None:
    """I-03: sent now, it could become a second order."""
    desk.session.upstream = False
    with pytest.raises(UpstreamLost):
        await handle.modify(quantity=20)
    assert (desk.order("k").modifications, desk.broker.modified) == ((), [])


async def test_upstream_lost_while_the_change_waits_for_its_turn_keeps_it_back(desk, handle) -> None:
    """I-03: between the check and the bytes lies the wait for the pace."""
    modify = desk.broker.modify

    async def wait_and_modify(*args, **kwargs) -> None:
        desk.session.upstream = False
        await modify(*args, **kwargs)

    desk.broker.modify = wait_and_modify
    with pytest.raises(UpstreamLost):
        await handle.modify(quantity=20)
    (change,) = desk.order("k").modifications
    assert (change.state, desk.broker.modified) == (M.NOT_SENT, [])
    with pytest.raises(OrderError, match="was never sent: The gateway has lost"):
        await handle.modified()


async def test_an_order_that_ends_while_the_change_waits_for_its_turn_keeps_it_back(desk, handle) -> None:
    modify = desk.broker.modify

    async def wait_and_modify(*args, **kwargs) -> None:
        desk.broker.end(1)
        await desk.settle()
        await modify(*args, **kwargs)

    desk.broker.modify = wait_and_modify
    with pytest.raises(OrderError, match="is cancelled by now"):
        await handle.modify(quantity=20)
    assert desk.broker.modified == []
    assert desk.order("k").modifications[0].state is M.OVERTAKEN


@pytest.mark.parametrize("code", (104, 105, 106, 110, 201, 321, 103))
async def test_ibs_no_leaves_the_order_as_it_was(desk, handle, code) -> None:
    desk.broker.on_modify = lambda broker, order: broker.keep(order.order_id, code, "No.")
    changed = await handle.modify(quantity=20)
    with pytest.raises(ModifyRefused, match=r"Change 1 of the order 'k' to BUY 20.*did not take: No\.") as refused:
        await changed.modified()
    assert refused.value.code == code
    order = desk.order("k")
    assert (order.state, order.terms, order.modifications[0].state) == (S.WORKING, ASKED, M.REFUSED)
    desk.broker.on_modify = lambda broker, order: broker.change(order.order_id)
    assert (await (await handle.modify(quantity=5)).modified()).quantity == 5


async def test_a_201_that_ended_the_order_is_found_out(desk, handle) -> None:
    desk.broker.on_modify = lambda broker, order: broker.reject(order.order_id)
    await handle.modify(quantity=20)
    await desk.settle()
    await desk.clock.advance(1)
    order = desk.order("k")
    assert (order.state, order.modifications[0].state) == (S.REJECTED, M.REFUSED)


async def test_no_answer_is_unknown_and_the_terms_that_ib_holds_decide(desk, handle) -> None:
    desk.broker.on_modify = ignore
    changed = await handle.modify(quantity=20)
    waiting = asyncio.ensure_future(changed.modified(timeout=5))
    await desk.clock.advance(6)
    with pytest.raises(RequestTimeout, match="has not answered about change 1"):
        await waiting
    desk.broker.silent = True
    desk.broker.change(1)
    desk.broker.silent = False
    desk.broker.fail_ask = NotConnected("Not now.")
    await desk.clock.advance(5)
    with pytest.raises(OrderUnknown, match="took is not known: IB has not answered within 10 s"):
        await changed.modified()
    assert desk.order("k").state is S.WORKING
    with pytest.raises(OrderError, match="Change 1 of the order 'k' is unknown: BUY 20"):
        await handle.modify(quantity=30)
    await desk.orders.synchronise()
    assert (await changed.modified()).terms == buy(20).limit("227.35")
    assert len(desk.broker.modified) == 1, "nothing is sent again"


async def test_a_change_that_the_server_dropped_did_not_take(desk, handle) -> None:
    """I-11."""
    desk.broker.lose = True
    changed = await handle.modify(quantity=20)
    await desk.clock.advance(15)
    with pytest.raises(ModifyRefused, match="holds the order as it was"):
        await changed.modified()
    assert desk.order("k").terms == ASKED


async def test_a_change_that_took_after_all_counts(desk, handle) -> None:
    desk.broker.on_modify = ignore
    changed = await handle.modify(quantity=20)
    await desk.clock.advance(15)
    assert desk.order("k").modifications[0].state is M.REFUSED
    desk.broker.change(1)
    await desk.settle()
    assert (await changed.modified()).quantity == 20


async def test_a_cut_leaves_it_unknown_until_the_next_session_has_asked(desk, handle) -> None:
    desk.broker.on_modify = ignore
    changed = await handle.modify(quantity=20)
    desk.broker.drop()
    await desk.settle()
    assert desk.order("k").modifications[0].state is M.UNKNOWN
    await desk.broker.connect(Endpoint("h", 1, 1))
    await desk.orders.synchronise()
    with pytest.raises(ModifyRefused, match="holds the order as it was"):
        await changed.modified()
    assert len(desk.broker.modified) == 1


@pytest.mark.parametrize("took", (True, False))
async def test_a_failure_as_the_bytes_go_is_settled_by_asking(desk, handle, took) -> None:
    desk.broker.fail_modify = SessionLost("The connection was reset.")
    desk.broker.silent = True
    if not took:
        desk.broker.on_modify = ignore
    await handle.modify(quantity=20)
    desk.broker.silent = False
    change = desk.order("k").modifications[0]
    assert (change.state, change.reason) == (M.UNKNOWN, "The connection was reset.")
    await desk.orders.synchronise()
    assert desk.order("k").modifications[0].state is (M.ACCEPTED if took else M.REFUSED)
    assert desk.order("k").quantity == (20 if took else 10)


async def test_a_session_that_ends_before_the_bytes_leaves_nothing_changed(desk, handle) -> None:
    desk.broker.fail_modify = NotConnected("The socket closed.")
    with pytest.raises(NotConnected):
        await handle.modify(quantity=20)
    assert desk.order("k").modifications[0].state is M.NOT_SENT
    await (await handle.modify(quantity=20)).modified()


async def test_a_second_order_made_of_a_change_is_found_and_nothing_more_is_changed(desk, handle) -> None:
    """I-03: two permanent ids under one key."""
    desk.broker.split = True
    await handle.modify(quantity=20)
    await desk.clock.advance(15)
    order = desk.order("k")
    assert order.duplicates == (desk.broker.twins[0].perm_id,)
    assert (order.modifications[0].state, order.terms) == (M.REFUSED, ASKED)
    with pytest.raises(OrderError, match="holds more than one order under the key"):
        await handle.modify(quantity=30)


async def test_one_change_at_a_time(desk, handle) -> None:
    desk.broker.on_modify = ignore
    results = await asyncio.gather(
        *(handle.modify(quantity=quantity) for quantity in (20, 30, 40)), return_exceptions=True
    )
    assert [isinstance(result, OrderError) for result in results] == [False, True, True]
    assert len(desk.broker.modified) == len(desk.order("k").modifications) == 1


async def test_a_token_changes_once(desk, handle) -> None:
    first, second = await asyncio.gather(handle.modify(quantity=20, token="t"), handle.modify(quantity=20, token="t"))
    assert (first.modification, second.modification) == (1, 1)
    await first.modified()
    await (await handle.modify(quantity=30)).modified()
    again = await handle.modify(quantity=20, token="t")
    assert (await again.modified()).quantity == 30
    assert len(desk.broker.modified) == 2
    with pytest.raises(KeyConflict, match="'t' already stands for another change"):
        await handle.modify(quantity=21, token="t")


@pytest.mark.parametrize("state", ("ended", "cancelling", "unknown", "foreign"))
async def test_orders_that_cannot_be_modified(desk, handle, state) -> None:
    desk.broker.on_cancel = ignore
    if state == "ended":
        desk.broker.fill(1)
        await handle.done()
    elif state == "cancelling":
        await handle.cancel()
    elif state == "unknown":
        desk.broker.lose = True
        handle = await desk.orders.submit(AAPL, ASKED, key="lost")
        await desk.clock.advance(15)
    else:
        desk.session.client_id = 9
    says = {
        "ended": "already filled", "cancelling": "is cancelling, and only",
        "unknown": "is unknown, and only", "foreign": "belongs to client id 1",
    }[state]  # fmt: skip
    with pytest.raises(OrderError, match=says):
        await handle.modify(quantity=20)
    assert desk.broker.modified == []
    with pytest.raises(OrderNotFound):
        await desk.orders.modify("nope", quantity=1)


def test_a_trailing_stop_moves_and_its_terms_do_not() -> None:
    request = OrderRequest("t", AAPL, sell(10).trail(2), "DU1")
    book = Book()
    book.take(Recorded(1, AT, OrderIntended("t", request, 1, 1)))
    held = FakeOrder(replace(request, spec=sell(10).trail(2, start="226.10")), 1, 1, 7, BrokerStatus.SUBMITTED)
    assert read_terms(book.require("t"), open_report(held), fresh=True) == ()
    book.take(Recorded(2, AT, ModifyRequested("t", 1, sell(10).trail(3))))
    assert read_terms(book.require("t"), open_report(held), fresh=False) == ()
    held.request = replace(request, spec=sell(10).trail(3, start="225.10"))
    (event,) = read_terms(book.require("t"), open_report(held), fresh=False)
    assert event == ModifyMoved("t", 1, ModifyTrigger.ACCEPTED)


# fills and changes at the same time


async def test_a_fill_overtakes_a_change(desk, handle) -> None:
    """I-16."""
    desk.broker.on_modify = ignore
    changed = await handle.modify(limit_price="227.30")
    desk.broker.fill(1)
    order = await handle.done()
    assert (order.state, order.terms) == (S.FILLED, ASKED)
    with pytest.raises(ModifyRefused, match="The order was filled first"):
        await changed.modified()
    desk.broker.notice(1, 104, "Can't modify a filled order.")
    await desk.settle()
    assert desk.order("k").state is S.FILLED


async def test_fills_of_a_larger_order_come_before_the_word_of_the_change(desk, handle) -> None:
    desk.broker.withhold()
    changed = await handle.modify(quantity=20)
    desk.broker.fill(1, 12)
    told = desk.broker._held
    desk.broker._held = [told[2], *told[:2], *told[3:]]  # the execution first
    desk.broker.release()
    order = await changed.modified()
    assert (order.state, order.quantity, order.filled, order.remaining) == (S.WORKING, 20, 12, 8)


async def test_a_smaller_order_is_complete_at_once(desk, handle) -> None:
    desk.broker.fill(1, 6)
    with pytest.raises(InvalidOrder, match="6 of the order 'k' are filled; the quantity 6 is not above"):
        await handle.modify(quantity=6)
    desk.broker.on_modify = ignore
    changed = await handle.modify(quantity=7)
    desk.broker.fill(1, 1)
    desk.broker.change(1)
    order = await changed.modified()
    assert (order.state, order.quantity, order.filled, order.remaining) == (S.FILLED, 7, 7, 0)


# changed elsewhere


async def test_terms_that_somebody_else_changed_are_shown(desk, handle) -> None:
    desk.broker.amend(1, buy(8).limit("227.10"))
    await desk.settle()
    order = desk.order("k")
    assert (order.terms, order.modifications) == (buy(8).limit("227.10"), ())
    same = await desk.orders.submit(AAPL, ASKED, key="k")
    assert same.key == "k", "the key stands for what was asked for"


async def test_late_echoes_of_terms_that_were_move_nothing_but_asking_does(desk, handle) -> None:
    """I-16: messages come twice and late."""
    desk.broker.withhold()
    desk.broker.work(1)
    early, desk.broker._held = desk.broker._held, None
    await (await handle.modify(quantity=20)).modified()
    for report in early:
        desk.broker.tell(report)
    await desk.settle()
    assert desk.order("k").quantity == 20
    desk.broker.silent = True
    desk.broker.amend(1, ASKED)
    desk.broker.silent = False
    await desk.orders.synchronise()
    assert desk.order("k").terms == ASKED


# kills and the journal


@pytest.mark.parametrize("sent", (True, False))
async def test_a_kill_between_the_intent_and_the_answer(open_desk, desk, handle, sent) -> None:
    """I-17, of a modification."""
    if sent:
        desk.broker.silent = True
        await handle.modify(quantity=20)
        desk.broker.silent = False
    else:
        await desk.journal.append((ModifyRequested("k", 1, buy(20).limit("227.35")),))
    async with open_desk(clock=desk.clock, broker=desk.broker, journal=desk.journal) as next_:
        assert next_.order("k").modifications[0].state is M.UNKNOWN
        await next_.orders.synchronise()
        order = next_.order("k")
        assert order.modifications[0].state is (M.ACCEPTED if sent else M.REFUSED)
        assert order.quantity == (20 if sent else 10) == desk.broker.orders[1].request.spec.quantity
    assert len(desk.broker.modified) == (1 if sent else 0)


async def test_a_journal_that_fails_sends_nothing_and_says_so_later(desk, handle) -> None:
    desk.journal.fail = StorageError("The disk is full.")
    with pytest.raises(StorageError):
        await handle.modify(quantity=20)
    desk.journal.fail = None
    await desk.clock.advance(2)
    assert desk.broker.modified == []
    change = desk.order("k").modifications[0]
    assert (change.state, change.reason) == (
        M.NOT_SENT, "It could not be recorded in time: The disk is full.",
    )  # fmt: skip


async def test_its_story_is_kept(desk, handle) -> None:
    await (await handle.modify(WANTED, token="t")).modified()
    told = [type(each.event) for each in await desk.orders.story("k")]
    assert told.index(ModifyRequested) < told.index(ModifyMoved)


async def test_an_order_without_an_answer_yet_cannot_be_modified(desk) -> None:
    desk.broker.lose = True
    lost = await desk.orders.submit(AAPL, ASKED, key="lost")
    with pytest.raises(OrderError, match="is sent, and only one that IB is known to hold"):
        await lost.modify(quantity=1)
    assert desk.broker.modified == []


async def test_a_switch_that_another_process_engaged_keeps_a_change_from_going_out(desk) -> None:
    """RSK-4: this process has not heard of it; the database has."""
    handle = await desk.orders.submit(AAPL, buy(10).limit("100"), key="k")
    await handle.accepted()
    desk.journal.engaged = True
    with pytest.raises(OrderRefused, match="kill switch"):
        await handle.modify(limit_price="101")
    assert desk.broker.modified == []
    (change,) = desk.order("k").modifications
    assert change.state is ModifyState.NOT_SENT
    desk.journal.engaged = False
    await handle.modify(limit_price="101")
    assert len(desk.broker.modified) == 1
