"""Faults: each makes happen what it names, and nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from ib_async import IB, LimitOrder, MarketOrder, Stock

from ironbridge.errors import InvalidInput
from ironbridge.paper import FaultPlan
from ironbridge.paper.faults import (
    After,
    At,
    BreakFarm,
    CorrectExecution,
    Delay,
    Drop,
    Duplicate,
    Hang,
    Ignore,
    LoseUpstream,
    MendFarm,
    NextOrderId,
    NotLoggedIn,
    OnMessage,
    Refuse,
    RejectOrder,
    Reorder,
    RepeatExecutions,
    RestoreUpstream,
    Resume,
    SendBytes,
    SendError,
    Sentinels,
    Silence,
    SilentOrder,
    SplitModify,
    Swallow,
)

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


async def answered(desk):
    """Everything that was under way to the client has arrived."""
    await desk.ib.reqCurrentTimeAsync()


async def attempt(paper, client=8, timeout=0.5):  # noqa: ASYNC109  ib_async's own
    ib = IB()
    try:
        await ib.connectAsync("127.0.0.1", paper.port, clientId=client, timeout=timeout)
    finally:
        ib.disconnect()


async def test_an_end_is_swallowed(desk):
    desk.paper.faults.inject(Swallow("OpenOrderEnd"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(desk.ib.reqOpenOrdersAsync(), 0.2)
    # The count of one is used up.
    assert await asyncio.wait_for(desk.ib.reqAllOpenOrdersAsync(), 5) == []


async def test_an_order_is_lost_on_the_way(desk):
    desk.paper.faults.inject(Ignore("PlaceOrder"))
    trade = desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1))
    await answered(desk)
    assert trade.orderStatus.status == "PendingSubmit"
    assert desk.paper.venue.completed() == []


async def test_an_order_lives_in_silence(desk):
    desk.paper.faults.inject(SilentOrder())
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100))
    await answered(desk)
    assert trade.orderStatus.status == "PendingSubmit"
    assert len(desk.paper.venue.orders()) == 1
    assert [each.orderStatus.status for each in await desk.ib.reqOpenOrdersAsync()] == ["Submitted"]


async def test_an_order_is_rejected_by_plan(desk):
    desk.paper.faults.inject(RejectOrder(460, "No trading permissions."))
    trade = desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1))
    assert await desk.error(460, trade.order.orderId) == "No trading permissions."
    assert (await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))).orderStatus.status == "Filled"


async def test_a_modify_becomes_a_second_order(desk):
    order = LimitOrder("BUY", 1, 100)
    trade = desk.ib.placeOrder(AAPL, order)
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    desk.paper.faults.inject(SplitModify())
    order.lmtPrice = 101
    desk.ib.placeOrder(AAPL, order)
    await answered(desk)
    live = desk.paper.venue.orders()
    assert len({each.perm_id for each in live}) == 2
    shown = set()
    # ib_async folds both into one trade: they are told apart before it does.
    desk.ib.wrapper.openOrder = lambda number, _contract, order, _state: shown.add((number, order.permId))
    await desk.ib.reqOpenOrdersAsync()
    assert shown == {(order.orderId, each.perm_id) for each in live}


async def test_statuses_come_twice_and_late(desk):
    heard = []
    desk.ib.orderStatusEvent += lambda trade: heard.append(trade.orderStatus.status)
    desk.paper.faults.inject(Duplicate("ExecDetails", copies=2))
    desk.paper.faults.inject(Delay("CommissionReport", 0.05))
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    assert len(trade.fills) == 1
    assert not trade.fills[0].commissionReport.execId
    await desk.until(lambda: trade.fills[0].commissionReport.execId)


async def test_a_fill_overtakes_its_status(desk):
    desk.paper.faults.inject(Reorder("ExecDetails", behind=3))
    order = []
    desk.ib.orderStatusEvent += lambda trade: order.append(trade.orderStatus.status)
    desk.ib.execDetailsEvent += lambda *_: order.append("fill")
    await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    await desk.until(lambda: "fill" in order)
    assert order.index("Filled") < order.index("fill")


async def test_no_value_in_every_number(desk):
    desk.paper.faults.inject(Sentinels("CommissionReport"))
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    await desk.until(lambda: trade.fills[0].commissionReport.execId)
    assert trade.fills[0].commissionReport.commission > 1e300


async def test_executions_are_said_again_and_corrected(desk):
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    heard = []
    desk.ib.execDetailsEvent += lambda _, fill: heard.append(fill.execution.execId)
    desk.paper.faults.inject(RepeatExecutions())
    desk.paper.faults.inject(RepeatExecutions(corrected=True))
    await desk.until(lambda: heard)
    first = trade.fills[0].execution.execId
    assert first.endswith(".01")
    assert heard == [first[:-2] + "02"]


async def test_an_execution_is_corrected_and_busted(desk):
    trade = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 10)))
    first = trade.fills[0].execution
    desk.paper.faults.inject(CorrectExecution(price=first.price + 0.5, quantity=7))
    await desk.until(lambda: len(trade.fills) == 2)
    again = trade.fills[1].execution
    assert again.execId == first.execId[:-2] + "02"
    assert (again.shares, again.price, again.cumQty, again.avgPrice) == (7, first.price + 0.5, 7, first.price + 0.5)
    await desk.until(lambda: [each.position for each in desk.ib.positions()] == [7])
    desk.paper.faults.inject(CorrectExecution(quantity=0))
    await desk.until(lambda: len(trade.fills) == 3)
    assert trade.fills[2].execution.execId == first.execId[:-2] + "03"
    assert trade.fills[2].execution.shares == 0
    assert not any(each.quantity for each in desk.paper.venue.account(desk.paper.venue.accounts[0]).positions)
    # Who connects anew hears only how it ended.
    told = [fill.execution for fill in await desk.ib.reqExecutionsAsync()]
    assert [(each.execId[-2:], each.shares) for each in told] == [("03", 0)]


async def test_there_must_be_an_execution_to_correct(desk):
    with pytest.raises(InvalidInput, match="no execution to correct"):
        desk.paper.faults.inject(CorrectExecution())


async def test_the_sockets_are_dropped(desk):
    desk.paper.faults.inject(Drop())
    await desk.until(lambda: not desk.ib.isConnected())
    await attempt(desk.paper, client=1, timeout=5)


async def test_a_dropped_client_id_lingers(desk):
    desk.paper.faults.inject(Drop(linger=60))
    await desk.until(lambda: not desk.ib.isConnected())
    with pytest.raises((ConnectionError, TimeoutError)):
        await attempt(desk.paper, client=1)
    await attempt(desk.paper, client=2, timeout=5)
    desk.paper.faults.inject(Resume())
    await attempt(desk.paper, client=1, timeout=5)


async def test_new_connections_are_refused(paper):
    paper.faults.inject(Refuse())
    with pytest.raises((ConnectionError, TimeoutError)):
        await attempt(paper)
    paper.faults.inject(Resume())
    await attempt(paper, timeout=5)


async def test_a_socket_that_hangs_lives_on(desk):
    desk.paper.faults.inject(Hang())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(desk.ib.reqCurrentTimeAsync(), 0.2)
    with pytest.raises(TimeoutError):
        await attempt(desk.paper, timeout=0.2)
    assert desk.ib.isConnected()
    desk.paper.faults.inject(Resume())
    # What was sent meanwhile is read now.
    await asyncio.wait_for(desk.ib.reqCurrentTimeAsync(), 5)


async def test_a_gateway_that_is_not_logged_in(paper):
    paper.faults.inject(NotLoggedIn())
    with pytest.raises(TimeoutError):
        await attempt(paper, timeout=0.2)


async def test_upstream_is_lost_and_restored(desk):
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    desk.paper.faults.inject(LoseUpstream())
    await desk.error(1100)
    await desk.error(2110)
    volume = ticker.volume
    desk.pass_time(60)
    await answered(desk)
    assert ticker.volume == volume
    desk.paper.faults.inject(RestoreUpstream())
    await desk.error(1102)
    await desk.until(lambda: ticker.volume != volume)


async def test_upstream_comes_back_without_the_data(desk):
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    desk.paper.faults.inject(LoseUpstream())
    desk.paper.faults.inject(RestoreUpstream(data_lost=True))
    await desk.error(1101)
    volume = ticker.volume
    desk.pass_time(60)
    await answered(desk)
    assert ticker.volume == volume


async def test_orders_are_told_of_late(desk):
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    desk.paper.faults.inject(LoseUpstream(withhold=True))
    desk.ib.cancelOrder(trade.order)
    await answered(desk)
    assert desk.paper.venue.orders() == []
    assert trade.orderStatus.status == "PendingCancel"
    desk.paper.faults.inject(RestoreUpstream())
    await desk.error(202, trade.order.orderId)


async def test_a_farm_flaps(desk):
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    desk.paper.faults.inject(BreakFarm("usfarm"))
    assert await desk.error(2103) == "Market data farm connection is broken:usfarm"
    desk.paper.faults.inject(MendFarm("usfarm"))
    desk.paper.faults.inject(BreakFarm("ushmds"))
    assert await desk.error(2105) == "HMDS data farm connection is broken:ushmds"
    assert desk.ib.isConnected()


async def test_a_stream_falls_silent(desk):
    ticker = desk.ib.reqMktData(AAPL)
    await desk.until(ticker.hasBidAsk)
    desk.paper.faults.inject(Silence(10197))
    assert await desk.error(10197) == "No market data during competing live session"
    volume = ticker.volume
    desk.pass_time(60)
    await answered(desk)
    assert ticker.volume == volume


async def test_the_next_id_goes_back(desk, connect):
    for _ in range(3):
        await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    desk.paper.faults.inject(NextOrderId(1))
    desk.ib.disconnect()
    await desk.gone()
    heard = []
    again = IB()
    again.client.apiStart += lambda: heard.append(again.client._reqIdSeq)
    await again.client.connectAsync("127.0.0.1", desk.paper.port, 1, 5)
    assert heard == [1]
    again.disconnect()


async def test_informational_codes_on_a_live_order(desk):
    trade = desk.ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100))
    await desk.until(lambda: trade.orderStatus.status == "Submitted")
    desk.paper.faults.inject(SendError(399, id=trade.order.orderId))
    await desk.error(399, trade.order.orderId)
    assert len(desk.paper.venue.orders()) == 1


async def test_garbage_on_the_socket(desk):
    desk.paper.faults.inject(SendBytes("00000006393939000000"))
    await answered(desk)
    assert desk.ib.isConnected()


async def test_faults_wait_for_their_moment(desk):
    paper = desk.paper
    paper.faults.inject(SendError(2109), At(paper.clock.now() + timedelta(minutes=5)))
    paper.faults.inject(SendError(2119, "later"), After(600))
    desk.pass_time(299)
    await answered(desk)
    assert not [e for e in desk.errors if e[1] in {2109, 2119}]
    desk.pass_time(2)
    await desk.error(2109)
    desk.pass_time(300)
    await desk.error(2119)


async def test_faults_wait_for_a_message(desk):
    desk.paper.faults.inject(Drop(), OnMessage("PlaceOrder", nth=2))
    first = await desk.done(desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1)))
    assert first.orderStatus.status == "Filled"
    desk.ib.placeOrder(AAPL, MarketOrder("BUY", 1))
    await desk.until(lambda: not desk.ib.isConnected())
    assert len(desk.paper.venue.completed()) == 2


async def test_faults_can_be_withdrawn(desk):
    number = desk.paper.faults.inject(Swallow("OpenOrderEnd", count=None))
    assert [fault for _, fault in desk.paper.faults.pending()] == [Swallow("OpenOrderEnd", count=None)]
    assert desk.paper.faults.withdraw(number)
    assert not desk.paper.faults.withdraw(number)
    assert await asyncio.wait_for(desk.ib.reqOpenOrdersAsync(), 5) == []


@pytest.mark.parametrize(
    "fault", (Swallow("NoSuchMessage"), Ignore("OrderStatus"), Swallow("PlaceOrder"), Duplicate("OrderStatus", count=0))
)
def test_faults_that_mean_nothing(fault):
    plan = FaultPlan(lambda: None, lambda _: None)
    with pytest.raises(InvalidInput):
        plan.inject(fault)
