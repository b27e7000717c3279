"""Folding: the only way an order changes, and the names it is found by."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ironbridge.domain.events import (
    CommissionReceived,
    Fill,
    FillReceived,
    OrderEvent,
    OrderIntended,
    OrderMoved,
    OrderNoticed,
    Recorded,
)
from ironbridge.domain.instrument import Stock
from ironbridge.domain.lifecycle import IllegalTransition, OrderState, Trigger
from ironbridge.domain.order import OrderRequest, buy, sell
from ironbridge.domain.order_state import execution_identity
from ironbridge.domain.values import Side
from ironbridge.errors import StorageError
from ironbridge.orders.book import Book, changes

AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
S, T = OrderState, Trigger


def intended(key: str = "k", order_id: int = 1, spec=None) -> OrderIntended:
    return OrderIntended(key, OrderRequest(key, Stock("AAPL"), spec or buy(10), "DU1"), 1, order_id)


def fill(execution_id: str, quantity: str, price: str, side: Side = Side.BUY) -> FillReceived:
    return FillReceived("k", Fill(execution_id, side, Decimal(quantity), Decimal(price), AT, "NASDAQ"), perm_id=7)


def book_of(*events: OrderEvent) -> Book:
    book = Book()
    for n, event in enumerate(events, start=1):
        book.take(Recorded(n, AT, event))
    return book


def test_an_order_begins_with_its_intent() -> None:
    order = book_of(intended()).require("k")
    assert (order.state, order.order_id, order.filled, order.average_price, order.commission) == (
        S.INTENDED, 1, 0, None, {},
    )  # fmt: skip
    assert (order.created_at, order.sequence, order.ended, order.settled) == (AT, 1, False, False)


def test_totals_come_from_the_fills() -> None:
    order = book_of(intended(), fill("a.01", "3", "99"), fill("b.01", "2", "104")).require("k")
    assert (order.filled, order.remaining, order.average_price, order.position) == (5, 5, 101, 5)
    assert (order.state, order.perm_id) == (S.WORKING, 7)


def test_a_sale_takes_from_the_position() -> None:
    order = book_of(intended(spec=sell(10)), fill("a.01", "10", "99", Side.SELL)).require("k")
    assert (order.position, order.state) == (-10, S.FILLED)


def test_more_than_was_asked_for_leaves_nothing_and_no_less() -> None:
    order = book_of(intended(), fill("a.01", "8", "1"), fill("b.01", "8", "1")).require("k")
    assert (order.filled, order.remaining, order.state) == (16, 0, S.FILLED)


@pytest.mark.parametrize("order", (("a.01", "a.02"), ("a.02", "a.01"), ("a.01", "a.02", "a.01", "a.02")))
def test_the_highest_correction_counts_in_any_order(order) -> None:
    events = {"a.01": fill("a.01", "10", "100"), "a.02": fill("a.02", "9", "101")}
    taken = book_of(intended(), *(events[name] for name in order)).require("k")
    assert [(f.execution_id, f.quantity) for f in taken.fills] == [("a.02", 9)]


def test_commissions_join_by_execution_before_or_after_their_fill() -> None:
    charged = CommissionReceived("k", "a.01", Decimal("1.5"), "USD", None)
    before = book_of(intended(), charged, fill("a.01", "10", "1")).require("k")
    after = book_of(intended(), fill("a.01", "10", "1"), charged, charged).require("k")
    assert before.commission == after.commission == {"USD": Decimal("1.5")}
    assert before.settled
    assert after.settled


def test_a_corrected_commission_replaces_the_one_before() -> None:
    first = CommissionReceived("k", "a.01", Decimal(1), "USD", None)
    second = CommissionReceived("k", "a.02", Decimal(2), "USD", None)
    for events in ((first, second), (second, first)):
        assert book_of(intended(), *events).require("k").commission == {"USD": 2}


def test_commissions_in_several_currencies_are_not_added() -> None:
    parts = (CommissionReceived("k", f"{n}.01", Decimal(n), c, None) for n, c in enumerate(("USD", "EUR", "USD")))
    assert book_of(intended(), *parts).require("k").commission == {"USD": 2, "EUR": 1}


@pytest.mark.parametrize(
    ("execution_id", "identity"),
    (
        ("0000e0d5.6545d0ab.01.01", ("0000e0d5.6545d0ab.01", 1)),
        ("0000e0d5.6545d0ab.01.12", ("0000e0d5.6545d0ab.01", 12)),
        ("F-123", ("F-123", 0)),
        ("x.y", ("x.y", 0)),
        (".01", ("", 1)),
        ("", ("", 0)),
    ),
)
def test_execution_identity(execution_id: str, identity: tuple[str, int]) -> None:
    assert execution_identity(execution_id) == identity


def test_a_reason_belongs_to_the_state() -> None:
    cancelled = OrderMoved("k", T.CANCELLED, "by hand", 202)
    order = book_of(intended(), OrderMoved("k", T.HELD, "held for locate"), OrderMoved("k", T.WORKING)).require("k")
    assert (order.reason, order.code) == ("", None)
    order = book_of(intended(), OrderMoved("k", T.CANCELLED), cancelled, OrderMoved("k", T.LOST, "cut")).require("k")
    assert (order.state, order.reason, order.code) == (S.CANCELLED, "by hand", 202)


def test_an_echo_changes_nothing_and_is_known_to() -> None:
    order = book_of(intended(), OrderMoved("k", T.WORKING, perm_id=7), OrderNoticed("k", 399, "w")).require("k")
    assert not changes(order, OrderMoved("k", T.WORKING, perm_id=7))
    assert not changes(order, OrderMoved("k", T.HELD))
    assert not changes(order, OrderNoticed("k", 399, "w"))
    assert changes(order, OrderNoticed("k", 399, "another"))
    assert changes(order, OrderMoved("k", T.CANCELLED))
    assert changes(order, OrderMoved("k", T.WORKING, filled=Decimal(1)))


def test_an_order_is_found_by_each_of_its_names() -> None:
    book = book_of(intended(), fill("a.01", "1", "1"), intended("with spaces", 2))
    for found in (
        book.by_id(1, 1), book.by_ref("k"), book.by_perm(7), book.by_execution("a.01"), book.by_execution("a.02"),
    ):  # fmt: skip
        assert found == book.require("k")
    assert book.by_ref(book.require("with spaces").request.ref) == book.require("with spaces")
    for missing in (book.by_id(2, 1), book.by_ref("x"), book.by_perm(0), book.by_execution("b.01"), book.get("x")):
        assert missing is None


def test_a_branch_goes_its_own_way() -> None:
    book = book_of(intended(), intended("other", 2))
    branch = book.branch()
    branch.take(Recorded(0, AT, fill("a.01", "10", "1")))
    assert branch.require("k").state is S.FILLED
    assert branch.by_execution("a.01") == branch.by_id(1, 1) == branch.require("k")
    assert branch.branch().require("k").state is S.FILLED
    assert book.require("k").state is S.INTENDED
    assert book.by_execution("a.01") is None
    assert [order.key for order in branch] == ["k", "other"]
    assert len(branch) == len(book) == 2


def test_a_journal_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(StorageError, match="before its intent"):
        book_of(OrderMoved("k", T.SENT))
    with pytest.raises(StorageError, match="intended twice"):
        book_of(intended(), intended())
    with pytest.raises(IllegalTransition, match="WORKING cannot take NEVER_SENT"):
        book_of(intended(), OrderMoved("k", T.WORKING), OrderMoved("k", T.NEVER_SENT))
