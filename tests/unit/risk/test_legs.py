"""Combinations before the gate: positions and exposure are counted in their legs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ironbridge.domain.instrument import Combo, ComboLeg, Instrument, Option
from ironbridge.domain.order import OrderSpec
from ironbridge.domain.values import Side
from ironbridge.errors import OrderRefused

CALL = replace(Option("AAPL", "20261218", 200, "C"), con_id=1, multiplier=Decimal(100))
NEAR, FAR = CALL, replace(CALL, con_id=2, strike=Decimal(210))
SPREAD = Combo("AAPL", ComboLeg(1, 1, Side.BUY), ComboLeg(2, 2, Side.SELL))


def order(side: Side, quantity: int) -> OrderSpec:
    spec = OrderSpec(side, Decimal(quantity))
    return spec.limit(1)


def refused(bench, rule: str, spec: OrderSpec, instrument: Instrument = SPREAD) -> OrderRefused:
    with pytest.raises(OrderRefused) as caught:
        bench.check(spec, instrument)
    assert caught.value.rule == rule
    return caught.value


def test_each_leg_counts_by_its_ratio_and_what_is_held_of_it(bench) -> None:
    bench.limit(max_position="10")
    bench.check(order(Side.BUY, 5), SPREAD)
    assert refused(bench, "max_position", order(Side.BUY, 6)).value == "12"
    bench.hold(-4, FAR)
    error = refused(bench, "max_position", order(Side.BUY, 4))
    assert error.value == "12"
    assert "contract 2" in str(error)
    bench.check(order(Side.SELL, 5), SPREAD)


def test_open_combinations_count_for_orders_of_one_leg(bench) -> None:
    bench.limit(max_position="10")
    bench.open(order(Side.BUY, 4), SPREAD)
    assert refused(bench, "max_position", order(Side.SELL, 3), FAR).value == "11"
    bench.check(order(Side.SELL, 2), FAR)
    bench.check(order(Side.BUY, 10), FAR)


def test_a_spread_that_closes_what_is_held_is_let_through(bench) -> None:
    bench.hold(50, NEAR)
    bench.hold(-100, FAR)
    bench.limit(max_position="10", max_exposure="1")
    bench.check(order(Side.SELL, 50), SPREAD)
    assert refused(bench, "max_exposure", order(Side.SELL, 51)).value
    assert refused(bench, "max_position", order(Side.SELL, 61)).value == "11"


def test_exposure_is_that_of_the_legs_and_not_of_the_net_price(bench) -> None:
    bench.hold(1, NEAR, price="12")
    bench.hold(-2, FAR, price="7")
    # Held 1 x 12 x 100 and 2 x 7 x 100; each spread adds as much again.
    bench.limit(max_exposure="5200")
    bench.check(order(Side.BUY, 1), SPREAD)
    assert refused(bench, "max_exposure", order(Side.BUY, 2)).value == "7800"


def test_a_leg_that_has_no_price_is_not_passed(bench) -> None:
    bench.limit(max_exposure="1000000")
    assert refused(bench, "max_exposure", order(Side.BUY, 1)).value == "unknown"


@given(
    ratios=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    sides=st.tuples(st.sampled_from(Side), st.sampled_from(Side)),
    held=st.tuples(st.integers(-20, 20), st.integers(-20, 20)),
    side=st.sampled_from(Side),
    quantity=st.integers(1, 9),
    limit=st.integers(1, 60),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_combination_passes_as_its_legs_would(bench, ratios, sides, held, side, quantity, limit) -> None:
    """It passes where each leg's position stays within the limit, or where each only becomes smaller."""
    spread = Combo("AAPL", ComboLeg(1, ratios[0], sides[0]), ComboLeg(2, ratios[1], sides[1]))
    bench.facts.rows.clear()
    for instrument, units in zip((NEAR, FAR), held, strict=True):
        bench.hold(units, instrument)
    bench.limit(max_position=str(limit))
    moves = [side.sign * leg.sign * ratio * quantity for leg, ratio in zip(sides, ratios, strict=True)]
    within = all((have + move) * (1 if move > 0 else -1) <= limit for have, move in zip(held, moves, strict=True))
    shrinks = all(have * move < 0 and abs(move) <= abs(have) for have, move in zip(held, moves, strict=True))
    if within or shrinks:
        bench.check(order(side, quantity), spread)
    else:
        assert refused(bench, "max_position", order(side, quantity), spread).limit == str(limit)
