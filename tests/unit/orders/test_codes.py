"""IB's codes: one table, and what it does not know never ends an order (I-05)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.code_table import ROWS, TABLE, rule_of
from ironbridge.domain.codes import ENDS, Effect, Meaning, Purpose
from ironbridge.domain.events import OrderIntended, OrderMoved, OrderNoticed, Recorded
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import OrderState, Trigger
from ironbridge.domain.order import OrderRequest, buy
from ironbridge.domain.reports import Notice
from ironbridge.orders.book import Book
from ironbridge.orders.codes import Codes
from ironbridge.orders.foreign import ForeignOrders
from ironbridge.orders.reading import Reader

PATHS: dict[OrderState, tuple[Trigger, ...]] = {
    OrderState.INTENDED: (),
    OrderState.SENT: (Trigger.SENT,),
    OrderState.ACCEPTED: (Trigger.HELD,),
    OrderState.WORKING: (Trigger.WORKING,),
    OrderState.INACTIVE: (Trigger.DEACTIVATED,),
    OrderState.CANCELLING: (Trigger.WORKING, Trigger.CANCEL_REQUESTED),
    OrderState.UNKNOWN: (Trigger.LOST,),
}
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def book_with(state: OrderState) -> Book:
    book = Book()
    request = OrderRequest("k", Stock("AAPL"), buy(1), "DU1")
    book.take(Recorded(1, NOW, OrderIntended("k", request, client_id=1, order_id=7)))
    for number, trigger in enumerate(PATHS[state], start=2):
        book.take(Recorded(number, NOW, OrderMoved("k", trigger)))
    assert book.require("k").state is state
    return book


def test_no_code_stands_twice_and_each_says_what_it_is_about() -> None:
    assert len(TABLE) == ROWS
    assert not [code for code, rule in TABLE.items() if not rule.words or rule.meaning is Meaning.UNRECOGNISED]
    assert all(rule.explained.startswith(f"{code}: ") for code, rule in TABLE.items())


@given(code=st.integers(0, 2**31 - 1).filter(lambda code: code not in TABLE), state=st.sampled_from(list(PATHS)))
def test_a_code_that_is_not_known_ends_nothing(code: int, state: OrderState) -> None:
    told = []
    codes = Codes(unknown=lambda *said: told.append(said))
    reader = Reader(codes, lambda: 1, ForeignOrders())
    for _ in range(3):
        reading = reader.read(Notice(7, code, "something new"), book_with(state))
        assert reading.events == (OrderNoticed("k", code, "something new"),)
        assert reading.ask == ""
    assert told == [(code, "something new", "the order 'k'")]
    assert codes.met == {code: 3}
    assert {rule_of(code).effect(purpose) for purpose in Purpose} == {Effect.NOTICE}


@given(code=st.sampled_from(sorted(TABLE)), state=st.sampled_from([OrderState.ACCEPTED, OrderState.WORKING]))
def test_an_order_that_ib_has_taken_is_ended_by_its_end_alone(code: int, state: OrderState) -> None:
    events = Reader(Codes(), lambda: 1, ForeignOrders()).read(Notice(7, code, "words"), book_with(state)).events
    ended = [event for event in events if isinstance(event, OrderMoved)]
    assert bool(ended) == (TABLE[code].meaning in {Meaning.REFUSES, Meaning.CANCELLED})


@pytest.mark.parametrize("code", (10349, 399, 10167, 2109, 404, 2148, 10311, 10329, 1100, 2104, 162, 10197))
@pytest.mark.parametrize("state", PATHS)
def test_information_moves_nothing(code: int, state: OrderState) -> None:
    """The codes that were read as cancels (I-05), and others of their kind."""
    events = Reader(Codes(), lambda: 1, ForeignOrders()).read(Notice(7, code, "words"), book_with(state)).events
    assert events == (OrderNoticed("k", code, "words"),)
    assert TABLE[code].meaning not in ENDS


def test_a_rule_of_the_owner_counts_until_the_table_does_again() -> None:
    codes = Codes()
    reader = Reader(codes, lambda: 1, ForeignOrders())
    codes.override(77777, Meaning.REFUSES, "Ask the desk.")
    (event,) = reader.read(Notice(7, 77777, "no"), book_with(OrderState.WORKING)).events
    assert event == OrderMoved("k", Trigger.REJECTED, "no", 77777)
    codes.override(201, Meaning.ADVISORY)
    assert codes[201].next_step == TABLE[201].next_step
    assert codes.restore(201) == TABLE[201]
    codes.restore(77777)
    assert codes[77777].meaning is Meaning.UNRECOGNISED


def test_what_a_code_does_to_requests() -> None:
    assert rule_of(200).effect(Purpose.CONTRACTS) is Effect.NOTHING
    assert rule_of(200).effect(Purpose.LINE) is Effect.REFUSED
    assert rule_of(162).effect(Purpose.HISTORY) is Effect.REFUSED
    assert rule_of(162).effect(Purpose.LINE) is Effect.NOTICE
    assert rule_of(321).effect(Purpose.LIST) is Effect.NOTICE
    assert rule_of(1100).of_session
