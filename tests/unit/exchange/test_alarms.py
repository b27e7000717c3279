"""What an order waits for rings once: time goes on whatever its terms are.

An order that heard an alarm and stayed as it was asked for the same alarm again, and the venue stood still for ever:
with real sessions, a resting limit order with a good-after time was enough.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.exchange.conftest import START

from ironbridge.exchange.commands import Condition, ConditionKind, OrderKind, TimeInForce
from ironbridge.exchange.events import OrderStatus

AT = START + timedelta(minutes=1)
KINDS = {
    "rests": {"limit_price": Decimal(1)},
    "stop": {"kind": OrderKind.STOP, "stop_price": Decimal(1000)},
    "trail": {"kind": OrderKind.TRAIL, "trail_percent": Decimal(50)},
    "on close": {"kind": OrderKind.MARKET_ON_CLOSE},
    "on open": {"kind": OrderKind.MARKET_ON_OPEN},
}
CONDITIONS = {
    "no condition": {},
    "after": {"conditions": (Condition(ConditionKind.TIME, time=AT),)},
    "before": {"conditions": (Condition(ConditionKind.TIME, time=AT, above=False),)},
    "cancels": {"conditions": (Condition(ConditionKind.TIME, time=AT),), "conditions_cancel": True},
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("real_sessions", (True, False))
@pytest.mark.parametrize("good_after", (None, AT))
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_time_goes_on(make_bench, kind, condition, good_after, real_sessions):
    bench = make_bench(7, START, real_sessions=real_sessions)
    auction = kind.startswith("on ")
    terms = KINDS[kind] | CONDITIONS[condition] | {"tif": TimeInForce.DAY if auction else TimeInForce.GTC}
    order = bench.accepted("BUY", 1, good_after=good_after, **terms)
    bench.until(AT)
    bench.wait(0)
    at_the_time = bench.order(order.perm_id).status
    bench.wait(30 * 3600)
    if condition == "cancels":
        assert at_the_time is OrderStatus.CANCELLED
    elif kind == "rests":
        # It is Saturday: with real sessions the order waits for Monday.
        assert bench.order(order.perm_id).status is (OrderStatus.HELD if real_sessions else OrderStatus.WORKING)
    elif kind in {"stop", "trail"}:
        assert bench.order(order.perm_id).status is OrderStatus.HELD
