"""The gate: every refusal names the limit, its value and the order's, and what cannot be judged is refused."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.risk.conftest import AAPL, MSFT, contract_of

from ironbridge.domain.discrepancy import Discrepancy, Matter
from ironbridge.domain.events import Fill
from ironbridge.domain.instrument import Forex, Future, Option, Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.market import DataKind, Quality, Quote
from ironbridge.domain.modification import Modification, ModifyState
from ironbridge.domain.order import buy, sell
from ironbridge.domain.risk import OrderRate, RiskLimits, RiskPolicy
from ironbridge.domain.scope import Scope, fits
from ironbridge.errors import InvalidSettings, OrderRefused
from ironbridge.risk.gate import CHECKS
from ironbridge.testing.clock import START

D = Decimal


def quote(**sides) -> Quote:
    words = {name: sides.pop(name) for name in ("kind", "quality", "time") if name in sides}
    return Quote(AAPL, words.pop("time", START), **sides, **words)


def fill(spec, quantity, number=1) -> Fill:
    return Fill(f"e.{number}.01", spec.side, D(quantity), D(100), START, "X")


def refused(bench, rule, *args, **words) -> OrderRefused:
    with pytest.raises(OrderRefused) as error:
        bench.check(*args, **words)
    assert error.value.rule == rule
    assert error.value.next_step
    assert bench.refused[-1] == rule
    return error.value


def test_without_limits_everything_passes_and_says_what_was_checked(bench) -> None:
    approved = bench.check(buy(10**9))
    assert approved.checks == tuple(CHECKS)
    assert approved.at == START


def test_every_limit_has_its_check() -> None:
    limits = {name for name in RiskLimits.__dataclass_fields__ if name not in {"denied", "on_daily_loss"}}
    assert limits - set(CHECKS) == {"max_daily_loss"}


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
        ({"max_position": "10"}, sell(11), 1, "max_position", "10", "11"),
        ({"max_exposure": "1000"}, sell(11).limit(100), 1, "max_exposure", "1000", "1100"),
        ({"denied": ("MSFT", "AAPL")}, buy(1), 1, "denied", "MSFT, AAPL", "AAPL"),
        ({"allowed": ("MSFT", "OPT:AAPL")}, buy(1), 1, "allowed", "MSFT, OPT:AAPL", "AAPL"),
        ({"max_open_orders": 0}, buy(1), 1, "max_open_orders", "0", "1"),
    ),
)
def test_one_order_against_one_limit(bench, limits, spec, multiplier, rule, limit, value) -> None:
    bench.limit(**limits)
    error = refused(bench, rule, spec, contract=contract_of(multiplier=D(multiplier)))
    assert (error.limit, error.value) == (limit, value)


@pytest.mark.parametrize(
    ("limits", "spec"),
    (
        ({"max_quantity": "10"}, buy(10)),
        ({"max_notional": "1000"}, buy(10).limit(100)),
        ({"max_notional": "1000", "max_quantity": "10"}, sell(10).limit("99.99")),
        ({"max_position": "10"}, sell(10)),
        ({"max_exposure": "1000"}, buy(10).limit(100)),
        ({"allowed": ("AAPL",)}, buy(1)),
        ({"allowed": ("STK:*",), "denied": ("OPT:AAPL",)}, buy(1)),
        ({"max_open_orders": 1}, buy(1)),
    ),
)
def test_at_the_limit_is_within_it(bench, limits, spec) -> None:
    bench.limit(**limits)
    assert bench.check(spec).request.spec == spec


@pytest.mark.parametrize(
    ("spec", "sides", "passes"),
    (
        (buy(10), {"bid": 1.0, "ask": 100.0}, True),
        (buy(10), {"bid": 1.0, "ask": 100.01}, False),
        (sell(10), {"bid": 100.01, "ask": 1.0}, False),
        (buy(10), {"last": 100.0}, True),
        (sell(10), {"last": 100.01}, False),
        (buy(10), {"bid": 1.0}, False),
        (buy(10), None, False),
    ),
)
def test_a_market_order_is_judged_by_what_the_market_asks(bench, spec, sides, passes) -> None:
    bench.limit(max_notional="1000")
    shown = None if sides is None else quote(**sides)
    assert bench.gate.needs_quote(bench.request(spec))
    assert not bench.gate.needs_quote(bench.request(spec.limit(1)))
    if passes:
        assert bench.check(spec, quote=shown)
    else:
        refused(bench, "max_notional", spec, quote=shown)


# prices


@pytest.mark.parametrize(
    ("spec", "sides", "beyond"),
    (
        (buy(1).limit("105.01"), {"bid": 99.0, "ask": 101.0}, "5.01"),
        (sell(1).limit("94.9"), {"bid": 99.0, "ask": 101.0}, "5.1"),
        (buy(1), {"bid": 80.0, "ask": 120.0}, "20"),
        (sell(1), {"last": 100.0, "bid": 90.0}, "10"),
        (buy(1).stop("110"), {"last": 100.0}, "10"),
        (buy(1).limit("110"), {"close": 100.0}, "10"),
    ),
)
def test_the_collar(bench, spec, sides, beyond) -> None:
    bench.limit(price_collar="5")
    error = refused(bench, "price_collar", spec, quote=quote(**sides))
    assert (error.limit, error.value) == ("5", beyond)


@pytest.mark.parametrize("spec", (buy(1).limit("105"), buy(1).limit("1"), sell(1).limit("95"), sell(1).limit("900")))
def test_within_the_collar_and_on_its_safe_side(bench, spec) -> None:
    bench.limit(price_collar="5")
    assert bench.gate.needs_quote(bench.request(spec))
    assert bench.check(spec, quote=quote(bid=99.0, ask=101.0))


@pytest.mark.parametrize("shown", (None, Quote(AAPL, START)))
def test_no_market_no_collar_no_order(bench, shown) -> None:
    bench.limit(price_collar="5")
    assert refused(bench, "price_collar", buy(1).limit(1), quote=shown).value == "unknown"


@pytest.mark.parametrize(
    ("words", "passes"),
    (
        ({}, True),
        ({"time": START - timedelta(seconds=10)}, True),
        ({"time": START - timedelta(seconds=10.1)}, False),
        ({"quality": Quality.STALE}, False),
        ({"quality": Quality.INTERRUPTED}, False),
        ({"quality": Quality.SUSPECT}, False),
        ({"kind": DataKind.DELAYED}, False),
        ({"kind": DataKind.FROZEN}, False),
    ),
)
def test_stale_data_blocks_orders(bench, words, passes) -> None:
    bench.limit(max_quote_age="10")
    assert bench.gate.needs_quote(bench.request(buy(1).limit(1)))
    if passes:
        bench.check(buy(1).limit(1), quote=quote(bid=1.0, **words))
    else:
        refused(bench, "max_quote_age", buy(1).limit(1), quote=quote(bid=1.0, **words))


# hours: the bench's clock begins at 14:30 UTC, 09:30 in New York


@pytest.mark.parametrize(
    ("after", "spec", "passes"),
    (
        (0, buy(1), True),
        (6.49, buy(1), True),
        (6.5, buy(1), False),
        (6.5, buy(1).outside_regular_hours(), True),
        (10.5, buy(1).outside_regular_hours(), False),
        (24, buy(1), True),
        (48, buy(1), False),
    ),
)
async def test_market_hours(bench, after, spec, passes) -> None:
    bench.limit(market_hours=True)
    await bench.clock.advance(after * 3600)
    if passes:
        bench.check(spec)
    else:
        assert refused(bench, "market_hours", spec).value == "closed"


async def test_hours_that_nobody_knows_are_not_open(bench) -> None:
    bench.limit(market_hours=True)
    await bench.clock.advance(10 * 86400)
    assert refused(bench, "market_hours", buy(1)).value == "unknown"
    assert refused(bench, "market_hours", buy(1), contract=contract_of(liquid_hours="")).value == "unknown"


# what is held and open


def test_what_is_open_counts_with_the_position(bench) -> None:
    bench.limit(max_position="100")
    bench.hold(40)
    bench.open(buy(30).limit(1))
    bench.open(sell(500).limit(1))
    bench.open(buy(500).limit(1), MSFT)
    bench.open(buy(500).limit(1), account="DU2")
    bench.open(buy(500).limit(1), state=OrderState.CANCELLED)
    bench.check(buy(30))
    assert refused(bench, "max_position", buy(31)).value == "101"
    pending = (bench.request(buy(1)),)
    assert refused(bench, "max_position", buy(30), pending=pending).value == "101"


def test_an_order_in_doubt_is_open(bench) -> None:
    bench.limit(max_position="10")
    bench.open(buy(10), state=OrderState.UNKNOWN)
    assert refused(bench, "max_position", buy(1)).value == "11"


def test_what_is_filled_is_not_open_any_more(bench) -> None:
    bench.limit(max_position="10")
    spec = buy(10).limit(1)
    bench.open(spec, fills=(fill(spec, 6),))
    # Six are a fill of this moment, which the broker's position does not show yet, and four are open.
    assert refused(bench, "max_position", buy(1)).value == "11"


async def test_a_fill_counts_beside_the_position_until_the_broker_must_show_it(bench) -> None:
    bench.limit(max_position="10")
    spec = buy(10).limit(1)
    bench.open(spec, state=OrderState.FILLED, fills=(fill(spec, 10),))
    refused(bench, "max_position", buy(1))
    await bench.clock.advance(4)
    bench.check(buy(10))
    bench.hold(10)
    refused(bench, "max_position", buy(1))


@pytest.mark.parametrize(
    ("held", "spec", "passes"),
    (
        (500, sell(500), True),
        (500, sell(501), True),
        (500, sell(611), False),
        (500, buy(1), False),
        (-500, buy(500), True),
        (-500, sell(1), False),
    ),
)
def test_getting_out_is_always_possible(bench, held, spec, passes) -> None:
    bench.limit(max_position="110", max_exposure="60000")
    bench.hold(held)
    if passes:
        bench.check(spec.limit(100))
    else:
        refused(bench, "max_position", spec.limit(100))


def test_what_is_not_known_is_not_zero(bench) -> None:
    bench.limit(max_position="10")
    bench.facts.rows = None
    bench.facts.interrupted_by = "the session ended"
    error = refused(bench, "max_position", sell(1))
    assert error.value == "unknown"
    assert "the session ended" in error.message


def test_exposure_in_base_currency(bench) -> None:
    bench.limit(max_exposure="10000")
    sap = replace(Stock("SAP", currency="EUR"), con_id=7)
    bench.hold(-10, MSFT, price="300")
    bench.hold(10, sap, price="100")
    assert refused(bench, "max_exposure", buy(1).limit(1)).value == "unknown"
    bench.facts.rates["EUR"] = D("1.1")
    bench.check(buy(59).limit(100))
    assert refused(bench, "max_exposure", buy(60).limit(100)).value == "10100"
    bench.open(buy(10).limit(200), sap)
    assert refused(bench, "max_exposure", buy(39).limit(100)).value == "10200"


def test_exposure_takes_the_multiplier(bench) -> None:
    future = replace(Future("ES", "202612", "CME"), con_id=9, multiplier=D(50))
    bench.limit(max_exposure="1000000")
    bench.hold(2, future, price="6000")
    bench.check(buy(1).limit(6000), future)
    assert refused(bench, "max_exposure", buy(2).limit(6000), future).value == "1200000"


def test_buying_power_is_for_all_that_is_open(bench) -> None:
    bench.limit(min_buying_power="1000")
    assert refused(bench, "min_buying_power", buy(1).limit(1)).value == "unknown"
    bench.facts.buying_power = D(10_000)
    bench.check(buy(90).limit(100))
    assert refused(bench, "min_buying_power", buy(91).limit(100)).value == "900"
    bench.open(sell(10).limit(200), MSFT)
    assert refused(bench, "min_buying_power", buy(71).limit(100)).value == "900"
    assert bench.gate.needs_quote(bench.request(buy(1)))
    bench.facts.buying_power = D(0)
    bench.hold(5)
    bench.check(sell(5).limit(1))


def test_what_nobody_can_explain_is_not_built_upon(bench) -> None:
    bench.facts.differences = [Discrepancy("DU1", Matter.POSITION, AAPL, "USD", D(10), D(15), START, reported=True)]
    bench.check(buy(1))
    bench.limit(block_on_unexplained=True)
    error = refused(bench, "block_on_unexplained", buy(1))
    assert error.value == "1"
    assert "AAPL" in error.message
    bench.check(buy(1), account="DU2")
    bench.hold(15)
    bench.check(sell(15))
    bench.facts.differences = []
    bench.check(buy(1))


def test_open_orders_for_money_count_in_units(bench) -> None:
    bench.limit(max_position="100")
    bench.open(buy(1).cash(5000).limit(100))
    assert refused(bench, "max_position", buy(51).limit(100)).value == "101"
    bench.check(buy(50).limit(100))
    assert refused(bench, "max_position", buy(1).limit(1), pending=(bench.request(buy(1).cash(10**6)),)).value


def test_a_changed_order_counts_as_it_is_now_and_as_it_may_become(bench) -> None:
    bench.limit(max_position="100")
    order = bench.open(buy(10).limit(1))
    bench.gate.note(replace(order, amended=buy(60).limit(1)))
    assert refused(bench, "max_position", buy(41)).value == "101"
    asked = Modification(1, buy(90).limit(1), buy(60).limit(1), ModifyState.SENT, START, START)
    bench.gate.note(replace(order, amended=buy(60).limit(1), modifications=(asked,)))
    assert refused(bench, "max_position", buy(11)).value == "101"


# orders among orders


async def test_the_rate_of_new_orders(bench) -> None:
    bench.limit(order_rate=OrderRate(3, D(10)))
    for _ in range(2):
        bench.open(buy(1), state=OrderState.REJECTED)
    bench.check(buy(1))
    pending = (bench.request(buy(2)),)
    error = refused(bench, "order_rate", buy(1), pending=pending)
    assert (error.limit, error.value) == ("3 in 10 s", "4")
    bench.open(buy(1))
    refused(bench, "order_rate", buy(1))
    await bench.clock.advance(10.1)
    bench.check(buy(1), pending=pending)


async def test_the_same_order_again_so_soon(bench) -> None:
    bench.limit(duplicate_window="5")
    first = bench.open(buy(10).limit(1), state=OrderState.FILLED)
    error = refused(bench, "duplicate_window", buy(10).limit(1))
    assert error.value == first.key
    assert "to ask for the same order again, use its key" in error.next_step.lower()
    bench.check(buy(10).limit(2))
    bench.check(sell(10).limit(1))
    bench.check(buy(10).limit(1), MSFT)
    bench.check(buy(10).limit(1), strategy="other")
    refused(bench, "duplicate_window", buy(9), pending=(bench.request(buy(9)),))
    await bench.clock.advance(5.1)
    bench.check(buy(10).limit(1))


def test_a_modification_is_no_new_order(bench) -> None:
    bench.limit(max_open_orders=1, order_rate=OrderRate(1, D(60)), duplicate_window="60", max_position="100")
    order = bench.open(buy(60).limit(1), key="k")
    bench.check(buy(100).limit(1), key="k", replacing=order)
    assert refused(bench, "max_position", buy(101).limit(1), key="k", replacing=order).value == "101"
    refused(bench, "max_open_orders", buy(1))


# scopes


def test_scopes_count_each_by_itself(bench) -> None:
    bench.limit(max_quantity="100")
    bench.limit("account:DU2", max_quantity="50")
    bench.limit("strategy:momentum", max_quantity="20")
    bench.limit("instrument:AAPL", max_quantity="200")
    bench.check(buy(100))
    refused(bench, "max_quantity", buy(101))
    refused(bench, "max_quantity", buy(51), account="DU2")
    error = refused(bench, "max_quantity", buy(21), strategy="momentum")
    assert "(a limit of strategy:momentum)" in error.message
    refused(bench, "max_quantity", buy(150), MSFT)


def test_a_strategy_is_judged_by_its_own_fills(bench) -> None:
    bench.limit("strategy:momentum", max_position="10", max_open_orders=2, max_exposure="1500")
    bench.hold(1000)
    spec = buy(8).limit(100)
    bench.open(spec, strategy="momentum", state=OrderState.FILLED, fills=(fill(spec, 8),))
    bench.open(buy(500).limit(100), strategy="other")
    bench.check(buy(2).limit(100), strategy="momentum")
    assert refused(bench, "max_position", buy(3).limit(100), strategy="momentum").value == "11"
    bench.check(buy(300).limit(100), strategy="other")


@pytest.mark.parametrize(
    ("pattern", "instrument", "wanted"),
    (
        ("AAPL", AAPL, True),
        ("aapl", AAPL, True),
        ("AAPLUSD", AAPL, False),
        ("EURUSD", Forex("EURUSD"), True),
        ("EUR", Forex("EURUSD"), True),
        ("265598", AAPL, True),
        ("265599", AAPL, False),
        ("STK:AAPL", AAPL, True),
        ("OPT:AAPL", AAPL, False),
        ("OPT:*", Option("SPY", "20261218", 680, "C"), True),
        ("*", AAPL, True),
    ),
)
def test_patterns(pattern, instrument, wanted) -> None:
    assert fits(pattern, instrument) is wanted


@pytest.mark.parametrize(
    "text",
    ("", "every", "account", "account:", "account: ", "all:x", "instrument:XX:A", "instrument:a b|", "strategy:\n"),
)
def test_scopes_that_cannot_be(text) -> None:
    with pytest.raises(InvalidSettings):
        Scope.parse(text)


@pytest.mark.parametrize(
    "text", ("all", "account:DU1", "strategy:mean reversion", "instrument:FUT:*", "instrument:265598")
)
def test_scopes_are_read_as_they_are_written(text) -> None:
    assert str(Scope.parse(text)) == text


@pytest.mark.parametrize("value", ("0", "-1", "nan", "inf"))
@pytest.mark.parametrize("name", ("max_quantity", "max_notional", "max_exposure", "price_collar", "max_daily_loss"))
def test_limits_that_cannot_be(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{name} is"):
        RiskLimits(**{name: D(value)})


@pytest.mark.parametrize("name", ("max_position", "max_open_orders", "min_buying_power"))
def test_limits_that_can_be_zero(name: str) -> None:
    assert RiskLimits(**{name: D(0)}).given == {name: D(0)}
    with pytest.raises(InvalidSettings, match="below zero"):
        RiskLimits(**{name: D(-1)})


@pytest.mark.parametrize("scope", ("strategy:x", "instrument:AAPL"))
def test_what_counts_an_account_cannot_be_a_strategys(scope) -> None:
    with pytest.raises(InvalidSettings, match="counts a whole account"):
        RiskPolicy().with_limits(Scope.parse(scope), RiskLimits(max_daily_loss=D(1)))


def test_limits_are_replaced_as_a_whole(bench) -> None:
    bench.limit(max_quantity="1")
    bench.limit(max_notional="5")
    assert bench.gate.policy == RiskPolicy.of(RiskLimits(max_notional=D(5)))
    bench.gate.policy = bench.gate.policy.with_limits(Scope(), None)
    assert bench.gate.policy == RiskPolicy()
    bench.check(buy(5))
