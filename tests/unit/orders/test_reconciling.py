"""Reconciliation as somebody sees it: what was asked, what that repaired, what is in doubt, what is not ours."""

import asyncio

import pytest

from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order import buy
from ironbridge.domain.session import SessionState
from ironbridge.errors import NotConnected, RequestTimeout
from ironbridge.orders import OrderOptions

AAPL = Stock("AAPL")


async def test_a_report_names_what_was_asked_and_what_it_repaired(desk) -> None:
    assert desk.orders.reconciling.last is None
    await desk.orders.submit(AAPL, buy(10), key="k")
    desk.broker.silent = True
    desk.broker.fill(1)
    desk.broker.silent = False
    await desk.orders.synchronise()
    report = desk.orders.reconciling.last
    assert (report.why, report.client_id, report.judged, report.executions) == ("a new session", 1, 1, 1)
    assert report.repairs[0].key == "k"
    assert "a fill of 10 at" in report.repairs[0].text
    assert report.is_settled
    assert (await desk.orders.reconciling.now()).repairs == (), "it tells once"


async def test_an_order_without_a_fate_is_in_doubt_with_its_reason(desk) -> None:
    desk.broker.lose = True
    await desk.orders.submit(AAPL, buy(10), key="k")
    await desk.orders.synchronise()
    report = desk.orders.reconciling.last
    assert not report.is_settled
    (order,) = report.doubtful
    assert (order.key, order.state) == ("k", OrderState.UNKNOWN)
    assert "neither open nor completed nor executed" in order.reason


async def test_a_question_without_its_answer_leaves_the_report_before(desk) -> None:
    await desk.orders.synchronise()
    before = desk.orders.reconciling.last
    desk.broker.fail_ask = RequestTimeout("IB did not answer in full.")
    with pytest.raises(RequestTimeout):
        await desk.orders.reconciling.now()
    assert desk.orders.reconciling.last is before
    assert desk.orders.reconciling.failure is not None
    desk.broker.fail_ask = None
    await desk.orders.reconciling.now()
    assert desk.orders.reconciling.failure is None


async def test_nothing_is_asked_without_a_session(desk) -> None:
    desk.session.state = SessionState.SYNCING
    with pytest.raises(NotConnected):
        await desk.orders.reconciling.now()


async def test_the_interval_changes_while_it_waits(open_desk) -> None:
    async with open_desk(options=OrderOptions(reconcile_seconds=300)) as desk:
        await desk.settle()
        assert desk.orders.reconciling.next_at is not None
        desk.orders.reconciling.configure(20)
        await desk.settle()
        await desk.clock.advance(21)
        await asyncio.sleep(0)
        await desk.settle()
        assert desk.orders.reconciling.last is not None
        assert desk.orders.reconciling.last.why == "the timer"
