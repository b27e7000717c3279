"""The kept state: complete, plain, refused when it does not fit."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ironbridge.errors import InvalidInput
from ironbridge.exchange.commands import Condition, ConditionKind, OrderKind, TimeInForce
from ironbridge.exchange.events import Hold, OrderFilled, OrderStatus
from ironbridge.exchange.venue import Venue

from .conftest import START, Bench


def restarted(bench: Bench) -> Bench:
    return Bench(Venue.import_state(json.loads(json.dumps(bench.venue.export_state()))), bench.now, [], bench.orders)


def test_held_orders_wake_as_they_would_have(bench: Bench) -> None:
    soon = START + timedelta(minutes=2)
    late = bench.accepted("BUY", 1, good_after=soon)
    condition = Condition(ConditionKind.TIME, time=soon)
    when = bench.accepted("BUY", 2, conditions=(condition,))
    close = bench.accepted("BUY", 3, kind=OrderKind.MARKET_ON_CLOSE)
    parent = bench.accepted("BUY", 4, limit_price=bench.bid() - 20, tif=TimeInForce.GTC)
    child = bench.accepted("SELL", 4, limit_price=bench.bid(), parent=parent.perm_id, tif=TimeInForce.GTC)
    again = restarted(bench)
    again.until(datetime(2026, 11, 20, 21, 30, tzinfo=UTC))
    filled = [(e.order.perm_id, e.time) for e in again.events if isinstance(e, OrderFilled)]
    closing = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    assert filled == [(late.perm_id, soon), (when.perm_id, soon), (close.perm_id, closing)]
    assert again.order(child.perm_id).holds == (Hold.PARENT,)
    again.cancel(parent.perm_id)
    assert again.order(child.perm_id).status is OrderStatus.CANCELLED


def test_numbers_go_on(bench: Bench) -> None:
    first = bench.accepted("BUY", 1)
    again = restarted(bench)
    second = again.accepted("BUY", 1)
    assert second.perm_id == first.perm_id + 1
    ids = [execution.execution_id for execution, _ in again.venue.executions()]
    assert len(set(ids)) == 2
    assert again.venue.order(first.perm_id) == first
    assert again.venue.account("DU1").commissions == Decimal(2)


def test_a_contract_still_expires(bench: Bench) -> None:
    es = bench.find(local_symbol="ESZ6")
    bench.accepted("BUY", 1, es.con_id)
    again = restarted(bench)
    again.until(datetime(2026, 12, 19, tzinfo=UTC))
    assert again.position(es.con_id) == 0


def test_a_foreign_state_is_refused(bench: Bench) -> None:
    state = bench.venue.export_state()
    with pytest.raises(InvalidInput, match="format 99"):
        Venue.import_state({**state, "format": 99})
    bench.accepted("BUY", 1)
    state = bench.venue.export_state()
    state["accounts"][0]["holdings"][0][0] = 4
    with pytest.raises(InvalidInput, match="con id 4"):
        Venue.import_state(state)
