"""Judgements over prices, and the table that a line moves by."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.instrument import Kind
from ironbridge.domain.market import Quality, TickField
from ironbridge.marketdata.carriers import Carrier
from ironbridge.marketdata.line import TRANSITIONS, IllegalLineMove, Line, LineState
from ironbridge.marketdata.quality import (
    CONFIRMATIONS,
    Flaw,
    Level,
    complete,
    flaws_of,
    quality_of,
    weigh,
)
from ironbridge.marketdata.top import SIZE
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fake_feed import FakeFeed

from .conftest import AAPL, CONTRACTS


@pytest.mark.parametrize(
    ("kind", "bid", "ask", "last", "flaws"),
    (
        (Kind.STOCK, 10.0, 11.0, 10.5, ()),
        (Kind.STOCK, 10.0, 10.0, None, ()),
        (Kind.STOCK, None, None, None, ()),
        (Kind.STOCK, 11.0, 10.0, None, (Flaw.CROSSED,)),
        (Kind.STOCK, -1.0, 10.0, None, (Flaw.NEGATIVE,)),
        (Kind.STOCK, None, None, -0.01, (Flaw.NEGATIVE,)),
        (Kind.STOCK, 1.0, -1.0, None, (Flaw.CROSSED, Flaw.NEGATIVE)),
        (Kind.FUTURE, -37.63, -37.60, -37.6, ()),
        (Kind.COMBO, -0.5, 0.5, None, ()),
    ),
)
def test_prices_are_wrong_on_their_own(
    kind: Kind, bid: float | None, ask: float | None, last: float | None, flaws: tuple[Flaw, ...]
) -> None:
    assert flaws_of(kind, bid, ask, last) == flaws


def outliers(kind: Kind, prices: list[float | None]) -> list[bool]:
    level, found = Level(), []
    for price in prices:
        level, outlying = weigh(kind, level, price)
        found.append(outlying)
    return found


def test_an_outlier_is_one_until_it_has_been_confirmed() -> None:
    assert outliers(Kind.STOCK, [100, 101, 150, 101]) == [False, False, True, False]
    jump = [100.0, *[150.0] * (CONFIRMATIONS + 1)]
    assert outliers(Kind.STOCK, jump) == [False, *[True] * (CONFIRMATIONS - 1), False, False]
    assert outliers(Kind.STOCK, [100, 150, None, 300, 150, 300]) == [False, True, False, True, True, True]


def test_what_leaps_by_nature_has_no_outliers() -> None:
    assert outliers(Kind.OPTION, [0.05, 1.0, 0.05]) == [False, False, False]


prices = st.floats(min_value=0.01, max_value=1e6)


@given(st.lists(prices, min_size=1, max_size=30), prices)
def test_any_level_that_stays_becomes_the_level(before: list[float], after: float) -> None:
    found = outliers(Kind.STOCK, [*before, *[after] * (CONFIRMATIONS + 1)])
    assert not found[-1]


@pytest.mark.parametrize("value", (math.nan, math.inf, -math.inf, 1.7976931348623157e308))
def test_what_stands_for_nothing_never_becomes_a_number(value: float) -> None:
    line = Line(CONTRACTS[AAPL], ManualClock(), lambda _: None, Carrier("orders", FakeFeed(), 1))
    line.book.tick(TickField.BID, value, 100)
    line.book.tick(TickField.ASK, 0.0, value)
    line.book.tick(TickField.VOLUME, value)
    quote = line.quote()
    assert (quote.bid, quote.ask, quote.ask_size, quote.volume) == (None, 0.0, None, None)
    assert line.flaws == {Flaw.SENTINEL: 2}


def test_the_gravest_word_on_a_quote_wins() -> None:
    names = ("interrupted", "stale", "whole", "suspect")
    for values in itertools.product((False, True), repeat=4):
        said = dict(zip(names, values, strict=True))
        expected = (
            Quality.INTERRUPTED
            if said["interrupted"]
            else Quality.STALE
            if said["stale"]
            else Quality.PENDING
            if not said["whole"]
            else Quality.SUSPECT
            if said["suspect"]
            else Quality.GOOD
        )
        assert quality_of(**said) is expected


def test_an_index_is_whole_with_its_level() -> None:
    assert complete(Kind.INDEX, None, None, 6800.0)
    assert not complete(Kind.INDEX, 1.0, 2.0, None)
    assert not complete(Kind.STOCK, 1.0, None, 1.0)


def test_sizes_lie_where_the_tick_path_puts_them() -> None:
    for price, size in (
        (TickField.BID, TickField.BID_SIZE),
        (TickField.ASK, TickField.ASK_SIZE),
        (TickField.LAST, TickField.LAST_SIZE),
    ):
        assert price + SIZE == size


def test_the_table_names_every_state_and_closed_is_the_end() -> None:
    assert set(TRANSITIONS) == set(LineState)
    assert TRANSITIONS[LineState.CLOSED] == frozenset()
    reachable = {after for moves in TRANSITIONS.values() for after in moves} | {LineState.DECLARED}
    assert reachable == set(LineState)


def test_an_illegal_move_names_both_ends() -> None:
    line = Line(CONTRACTS[AAPL], ManualClock(), lambda _: None, Carrier("orders", FakeFeed(), 1))
    line.close()
    with pytest.raises(IllegalLineMove, match="CLOSED cannot become OPENING"):
        line.begin()


def test_a_size_without_its_price_is_not_shown() -> None:
    line = Line(CONTRACTS[AAPL], ManualClock(), lambda _: None, Carrier("orders", FakeFeed(), 1))
    line.book.tick(TickField.BID, 10.0, 100)
    line.book.tick(TickField.ASK, 11.0, math.inf)
    line.book.tick(TickField.BID, None)
    quote = line.quote()
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (None, None, 11.0, None)
