"""Whatever is said of an order and its changes, in any order: both tables hold, and asking brings the true terms."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ironbridge.domain.events import ModifyRequested, OrderIntended, Recorded
from ironbridge.domain.instrument import Stock
from ironbridge.domain.modification import MODIFY_TRANSITIONS, ModifyState, ModifyTrigger
from ironbridge.domain.order import OrderRequest, OrderSpec, buy
from ironbridge.domain.reports import BrokerStatus, LinkEnded, Notice, OpenOrderReport, StatusReport
from ironbridge.domain.session import Endpoint
from ironbridge.domain.values import Side
from ironbridge.errors import IronbridgeError, SessionLost
from ironbridge.orders.book import Book
from ironbridge.orders.codes import TABLE, Codes
from ironbridge.orders.foreign import ForeignOrders
from ironbridge.orders.reading import Reader
from ironbridge.orders.reconcile import Answers, reconcile
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fakes import FakeBroker, change, ignore
from ironbridge.testing.standins import MemoryJournal

AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
AAPL = Stock("AAPL")
TERMS = tuple(buy(quantity).limit(price) for quantity in (5, 10, 20) for price in (99, 100))
specs = st.sampled_from(TERMS)


def shown(spec: OrderSpec, status: BrokerStatus) -> OpenOrderReport:
    return OpenOrderReport(1, 1, 7, "k", "DU1", AAPL, Side.BUY, spec.quantity, "LMT", spec, status)


reports = st.one_of(
    st.builds(shown, specs, st.sampled_from(BrokerStatus)),
    st.builds(
        StatusReport, st.just(1), st.just(1), st.just(7), st.sampled_from(BrokerStatus),
        st.integers(0, 20).map(Decimal), st.just(Decimal(0)), st.none(), st.just(""),
    ),
    st.builds(Notice, st.just(1), st.sampled_from((*sorted(TABLE), 99999)), st.just("words")),
    st.just(LinkEnded("cut")),
    specs,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(reports, max_size=25), specs)
def test_any_messages_in_any_order_stay_on_both_tables_and_asking_brings_the_brokers_terms(said, held) -> None:
    book, reader = Book(), Reader(Codes(), lambda: 1, ForeignOrders())
    book.take(Recorded(1, AT, OrderIntended("k", OrderRequest("k", AAPL, TERMS[0], "DU1"), 1, 1)))

    def take(events) -> None:
        for event in events:
            book.take(Recorded(book.require("k").sequence + 1, AT, event))

    for report in said:
        order = book.require("k")
        if isinstance(report, OrderSpec):
            if order.pending is None and not order.ended:
                take((ModifyRequested("k", len(order.modifications) + 1, report),))
        else:
            take(reader.read(report, book).events)
    order = book.require("k")
    assert sum(each.pending for each in order.modifications) <= 1
    assert not (order.ended and order.pending is not None)
    assert [each.number for each in order.modifications] == list(range(1, len(order.modifications) + 1))
    answers = Answers(1, [shown(held, BrokerStatus.SUBMITTED)], (), (), frozenset({"k"}), new_session=True)
    for _ in range(3):
        take(reconcile(book, answers, reader, Codes()))
    order = book.require("k")
    if not order.ended:
        assert order.terms == held
        assert order.pending is None
    assert reconcile(book, answers, reader, Codes()) == []


def test_the_table_names_every_state_and_only_what_is_open_may_move() -> None:
    assert set(MODIFY_TRANSITIONS) == set(ModifyState)
    for state in (ModifyState.ACCEPTED, ModifyState.NOT_SENT):
        assert set(MODIFY_TRANSITIONS[state].values()) == {state}
    assert set(MODIFY_TRANSITIONS[ModifyState.UNKNOWN]) == set(ModifyTrigger)


steps = st.lists(
    st.sampled_from(
        ("modify", "smaller", "part", "fill", "cancel", "cut", "restart", "mute", "lose", "fail", "wait", "tws")
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=steps)
def test_no_course_of_events_sends_a_change_twice_or_loses_the_terms(open_desk, plan: list[str]) -> None:
    asyncio.run(_live_through(open_desk, plan))


async def _live_through(open_desk, plan: list[str]) -> None:
    clock = ManualClock()
    broker, journal = FakeBroker(clock), MemoryJournal(clock)
    days: list[list[str]] = [[]]
    for step in plan:
        days.append([]) if step == "restart" else days[-1].append(step)
    made = 0
    for day in days:
        async with open_desk(clock=clock, broker=broker, journal=journal) as desk:
            if not broker.connected:
                await broker.connect(Endpoint("h", 1, 1))
            await desk.orders.synchronise()
            if not desk.orders.list():
                await (await desk.orders.submit(AAPL, buy(10).limit(100), key="k")).accepted()
            for step in day:
                held = broker.orders[1]
                live = held.remaining > 0 and held.status is not BrokerStatus.CANCELLED
                # What cannot be done now is refused with an error of ours; what must hold is asserted below.
                with suppress(IronbridgeError):
                    if step in {"modify", "smaller"}:
                        made += 1
                        quantity = 10 + made if step == "modify" else 10 - made % 5
                        await desk.orders.modify("k", quantity=quantity, token=f"t{made}")
                    elif step in {"part", "fill"} and live:
                        broker.fill(1, 1 if step == "part" else None)
                    elif step == "cancel":
                        await desk.orders.cancel("k")
                    elif step == "cut":
                        broker.drop()
                        await desk.settle()
                        await broker.connect(Endpoint("h", 1, 1))
                        await desk.orders.synchronise()
                    elif step == "mute":
                        broker.on_modify = change if broker.on_modify is ignore else ignore
                    elif step == "lose":
                        broker.lose = not broker.lose
                    elif step == "fail":
                        broker.fail_modify = SessionLost("Reset.")
                    elif step == "wait":
                        await clock.advance(15)
                    elif step == "tws" and live:
                        broker.amend(1, replace(held.request.spec, limit_price=Decimal(90 + made % 5)))
                await desk.settle()
            await desk.orders.synchronise()
            await desk.settle()
            order, held = desk.order("k"), broker.orders[1]
            assert len(broker.modified) <= len(order.modifications)
            assert order.filled == held.filled, "no fill is lost"
            if not order.ended:
                assert order.terms == held.request.spec, "the terms in force are those that the broker holds"
                assert order.pending is None
