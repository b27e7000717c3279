"""What the broker says, one report after another, and what it makes of an order (I-05, I-11, I-15, I-16, I-18)."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from random import Random

import pytest

from ironbridge.domain.events import DuplicateFound, OrderNoticed
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order import buy
from ironbridge.domain.reports import BrokerStatus, CommissionReport, ExecutionReport, Notice, StatusReport
from ironbridge.errors import OrderRejected, StorageError
from ironbridge.testing.fakes import ignore

AAPL = Stock("AAPL")
S, B = OrderState, BrokerStatus


@pytest.fixture
async def sent(desk):
    """A desk with one order that was sent and not yet answered."""
    desk.broker.on_place = ignore
    await desk.orders.submit(AAPL, buy(10), key="k")
    return desk


def status(state: BrokerStatus, filled: int = 0, perm_id: int = 1_000_001, order_id: int = 1, client_id: int = 1):
    return StatusReport(order_id, client_id, perm_id, state, Decimal(filled), Decimal(10 - filled), None, "")


async def say(desk, *reports) -> OrderState:
    for report in reports:
        desk.broker.tell(report)
    await desk.settle()
    return desk.order("k").state


@pytest.mark.parametrize(
    ("said", "state"),
    (
        (B.API_PENDING, S.ACCEPTED),
        (B.PENDING_SUBMIT, S.ACCEPTED),
        (B.PRE_SUBMITTED, S.ACCEPTED),
        (B.SUBMITTED, S.WORKING),
        (B.PENDING_CANCEL, S.CANCELLING),
        (B.API_CANCELLED, S.CANCELLED),
        (B.CANCELLED, S.CANCELLED),
        (B.FILLED, S.FILLED),
        (B.INACTIVE, S.INACTIVE),
        (B.UNRECOGNISED, S.SENT),
    ),
)
async def test_what_each_status_makes_of_a_new_order(sent, said, state) -> None:
    assert await say(sent, status(said)) is state


async def test_echoes_are_not_recorded(sent) -> None:
    await say(sent, status(B.SUBMITTED))
    recorded = len(await sent.journal.replay())
    await say(sent, *[status(B.SUBMITTED)] * 5, *[status(B.PRE_SUBMITTED)] * 3)
    assert len(await sent.journal.replay()) == recorded


async def test_why_an_order_is_held_is_its_reason(sent) -> None:
    await say(sent, replace(status(B.PRE_SUBMITTED), why_held="locate"))
    assert sent.order("k").reason == "IB holds it: locate"


@pytest.mark.parametrize("code", (399, 404, 2109, 10167, 10349, 104, 99999))
async def test_information_ends_nothing(sent, code) -> None:
    """I-05: 10349 marked live orders cancelled; fifteen were sent again and all filled."""
    await say(sent, status(B.SUBMITTED))
    assert await say(sent, Notice(1, code, "Warning: something")) is S.WORKING
    assert sent.order("k").notices == ((code, "Warning: something"),)
    assert any(isinstance(update.event, OrderNoticed) for update in sent.updates)


@pytest.mark.parametrize("code", (399, 2109, 10349, 99999))
async def test_information_ends_a_new_order_neither(sent, code) -> None:
    assert await say(sent, Notice(1, code, "hm")) is S.SENT


@pytest.mark.parametrize("code", (200, 201, 203, 110, 321, 387, 434, 460))
async def test_a_refusal_ends_a_new_order_with_its_code_and_words(sent, code) -> None:
    """I-18: an order error came as silence, and the caller hung."""
    assert await say(sent, Notice(1, code, "No, because")) is S.REJECTED
    with pytest.raises(OrderRejected, match="No, because") as refused:
        await sent.orders.handle("k").accepted()
    assert (refused.value.code, refused.value.text) == (code, "No, because")
    assert refused.value.next_step


@pytest.mark.parametrize("code", (110, 321, 200, 103))
async def test_a_refusal_of_something_else_does_not_end_a_live_order(sent, code) -> None:
    assert await say(sent, status(B.SUBMITTED), Notice(1, code, "That price is wrong")) is S.WORKING


@pytest.mark.parametrize("order", tuple(permutations(("inactive", "refusal", "echo"))))
async def test_inactive_and_a_refusal_are_a_rejection_in_any_order(sent, order) -> None:
    said = {"inactive": status(B.INACTIVE), "refusal": Notice(1, 201, "margin"), "echo": status(B.PENDING_SUBMIT)}
    assert await say(sent, *(said[name] for name in order)) is S.REJECTED
    assert (sent.order("k").code, sent.order("k").reason) == (201, "margin")


async def test_inactive_alone_may_work_again(sent) -> None:
    assert await say(sent, status(B.INACTIVE)) is S.INACTIVE
    assert await say(sent, status(B.SUBMITTED)) is S.WORKING


@pytest.mark.parametrize("first", ("status", "error"))
async def test_a_cancel_has_its_reason_whichever_comes_first(sent, first) -> None:
    said = [status(B.CANCELLED), Notice(1, 202, "Order Canceled - reason:by user")]
    assert await say(sent, *(said if first == "status" else reversed(said))) is S.CANCELLED
    assert (sent.order("k").code, sent.order("k").reason) == (202, "Order Canceled - reason:by user")


async def test_a_duplicate_id_is_a_doubt_until_ib_has_been_asked(sent) -> None:
    """I-12: 103 may mean that our own order is there already."""
    assert await say(sent, Notice(1, 103, "Duplicate order id")) is S.UNKNOWN
    await sent.orders.synchronise()
    assert sent.order("k").state is S.ACCEPTED
    sent.broker.lose = True
    await sent.orders.submit(AAPL, buy(1), key="lost")
    sent.broker.notice(2, 103, "Duplicate order id")
    await sent.settle()
    await sent.orders.synchronise()
    assert (sent.order("lost").state, sent.order("lost").code) == (S.REJECTED, 103)


async def test_an_error_about_another_order_is_not_ours(sent) -> None:
    assert await say(sent, Notice(77, 201, "margin"), Notice(None, 201, "margin")) is S.SENT


async def test_a_status_of_another_client_is_not_ours(sent) -> None:
    assert await say(sent, status(B.CANCELLED, client_id=9)) is S.SENT


# fills


async def test_fills_are_counted_once_however_often_they_are_told(sent) -> None:
    """I-15: the same fill counted twice after reconnect."""
    sent.broker.repeat = 3
    sent.broker.fill(1, 4)
    sent.broker.fill(1, 3)
    await sent.settle()
    assert [fill.quantity for fill in sent.order("k").fills] == [4, 3]
    assert sent.order("k").commission == {"USD": 2}


async def test_a_correction_replaces_its_fill(sent) -> None:
    """I-15: .01 becomes .02."""
    execution = sent.broker.fill(1, 4, "100")
    corrected = sent.broker.correct(execution, 3, "101")
    sent.broker.tell(execution)
    await sent.settle()
    order = sent.order("k")
    assert [(fill.execution_id, fill.quantity, fill.price) for fill in order.fills] == [
        (corrected.execution_id, Decimal(3), Decimal(101))
    ]
    assert order.position == 3
    sent.broker.tell(CommissionReport(corrected.execution_id, Decimal("0.75"), "USD", None))
    await sent.settle()
    assert sent.order("k").commission == {"USD": Decimal("0.75")}


async def test_a_commission_may_come_before_its_fill(sent) -> None:
    sent.broker.withhold()
    execution = sent.broker.fill(1, 10)
    held = sent.broker._held
    sent.broker._held = sorted(held, key=lambda report: not isinstance(report, CommissionReport))
    sent.broker.release()
    await sent.settle()
    order = sent.order("k")
    assert order.settled
    assert [part.execution_id for part in order.commissions] == [execution.execution_id]


async def test_a_fill_overtakes_its_own_cancel(sent) -> None:
    """I-16."""
    await say(sent, status(B.SUBMITTED), status(B.CANCELLED))
    sent.broker.fill(1, 10)
    await sent.settle()
    assert sent.order("k").state is S.FILLED
    assert sent.order("k").filled == 10


async def test_a_part_fill_after_the_cancel_counts_and_leaves_it_cancelled(sent) -> None:
    await say(sent, status(B.SUBMITTED), status(B.CANCELLED))
    sent.broker.orders[1].status = B.CANCELLED
    sent.broker.tell(sent.broker._execution(sent.broker.orders[1], "x.01", Decimal(3), Decimal(100)))
    await sent.settle()
    assert (sent.order("k").state, sent.order("k").filled) == (S.CANCELLED, 3)


async def test_filled_may_be_said_before_the_fills_come(sent) -> None:
    await say(sent, status(B.FILLED, filled=10))
    order = sent.order("k")
    assert (order.state, order.filled, order.settled) == (S.FILLED, 0, False)
    sent.broker.fill(1, 10)
    await sent.settle()
    assert sent.order("k").settled


@pytest.mark.parametrize("seed", range(30))
async def test_any_order_of_a_whole_life_comes_to_the_same(desk, seed) -> None:
    desk.broker.on_place = ignore
    await desk.orders.submit(AAPL, buy(10), key="k")
    desk.broker.repeat = 2
    desk.broker.withhold()
    desk.broker.hold(1)
    desk.broker.work(1)
    desk.broker.fill(1, 3, 99)
    desk.broker.fill(1, 7, 101)
    desk.broker.release(Random(seed))
    await desk.settle()
    order = desk.order("k")
    assert (order.state, order.filled, order.average_price) == (S.FILLED, 10, Decimal("100.4"))
    assert order.settled


# strangers


async def test_an_order_of_somebody_else_is_shown_and_not_managed(desk) -> None:
    await desk.orders.submit(AAPL, buy(1), key="mine")
    desk.broker.on_place = ignore
    mine = desk.broker.orders[1]
    stranger = replace(mine, order_id=-5, client_id=0, perm_id=77, status=B.SUBMITTED)
    stranger.request = replace(mine.request, key="by-hand")
    desk.broker.orders[-5] = stranger
    desk.broker.work(-5)
    await desk.settle()
    (foreign,) = desk.orders.foreign()
    assert (foreign.client_id, foreign.order_id, foreign.perm_id, foreign.status) == (0, -5, 77, B.SUBMITTED)
    assert "not from here" in str(foreign)
    assert [order.key for order in desk.orders.list()] == ["mine"]
    desk.broker.tell(replace(status(B.PRE_SUBMITTED, filled=1), order_id=-5, client_id=0, perm_id=77))
    await desk.settle()
    assert (desk.orders.foreign()[0].status, desk.orders.foreign()[0].filled) == (B.PRE_SUBMITTED, 1)
    desk.broker.end(-5)
    await desk.settle()
    assert desk.orders.foreign() == []


async def test_an_id_of_ours_under_a_ref_that_is_not_is_somebody_elses(sent) -> None:
    """I-02: the ids went back, and another program's order carries one of ours."""
    order = sent.broker.orders[1]
    sent.broker.tell(replace(sent.broker._execution(order, "y.01", Decimal(10), Decimal(1)), ref="theirs"))
    sent.broker.orders[1] = replace(order, request=replace(order.request, key="theirs"))
    sent.broker.hold(1)
    await sent.settle()
    assert sent.order("k").fills == ()
    assert [foreign.ref for foreign in sent.orders.foreign()] == ["theirs"]


