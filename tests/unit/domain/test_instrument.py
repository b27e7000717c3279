"""What can be named, and the price grid of what has been resolved."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.instrument import (
    Contract,
    Forex,
    Future,
    Index,
    Instrument,
    Kind,
    Option,
    PriceIncrement,
    Right,
    Stock,
)
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInput, InvalidInstrument
from ironbridge.testing.fake_feed import contract_for


@pytest.mark.parametrize(
    ("make", "said"),
    (
        (lambda: Stock(""), "symbol"),
        (lambda: Stock("AAPL\n"), "symbol"),
        (lambda: Stock("A:B"), "symbol"),
        (lambda: Stock("AAPL", currency="usd"), "currency"),
        (lambda: Option("SPY", "", 680, "C"), "needs an expiry"),
        (lambda: Option("SPY", "2026-13", 680, "X"), "right"),
        (lambda: Option("SPY", "261218", "six", "C"), "strike"),
        (lambda: Option("SPY", "1812", 680, "C"), "expiry"),
        (lambda: Option("SPY", "20261218", -1, "C"), "strike"),
        (lambda: Option("SPY", "\u0662\u0660\u0662\u0666\u0661\u0662", 680, "C"), "expiry"),
        (lambda: Forex("EUR"), "currency pair"),
        (lambda: Instrument(Kind.STOCK, "AAPL", strike=Decimal(1)), "no option"),
        (lambda: Instrument(Kind.STOCK, "AAPL", con_id=-1), "con_id"),
    ),
)
def test_what_cannot_be_meant_is_refused(make, said) -> None:
    with pytest.raises(InvalidInput, match=said):
        make()


def test_dates_and_words_are_taken_as_people_write_them() -> None:
    option = Option("SPY", date(2026, 12, 18), 680, "put")
    assert (option.expiry, option.right, option.strike) == ("20261218", Right.PUT, Decimal(680))
    assert Option("SPY", "2026-12-18", 680.0, Right.PUT) == option
    assert Forex("eur/usd") == Forex("EURUSD")


@pytest.mark.parametrize(
    ("instrument", "text"),
    (
        (Stock("AAPL"), "AAPL"),
        (Forex("EURUSD"), "EURUSD"),
        (Future("ES", "202612", "CME"), "ES 202612"),
        (Future("ES", local_symbol="ESZ6"), "ES ESZ6"),
        (Future("ES"), "ES"),
        (Option("SPY", "20261218", "680.50", "C"), "SPY 20261218 680.5 C"),
        (Index("SPX"), "SPX"),
    ),
)
def test_an_instrument_reads_as_a_person_would_say_it(instrument: Instrument, text: str) -> None:
    assert str(instrument) == text


def test_a_contract_says_what_tells_it_from_others() -> None:
    option = replace(
        contract_for(Option("SPX", "20261218", 6800, "C", trading_class="SPXW"), 7), long_name="S&P 500 Stock Index"
    )
    assert str(option) == ("SPX 20261218 6800 C, option, S&P 500 Stock Index, SMART, USD, class SPXW, conId 7")
    stock = contract_for(Stock("ABC", primary_exchange="NYSE"), 8)
    assert str(stock) == "ABC, stock, ABC Inc, SMART (listed NYSE), USD, conId 8"
    future = contract_for(Future("ES", "20261218", "CME", local_symbol="ESZ6"), 9)
    assert str(future) == "ES ESZ6, future, ES Inc, CME, USD, expires 20261218, conId 9"


STEPS = (PriceIncrement(Decimal(0), Decimal("0.05")), PriceIncrement(Decimal(3), Decimal("0.10")))
SPX: Contract = replace(contract_for(Option("SPX", "20261218", 6800, "C"), 1), increments=STEPS)


@pytest.mark.parametrize(
    ("price", "step"), (("0", "0.05"), ("2.95", "0.05"), ("3", "0.10"), ("100", "0.10"), ("-5", "0.10"))
)
def test_the_step_is_the_one_that_holds_at_the_price(price: str, step: str) -> None:
    assert SPX.increment_at(Decimal(price)) == Decimal(step)


prices = st.decimals(min_value=-1000, max_value=1000, places=4)


@given(prices, st.sampled_from(Side))
def test_a_rounded_price_conforms_and_is_no_worse_for_its_owner(price: Decimal, side: Side) -> None:
    rounded = SPX.round_price(price, side)
    assert rounded <= price if side is Side.BUY else rounded >= price
    assert abs(rounded - price) < Decimal("0.10")
    assert SPX.conforms(rounded)
    assert not SPX.conforms(price) or rounded == price


def test_without_a_grid_every_price_conforms() -> None:
    free = replace(SPX, increments=(), min_tick=Decimal(0))
    assert free.conforms(Decimal("1.23456"))
    assert free.round_price(Decimal("1.23456"), Side.BUY) == Decimal("1.23456")


def test_instruments_are_keys() -> None:
    assert {Stock("AAPL"): 1}[Stock("AAPL")] == 1
    with pytest.raises(InvalidInstrument):
        replace(Stock("AAPL"), currency="")
