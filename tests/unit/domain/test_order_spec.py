"""Shapes of every kind: kept and read back, told apart, and judged with nothing but `InvalidOrder`."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.algos import Adaptive, Algo, Vwap
from ironbridge.domain.conditions import Conditions, MarginBelow, PriceAbove, TimeAfter
from ironbridge.domain.events import OrderIntended
from ironbridge.domain.instrument import Contract, Stock
from ironbridge.domain.order import OrderRequest
from ironbridge.domain.order_spec import OrderSpec, buy, sell
from ironbridge.domain.order_types import PRICES, TYPES, Need, OrderType, TimeInForce, TriggerMethod
from ironbridge.domain.scale import Scale
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInput, InvalidOrder
from ironbridge.orders.validation import check_spec
from ironbridge.store.codec import decode, encode

AAPL = replace(Stock("AAPL"), con_id=265598)
AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
CONTRACT = Contract(
    AAPL, "APPLE", Decimal("0.01"), (), Decimal(1), Decimal(1), Decimal(1), frozenset(), ("SMART",), "US/Eastern", "",
    "", 0, AT,
)  # fmt: skip

numbers = st.decimals(allow_nan=True, allow_infinity=True)
amounts = st.decimals("0.01", 10**6, places=2)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
conditions = st.sampled_from(
    (None, Conditions((PriceAbove(AAPL, 5),)), PriceAbove(AAPL, 5) & TimeAfter(AT), MarginBelow(3) | TimeAfter(AT))
)


@st.composite
def specs(draw: Any) -> OrderSpec:
    """Any order that can be meant."""
    kind = draw(st.sampled_from(OrderType))
    prices: dict[str, Any] = {}
    for name, need in TYPES[kind].prices.items():
        if need is Need.REQUIRED or (need is Need.OPTIONAL and draw(st.booleans())):
            prices[name] = draw(amounts)
    if TYPES[kind].one_of:
        prices[draw(st.sampled_from(TYPES[kind].one_of))] = draw(st.decimals("0.01", 99, places=2))
    time = draw(st.sampled_from(TimeInForce))
    cash = draw(st.none() | amounts)
    return OrderSpec(
        draw(st.sampled_from(Side)),
        draw(amounts) if cash is None else Decimal(0),
        kind,
        time_in_force=time,
        outside_hours=draw(st.booleans()),
        cash_quantity=cash,
        good_till=draw(moments) if time is TimeInForce.GTD else None,
        conditions=draw(conditions),
        algorithm=draw(st.sampled_from((None, Adaptive(), Vwap("0.1", start=AT), Algo("Own", (("a", "b"),))))),
        scaling=draw(st.sampled_from((None, Scale(5, Decimal("0.1")), Scale(5, Decimal("0.1"), 2, Decimal(1), True)))),
        display_size=draw(st.none() | st.integers(1, 99)),
        min_quantity=draw(st.none() | st.integers(1, 99)),
        is_all_or_none=draw(st.booleans()),
        is_hidden=draw(st.booleans()),
        trigger_method=draw(st.sampled_from(TriggerMethod)),
        discretionary_amount=draw(st.none() | amounts),
        is_guaranteed=draw(st.booleans()),
        **prices,
    )


def request(spec: OrderSpec) -> OrderRequest:
    return OrderRequest("k", AAPL, spec, "DU1", "s")


@given(specs())
def test_the_journal_gives_back_what_was_kept(spec: OrderSpec) -> None:
    event = OrderIntended("k", request(spec), 1, 1)
    assert decode(*encode(event)) == event


@given(specs(), specs())
def test_two_orders_have_one_fingerprint_where_they_are_equal_alone(one: OrderSpec, other: OrderSpec) -> None:
    assert (request(one).fingerprint == request(other).fingerprint) == (one == other)


def refused_field(make: Callable[[], OrderSpec]) -> str | None:
    """The field that the refusal names, None where there is none; any other error comes through."""
    try:
        check_spec(make(), CONTRACT)
    except InvalidOrder as refusal:
        return str(refusal.details["field"])
    return None


@given(specs())
def test_a_valid_shape_is_judged_with_an_invalid_order_or_none(spec: OrderSpec) -> None:
    assert refused_field(lambda: spec) != ""


@given(st.sampled_from(OrderType), numbers, st.dictionaries(st.sampled_from((*PRICES, "cash_quantity")), numbers))
def test_any_numbers_are_judged_with_an_invalid_order_or_none(
    kind: OrderType, quantity: Decimal, given_: dict[str, Decimal]
) -> None:
    assert refused_field(lambda: OrderSpec(Side.BUY, quantity, kind, **given_)) != ""  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("spec", "fingerprint"),
    (
        (buy(10), "ba42a67a"),
        (sell("2.50").limit("227.350").gtc(), "613fa74b"),
    ),
)
def test_what_could_be_asked_for_at_first_has_the_fingerprint_that_it_had(spec: OrderSpec, fingerprint: str) -> None:
    assert request(spec).fingerprint.startswith(fingerprint)


def test_an_intent_of_the_first_version_is_still_read() -> None:
    row = (
        '{"key":"k","request":{"key":"k","instrument":{"kind":"STK","symbol":"AAPL","exchange":"SMART","currency":"USD",'
        '"primary_exchange":"","expiry":"","strike":null,"right":null,"multiplier":null,"trading_class":"",'
        '"local_symbol":"","con_id":265598},"spec":{"side":"BUY","quantity":"10","order_type":"STP LMT",'
        '"limit_price":"5","stop_price":"4","time_in_force":"IOC","outside_hours":true},"account":"DU1","strategy":"s"},'
        '"client_id":1,"order_id":7}'
    )
    spec = buy(10).stop(4).limit(5).ioc().outside_regular_hours()
    assert decode("order_intended", 1, row) == OrderIntended("k", request(spec), 1, 7)


@pytest.mark.parametrize(
    ("spec", "field", "says"),
    (
        (buy(1).on_close().gtc(), "time_in_force", "MOC order cannot be GTC. Give DAY"),
        (buy(1).stop(5).ioc(), "time_in_force", "STP order cannot be IOC"),
        (buy(1).market_to_limit().on_open(), "time_in_force", "MTL order cannot be OPG"),
        (buy(9).display(3), "display_size", "MKT order does not take"),
        (buy(9).limit(5).display(10), "display_size", "above the quantity 9"),
        (buy(9).limit(5).all_or_none().at_least(2), "min_quantity", "cannot have both"),
        (buy(9).limit(5).algo(Adaptive()).ioc(), "algorithm", "that is IOC does not take"),
        (sell(9).trail("0.005"), "trail_amount", "Give 0.01"),
        (sell(9).trail_limit(1, offset="0.015"), "limit_offset", "Give 0.01 or 0.02"),
        (buy("1.5").relative("0.01"), "quantity", "no multiple of 1"),
        (buy(1).limit("1e20"), "limit_price", "out of any market's range"),
    ),
)
def test_what_ib_refuses_is_refused_here_by_field(spec: OrderSpec, field: str, says: str) -> None:
    with pytest.raises(InvalidOrder, match=says) as refused:
        check_spec(spec, CONTRACT)
    assert refused.value.details["field"] == field


def test_conditions_that_ib_could_read_in_two_ways_are_refused() -> None:
    a, b, c = PriceAbove(AAPL, 1), TimeAfter(AT), MarginBelow(3)
    assert (a | b & c) == (b & c | a), "one meaning, one form"
    for mixed in (lambda: (a | b) & c, lambda: (a & b) | (b & c)):
        with pytest.raises(InvalidOrder, match="in two ways"):
            mixed()


@pytest.mark.parametrize(
    "make",
    (
        lambda: Adaptive("Fast"),  # type: ignore[arg-type]  # that is the mistake
        lambda: Algo("Adaptive", (("adaptivePriorit", "Urgent"),)),
        lambda: Vwap("0.9"),
        lambda: PriceAbove(Stock("AAPL"), 5),
        lambda: Scale(5, Decimal(0)),
        lambda: buy(1).until(datetime(2026, 1, 1)),  # noqa: DTZ001 - that is the mistake
        lambda: buy(1).trail(1, percent=1),
        lambda: buy(1).trail(percent=100),
        buy,
        lambda: buy(1, cash=5),
    ),
)
def test_what_cannot_be_meant_is_refused_as_it_is_written(make: Any) -> None:
    with pytest.raises(InvalidInput):
        make()


def test_every_field_has_a_word_in_the_line_for_people() -> None:
    spec = buy(10).limit(5).after(AT).until(AT + timedelta(days=1)).display(2).hidden().at_least(3).discretionary("0.1")
    assert str(spec) == (
        "BUY 10 LMT 5 GTD 2026-03-03T15:00:00Z from 2026-03-02T15:00:00Z showing 2 at least 3 hidden discretionary 0.1"
    )
    assert {field.name for field in fields(OrderSpec)} >= set(PRICES)
