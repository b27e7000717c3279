"""The shape of an order, its key and its fingerprint."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.instrument import Index, Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order import OrderRequest, OrderType, TimeInForce, buy, check_key, order_ref, sell
from ironbridge.domain.order_state import ForeignOrder, Order
from ironbridge.domain.reports import BrokerStatus
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInput, InvalidOrder

AAPL = replace(Stock("AAPL"), con_id=265598)


def test_a_spec_is_refined_step_by_step() -> None:
    spec = buy(10).limit("227.35").gtc().outside_regular_hours()
    assert (spec.side, spec.quantity, spec.order_type) == (Side.BUY, 10, OrderType.LIMIT)
    assert (spec.limit_price, spec.time_in_force, spec.outside_hours) == (Decimal("227.35"), TimeInForce.GTC, True)
    assert spec.ioc().time_in_force is TimeInForce.IOC
    assert spec.fok().day().time_in_force is TimeInForce.DAY
    assert sell(1).stop(5).order_type is OrderType.STOP
    assert sell(1).stop(5).limit(4) == sell(1).limit(4).stop(5)
    assert str(sell(1).stop(5).limit("4.50")) == "SELL 1 STP LMT 4.5 stop 5 DAY"
    with pytest.raises(FrozenInstanceError):
        spec.quantity = Decimal(1)  # type: ignore[misc]  # that it cannot be set is what is tried


@pytest.mark.parametrize("quantity", (0, -1, "0", "-0.5"))
def test_a_quantity_must_be_above_zero(quantity: object) -> None:
    with pytest.raises(InvalidOrder, match="not positive"):
        buy(quantity)  # type: ignore[arg-type]  # any number


@pytest.mark.parametrize("quantity", ("ten", None, True, float("nan"), float("inf"), "nan"))
def test_a_quantity_must_be_a_number(quantity: object) -> None:
    with pytest.raises(InvalidInput, match="quantity must be"):
        buy(quantity)  # type: ignore[arg-type]  # that is the mistake


def test_a_price_that_is_not_there_says_where_it_went_missing() -> None:
    with pytest.raises(InvalidOrder, match=r"limit price is None.*quote without that side"):
        buy(1).limit(None)
    with pytest.raises(InvalidOrder, match="LMT order needs a limit price"):
        replace(buy(1), order_type=OrderType.LIMIT)
    with pytest.raises(InvalidOrder, match="MKT order takes no limit price"):
        replace(buy(1), limit_price=Decimal(1))


def request(key: str = "k", **changes: object) -> OrderRequest:
    fields = {"instrument": AAPL, "spec": buy(10).limit(1), "account": "DU1", "strategy": ""} | changes
    return OrderRequest(key, **fields)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    "other",
    (
        {"instrument": replace(AAPL, con_id=1)},
        {"instrument": replace(AAPL, exchange="NASDAQ")},
        {"spec": buy(11).limit(1)},
        {"spec": sell(10).limit(1)},
        {"spec": buy(10).limit(2)},
        {"spec": buy(10).stop(1)},
        {"spec": buy(10).limit(1).gtc()},
        {"spec": buy(10).limit(1).outside_regular_hours()},
        {"account": "DU2"},
        {"strategy": "s"},
    ),
)
def test_other_content_has_another_fingerprint(other: dict[str, object]) -> None:
    assert request(**other).fingerprint != request().fingerprint


def test_the_same_content_has_the_same_fingerprint_however_it_is_written() -> None:
    assert request("a", spec=buy("10.00").limit("1.0")).fingerprint == request("b").fingerprint


def test_an_index_cannot_be_ordered() -> None:
    with pytest.raises(InvalidOrder, match="is an index"):
        request(instrument=Index("SPX"))


@pytest.mark.parametrize("key", ("", "x" * 201, "tab\t", "ümlaut", "line\n"))
def test_keys_that_cannot_be(key: str) -> None:
    with pytest.raises(InvalidOrder, match="is not an order key"):
        check_key(key)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=200))
def test_a_ref_is_short_plain_and_made_from_the_key_alone(key: str) -> None:
    ref = order_ref(key)
    assert 1 <= len(ref) <= 32
    assert ref.isascii()
    assert order_ref(key) == ref == request(key).ref


def test_people_see_their_plain_keys_in_tws() -> None:
    assert order_ref("rebalance-2026.03:1_a") == "rebalance-2026.03:1_a"
    assert order_ref("with spaces").startswith("#")
    assert order_ref("#" + "0" * 24) != "#" + "0" * 24, "no key can pass for the ref of another"


def test_an_order_says_how_it_stands_in_one_line() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    order = Order("k", 1, 1, request(), OrderState.REJECTED, at, at, 1, reason="no margin")
    assert str(order) == "BUY 10 AAPL LMT 1 DAY: rejected (no margin) [k]"
    assert (order.instrument, order.side, order.quantity, order.ended) == (AAPL, Side.BUY, 10, True)
    foreign = ForeignOrder(0, -1, 9, "", "DU1", AAPL, Side.SELL, Decimal(5), "TRAIL", BrokerStatus.SUBMITTED)
    assert str(foreign) == "SELL 5 AAPL TRAIL: Submitted, not from here (client 0, order -1)"