async def test_an_execution_without_a_ref_must_be_of_the_same_thing(sent) -> None:
    """I-02: an order from before, under an id that came back, of a program that gave no refs."""
    execution = replace(sent.broker._execution(sent.broker.orders[1], "v.01", Decimal(4), Decimal(1)), ref="")
    await say(sent, replace(execution, execution_id="w.01", instrument=replace(execution.instrument, con_id=1)))
    assert sent.order("k").fills == ()
    await say(sent, execution)
    assert sent.order("k").filled == 4


async def test_fills_that_are_said_and_do_not_come_are_asked_for(sent) -> None:
    await say(sent, status(B.FILLED, filled=10))
    sent.broker.silent = True
    sent.broker.fill(1, 10)
    sent.broker.silent = False
    await sent.clock.advance(11)
    assert sent.order("k").filled == 10


async def test_an_order_that_is_inactive_without_a_word_is_asked_after(sent) -> None:
    await say(sent, status(B.INACTIVE))
    sent.broker.orders[1].status = B.INACTIVE
    await sent.clock.advance(11)
    assert (sent.order("k").state, sent.order("k").reason) == (S.REJECTED, "Inactive")


async def test_a_second_order_under_one_key_is_found_and_shown(sent) -> None:
    """I-03: two permanent ids under one order."""
    await say(sent, status(B.SUBMITTED), status(B.SUBMITTED, perm_id=2_000_002), status(B.CANCELLED, perm_id=2_000_002))
    order = sent.order("k")
    assert (order.state, order.perm_id, order.duplicates) == (S.WORKING, 1_000_001, (2_000_002,))
    found = [update.event for update in sent.updates if isinstance(update.event, DuplicateFound)]
    assert found == [DuplicateFound("k", 2_000_002, 1)]


