"""After a cut, a crash or a restart: every order is where the broker says, or known not to be known (ORD-3)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ironbridge.domain.events import OrderMoved
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import OrderState, Trigger
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.domain.reports import BrokerStatus
from ironbridge.domain.session import Endpoint, SessionState
from ironbridge.errors import InvalidOrder, NotConnected, OrderError, RequestTimeout, SessionLost, UpstreamLost
from ironbridge.orders import OrderOptions
from ironbridge.store import Database, SqlJournal
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fakes import FakeBroker, FakeOrder, ignore
from ironbridge.testing.standins import FakeSession, MemoryJournal

AAPL = Stock("AAPL")
S, B = OrderState, BrokerStatus
ENDPOINT = Endpoint("127.0.0.1", 4002, 1)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def world(clock):
    """What outlives a process: the broker and the journal."""
    return {"clock": clock, "broker": FakeBroker(clock), "journal": MemoryJournal(clock)}


def request(key: str = "k") -> OrderRequest:
    return OrderRequest(key, replace(AAPL, con_id=265598), buy(10), "DU1")


async def test_everything_is_as_it_was(open_desk, world) -> None:
    async with open_desk(**world) as desk:
        await desk.orders.submit(AAPL, buy(10), key="works")
        filled = await desk.orders.submit(AAPL, buy(10), key="filled")
        desk.broker.fill(2)
        await filled.done()
        before = desk.orders.list()
    async with open_desk(**world) as desk:
        assert desk.orders.list() == before
        await desk.orders.synchronise()
        assert desk.orders.list() == before


async def test_a_service_may_be_stopped_and_started_again(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    await handle.accepted()
    await desk.orders.stop()
    await desk.orders.start()
    desk.broker.fill(1)
    assert (await handle.done()).filled == 10
    assert [order.key for order in desk.orders.list()] == ["k"]


@pytest.mark.parametrize(
    ("happened", "state"),
    (
        (lambda broker: broker.work(1), S.WORKING),
        (lambda broker: broker.fill(1, 4), S.WORKING),
        (lambda broker: broker.fill(1), S.FILLED),
        (lambda broker: broker.end(1), S.CANCELLED),
        (lambda broker: broker.reject(1), S.REJECTED),
        (lambda broker: (broker.fill(1, 4), broker.end(1)), S.CANCELLED),
    ),
)
@pytest.mark.parametrize("answered", (True, False))
async def test_what_happened_while_nobody_listened_is_found(open_desk, world, happened, state, answered) -> None:
    """I-01: fills and cancels that arrived during an outage were never recovered."""
    async with open_desk(**world) as desk:
        desk.broker.on_place = ignore
        await desk.orders.submit(AAPL, buy(10), key="k")
        if answered:
            desk.broker.hold(1)
    happened(world["broker"])
    async with open_desk(**world) as desk:
        await desk.orders.synchronise()
        order = desk.order("k")
        held = world["broker"].orders[1]
        assert (order.state, order.filled, order.perm_id) == (state, held.filled, held.perm_id)
        assert len(desk.broker.placed) == 1


async def test_an_intent_that_never_left_is_known_not_to_have_left(open_desk, world) -> None:
    """I-17: killed between the journal and the socket."""
    await world["journal"].claim(request(), 1, 1)
    async with open_desk(**world) as desk:
        assert desk.order("k").state is S.UNKNOWN
        await desk.orders.synchronise()
        assert desk.order("k").state is S.NOT_SENT
        again = await desk.orders.submit(AAPL, buy(10), key="k")
        assert again.order.state is S.NOT_SENT
        assert desk.broker.placed == []
        await desk.orders.submit(AAPL, buy(10), key="k2")
        assert desk.broker.placed[0][0] == 2, "its id is not used again"


async def test_an_intent_that_did_leave_is_found_by_its_id_and_ref(open_desk, world) -> None:
    """I-17: killed between the socket and the record that it went."""
    async with open_desk(**world) as desk:
        await desk.orders.submit(AAPL, buy(10), key="k")
    cut = MemoryJournal(world["clock"])
    await cut.claim(request(), 1, 1)
    async with open_desk(**{**world, "journal": cut}) as desk:
        assert desk.order("k").state is S.UNKNOWN
        await desk.orders.synchronise()
        assert desk.order("k").state is S.WORKING
        assert len(desk.broker.placed) == 1


@pytest.mark.parametrize("ended", ("fill", "end"))
async def test_an_intent_that_left_and_ended_is_found_among_completed_orders(open_desk, world, ended) -> None:
    async with open_desk(**world) as desk:
        await desk.orders.submit(AAPL, buy(10), key="k")
        getattr(desk.broker, ended)(1)
    cut = MemoryJournal(world["clock"])
    await cut.claim(request(), 1, 1)
    async with open_desk(**{**world, "journal": cut}) as desk:
        await desk.orders.synchronise()
        assert desk.order("k").state is (S.FILLED if ended == "fill" else S.CANCELLED)


async def test_an_order_that_was_sent_and_left_no_trace_stays_unknown_and_is_not_resent(open_desk, world) -> None:
    """I-11, I-17."""
    world["broker"].lose = True
    async with open_desk(**world) as desk:
        await desk.orders.submit(AAPL, buy(10), key="k")
    async with open_desk(**world) as desk:
        await desk.orders.synchronise()
        await desk.orders.synchronise()
        order = desk.order("k")
        assert order.state is S.UNKNOWN
        assert "neither open nor completed nor executed" in order.reason
        assert len(desk.broker.placed) == 1
        repeated = [r for r in await desk.journal.story("k") if "neither" in getattr(r.event, "reason", "")]
        assert len(repeated) == 1, "the same finding is recorded once"


@pytest.mark.parametrize("question", ("open_orders", "completed_orders", "executions"))
async def test_nothing_is_concluded_from_an_answer_that_does_not_come(open_desk, world, question) -> None:
    """I-04: a time-out was read as "none"."""
    await world["journal"].claim(request(), 1, 1)
    async with open_desk(**world) as desk:

        async def silence():
            raise RequestTimeout("No End came.")

        setattr(desk.broker, question, silence)
        with pytest.raises(RequestTimeout):
            await desk.orders.synchronise()
        assert desk.order("k").state is S.UNKNOWN
        delattr(desk.broker, question)
        await desk.orders.synchronise()
        assert desk.order("k").state is S.NOT_SENT


async def test_a_cut_makes_unknown_what_awaits_an_answer_and_nothing_else(open_desk, world) -> None:
    async with open_desk(**world) as desk:
        await desk.orders.submit(AAPL, buy(10), key="works")
        desk.broker.on_place = ignore
        await desk.orders.submit(AAPL, buy(10), key="waits")
        await desk.settle()
        desk.broker.drop("connection reset")
        await desk.settle()
        assert [order.state for order in desk.orders.list()] == [S.WORKING, S.UNKNOWN]
        assert "connection reset" in desk.order("waits").reason
        await desk.broker.connect(ENDPOINT)
        await desk.orders.synchronise()
        assert [order.state for order in desk.orders.list()] == [S.WORKING, S.ACCEPTED]


async def test_a_loss_of_ib_behind_the_gateway_counts_as_a_cut(open_desk, world) -> None:
    async with open_desk(**world) as desk:
        desk.broker.on_place = ignore
        await desk.orders.submit(AAPL, buy(10), key="k")
        desk.orders.interrupted("1100")
        await desk.settle()
        assert desk.order("k").state is S.UNKNOWN
        desk.broker.fill(1)
        await desk.settle()
        assert desk.order("k").state is S.FILLED, "what comes during the outage is taken (I-01)"


async def test_an_order_believed_ended_that_ib_holds_open_lives(open_desk, world) -> None:
    async with open_desk(**world) as desk:
        await desk.orders.submit(AAPL, buy(10), key="k")
        await desk.settle()
        await desk.journal.append([OrderMoved("k", Trigger.CANCELLED, "so it seemed")])
    async with open_desk(**world) as desk:
        assert desk.order("k").state is S.CANCELLED
        await desk.orders.synchronise()
        assert (desk.order("k").state, desk.order("k").reason) == (S.WORKING, "IB, asked afresh, holds it open.")


async def test_an_open_order_that_ib_no_longer_lists_anywhere(open_desk, world) -> None:
    async with open_desk(**world) as desk:
        await desk.orders.submit(AAPL, buy(10), key="k")
        await desk.settle()
        desk.broker.orders.clear()
        await desk.orders.synchronise()
        assert desk.order("k").state is S.UNKNOWN


async def test_orders_of_another_client_id_are_not_judged_by_this_one(open_desk, world) -> None:
    async with open_desk(**world, session=FakeSession(client_id=3)) as desk:
        desk.broker._client_id = 3
        await desk.orders.submit(AAPL, buy(10), key="works")
    await world["journal"].claim(request("intent"), 3, 1)
    async with open_desk(**world, session=FakeSession(client_id=5)) as desk:
        desk.broker._client_id = 5
        await desk.orders.synchronise()
        for key in ("works", "intent"):
            assert desk.order(key).state is S.UNKNOWN
            assert "Connect as client 3" in desk.order(key).reason
        with pytest.raises(OrderError, match="belongs to client id 3"):
            await desk.orders.cancel("works")
    async with open_desk(**world, session=FakeSession(client_id=3)) as desk:
        desk.broker._client_id = 3
        await desk.orders.synchronise()
        assert desk.order("works").state is S.WORKING
        assert desk.order("intent").state is S.NOT_SENT


async def test_a_completed_order_that_only_looks_like_ours_is_not_taken(open_desk, world) -> None:
    """The same key in another journal, on the same account: two of them, or other content, prove nothing."""
    async with open_desk(**world) as desk:
        for key, quantity in (("k", 10), ("x", 99)):
            await desk.orders.submit(AAPL, buy(quantity), key=key)
        for order_id in (1, 2):
            desk.broker.end(order_id)
        twin = desk.broker.orders[3] = replace(desk.broker.orders[1], order_id=3, perm_id=77)
        assert twin.request.key == "k"
    other = MemoryJournal(world["clock"])
    await other.claim(request("k"), 1, 50)
    await other.claim(request("x"), 1, 51)
    async with open_desk(**{**world, "journal": other}) as desk:
        await desk.orders.synchronise()
        assert {order.state for order in desk.orders.list()} == {S.NOT_SENT}


async def test_the_doubt_about_one_order_is_settled_by_asking_without_being_told(open_desk, world) -> None:
    async with open_desk(**world) as desk:
        desk.broker.on_place = ignore
        await desk.orders.submit(AAPL, buy(10), key="k")
        desk.broker.silent = True
        desk.broker.fill(1)
        await desk.clock.advance(11)
        assert desk.order("k").state is S.FILLED


async def test_asking_that_fails_is_tried_again(open_desk, world) -> None:
    async with open_desk(**world) as desk:
        desk.broker.on_place = ignore
        await desk.orders.submit(AAPL, buy(10), key="k")
        desk.broker.fail_ask = SessionLost("Gone.")
        await desk.clock.advance(11)
        assert desk.order("k").state is S.UNKNOWN
        await desk.clock.advance(11)
        assert desk.order("k").state is S.ACCEPTED


async def test_asking_waits_for_a_session(open_desk, world) -> None:
    async with open_desk(**world) as desk:
        desk.broker.on_place = ignore
        await desk.orders.submit(AAPL, buy(10), key="k")
        desk.session.state = SessionState.RECONNECTING
        await desk.clock.advance(11)
        assert desk.order("k").state is S.UNKNOWN
        desk.session.state = SessionState.READY
        await desk.orders.synchronise()
        assert desk.order("k").state is S.ACCEPTED


async def test_the_broker_is_asked_on_a_timer_too(open_desk, world) -> None:
    async with open_desk(**world, options=OrderOptions(reconcile_seconds=60)) as desk:
        await desk.orders.submit(AAPL, buy(10), key="k")
        await desk.settle()
        desk.broker.silent = True
        desk.broker.fill(1)
        await desk.clock.advance(59)
        assert desk.order("k").state is S.WORKING
        await desk.clock.advance(2)
        assert desk.order("k").state is S.FILLED


async def test_an_order_sent_a_moment_ago_is_not_judged_by_the_timer(open_desk, world) -> None:
    async with open_desk(**world, options=OrderOptions(reconcile_seconds=60)) as desk:
        await desk.clock.advance(59)
        desk.broker.lose = True
        await desk.orders.submit(AAPL, buy(10), key="k")
        await desk.clock.advance(2)
        assert desk.order("k").state is S.SENT


async def test_all_of_it_holds_on_the_disk(open_desk, tmp_path, clock) -> None:
    broker = FakeBroker(clock)
    for round_ in range(3):
        database = Database.at(tmp_path / "orders.db")
        await database.open()
        async with open_desk(clock=clock, broker=broker, journal=SqlJournal(database, clock)) as desk:
            await desk.orders.synchronise()
            assert [order.key for order in desk.orders.list()] == [f"k{n}" for n in range(round_)]
            handle = await desk.orders.submit(AAPL, buy(2).limit("99.5"), key=f"k{round_}")
            broker.fill(round_ + 1, 1, "99.5")
            broker.fill(round_ + 1, 1, "99.25")
            assert (await handle.done()).average_price == Decimal("99.375")
        await database.close()
    assert [order_id for order_id, _ in broker.placed] == [1, 2, 3]


# cancels


async def test_a_cancel_goes_out_and_comes_back(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    desk.broker.on_cancel = ignore
    await handle.cancel()
    assert handle.order.state is S.CANCELLING
    desk.broker.end(1)
    assert (await handle.done()).state is S.CANCELLED


async def test_a_cancel_of_what_has_ended_says_so(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    desk.broker.fill(1)
    await handle.done()
    with pytest.raises(OrderError, match="'k' is already filled"):
        await handle.cancel()
    assert desk.broker.cancels == []


async def test_a_cancel_is_refused_while_ib_is_lost(desk) -> None:
    await desk.orders.submit(AAPL, buy(10), key="k")
    await desk.settle()
    desk.session.upstream = False
    with pytest.raises(UpstreamLost):
        await desk.orders.cancel("k")
    assert desk.order("k").state is S.WORKING
    assert desk.broker.cancels == []


async def test_a_cancel_may_be_asked_for_twice(desk) -> None:
    desk.broker.on_cancel = ignore
    await desk.orders.submit(AAPL, buy(10), key="k")
    await desk.settle()
    await desk.orders.cancel("k")
    await desk.orders.cancel("k")
    assert desk.broker.cancels == [1, 1]


async def test_a_fill_wins_over_its_cancel(desk) -> None:
    desk.broker.on_cancel = ignore
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    await handle.cancel()
    desk.broker.fill(1)
    assert (await handle.done()).state is S.FILLED


@pytest.mark.parametrize(
    ("code", "truth", "state"),
    ((10148, "fill", S.FILLED), (161, "work", S.WORKING), (10147, "vanish", S.UNKNOWN), (10147, "end", S.CANCELLED)),
)
async def test_a_cancel_that_ib_refuses_makes_us_ask(desk, code, truth, state) -> None:
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    await handle.accepted()
    desk.broker.silent = True
    if truth == "vanish":
        desk.broker.orders.clear()
    else:
        getattr(desk.broker, truth)(1)
    desk.broker.silent = False
    desk.broker.on_cancel = ignore
    await handle.cancel()
    desk.broker.notice(1, code, "cannot be cancelled")
    await desk.clock.advance(1)
    assert handle.order.state is state


async def test_a_cancel_that_never_left_leaves_the_order_as_it_was(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    await handle.accepted()
    desk.broker.fail_cancel = NotConnected("Gone.")
    with pytest.raises(NotConnected):
        await handle.cancel()
    await desk.settle()
    assert handle.order.state is S.WORKING
    assert not handle.order.cancel_requested


async def test_a_cancel_that_was_lost_with_its_session_is_said_to_be_lost(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    await handle.accepted()
    desk.broker.on_cancel = ignore
    await handle.cancel()
    desk.broker.drop()
    await desk.settle()
    assert handle.order.state is S.UNKNOWN
    await desk.broker.connect(ENDPOINT)
    await desk.orders.synchronise()
    assert handle.order.state is S.WORKING
    assert "the cancel did not take. Cancel it again." in handle.order.reason


async def test_a_cancel_that_ib_does_not_answer_is_asked_after(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    await handle.accepted()
    desk.broker.on_cancel = ignore
    await handle.cancel()
    await desk.clock.advance(11)
    assert handle.order.state is S.WORKING
    assert "the cancel did not take" in handle.order.reason


async def test_a_cancel_of_an_order_that_is_being_sent_waits_for_it(desk) -> None:
    import asyncio

    submitting = asyncio.ensure_future(desk.orders.submit(AAPL, buy(10), key="k"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await desk.orders.cancel("k")
    assert (await (await submitting).done()).state is S.CANCELLED
    assert (len(desk.broker.placed), desk.broker.cancels) == (1, [1])


async def test_an_unknown_order_is_closed_by_hand_and_what_ib_says_later_still_counts(desk) -> None:
    desk.broker.lose = True
    handle = await desk.orders.submit(AAPL, buy(10), key="lost")
    with pytest.raises(OrderError, match="Only an order that is unknown is closed by hand, and 'lost' is sent"):
        await desk.orders.close_by_hand("lost", by="mara", reason="not in TWS")
    await desk.clock.advance(15)
    with pytest.raises(InvalidOrder, match="by nobody or for no reason"):
        await desk.orders.close_by_hand("lost", by="mara", reason=" ")
    order = (await desk.orders.close_by_hand("lost", by="mara", reason="not in TWS, not in the statement")).order
    assert (order.state, order.reason, order.ended) == (S.CLOSED, "not in TWS, not in the statement", True)
    assert order not in desk.orders.list(open_only=True)
    with pytest.raises(OrderError, match="already closed"):
        await handle.cancel()
    desk.broker.lose = False
    desk.broker.orders[1] = FakeOrder(order.request, 1, 1, 77)
    desk.broker.fill(1)
    await desk.settle()
    assert desk.order("lost").state is S.FILLED
