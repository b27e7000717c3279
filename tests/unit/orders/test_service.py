"""Submitting: checked, approved, recorded, sent once; and what a key gives back."""

import asyncio
from decimal import Decimal

import pytest

from ironbridge.domain.events import OrderIntended
from ironbridge.domain.instrument import Future, Index, Option, Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.market import Quote
from ironbridge.domain.order import buy, sell
from ironbridge.domain.risk import RiskLimits, RiskPolicy
from ironbridge.domain.session import SessionState
from ironbridge.errors import (
    InvalidOrder,
    KeyConflict,
    LiveAccountRefused,
    NotConnected,
    OrderError,
    OrderNotFound,
    OrderRefused,
    Outcome,
    SessionLost,
    StorageError,
    UpstreamLost,
)
from ironbridge.testing.fakes import ignore
from ironbridge.testing.standins import FakeSession

AAPL = Stock("AAPL")
S = OrderState


async def test_an_order_is_recorded_before_it_is_sent_and_then_lives(desk) -> None:
    seen_at_place = []

    def look(broker, order) -> None:
        seen_at_place.append((desk.order("first").state, order.order_id, order.request.ref))
        broker.work(order.order_id)

    desk.broker.on_place = look
    handle = await desk.orders.submit(AAPL, buy(10).limit("227.35"), key="first")
    order = await handle.accepted()
    assert seen_at_place == [(S.INTENDED, 1, "first")]
    assert order.state is S.WORKING
    assert order.request.instrument.con_id == 265598
    assert order.request.account == "DU1"
    assert desk.orders.list() == [order]


async def test_a_fill_ends_it_with_its_price_and_costs(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(10).limit("227.35"), key="first")
    desk.broker.fill(1, 4, "227.30")
    desk.broker.fill(1, 6, "227.35")
    order = await handle.done()
    assert order.state is S.FILLED
    assert (order.filled, order.remaining, order.average_price) == (10, 0, Decimal("227.33"))
    assert order.commission == {"USD": 2}
    assert str(order) == "BUY 10 AAPL LMT 227.35 DAY: filled at 227.33, commission 2 USD [first]"


async def test_the_same_key_and_content_give_the_same_order(desk) -> None:
    await desk.orders.submit(AAPL, buy(10).limit("227.35"), key="k")
    again = await desk.orders.submit(AAPL, buy(Decimal("10.0")).limit("227.350"), key="k", account="DU1")
    assert again.key == "k"
    assert len(desk.broker.placed) == 1


async def test_a_key_gives_its_order_back_without_a_connection_and_after_its_end(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(10), key="k")
    desk.broker.fill(1)
    await handle.done()
    desk.session.state = SessionState.DISCONNECTED
    desk.session.info = None
    again = await desk.orders.submit(AAPL, buy(10), key="k")
    assert again.order.state is S.FILLED
    assert len(desk.broker.placed) == 1


@pytest.mark.parametrize(
    ("instrument", "spec", "more", "differs"),
    (
        (Stock("MSFT"), buy(10).limit(1), {}, "instrument"),
        (Stock("AAPL", "NYSE"), buy(10).limit(1), {}, "instrument"),
        (AAPL, buy(11).limit(1), {}, "order"),
        (AAPL, sell(10).limit(1), {}, "order"),
        (AAPL, buy(10).limit(1).gtc(), {}, "order"),
        (AAPL, buy(10).limit(1), {"account": "DU2"}, "account"),
        (AAPL, buy(10).limit(1), {"strategy": "other"}, "strategy"),
    ),
)
async def test_the_same_key_with_other_content_is_a_conflict(desk, instrument, spec, more, differs) -> None:
    await desk.orders.submit(AAPL, buy(10).limit(1), key="k")
    with pytest.raises(KeyConflict, match=rf"'k' already stands for BUY 10 LMT 1 DAY AAPL.*another {differs}"):
        await desk.orders.submit(instrument, spec, key="k", **more)
    assert len(desk.broker.placed) == 1


