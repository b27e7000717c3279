"""The gate and the checks before it: every refusal names the limit, its value and the order's."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Future, Kind, Stock
from ironbridge.domain.market import Quote
from ironbridge.domain.order import OrderRequest, buy, sell
from ironbridge.errors import InvalidOrder, InvalidSettings, OrderRefused
from ironbridge.orders import CodeRule, Codes, Meaning, RiskGate, RiskLimits
from ironbridge.orders.codes import TABLE
from ironbridge.orders.content import means
from ironbridge.orders.validation import CONTRACT_NAMES, check_spec
from ironbridge.testing.clock import ManualClock

AAPL = Stock("AAPL")


def asked(spec) -> OrderRequest:
    return OrderRequest("k", AAPL, spec, "DU1")


def gate(**limits) -> RiskGate:
    return RiskGate(RiskLimits(**{name: Decimal(value) for name, value in limits.items()}), ManualClock())


def test_without_limits_everything_passes_and_says_what_was_checked(contract) -> None:
    request = asked(buy(10**9))
    approved = gate().check(request, contract(), None)
    assert (approved.request, approved.checks) == (request, ("max_quantity", "max_notional"))
    assert approved.at == ManualClock().now()


@pytest.mark.parametrize(
    ("limits", "spec", "multiplier", "rule", "limit", "value"),
    (
        ({"max_quantity": "10"}, buy("10.5"), 1, "max_quantity", "10", "10.5"),
        ({"max_quantity": "10"}, sell(11).limit(1), 1, "max_quantity", "10", "11"),
        ({"max_notional": "1000"}, buy(10).limit("100.01"), 1, "max_notional", "1000", "1000.1"),
        ({"max_notional": "1000"}, sell(10).stop("100.01"), 1, "max_notional", "1000", "1000.1"),
        ({"max_notional": "1000"}, buy(10).stop("90").limit("100.01"), 1, "max_notional", "1000", "1000.1"),
        ({"max_notional": "1000"}, buy(1).limit("20.01"), 50, "max_notional", "1000", "1000.5"),
        ({"max_notional": "1000"}, buy(10).limit("-100.01"), 1, "max_notional", "1000", "1000.1"),
    ),
)
def test_refusals(contract, limits, spec, multiplier, rule, limit, value) -> None:
    with pytest.raises(OrderRefused) as refused:
        gate(**limits).check(asked(spec), replace(contract(), multiplier=Decimal(multiplier)), None)
    assert (refused.value.rule, refused.value.limit, refused.value.value) == (rule, limit, value)
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("limits", "spec"),
    (
        ({"max_quantity": "10"}, buy(10)),
        ({"max_notional": "1000"}, buy(10).limit(100)),
        ({"max_notional": "1000", "max_quantity": "10"}, sell(10).limit("99.99")),
    ),
)
def test_at_the_limit_is_within_it(contract, limits, spec) -> None:
    assert gate(**limits).check(asked(spec), contract(), None).request.spec == spec


@pytest.mark.parametrize(
    ("spec", "sides", "passes"),
    (
        (buy(10), {"bid": 1.0, "ask": 100.0}, True),
        (buy(10), {"bid": 1.0, "ask": 100.01}, False),
        (sell(10), {"bid": 100.01, "ask": 1.0}, False),
        (buy(10), {"last": 100.0}, True),
        (sell(10), {"last": 100.01}, False),
        (buy(10), {"bid": 1.0}, False),
    ),
)
def test_a_market_order_is_judged_by_what_the_market_asks(contract, spec, sides, passes) -> None:
    quote = Quote(AAPL, ManualClock().now(), **sides)
    limited = gate(max_notional="1000")
    assert limited.needs_quote(spec)
    if passes:
        assert limited.check(asked(spec), contract(), quote)
    else:
        with pytest.raises(OrderRefused):
            limited.check(asked(spec), contract(), quote)


def test_limits_are_replaced_as_a_whole(contract) -> None:
    limited = gate(max_quantity="1")
    limited.limits = RiskLimits(max_notional=Decimal(5))
    assert limited.limits == RiskLimits(max_notional=Decimal(5))
    assert limited.check(asked(buy(5).limit(1)), contract(), None)


@pytest.mark.parametrize("value", ("0", "-1", "nan", "inf"))
@pytest.mark.parametrize("name", ("max_quantity", "max_notional"))
def test_limits_that_cannot_be(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{name} is"):
        RiskLimits(**{name: Decimal(value)})


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


def test_every_order_type_has_its_names() -> None:
    from ironbridge.domain.order import OrderType

    assert set(CONTRACT_NAMES) == set(OrderType)


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
