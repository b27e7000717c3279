"""The ledger: each fill once, cash and profit to the cent, whatever the order in which the messages come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironbridge.domain.account import Position
from ironbridge.domain.instrument import Forex, Future, Instrument, Kind, Option, Stock
from ironbridge.domain.reports import CommissionReport, ExecutionReport
from ironbridge.domain.values import Side
from ironbridge.exchange.ledger import Account, Holding
from ironbridge.exchange.listing import Listing
from ironbridge.portfolio.ledger import Ledger
from ironbridge.testing.clock import START
from ironbridge.testing.fake_feed import contract_for

D = Decimal
CENT = D("0.01")
AAPL = contract_for(Stock("AAPL"), 1).instrument
CALL = replace(contract_for(Option("AAPL", "20261218", 150, "C"), 2).instrument, multiplier=D(100))
ES = replace(contract_for(Future("ES", "202612", "CME"), 3).instrument, multiplier=D(50))
EURUSD = contract_for(Forex("EURUSD"), 4).instrument
SAP = contract_for(Stock("SAP", currency="EUR"), 5).instrument
ALL = (AAPL, CALL, ES, EURUSD, SAP)


def fill(n, side, quantity, price, instrument=AAPL, correction=1, account="DU1"):
    return ExecutionReport(
        f"0000f.{n:08x}.01.{correction:02}", n, 1, n, "", account, instrument, side, D(quantity), D(str(price)),
        D(quantity), None, START + timedelta(seconds=n), "NASDAQ",
    )  # fmt: skip


def fee(execution, amount, currency=None, correction=None):
    identity = execution.execution_id
    if correction is not None:
        identity = f"{identity.rpartition('.')[0]}.{correction:02}"
    return CommissionReport(identity, D(str(amount)), currency or execution.instrument.currency, None)


def row(quantity, cost, instrument=AAPL, account="DU1"):
    return Position(account, instrument, D(quantity), D(str(cost)))


NOTHING = (("USD", D(0)), ("EUR", D(0)))


def opened(*rows, account="DU1", cash=NOTHING):
    ledger = Ledger()
    ledger.open(account, rows, START, "first look")
    ledger.open_cash(account, cash, START)
    return ledger


def test_a_position_turns_through_zero() -> None:
    ledger = opened()
    bought, sold = fill(1, Side.BUY, 10, 100), fill(2, Side.SELL, 15, 110)
    for report in (bought, fee(bought, 1), sold, fee(sold, "1.5")):
        ledger.take(report) if isinstance(report, ExecutionReport) else ledger.charge(report)
    holding = ledger.holding("DU1", 1)
    assert (holding.quantity, holding.fills) == (D(-5), 2)
    # Ten closed: 1100 less 1001 less two thirds of the commission; five opened: 550 less the last third.
    assert holding.realized.quantize(CENT) == D("98.00")
    assert holding.cost.quantize(CENT) == D("-549.50")
    assert holding.average_cost.quantize(CENT) == D("109.90")
    assert holding.commissions == (("USD", D("2.5")),)
    assert ledger.cash("DU1") == {"EUR": D(0), "USD": D("647.5")}


def test_a_correction_replaces_and_a_late_original_is_ignored() -> None:
    ledger = opened()
    corrected = fill(1, Side.BUY, 8, 99, correction=2)
    assert ledger.take(corrected)
    assert not ledger.take(fill(1, Side.BUY, 10, 100))
    assert not ledger.take(corrected)
    assert ledger.holding("DU1", 1).cost == D(792)
    assert ledger.take(fill(1, Side.SELL, 8, 99, correction=3)), "even the side can be corrected"
    assert ledger.holding("DU1", 1).quantity == D(-8)
    assert len(ledger) == 1


def test_a_bust_undoes_its_fill_and_its_commission() -> None:
    ledger = opened(cash=(("USD", D(1000)),))
    first = fill(1, Side.BUY, 10, 50)
    ledger.take(first)
    ledger.charge(fee(first, 1))
    assert ledger.cash("DU1")["USD"] == D(499)
    bust = fill(1, Side.BUY, 0, 0, correction=2)
    assert ledger.take(bust)
    holding = ledger.holding("DU1", 1)
    assert (holding.quantity, holding.cost, holding.fills, holding.commissions) == (0, 0, 0, ())
    assert ledger.cash("DU1")["USD"] == D(1000)
    ledger.charge(fee(bust, "0.5"))
    assert ledger.cash("DU1")["USD"] == D("999.5"), "what the bust itself costs counts"


def test_a_currency_trade_moves_two_currencies() -> None:
    ledger = opened(cash=(("EUR", D(0)), ("USD", D(100_000))))
    trade = fill(1, Side.BUY, 20_000, "1.10005", EURUSD)
    ledger.take(trade)
    ledger.charge(fee(trade, 2, "USD"))
    assert ledger.cash("DU1") == {"EUR": D(20_000), "USD": D("77997.00000")}
    assert ledger.unforeseeable("DU1", "USD") == ""


def test_a_currency_that_comes_later_began_at_nothing() -> None:
    ledger = opened(cash=(("USD", D(100_000)),))
    ledger.take(fill(1, Side.BUY, 20_000, "1.1", EURUSD))
    assert ledger.cash("DU1") == {"EUR": D(20_000), "USD": D(78_000)}


def test_futures_move_no_cash_and_say_why_it_cannot_be_told() -> None:
    ledger = opened(cash=(("USD", D(100_000)),))
    trade = fill(1, Side.BUY, 2, 6000, ES)
    ledger.take(trade)
    ledger.charge(fee(trade, "4.5"))
    assert ledger.cash("DU1")["USD"] == D("99995.5")
    assert ledger.unforeseeable("DU1", "USD") == f"{ES} is settled by marks"
    assert ledger.holding("DU1", 3).average_cost == D("300002.25")


def test_a_commission_may_come_first_and_in_another_currency() -> None:
    ledger = opened(cash=(("EUR", D(5000)), ("USD", D(10))))
    trade = fill(1, Side.BUY, 10, 200, SAP)
    assert ledger.charge(fee(trade, 3, "USD"))
    assert ledger.cash("DU1")["USD"] == D(10), "it counts with its fill"
    ledger.take(trade)
    assert ledger.cash("DU1") == {"EUR": D(3000), "USD": D(7)}
    assert ledger.holding("DU1", 5).cost == D(2000), "dollars are no part of a cost in euros"
    assert not ledger.charge(fee(trade, 3, "USD"))


def test_a_combination_counts_by_its_legs() -> None:
    ledger = opened()
    combo = Instrument(Kind.COMBO, "AAPL", "SMART", "USD", con_id=28812380)
    ledger.take(fill(1, Side.BUY, 1, 5, combo))
    assert ledger.holding("DU1", 28812380) is None
    assert ledger.cash("DU1") == {"EUR": D(0), "USD": D(0)}


def test_without_an_opening_a_position_is_not_known() -> None:
    ledger = Ledger()
    ledger.take(fill(1, Side.BUY, 10, 100))
    holding = ledger.holding("DU1", 1)
    assert (holding.quantity, holding.cost, holding.realized, holding.traded) == (None, None, None, D(10))
    assert ledger.cash("DU1") == {"USD": None}


def test_what_was_there_before_is_what_the_fills_do_not_explain() -> None:
    ledger = Ledger()
    bought = fill(1, Side.BUY, 10, 120)
    ledger.take(bought)
    ledger.open("DU1", [row(60, 110)], START, "first look")
    ledger.open_cash("DU1", [("USD", D(500))], START)
    holding = ledger.holding("DU1", 1)
    assert (holding.quantity, holding.cost) == (D(60), D(6600))
    assert (holding.opening.quantity, holding.opening.cost) == (D(50), D(5400))
    assert holding.opening.reason == "first look"
    ledger.take(fill(1, Side.BUY, 12, 120, correction=2))
    assert ledger.holding("DU1", 1).quantity == D(62)
    assert ledger.cash("DU1")["USD"] == D(260)


@pytest.mark.parametrize(
    ("fills", "held", "quantity", "cost"),
    (
        ([(Side.SELL, 10, 130)], row(40, 100), 50, D(5000)),  # closing a part leaves the average
        ([(Side.SELL, 60, 130)], row(-10, 130), 50, None),  # turned: what the old side cost is gone
        ([(Side.SELL, 50, 130)], None, 50, None),  # closed wholly
        ([(Side.BUY, 5, 130)], row(5, 130), 0, D(0)),  # there was nothing before
        ([(Side.SELL, 10, 130), (Side.BUY, 20, 90)], row(60, 95), 50, D("4875")),
    ),
)
def test_openings_are_derived_backwards(fills, held, quantity, cost) -> None:
    ledger = Ledger()
    for n, (side, amount, price) in enumerate(fills, start=1):
        ledger.take(fill(n, side, amount, price))
    ledger.open("DU1", [held] if held else [], START, "first look")
    opening = ledger.holding("DU1", 1).opening
    assert (opening.quantity, opening.cost) == (D(quantity), cost)
    now = ledger.holding("DU1", 1)
    assert now.quantity == (held.quantity if held else 0)
    if cost is None:
        assert now.realized is None, "a profit over an unknown cost is not known"
        assert now.cost == (held.average_cost * held.quantity if held else 0), "what came after is known again"


def test_what_comes_unexplained_after_the_opening_is_a_difference() -> None:
    ledger = opened(row(50, 100))
    ledger.open("DU1", [row(70, 100), row(5, 10, SAP)], START, "second look")
    assert ledger.holding("DU1", 1).quantity == D(50)
    assert ledger.holding("DU1", 5).quantity == 0
    ledger.reopen("DU1", 1, row(70, 100), START, "accepted")
    assert ledger.holding("DU1", 1).quantity == D(70)


def test_openings_that_were_kept_lead_to_the_same() -> None:
    first = opened(row(50, 100), cash=(("USD", D(7)),))
    trade = fill(1, Side.SELL, 20, 130)
    again = Ledger()
    again.take(trade)
    again.restore(first.made, ())
    again.open("DU1", [row(999, 1)], START, "after a restart")
    first.take(trade)
    assert again.holding("DU1", 1) == first.holding("DU1", 1)


# against the venue's own books, in any order of messages

PLANS = st.lists(
    st.tuples(
        st.sampled_from(ALL),
        st.sampled_from(tuple(Side)),
        st.integers(1, 40),
        st.integers(50, 200),
        st.sampled_from((D(0), D("0.35"), D(1), D("2.05"))),
        st.sampled_from(("once", "twice", "corrected", "bust")),
    ),
    max_size=25,
)


def listing_of(instrument):
    return Listing(
        con_id=instrument.con_id, kind=instrument.kind, symbol=instrument.symbol, currency=instrument.currency,
        multiplier=instrument.multiplier or D(1), exchange="SMART", primary_exchange="", local_symbol="",
        trading_class="", long_name="", rule=None, size_increment=D(1), min_size=D(1), order_types=(),
        valid_exchanges=(), time_zone="UTC", market_name="",
    )  # fmt: skip


@given(plan=PLANS, seed=st.integers(0, 2**16))
@settings(max_examples=200, deadline=None)
def test_any_order_of_messages_leads_to_the_venues_books(plan, seed) -> None:
    venue = Account("DU1", "USD", margin=True, cash={"USD": D(0), "EUR": D(0)})
    messages = []
    for n, (instrument, side, quantity, price, cost, fate) in enumerate(plan, start=1):
        final = fill(n, side, quantity, price, instrument)
        paid = fee(final, cost)
        if fate == "corrected":
            final = fill(n, side, quantity + 3, price - 1, instrument, correction=2)
            messages.append(fill(n, side, quantity, price, instrument))
        elif fate == "bust":
            messages.append(final)
            final = fill(n, side, 0, 0, instrument, correction=2)
        messages += [final, paid] * (2 if fate == "twice" else 1)
        if fate != "bust":
            venue.book(listing_of(instrument), side, final.quantity, final.price, cost, instrument.currency)
    Random(seed).shuffle(messages)
    ledger = opened()
    for message in messages:
        ledger.take(message) if isinstance(message, ExecutionReport) else ledger.charge(message)
    for instrument in ALL:
        ours = ledger.holding("DU1", instrument.con_id)
        theirs = venue.holdings.get(instrument.con_id) or Holding(listing_of(instrument))
        assert (ours.quantity if ours else 0) == theirs.quantity
        assert (ours.quantity if ours else 0) == (ours.traded if ours else 0), "the position is the sum of its fills"
        if ours is not None:
            assert abs(ours.cost - theirs.cost) < CENT / 1000
            assert abs(ours.realized - theirs.realized) < CENT / 1000
    cash = ledger.cash("DU1")
    assert cash["EUR"] == venue.cash["EUR"]
    if not ledger.unforeseeable("DU1", "USD"):
        assert cash["USD"] == venue.cash["USD"]


@given(plan=PLANS, seed=st.integers(0, 2**16), at=st.integers(0, 25))
@settings(max_examples=100, deadline=None)
def test_an_opening_taken_at_any_moment_explains_the_rest(plan, seed, at) -> None:
    """Whatever was known when the account was opened, the position is the broker's then and the sum of fills after."""
    fills = [fill(n, side, quantity, price, AAPL) for n, (_, side, quantity, price, *_) in enumerate(plan, start=1)]
    held = 17 + sum((f.side.sign * f.quantity for f in fills[:at]), D(0))
    known = fills[:at]
    Random(seed).shuffle(known)
    ledger = Ledger()
    for report in known:
        ledger.take(report)
    ledger.open("DU1", [row(held, 100)] if held else [], START, "first look")
    for report in fills[at:]:
        ledger.take(report)
    holding = ledger.holding("DU1", 1)
    total = 17 + sum((f.side.sign * f.quantity for f in fills), D(0))
    assert (holding.quantity if holding else 0) == total
    if holding is not None and known:
        assert holding.opening.quantity == 17
