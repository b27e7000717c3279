"""What ends: options, futures, days."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Kind, Right
from ironbridge.errors import InvalidInput
from ironbridge.exchange.commands import ExerciseOption, TimeInForce
from ironbridge.exchange.events import (
    CancelReason,
    ContractExpired,
    Ending,
    OrderCancelled,
    PositionChanged,
)

from .conftest import Bench

D = Decimal
SPY, AFTER = 756733, datetime(2026, 12, 18, 22, 0, tzinfo=UTC)
SOON = {"symbol": "SPY", "kind": Kind.OPTION, "expiry": "20261218"}


def endings(bench: Bench) -> dict[int, ContractExpired]:
    return {e.con_id: e for e in bench.events if isinstance(e, ContractExpired)}


def cash(bench: Bench) -> Decimal:
    return dict(bench.venue.account("DU1").cash)["USD"]


def test_options_in_the_money_are_exercised_and_assigned(bench: Bench) -> None:
    call = bench.find(strike=D(550), right=Right.CALL, **SOON)
    put = bench.find(strike=D(800), right=Right.PUT, **SOON)
    dead = bench.find(strike=D(850), right=Right.CALL, **SOON)
    bench.accepted("BUY", 2, call.con_id)
    bench.accepted("SELL", 1, put.con_id)
    bench.accepted("BUY", 1, dead.con_id)
    paid = cash(bench)
    bench.until(AFTER)
    ended = endings(bench)
    assert {c: e.ending for c, e in ended.items()} == {
        call.con_id: Ending.EXERCISED,
        put.con_id: Ending.ASSIGNED,
        dead.con_id: Ending.WORTHLESS,
    }
    assert ended[call.con_id].time == datetime(2026, 12, 18, 21, 15, tzinfo=UTC)
    assert bench.position(SPY) == 300
    assert cash(bench) == paid - 200 * 550 - 100 * 800
    assert [bench.position(x.con_id) for x in (call, put, dead)] == [0, 0, 0]


def test_index_options_pay_the_difference(bench: Bench) -> None:
    query = {"symbol": "SPX", "kind": Kind.OPTION, "right": Right.CALL, "strike": D(6000)}
    evening = bench.find(trading_class="SPXW", expiry="20261218", **query)
    morning = bench.find(trading_class="SPX", expiry="202612", **query)
    for listing in (evening, morning):
        bench.accepted("BUY", 1, listing.con_id)
    paid = cash(bench)
    bench.until(AFTER)
    ended = endings(bench)
    assert ended[evening.con_id].time == datetime(2026, 12, 18, 21, 15, tzinfo=UTC)
    assert ended[morning.con_id].time == datetime(2026, 12, 18, 14, 30, tzinfo=UTC)
    worth = sum(e.settlement_price - 6000 for e in ended.values()) * 100
    assert worth > 0
    assert cash(bench) == paid + worth
    assert bench.position(evening.con_id) == 0


def test_a_future_ends_at_its_last_price_and_takes_its_orders_along(bench: Bench) -> None:
    es = bench.find(local_symbol="ESZ6")
    bench.accepted("BUY", 1, es.con_id)
    bought = bench.fills()[0].execution.price
    order = bench.accepted("SELL", 1, es.con_id, limit_price=bench.ask(es.con_id) * 2, tif=TimeInForce.GTC)
    bench.until(AFTER)
    ended = endings(bench)[es.con_id]
    assert ended.ending is Ending.SETTLED
    assert ended.time == datetime(2026, 12, 18, 14, 30, tzinfo=UTC)
    assert cash(bench) == 1_000_000 - D("2.25") + (ended.settlement_price - bought) * 50
    [cancelled] = [e for e in bench.events if isinstance(e, OrderCancelled)]
    assert (cancelled.order.perm_id, cancelled.reason) == (order.perm_id, CancelReason.LISTING_EXPIRED)


def test_futures_are_paid_up_every_day(bench: Bench) -> None:
    es = bench.find(local_symbol="ESZ6")
    bench.accepted("BUY", 1, es.con_id)
    before = cash(bench)
    bench.until(datetime(2026, 11, 21, 5, 0, tzinfo=UTC))
    assert cash(bench) != before
    view = bench.venue.account("DU1")
    assert abs(view.futures_pnl) < 100
    assert view.positions[0].average_cost == bench.fills()[0].execution.price * 50 + D("2.25")


def test_early_exercise_and_lapse(bench: Bench) -> None:
    call = bench.find(strike=D(600), right=Right.CALL, **SOON)
    bench.accepted("BUY", 3, call.con_id)
    events = bench.tell(ExerciseOption("DU1", call.con_id, D(1)))
    assert [e.ending for e in events if isinstance(e, ContractExpired)] == [Ending.EXERCISED]
    assert {e.con_id: e.quantity for e in events if isinstance(e, PositionChanged)} == {SPY: 100, call.con_id: 2}
    bench.tell(ExerciseOption("DU1", call.con_id, D(2), lapse=True))
    bench.until(AFTER)
    assert endings(bench)[call.con_id].ending is Ending.WORTHLESS
    assert bench.position(SPY) == 100


@pytest.mark.parametrize("quantity", (0, 2, -1))
def test_what_is_not_held_cannot_be_exercised(bench: Bench, quantity: int) -> None:
    call = bench.find(strike=D(600), right=Right.CALL, **SOON)
    bench.accepted("BUY", 1, call.con_id)
    with pytest.raises(InvalidInput, match="cannot be exercised"):
        bench.tell(ExerciseOption("DU1", call.con_id, D(quantity)))
    with pytest.raises(InvalidInput, match="holds no option"):
        bench.tell(ExerciseOption("DU2", call.con_id, D(1)))


def test_options_end_early_on_a_short_day(bench: Bench) -> None:
    call = bench.find(symbol="AAPL", kind=Kind.OPTION, expiry="20261127", strike=D(200), right=Right.CALL)
    bench.accepted("BUY", 1, call.con_id)
    bench.until(datetime(2026, 11, 28, tzinfo=UTC))
    assert endings(bench)[call.con_id].time == datetime(2026, 11, 27, 18, 0, tzinfo=UTC)


def test_time_goes_only_forward_and_is_aware(bench: Bench) -> None:
    bench.wait(10)
    with pytest.raises(InvalidInput, match="cannot go back"):
        bench.venue.advance(datetime(2026, 11, 20, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="no time zone"):
        bench.venue.advance(datetime(2027, 1, 1))  # noqa: DTZ001 - the naive time is the point


def test_finished_orders_are_told_of_for_a_day(bench: Bench) -> None:
    order = bench.accepted("BUY", 10)
    bench.until(datetime(2026, 11, 21, 6, 0, tzinfo=UTC))
    assert bench.venue.order(order.perm_id) is not None
    assert len(bench.venue.executions()) == 1
    bench.until(datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    assert bench.venue.completed() == []
    assert bench.venue.executions() == []
