"""Rows folded into positions: nothing made up, nothing kept that is no longer true."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.account import Position
from ironbridge.domain.instrument import Forex, Future, Stock
from ironbridge.portfolio.positions import PositionBook
from ironbridge.testing.fake_feed import contract_for

D = Decimal
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
AAPL = replace(contract_for(Stock("AAPL"), 1).instrument, exchange="", primary_exchange="NASDAQ")
ROW = Position("DU1", AAPL, D(100), D("150.5"))
PORTFOLIO_ROW = replace(ROW, market_price=D(160), market_value=D(16000), unrealized_pnl=D(950), realized_pnl=D("12.5"))


def test_what_the_broker_has_not_said_is_none() -> None:
    book = PositionBook()
    assert book.apply(ROW, NOW)
    (position,) = book.held()
    assert (position.market_price, position.market_value, position.unrealized_pnl) == (None, None, None)
    assert position.instrument.exchange == "SMART", "so that it can be ordered"


def test_market_numbers_stay_while_they_are_true() -> None:
    book = PositionBook()
    book.apply(PORTFOLIO_ROW, NOW)
    assert not book.apply(ROW, NOW), "the same row without market numbers says nothing new"
    (position,) = book.held()
    assert (position.market_value, position.unrealized_pnl) == (D(16000), D(950))
    book.apply(replace(ROW, quantity=D(200)), NOW)
    (position,) = book.held()
    assert (position.market_price, position.realized_pnl) == (D(160), D("12.5"))
    assert (position.market_value, position.unrealized_pnl) == (None, None)


def test_a_closed_position_is_gone_and_its_profit_stays_for_the_day() -> None:
    book = PositionBook()
    book.apply(PORTFOLIO_ROW, NOW)
    book.apply(replace(ROW, quantity=D(0), average_cost=D(0)), NOW)
    assert book.held() == []
    (closed,) = book.closed(NOW)
    assert (closed.quantity, closed.realized_pnl, closed.market_value) == (D(0), D("12.5"), D(0))
    book.apply(replace(ROW, quantity=D(0), realized_pnl=D(77)), NOW)
    assert [p.realized_pnl for p in book.closed(NOW)] == [D(77)]
    before_midnight = datetime(2026, 3, 3, 4, 59, tzinfo=UTC)
    assert len(book.closed(before_midnight)) == 1, "in New York it is still the same day"
    assert book.closed(before_midnight + timedelta(minutes=1)) == []


def test_a_position_opened_again_is_not_closed() -> None:
    book = PositionBook()
    for quantity in (D(100), D(0), D(5)):
        book.apply(replace(PORTFOLIO_ROW, quantity=quantity), NOW)
    assert [p.quantity for p in book.held()] == [D(5)]
    assert book.closed(NOW) == []


def test_a_whole_answer_says_what_is_not_there() -> None:
    book = PositionBook()
    other = replace(ROW, instrument=contract_for(Stock("MSFT"), 2).instrument)
    book.apply(ROW, NOW)
    book.begin()
    book.finish([other], NOW)
    assert [p.instrument.symbol for p in book.held()] == ["MSFT"]


def test_a_row_that_came_while_the_answer_did_is_the_newer() -> None:
    book = PositionBook()
    msft = replace(ROW, instrument=contract_for(Stock("MSFT"), 2).instrument)
    book.begin()
    book.apply(ROW, NOW)
    book.apply(replace(ROW, quantity=D(150)), NOW)
    book.apply(msft, NOW)
    book.finish([ROW], NOW)
    assert {p.instrument.symbol: p.quantity for p in book.held()} == {"AAPL": D(150), "MSFT": D(100)}


def test_accounts_are_apart() -> None:
    book = PositionBook()
    book.apply(ROW, NOW)
    book.apply(replace(ROW, account="DU2", quantity=D(-3)), NOW)
    assert [p.quantity for p in book.held("DU2")] == [D(-3)]
    assert book.accounts == {"DU1", "DU2"}


def test_futures_and_pairs_keep_their_exchange() -> None:
    book = PositionBook()
    es = replace(contract_for(Future("ES", "20261218"), 3).instrument, exchange="", primary_exchange="CME")
    eur = replace(contract_for(Forex("EURUSD"), 4).instrument, exchange="")
    for instrument in (es, eur):
        book.apply(replace(ROW, instrument=instrument), NOW)
    assert {p.instrument.symbol: p.instrument.exchange for p in book.held()} == {"ES": "CME", "EUR": "IDEALPRO"}


quantities = st.integers(-5, 5).map(D)
rows = st.builds(
    lambda con_id, quantity, value: Position(
        "DU1", replace(AAPL, con_id=con_id), quantity, D(1), market_value=value, realized_pnl=value
    ),
    st.integers(1, 4),
    quantities,
    st.none() | quantities,
)


@given(st.lists(rows), st.lists(rows), st.lists(rows, unique_by=lambda row: row.instrument.con_id))
def test_any_rows_leave_the_last_word_on_each_contract(
    earlier: list[Position], meanwhile: list[Position], answer: list[Position]
) -> None:
    book = PositionBook()
    for row in earlier:
        book.apply(row, NOW)
    book.begin()
    for row in meanwhile:
        book.apply(row, NOW)
    book.finish(answer, NOW)
    last = {row.instrument.con_id: row.quantity for row in (*answer, *meanwhile)}
    assert {p.instrument.con_id: p.quantity for p in book.held()} == {k: q for k, q in last.items() if q}
    assert all(p.quantity == 0 for p in book.closed(NOW))
