"""What is checked before the gate, and what IB's codes and a caller's words mean."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Future, Kind, Stock
from ironbridge.domain.order import buy
from ironbridge.errors import InvalidOrder
from ironbridge.orders import CodeRule, Codes, Meaning
from ironbridge.orders.codes import TABLE
from ironbridge.orders.content import means
from ironbridge.orders.validation import check_spec

# what the contract takes


def test_an_order_type_that_the_contract_does_not_take(contract) -> None:
    only_limits = replace(contract(), order_types=frozenset({"LMT", "STPLMT"}))
    with pytest.raises(InvalidOrder, match=r"AAPL takes no MKT orders. It takes LMT, STP LMT."):
        check_spec(buy(1), only_limits)
    check_spec(buy(1).limit(1), only_limits)
    check_spec(buy(1).stop(1).limit(1), only_limits)
    check_spec(buy(1), replace(contract(), order_types=frozenset()))
    with pytest.raises(InvalidOrder, match="none of the order types known here"):
        check_spec(buy(1), replace(contract(), order_types=frozenset({"AUC"})))


def test_fractions_where_the_contract_takes_them(contract) -> None:
    fractional = replace(contract(), size_increment=Decimal("0.0001"), min_size=Decimal("0.0001"))
    check_spec(buy("0.5"), fractional)
    with pytest.raises(InvalidOrder, match=r"no multiple of 0.0001.*Give 0.5 or 0.5001"):
        check_spec(buy("0.50005"), fractional)


def test_prices_below_zero_are_for_what_has_traded_there(contract) -> None:
    crude = replace(contract(), instrument=replace(Future("CL", "202612", "NYMEX"), con_id=1), increments=())
    check_spec(buy(1).limit("-37.63"), crude)
    with pytest.raises(InvalidOrder, match=r"Give -37.64 or -37.63"):
        check_spec(buy(1).limit("-37.635"), crude)
    with pytest.raises(InvalidOrder, match="not above zero"):
        check_spec(buy(1).limit("-1"), contract())


def test_a_contract_without_a_tick_takes_any_price(contract) -> None:
    check_spec(buy(1).limit("1.23456789"), replace(contract(), min_tick=Decimal(0), increments=()))


# codes


def test_the_table_says_what_to_do_where_an_order_is_refused() -> None:
    silent = [c for c, r in TABLE.items() if r.meaning in {Meaning.REFUSES, Meaning.REFUSES_NEW} and not r.next_step]
    assert silent == []


@pytest.mark.parametrize("code", (399, 404, 2109, 10167, 10349))
def test_the_codes_of_incident_5_are_advisory(code: int) -> None:
    assert Codes()[code].meaning is Meaning.ADVISORY


def test_an_owners_rule_comes_before_the_tables() -> None:
    mine = CodeRule(399, Meaning.REFUSES_NEW, "Trade in hours.")
    codes = Codes({399: mine, 77777: CodeRule(77777, Meaning.ADVISORY)})
    assert codes[399] == mine
    assert codes[77777].meaning is Meaning.ADVISORY
    assert codes[88888].meaning is Meaning.UNRECOGNISED
    assert codes[201].meaning is Meaning.REFUSES


# content


@pytest.mark.parametrize(
    ("written", "change", "same"),
    (
        (Stock("AAPL"), {}, True),
        (Stock("aapl"), {}, True),
        (Stock("AAPL", primary_exchange="NASDAQ"), {"primary_exchange": "NASDAQ"}, True),
        (Stock("AAPL", primary_exchange="NYSE"), {"primary_exchange": "NASDAQ"}, False),
        (Stock("AAPL"), {"currency": "EUR"}, False),
        (Stock("AAPL"), {"exchange": "NASDAQ"}, False),
        (Stock("AAPL"), {"kind": Kind.CFD}, False),
        (replace(Stock("AAPL"), con_id=5), {"con_id": 6}, False),
        (Future("ES", "202612"), {"expiry": "20261218", "exchange": "CME", "local_symbol": "ESZ6"}, True),
        (Future("ES", local_symbol="ESH7"), {"expiry": "20261218", "local_symbol": "ESZ6"}, False),
    ),
)
def test_what_is_written_means_what_it_was_resolved_to(written, change, same) -> None:
    resolved = replace(replace(written, symbol=written.symbol.upper()), **{"con_id": 5, **change})
    assert means(written, resolved) is same