async def test_a_fill_of_the_second_order_counts_and_is_shown_as_such(sent) -> None:
    await say(sent, status(B.SUBMITTED))
    other = replace(sent.broker.orders[1], perm_id=2_000_002)
    await say(sent, sent.broker._execution(other, "z.01", Decimal(10), Decimal(100)))
    order = sent.order("k")
    assert (order.filled, order.duplicates) == (10, (2_000_002,))


async def test_the_same_ref_under_another_id_is_a_second_order(sent) -> None:
    twin = replace(sent.broker.orders[1], order_id=99, perm_id=3_000_003)
    sent.broker.orders[99] = twin
    sent.broker.work(99)
    await sent.settle()
    assert sent.order("k").duplicates == (3_000_003,)
    assert sent.order("k").state is S.SENT


async def test_an_execution_of_an_earlier_life_of_the_key_is_no_second_order(sent) -> None:
    old: ExecutionReport = sent.broker._execution(sent.broker.orders[1], "old.01", Decimal(10), Decimal(1))
    await say(sent, replace(old, order_id=40, perm_id=5, time=sent.order("k").created_at.replace(year=2025)))
    assert sent.order("k").duplicates == ()
    assert sent.order("k").fills == ()


# a journal that cannot be written


async def test_news_waits_for_the_journal_and_nothing_is_lost(sent) -> None:
    sent.journal.fail = StorageError("The disk is full.")
    sent.broker.work(1)
    sent.broker.fill(1, 4)
    await sent.settle()
    assert sent.order("k").state is S.SENT
    with pytest.raises(StorageError, match="disk is full"):
        await sent.orders.submit(AAPL, buy(1), key="more")
    await sent.orders.cancel("k")
    assert sent.broker.cancels == [1]
    sent.broker.fill(1, 6)
    sent.journal.fail = None
    await sent.clock.advance(1)
    order = sent.order("k")
    assert (order.state, order.filled) == (S.FILLED, 10)
    await (await sent.orders.submit(AAPL, buy(1), key="more2")).cancel()


async def test_one_report_that_cannot_be_taken_costs_itself_alone(sent, caplog) -> None:
    sent.broker.tell(replace(status(B.SUBMITTED), filled="many"))
    assert await say(sent, status(B.SUBMITTED)) is S.WORKING
    assert "could not be taken" in caplog.text
