"""Order kinds, holds, brackets, groups, combinations: the life of an order beyond the book."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Kind, Right
from ironbridge.domain.values import Side
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.commands import (
    CancelAll,
    ComboLeg,
    Condition,
    ConditionKind,
    OcaType,
    OrderKind,
    TimeInForce,
)
from ironbridge.exchange.events import (
    CancelReason,
    CancelRejected,
    Change,
    Hold,
    ModifyRejected,
    OrderCancelled,
    OrderChanged,
    OrderFilled,
    OrderStatus,
    RejectReason,
)

from .conftest import AAPL, START, Bench, MakeBench

GS = 4627828
HELD, WORKING, FILLED, CANCELLED = OrderStatus.HELD, OrderStatus.WORKING, OrderStatus.FILLED, OrderStatus.CANCELLED
FAR = Decimal("1.00")


def run_until_done(bench: Bench, perm_id: int, seconds: int = 40_000) -> OrderStatus:
    end = bench.now + timedelta(seconds=seconds)
    while bench.now < end and bench.order(perm_id).status in {HELD, WORKING}:
        bench.wait(20)
    return bench.order(perm_id).status


def cancels(bench: Bench) -> list[tuple[int, CancelReason]]:
    return [(e.order.perm_id, e.reason) for e in bench.events if isinstance(e, OrderCancelled)]


def changes(bench: Bench, perm_id: int) -> list[Change]:
    return [e.change for e in bench.events if isinstance(e, OrderChanged) and e.order.perm_id == perm_id]


def test_a_stop_waits_for_its_price_and_then_takes_the_market(bench: Bench) -> None:
    stop = bench.bid() - Decimal("0.20")
    order = bench.accepted("SELL", 100, kind=OrderKind.STOP, stop_price=stop, tif=TimeInForce.GTC)
    assert (order.status, order.holds) == (HELD, (Hold.TRIGGER,))
    assert run_until_done(bench, order.perm_id) is FILLED
    fill = bench.fills(order.perm_id)[0]
    assert fill.execution.price <= stop + Decimal("0.02")
    assert changes(bench, order.perm_id) == [Change.TRIGGERED, Change.ACTIVATED]


def test_a_stop_limit_never_pays_beyond_its_limit(bench: Bench) -> None:
    stop = bench.ask() + Decimal("0.05")
    order = bench.accepted(
        "BUY", 400, kind=OrderKind.STOP_LIMIT, stop_price=stop, limit_price=stop, tif=TimeInForce.GTC
    )
    run_until_done(bench, order.perm_id, 5000)
    assert Change.TRIGGERED in changes(bench, order.perm_id)
    assert all(f.execution.price <= stop for f in bench.fills(order.perm_id))


@pytest.mark.parametrize("trail", ({"trail_amount": "0.30"}, {"trail_percent": "0.1"}))
def test_a_trailing_stop_follows_and_never_goes_back(bench: Bench, trail: dict[str, str]) -> None:
    order = bench.accepted("SELL", 10, kind=OrderKind.TRAIL, tif=TimeInForce.GTC, **trail)
    assert order.stop_price is not None
    assert order.stop_price < bench.bid()
    assert run_until_done(bench, order.perm_id) is FILLED
    stops = [
        e.order.stop_price for e in bench.events if isinstance(e, OrderChanged) and e.order.perm_id == order.perm_id
    ]
    assert stops == sorted(stops)
    assert bench.fills(order.perm_id)[0].execution.price <= stops[-1] + Decimal("0.02")


def test_a_trailing_stop_limit_carries_its_limit_along(bench: Bench) -> None:
    order = bench.accepted(
        "SELL", 10, kind=OrderKind.TRAIL_LIMIT, trail_amount="0.30", limit_offset="0.10", tif=TimeInForce.GTC
    )
    for _ in range(100):
        bench.wait(5)
        now = bench.order(order.perm_id)
        assert now.stop_price is not None
        assert now.limit_price == now.stop_price - Decimal("0.10")


@pytest.mark.parametrize(("kind", "limit"), ((OrderKind.MARKET_IF_TOUCHED, None), (OrderKind.LIMIT_IF_TOUCHED, 0)))
def test_an_if_touched_order_buys_when_the_market_falls(bench: Bench, kind: OrderKind, limit: int | None) -> None:
    touch = bench.ask() - Decimal("0.20")
    terms = {"stop_price": touch, "limit_price": None if limit is None else touch, "kind": kind}
    order = bench.accepted("BUY", 10, tif=TimeInForce.GTC, **terms)
    assert order.holds == (Hold.TRIGGER,)
    assert run_until_done(bench, order.perm_id) is FILLED
    assert bench.fills(order.perm_id)[0].execution.price <= touch + Decimal("0.02")


def test_a_bracket_protects_once_its_parent_is_filled(bench: Bench) -> None:
    parent = bench.accepted("BUY", 100, limit_price=bench.bid() - FAR, tif=TimeInForce.GTC)
    assert parent.limit_price is not None
    take = bench.accepted("SELL", 100, limit_price=parent.limit_price + 2, parent=parent.perm_id, tif=TimeInForce.GTC)
    stop = bench.accepted(
        "SELL",
        100,
        kind=OrderKind.STOP,
        stop_price=parent.limit_price - 1,
        parent=parent.perm_id,
        tif=TimeInForce.GTC,
    )
    assert (take.holds, stop.holds) == ((Hold.PARENT,), (Hold.PARENT, Hold.TRIGGER))
    bench.modify(parent.perm_id, replace(parent.terms, kind=OrderKind.MARKET, limit_price=None))
    assert bench.order(parent.perm_id).status is FILLED
    assert bench.order(take.perm_id).status is WORKING
    assert bench.order(stop.perm_id).holds == (Hold.TRIGGER,)
    run_until_done(bench, take.perm_id)
    done = {bench.order(o.perm_id).status for o in (take, stop)}
    assert done == {FILLED, CANCELLED}
    assert CancelReason.SIBLING in {r: p for p, r in cancels(bench)}
    assert bench.position() == 0


def test_a_child_of_a_filled_parent_works_at_once(bench: Bench) -> None:
    parent = bench.accepted("BUY", 50)
    child = bench.accepted("SELL", 50, limit_price=bench.ask() + FAR, parent=parent.perm_id)
    assert child.status is WORKING


def test_children_die_with_their_parent(bench: Bench) -> None:
    parent = bench.accepted("BUY", 100, limit_price=bench.bid() - FAR)
    child = bench.accepted("SELL", 100, limit_price=bench.bid() + FAR, parent=parent.perm_id)
    bench.cancel(parent.perm_id)
    assert cancels(bench) == [(parent.perm_id, CancelReason.REQUESTED), (child.perm_id, CancelReason.PARENT)]
    assert bench.rejected("SELL", 1, parent=parent.perm_id).reason is RejectReason.UNKNOWN_PARENT


def test_one_cancels_all(bench: Bench) -> None:
    group = {"oca_group": "g", "oca_type": OcaType.CANCEL_WITH_BLOCK}
    other = bench.accepted("BUY", 100, limit_price=bench.bid() - FAR, **group)
    apart = bench.accepted("BUY", 100, limit_price=bench.bid() - FAR, oca_group="h")
    bench.accepted("BUY", 10, **group)
    assert bench.order(other.perm_id).status is CANCELLED
    assert bench.order(apart.perm_id).status is WORKING


def test_one_reduces_the_others(bench: Bench) -> None:
    group = {"oca_group": "g", "oca_type": OcaType.REDUCE_WITHOUT_BLOCK}
    other = bench.accepted("BUY", 5000, limit_price=bench.bid() - FAR, **group)
    size = bench.venue.book(AAPL, 1).asks[0].size
    bench.accepted("BUY", size + 40, limit_price=bench.ask(), **group)
    assert bench.order(other.perm_id).terms.quantity == 5000 - size
    assert changes(bench, other.perm_id) == [Change.REDUCED]


def test_good_after_and_good_till(bench: Bench) -> None:
    after, till = START + timedelta(minutes=5), START + timedelta(minutes=10)
    late = bench.accepted("BUY", 10, good_after=after)
    short = bench.accepted("BUY", 10, limit_price=bench.bid() - 50, tif=TimeInForce.GTD, good_till=till)
    assert late.holds == (Hold.TIME,)
    bench.until(till)
    assert bench.fills(late.perm_id)[0].time == after
    assert cancels(bench) == [(short.perm_id, CancelReason.EXPIRED)]
    assert bench.order(short.perm_id).done_at == till


def test_a_day_order_ends_at_midnight_and_a_gtc_order_does_not(bench: Bench) -> None:
    day = bench.accepted("BUY", 1, limit_price=bench.bid() - 90)
    gtc = bench.accepted("BUY", 1, limit_price=bench.bid() - 90, tif=TimeInForce.GTC)
    bench.until(datetime(2026, 11, 21, 5, 0, tzinfo=UTC))
    assert cancels(bench) == [(day.perm_id, CancelReason.EXPIRED)]
    assert bench.order(gtc.perm_id).status is WORKING


def test_with_real_sessions_orders_wait_for_the_opening(make_bench: MakeBench) -> None:
    bench = make_bench(7, datetime(2026, 11, 21, 15, 0, tzinfo=UTC), real_sessions=True)
    order = bench.accepted("BUY", 10)
    assert order.holds == (Hold.SESSION,)
    quote = bench.venue.quote(AAPL)
    bench.wait(3600)
    assert bench.venue.quote(AAPL)._replace(time=quote.time) == quote
    bench.until(datetime(2026, 11, 23, 14, 29, tzinfo=UTC))
    assert bench.order(order.perm_id).status is HELD
    bench.until(datetime(2026, 11, 23, 14, 30, tzinfo=UTC))
    assert bench.order(order.perm_id).status is FILLED


def test_outside_hours_trades_in_the_long_session_alone_if_told(make_bench: MakeBench) -> None:
    bench = make_bench(7, datetime(2026, 11, 20, 22, 0, tzinfo=UTC), real_sessions=True)
    assert bench.accepted("BUY", 10).status is HELD
    assert bench.accepted("BUY", 10, outside_hours=True).status is FILLED


def test_a_gtc_order_rests_through_the_night_and_works_again(make_bench: MakeBench) -> None:
    bench = make_bench(7, datetime(2026, 11, 19, 20, 0, tzinfo=UTC), real_sessions=True)
    order = bench.accepted("BUY", 10, limit_price=bench.bid() - 60, tif=TimeInForce.GTC)
    bench.until(datetime(2026, 11, 19, 22, 0, tzinfo=UTC))
    assert bench.order(order.perm_id).holds == (Hold.SESSION,)
    bench.until(datetime(2026, 11, 20, 15, 0, tzinfo=UTC))
    assert bench.order(order.perm_id).status is WORKING
    assert changes(bench, order.perm_id) == [Change.HELD, Change.ACTIVATED]


@pytest.mark.parametrize(
    ("kind", "tif", "hour", "minute"),
    (
        (OrderKind.MARKET_ON_CLOSE, TimeInForce.DAY, 21, 0),
        (OrderKind.MARKET_ON_OPEN, TimeInForce.DAY, 14, 30),
        (OrderKind.MARKET, TimeInForce.OPG, 14, 30),
        (OrderKind.MARKET_ON_OPEN, TimeInForce.OPG, 14, 30),
    ),
)
def test_auction_orders_trade_in_the_auction(
    bench: Bench, kind: OrderKind, tif: TimeInForce, hour: int, minute: int
) -> None:
    order = bench.accepted("BUY", 2000, kind=kind, tif=tif)
    assert order.holds == (Hold.SESSION,)
    bench.until(datetime(2026, 11, 24, tzinfo=UTC))
    [fill] = bench.fills(order.perm_id)
    assert fill.execution.quantity == 2000
    assert (fill.time.hour, fill.time.minute) == (hour, minute)


def test_a_limit_on_close_beyond_the_price_is_cancelled(bench: Bench) -> None:
    poor = bench.accepted("BUY", 10, kind=OrderKind.LIMIT_ON_CLOSE, limit_price=bench.bid() - 90)
    good = bench.accepted("SELL", 10, kind=OrderKind.LIMIT_ON_CLOSE, limit_price=bench.bid() - 90)
    bench.until(datetime(2026, 11, 20, 21, 1, tzinfo=UTC))
    assert bench.order(poor.perm_id).status is CANCELLED
    assert bench.order(good.perm_id).status is FILLED


@pytest.mark.parametrize("kind", (OrderKind.RELATIVE, OrderKind.PEG_MIDPOINT, OrderKind.MIDPRICE))
def test_pegged_orders_follow_the_market_within_their_cap(bench: Bench, kind: OrderKind) -> None:
    cap = bench.ask(GS) + Decimal("0.50")
    order = bench.accepted("BUY", 10_000_000 // 10_000, GS, kind=kind, limit_price=cap, tif=TimeInForce.GTC)
    prices = set()
    for _ in range(300):
        bench.wait(0.25)
        now = bench.order(order.perm_id)
        if now.status is FILLED:
            break
        assert now.limit_price is not None
        assert now.limit_price <= cap
        assert now.limit_price < bench.ask(GS)
        prices.add(now.limit_price)
    assert len(prices) > 1


def test_a_price_condition_releases_an_order(bench: Bench) -> None:
    level = bench.bid() - Decimal("0.15")
    condition = Condition(ConditionKind.PRICE, above=False, con_id=AAPL, value=level)
    order = bench.accepted("BUY", 10, GS, conditions=(condition,))
    assert order.holds == (Hold.CONDITION,)
    assert run_until_done(bench, order.perm_id) is FILLED


def test_conditions_are_joined_as_told(bench: Bench) -> None:
    never = Condition(ConditionKind.PRICE, above=True, con_id=AAPL, value=Decimal(100_000), joined_by_and=False)
    now = Condition(ConditionKind.VOLUME, above=True, con_id=AAPL, value=Decimal(1))
    assert bench.accepted("BUY", 1, conditions=(never, now)).status is FILLED
    both = replace(never, joined_by_and=True)
    assert bench.accepted("BUY", 1, conditions=(both, now)).status is HELD


def test_time_margin_change_and_execution_conditions(bench: Bench) -> None:
    at = START + timedelta(minutes=1)
    by_time = bench.accepted("BUY", 1, conditions=(Condition(ConditionKind.TIME, time=at),))
    by_margin = bench.accepted("BUY", 1, conditions=(Condition(ConditionKind.MARGIN, value=Decimal(50)),))
    change = Condition(ConditionKind.PERCENT_CHANGE, above=False, con_id=AAPL, value=Decimal(50))
    by_change = bench.accepted("BUY", 1, conditions=(change,))
    by_trade = bench.accepted("BUY", 1, conditions=(Condition(ConditionKind.EXECUTION, symbol="GS"),))
    assert [bench.order(o.perm_id).status for o in (by_time, by_margin, by_change, by_trade)] == [
        HELD, FILLED, FILLED, HELD,
    ]  # fmt: skip
    bench.accepted("BUY", 1, GS)
    bench.until(at)
    assert bench.order(by_time.perm_id).status is FILLED
    assert bench.fills(by_time.perm_id)[0].time == at
    assert bench.order(by_trade.perm_id).status is FILLED


def test_a_condition_can_cancel(bench: Bench) -> None:
    condition = Condition(ConditionKind.TIME, time=START + timedelta(minutes=1))
    order = bench.accepted("BUY", 1, limit_price=bench.bid() - 90, conditions=(condition,), conditions_cancel=True)
    assert order.status is WORKING
    bench.wait(60)
    assert cancels(bench) == [(order.perm_id, CancelReason.CONDITION)]


def legs(bench: Bench) -> tuple[ComboLeg, ...]:
    query = {"symbol": "SPY", "kind": Kind.OPTION, "expiry": "20261218", "right": Right.CALL}
    low, high = (bench.find(strike=Decimal(k), **query) for k in (680, 690))
    return ComboLeg(low.con_id, 1, Side.BUY), ComboLeg(high.con_id, 1, Side.SELL)


def test_a_combination_fills_leg_by_leg(bench: Bench) -> None:
    spread = legs(bench)
    cost = bench.ask(spread[0].con_id) - bench.bid(spread[1].con_id)
    order = bench.accepted("BUY", 2, 0, limit_price=cost, legs=spread)
    assert order.status is FILLED
    whole, first, second = (f.execution for f in bench.fills(order.perm_id))
    assert (whole.con_id, whole.leg, whole.price) == (0, None, cost)
    assert [(first.leg, first.side), (second.leg, second.side)] == [(0, Side.BUY), (1, Side.SELL)]
    assert first.price - second.price == cost
    assert (bench.position(spread[0].con_id), bench.position(spread[1].con_id)) == (2, -2)
    assert dict(bench.venue.account("DU1").cash)["USD"] == 1_000_000 - cost * 200 - Decimal("2.60")


def test_a_combination_waits_for_its_price_and_may_bring_money(bench: Bench) -> None:
    spread = legs(bench)
    brings = bench.bid(spread[0].con_id) - bench.ask(spread[1].con_id)
    order = bench.accepted("SELL", 1, 0, limit_price=brings + Decimal("0.30"), legs=spread, tif=TimeInForce.GTC)
    assert order.status is WORKING
    assert run_until_done(bench, order.perm_id, 20_000) is FILLED
    assert bench.fills(order.perm_id)[0].execution.price >= brings + Decimal("0.30")


def test_fractions_and_cash_quantities(bench: Bench) -> None:
    assert bench.accepted("BUY", "0.5").status is FILLED
    order = bench.accepted("BUY", 0, cash_quantity="1000")
    assert order.terms.quantity == (1000 / bench.fills()[-1].execution.price).quantize(Decimal("0.0001"), "ROUND_FLOOR")
    es = bench.find(local_symbol="ESZ6")
    assert bench.rejected("BUY", "0.5", es.con_id).reason is RejectReason.BAD_QUANTITY


def test_modify_and_cancel_have_their_own_refusals(bench: Bench) -> None:
    order = bench.accepted("BUY", 10)
    [late] = bench.modify(order.perm_id, order.terms)
    assert isinstance(late, ModifyRejected)
    assert late.reason is RejectReason.ALREADY_DONE
    [gone] = bench.cancel(order.perm_id)
    assert isinstance(gone, CancelRejected)
    assert (gone.reason, gone.order) == (RejectReason.ALREADY_DONE, order)
    [unknown] = bench.cancel(5)
    assert isinstance(unknown, CancelRejected)
    assert unknown.reason is RejectReason.UNKNOWN_ORDER
    resting = bench.accepted("BUY", 10, limit_price=bench.bid() - FAR)
    [other] = bench.modify(resting.perm_id, replace(resting.terms, side=Side.SELL))
    assert isinstance(other, ModifyRejected)
    assert bench.order(resting.perm_id) == resting


def test_a_modified_price_can_fill_at_once(bench: Bench) -> None:
    order = bench.accepted("BUY", 10, limit_price=bench.bid() - FAR)
    events = bench.modify(order.perm_id, replace(order.terms, limit_price=bench.ask()))
    assert [type(e) for e in events[:2]] == [OrderChanged, type(events[1])]
    assert any(isinstance(e, OrderFilled) for e in events)


def test_cancel_all_leaves_nothing_open(bench: Bench) -> None:
    for account in ("DU1", "DU2"):
        bench.accepted("BUY", 10, limit_price=bench.bid() - FAR, account=account)
    bench.tell(CancelAll("DU2"))
    assert [o.terms.account for o in bench.venue.orders()] == ["DU1"]
    bench.tell(CancelAll())
    assert bench.venue.orders() == []


@pytest.mark.parametrize(
    ("terms", "reason", "field"),
    (
        ({"quantity": "0"}, RejectReason.BAD_QUANTITY, "quantity"),
        ({"quantity": "-5"}, RejectReason.BAD_QUANTITY, "quantity"),
        ({"quantity": "NaN"}, RejectReason.BAD_QUANTITY, "quantity"),
        ({"limit_price": "260.005"}, RejectReason.OFF_TICK, "limit_price"),
        ({"limit_price": "-1"}, RejectReason.BAD_PRICE, "limit_price"),
        ({"kind": OrderKind.LIMIT}, RejectReason.BAD_PRICE, "limit_price"),
        ({"kind": OrderKind.STOP}, RejectReason.BAD_PRICE, "stop_price"),
        ({"kind": OrderKind.TRAIL}, RejectReason.BAD_PRICE, "trail_amount"),
        ({"kind": OrderKind.TRAIL, "trail_percent": "100"}, RejectReason.BAD_PRICE, "trail_percent"),
        ({"tif": TimeInForce.GTD}, RejectReason.BAD_TERMS, "good_till"),
        ({"account": "DU9"}, RejectReason.UNKNOWN_ACCOUNT, "account"),
        ({"con_id": 12}, RejectReason.UNKNOWN_LISTING, "con_id"),
        ({"con_id": 416904}, RejectReason.NOT_TRADABLE, "con_id"),
        ({"parent": 77}, RejectReason.UNKNOWN_PARENT, "parent"),
        ({"quantity": "100000"}, RejectReason.BUYING_POWER, "quantity"),
        ({"cash_quantity": "0", "quantity": "0"}, RejectReason.BAD_QUANTITY, "quantity"),
        ({"conditions": (Condition(ConditionKind.PRICE, con_id=3),)}, RejectReason.BAD_TERMS, "conditions"),
    ),
)
def test_nonsense_is_rejected_with_its_reason(
    bench: Bench, terms: dict[str, object], reason: RejectReason, field: str
) -> None:
    given = {"quantity": "10", **terms}
    event = bench.rejected("BUY", given.pop("quantity"), **given)
    assert (event.reason, event.field) == (reason, field)
    assert event.text.endswith(".")
    assert bench.venue.orders() == []


def test_an_expired_contract_takes_no_orders(make_bench: MakeBench) -> None:
    bench = make_bench(7, START, AccountSpec("DU1"))
    es = bench.find(local_symbol="ESZ6")
    bench.until(datetime(2026, 12, 18, 16, 0, tzinfo=UTC))
    assert bench.rejected("BUY", 1, es.con_id).reason is RejectReason.NOT_TRADABLE
