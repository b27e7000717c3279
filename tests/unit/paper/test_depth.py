"""The difference between two books, for clients of either habit."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ironbridge.exchange.universe import Universe
from ironbridge.paper.depth import Operation, Row, changes
from ironbridge.paper.market_centers import parts, places

ROWS = st.lists(st.builds(Row, st.decimals(1, 9, places=2), st.decimals(1, 9, places=0)), max_size=8)
AAPL = Universe().by_con_id(265598)


def by_shifting(rows, changed):
    """As IB documents it: an insert moves the rows behind it back, a delete moves them up."""
    rows = list(rows)
    for operation, position, row in changed:
        if operation is Operation.INSERT:
            rows.insert(position, row)
        elif operation is Operation.UPDATE:
            rows[position] = row
        else:
            del rows[position]
    return rows


def by_overwriting(rows, changed):
    """As ib_async keeps it: a place holds what was said of it last."""
    book = dict(enumerate(rows))
    for operation, position, row in changed:
        if operation is Operation.DELETE:
            book.pop(position)
        else:
            book[position] = row
    assert sorted(book) == list(range(len(book)))
    return list(book.values())


@given(ROWS, ROWS)
def test_every_client_comes_to_the_same_book(before, after):
    changed = list(changes(before, after))
    assert by_shifting(before, changed) == after
    assert by_overwriting(before, changed) == after


@given(ROWS, ROWS)
def test_nobody_holds_more_rows_than_the_longer_book(before, after):
    held = len(before)
    for operation, _, _ in changes(before, after):
        held += {Operation.INSERT: 1, Operation.UPDATE: 0, Operation.DELETE: -1}[operation]
        assert held <= max(len(before), len(after))


@given(ROWS)
def test_nothing_is_said_of_what_did_not_change(rows):
    assert list(changes(rows, rows)) == []


@given(st.decimals(1, 1000, places=2), st.decimals("0.0001", 100_000, places=4))
def test_the_parts_make_the_whole(price, size):
    shown = list(parts(AAPL, price, size))
    assert sum((part for _, part in shown), Decimal(0)) == size
    assert all(part > 0 for _, part in shown)
    assert len({name for name, _ in shown}) == len(shown)
    assert {name for name, _ in shown} <= set(places(AAPL))
    assert shown == list(parts(AAPL, price, size))