async def test_a_hundred_at_once_under_one_key_send_one_order(desk) -> None:
    handles = await asyncio.gather(*(desk.orders.submit(AAPL, buy(10).limit(1), key="k") for _ in range(100)))
    assert {handle.key for handle in handles} == {"k"}
    assert len(desk.broker.placed) == 1
    assert len(await desk.journal.replay()) == len({r.sequence for r in await desk.journal.replay()})


async def test_two_contents_at_once_under_one_key_are_one_order_and_one_conflict(desk) -> None:
    results = await asyncio.gather(
        desk.orders.submit(AAPL, buy(10), key="k"), desk.orders.submit(AAPL, buy(20), key="k"), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["KeyConflict", "OrderHandle"]
    assert len(desk.broker.placed) == 1


async def test_different_keys_at_once_are_different_orders_with_rising_ids(desk) -> None:
    await asyncio.gather(*(desk.orders.submit(AAPL, buy(1), key=f"k{n}") for n in range(50)))
    ids = [order_id for order_id, _ in desk.broker.placed]
    assert ids == list(range(1, 51))


async def test_an_order_without_a_key_gets_one(desk) -> None:
    first = await desk.orders.submit(AAPL, buy(1))
    second = await desk.orders.submit(AAPL, buy(1))
    assert (first.key, second.key) == ("made-0", "made-1")
    assert len(desk.broker.placed) == 2


async def test_a_caller_that_gives_up_leaves_nothing_half_done(desk) -> None:
    submitting = asyncio.ensure_future(desk.orders.submit(AAPL, buy(1), key="k"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    submitting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await submitting
    handle = await desk.orders.submit(AAPL, buy(1), key="k")
    assert (await handle.accepted()).state is S.WORKING
    assert len(desk.broker.placed) == 1


@pytest.mark.parametrize(
    ("spec", "says"),
    (
        (buy(10).limit("227.356"), r"not on the tick of AAPL, which is 0.01 there. Give 227.35 or 227.36."),
        (buy(10).limit("0.00005"), r"tick.*0.0001 there. Give 0.0001."),
        (buy(10).stop("227.351"), "stop price 227.351 is not on the tick"),
        (buy("10.5"), "no multiple of 1.*Give 10 or 11."),
        (buy("0.5"), "below the smallest for AAPL. Give at least 1."),
        (buy(10).limit(-5), "limit price -5 is not above zero"),
        (buy(10).limit(0), "limit price 0 is not above zero"),
    ),
)
async def test_what_the_contract_cannot_take_leaves_nothing_behind(desk, spec, says) -> None:
    with pytest.raises(InvalidOrder, match=says):
        await desk.orders.submit(AAPL, spec, key="k")
    assert desk.orders.list() == []
    assert await desk.journal.replay() == ()


@pytest.mark.parametrize(
    ("key", "says"), (("", "not an order key"), ("a\nb", "not an order key"), ("x" * 201, "not an"))
)
async def test_keys_that_cannot_be(desk, key, says) -> None:
    with pytest.raises(InvalidOrder, match=says):
        await desk.orders.submit(AAPL, buy(1), key=key)


async def test_an_index_cannot_be_ordered(desk) -> None:
    with pytest.raises(InvalidOrder, match="SPX is an index"):
        await desk.orders.submit(Index("SPX"), buy(1), key="k")


async def test_without_a_session_nothing_is_recorded(desk) -> None:
    desk.session.state = SessionState.SYNCING
    with pytest.raises(NotConnected, match="SYNCING"):
        await desk.orders.submit(AAPL, buy(1), key="k")
    desk.session.state = SessionState.READY
    desk.session.upstream = False
    with pytest.raises(UpstreamLost):
        await desk.orders.submit(AAPL, buy(1), key="k")
    assert await desk.journal.replay() == ()
    desk.session.upstream = True
    await (await desk.orders.submit(AAPL, buy(1), key="k")).accepted()


async def test_a_refusal_of_the_gate_leaves_the_key_free(desk) -> None:
    desk.gate.policy = RiskPolicy.of(RiskLimits(max_quantity=Decimal(5)))
    with pytest.raises(OrderRefused, match="limit of 5") as refused:
        await desk.orders.submit(AAPL, buy(10), key="k")
    assert (refused.value.rule, refused.value.limit, refused.value.value) == ("max_quantity", "5", "10")
    assert await desk.journal.replay() == ()
    await desk.orders.submit(AAPL, buy(5), key="k")
    assert len(desk.broker.placed) == 1


async def test_the_notional_of_a_market_order_goes_by_the_quote(desk) -> None:
    desk.gate.policy = RiskPolicy.of(RiskLimits(max_notional=Decimal(1000)))
    with pytest.raises(OrderRefused, match="A price of AAPL is not known"):
        await desk.orders.submit(AAPL, buy(10), key="k")
    desk.quotes[AAPL] = Quote(AAPL, desk.clock.now(), bid=99.9, ask=100.1)
    with pytest.raises(OrderRefused, match="1001 USD is above the limit of 1000 USD"):
        await desk.orders.submit(AAPL, buy(10), key="k")
    await desk.orders.submit(AAPL, sell(10), key="k")
    assert len(desk.broker.placed) == 1


async def test_accounts(open_desk) -> None:
    async with open_desk(session=FakeSession(accounts=("DU1", "DU2"))) as desk:
        with pytest.raises(InvalidOrder, match=r"names none. Name one of DU1, DU2"):
            await desk.orders.submit(AAPL, buy(1), key="k")
        with pytest.raises(InvalidOrder, match="'DU9' is not an account of this login"):
            await desk.orders.submit(AAPL, buy(1), key="k", account="DU9")
        handle = await desk.orders.submit(AAPL, buy(1), key="k", account="DU2")
        assert handle.order.request.account == "DU2"


async def test_a_live_account_takes_orders_only_where_it_is_armed(open_desk) -> None:
    """CON-11: a login may have live accounts beside the session's own; naming one in an order arms nothing."""
    async with open_desk(session=FakeSession(accounts=("DU1", "U2"))) as desk:
        with pytest.raises(LiveAccountRefused, match="U2 is a live account"):
            await desk.orders.submit(AAPL, buy(1), key="k", account="U2")
        assert desk.broker.placed == []
        assert await desk.journal.replay() == ()
        desk.session.live_account = "U2"
        await desk.orders.submit(AAPL, buy(1), key="k", account="U2")
        assert len(desk.broker.placed) == 1


async def test_a_session_that_ends_before_the_bytes_go_makes_an_order_that_never_was(desk) -> None:
    desk.broker.fail_place = NotConnected("The socket closed.")
    with pytest.raises(OrderError, match=r"'k' was not sent: The socket closed.") as error:
        await desk.orders.submit(AAPL, buy(1), key="k")
    assert error.value.outcome is Outcome.NOT_SENT
    assert not error.value.retryable
    assert desk.order("k").state is S.NOT_SENT
    assert desk.broker.placed == []
    again = await desk.orders.submit(AAPL, buy(1), key="k")
    with pytest.raises(OrderError, match=r"never sent.*new key"):
        await again.accepted()


async def test_a_session_that_ends_while_the_intent_is_written(desk) -> None:
    claim = desk.journal.claim

    async def claim_and_lose(*args):
        claimed = await claim(*args)
        desk.session.state = SessionState.RECONNECTING
        return claimed

    desk.journal.claim = claim_and_lose
    with pytest.raises(OrderError, match="was not sent: The session is RECONNECTING"):
        await desk.orders.submit(AAPL, buy(1), key="k")
    assert desk.order("k").state is S.NOT_SENT


async def test_a_session_that_begins_anew_under_another_client_id_meanwhile(desk) -> None:
    claim = desk.journal.claim

    async def claim_and_change(*args):
        claimed = await claim(*args)
        desk.session.client_id = 7
        return claimed

    desk.journal.claim = claim_and_change
    with pytest.raises(OrderError, match="client id is 7 now, no longer 1"):
        await desk.orders.submit(AAPL, buy(1), key="k")
    assert desk.broker.placed == []


@pytest.mark.parametrize("taken", (True, False))
async def test_a_session_that_ends_as_the_bytes_go_leaves_a_doubt_that_asking_settles(desk, taken) -> None:
    desk.broker.fail_place = SessionLost("The connection was reset.")
    desk.broker.on_place = ignore
    desk.broker.lose = not taken
    handle = await desk.orders.submit(AAPL, buy(1), key="k")
    assert handle.order.state is S.UNKNOWN
    assert "connection was reset" in handle.order.reason
    await desk.orders.synchronise()
    assert handle.order.state is (S.ACCEPTED if taken else S.UNKNOWN)
    assert len(desk.broker.placed) == 1


async def test_a_failure_that_nobody_foresaw_is_a_doubt_too(desk) -> None:
    def explode(_broker, _order) -> None:
        raise ZeroDivisionError

    desk.broker.on_place = explode
    handle = await desk.orders.submit(AAPL, buy(1), key="k")
    assert handle.order.state is S.UNKNOWN
    assert "ZeroDivisionError" in handle.order.reason


async def test_an_intent_that_cannot_be_written_is_not_sent(desk) -> None:
    desk.journal.fail = StorageError("The disk is full.")
    with pytest.raises(StorageError, match="disk is full"):
        await desk.orders.submit(AAPL, buy(1), key="k")
    assert desk.broker.placed == []
    desk.journal.fail = None
    await (await desk.orders.submit(AAPL, buy(1), key="k")).accepted()


async def test_ids_rise_above_the_gateways_and_never_fall_with_it(open_desk, desk) -> None:
    desk.session.info = type(desk.session.info)(178, ("DU1",), 500, desk.clock.now())
    await desk.orders.submit(AAPL, buy(1), key="a")
    desk.session.info = type(desk.session.info)(178, ("DU1",), 3, desk.clock.now())
    await desk.orders.submit(AAPL, buy(1), key="b")
    assert [order_id for order_id, _ in desk.broker.placed] == [500, 501]


async def test_a_key_that_another_program_took_in_the_same_journal(open_desk, desk) -> None:
    async with open_desk(clock=desk.clock, broker=desk.broker, journal=desk.journal) as other:
        await (await other.orders.submit(AAPL, buy(1), key="k")).accepted()
        handle = await desk.orders.submit(AAPL, buy(1), key="k")
        assert handle.order.order_id == 1
        with pytest.raises(KeyConflict):
            await desk.orders.submit(AAPL, buy(2), key="k")
    assert len(desk.broker.placed) == 1


async def test_orders_are_found_by_key_and_listed(desk) -> None:
    with pytest.raises(OrderNotFound, match="No order has the key 'nope'"):
        desk.orders.get("nope")
    with pytest.raises(OrderNotFound):
        desk.orders.handle("nope")
    await desk.orders.submit(AAPL, buy(1), key="a")
    filled = await desk.orders.submit(AAPL, buy(1), key="b")
    desk.broker.fill(2)
    await filled.done()
    assert [order.key for order in desk.orders.list()] == ["a", "b"]
    assert [order.key for order in desk.orders.list(open_only=True)] == ["a"]


async def test_instruments_written_with_less_mean_what_they_were_resolved_to(desk) -> None:
    await desk.orders.submit(Future("ES", "20261218", "CME"), buy(1), key="es")
    await desk.orders.submit(Future("ES", "202612", ""), buy(1), key="es")
    await desk.orders.submit(Option("SPY", "20261218", 680, "C"), buy(1), key="spy")
    with pytest.raises(KeyConflict):
        await desk.orders.submit(Option("SPY", "20261218", 680, "P"), buy(1), key="spy")
    assert len(desk.broker.placed) == 2


async def test_every_update_is_published_in_the_journals_order(desk) -> None:
    handle = await desk.orders.submit(AAPL, buy(2), key="k")
    desk.broker.fill(1, 1)
    desk.broker.fill(1, 1)
    await handle.done()
    recorded = await desk.journal.replay()
    assert [update.event for update in desk.updates] == [r.event for r in recorded]
    assert [update.order.sequence for update in desk.updates] == [r.sequence for r in recorded]
    assert isinstance(desk.updates[0].event, OrderIntended)


async def test_a_service_that_is_not_running_sends_nothing(desk) -> None:
    await desk.orders.stop()
    with pytest.raises(StorageError, match="not running"):
        await desk.orders.submit(AAPL, buy(1), key="k")
    assert desk.broker.placed == []
