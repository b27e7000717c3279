"""Money: booking, profit, commissions, margin."""

from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Kind, Right
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInput
from ironbridge.exchange import fees
from ironbridge.exchange.accounts import AccountSpec, MarginImpact
from ironbridge.exchange.commands import OrderTerms
from ironbridge.exchange.events import CommissionCharged, OrderRejected, PositionChanged, RejectReason
from ironbridge.exchange.ledger import Account
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.margin import Stake, required

from .conftest import AAPL, START, Bench, MakeBench

D = Decimal
SPY_CALL = {"symbol": "SPY", "kind": Kind.OPTION, "expiry": "20261218", "right": Right.CALL}


@pytest.fixture
def aapl(bench: Bench) -> Listing:
    return bench.find(con_id=AAPL)


def account() -> Account:
    return Account("DU1", "USD", margin=True, cash={"USD": D(100_000)})


def test_average_cost_and_profit_are_ibs(aapl: Listing) -> None:
    book = account()
    assert book.book(aapl, Side.BUY, D(100), D(10), D(1), "USD") is None
    assert book.book(aapl, Side.BUY, D(100), D(20), D(1), "USD") is None
    holding = book.holdings[AAPL]
    assert (holding.quantity, holding.average_cost) == (200, D("15.01"))
    assert book.book(aapl, Side.SELL, D(50), D(16), D(1), "USD") == 50 * (D(16) - D("15.01")) - 1
    assert (holding.quantity, holding.average_cost) == (150, D("15.01"))
    assert book.cash["USD"] == 100_000 - 1001 - 2001 + 799


def test_turning_a_position_over_closes_the_old_and_opens_the_new(aapl: Listing) -> None:
    book = account()
    book.book(aapl, Side.BUY, D(100), D(10), D(0), "USD")
    assert book.book(aapl, Side.SELL, D(300), D(12), D(3), "USD") == 199
    holding = book.holdings[AAPL]
    assert (holding.quantity, holding.average_cost, holding.realized) == (-200, D("11.99"), 199)
    assert book.book(aapl, Side.BUY, D(200), D(11), D(0), "USD") == 198
    assert (holding.quantity, holding.cost, holding.realized) == (0, 0, 397)
    assert book.cash["USD"] == 100_000 + 397


def test_a_future_pays_its_variation_and_no_price(bench: Bench) -> None:
    es, book = bench.find(local_symbol="ESZ6"), account()
    book.book(es, Side.BUY, D(2), D(6800), D("4.50"), "USD")
    assert book.cash["USD"] == D("99995.50")
    holding = book.holdings[es.con_id]
    assert book.settle(holding, D(6810)) == 1000
    assert book.book(es, Side.SELL, D(2), D(6805), D("4.50"), "USD") == 500 - 9
    assert book.cash["USD"] == 100_000 + 500 - 9


def test_a_pair_moves_both_currencies(bench: Bench) -> None:
    eur, book = bench.find(local_symbol="EUR.USD"), account()
    book.book(eur, Side.BUY, D(20_000), D("1.15"), D(2), "USD")
    assert book.cash == {"USD": D(100_000) - 23_000 - 2, "EUR": 20_000}


@pytest.mark.parametrize(
    ("query", "quantity", "price", "fee"),
    (
        ({"con_id": AAPL}, "100", "270", "1.00"),
        ({"con_id": AAPL}, "1000", "270", "5.00"),
        ({"con_id": AAPL}, "0.1", "270", "0.27"),
        ({"strike": D(680), **SPY_CALL}, "1", "10", "1.00"),
        ({"strike": D(680), **SPY_CALL}, "10", "10", "6.50"),
        ({"local_symbol": "ESZ6"}, "2", "6800", "4.50"),
        ({"local_symbol": "MNQZ6"}, "3", "25000", "1.86"),
        ({"local_symbol": "EUR.USD"}, "20000", "1.15", "2.00"),
        ({"local_symbol": "EUR.USD"}, "1000000", "1.15", "23.00"),
    ),
)
def test_commissions(bench: Bench, query: dict[str, object], quantity: str, price: str, fee: str) -> None:
    listing = bench.find(**query)
    assert fees.commission(listing, D(quantity), D(quantity) * D(price), D(1)) == D(fee)


def test_an_orders_minimum_is_charged_once(bench: Bench) -> None:
    levels = bench.venue.book(AAPL, 3).asks
    bench.accepted("BUY", levels[0].size + levels[1].size)
    charged = [e.amount for e in bench.events if isinstance(e, CommissionCharged)]
    assert len(charged) == 2
    assert sum(charged) == max(D(1), D("0.005") * (levels[0].size + levels[1].size))


def test_net_liquidation_is_deposits_and_profit(bench: Bench) -> None:
    for con_id, quantity in ((AAPL, 300), (756733, -100), (bench.find(local_symbol="ESZ6").con_id, 2)):
        bench.accepted("BUY" if quantity > 0 else "SELL", abs(quantity), con_id)
    bench.accepted("BUY", 5, bench.find(strike=D(690), **SPY_CALL).con_id)
    bench.wait(4000)
    bench.accepted("SELL", 100)
    bench.wait(40_000)
    view = bench.venue.account("DU1")
    assert abs(view.net_liquidation - 1_000_000 - view.realized_pnl - view.unrealized_pnl) <= D("0.02")
    assert view.net_liquidation == view.total_cash + view.stock_value + view.option_value + view.futures_pnl
    assert view.available_funds == view.equity_with_loan - view.initial_margin


def test_daily_profit_begins_anew_at_midnight(bench: Bench) -> None:
    bench.accepted("BUY", 100)
    bench.wait(3600)
    view = bench.venue.account("DU1")
    assert view.daily_pnl == view.unrealized_pnl
    assert view.positions[0].daily_pnl == view.positions[0].unrealized_pnl
    bench.wait(24 * 3600)
    view = bench.venue.account("DU1")
    assert view.daily_pnl != view.unrealized_pnl
    assert view.positions[0].daily_pnl == pytest.approx(view.daily_pnl)


def test_the_position_is_told_with_every_fill(bench: Bench) -> None:
    events = bench.place("SELL", 10)
    [changed] = [e for e in events if isinstance(e, PositionChanged)]
    assert (changed.quantity, changed.account) == (-10, "DU1")
    assert changed.average_cost == bench.fills()[0].execution.price - D("0.1")


def test_foreign_cash_counts_at_its_rate(make_bench: MakeBench) -> None:
    bench = make_bench(7, START, AccountSpec("DU1", (("USD", D(0)), ("EUR", D(1000)), ("JPY", D(100_000)))))
    view = bench.venue.account("DU1")
    rates = dict(view.rates)
    assert D("1.0") < rates["EUR"] < D("1.4")
    assert D("0.005") < rates["JPY"] < D("0.008")
    assert view.total_cash == (rates["EUR"] * 1000 + rates["JPY"] * 100_000).quantize(D("0.01"))


def test_what_if_tells_and_changes_nothing(bench: Bench) -> None:
    terms = OrderTerms("DU1", AAPL, Side.BUY, D(100))
    before = bench.venue.account("DU1")
    impact = bench.venue.what_if(terms, bench.now)
    assert isinstance(impact, MarginImpact)
    mark = (bench.bid() + bench.ask()) / 2
    assert impact.initial_change == impact.initial_after - impact.initial_before == (mark * 50).quantize(D("0.01"))
    assert impact.commission == 1
    assert bench.venue.account("DU1") == before
    assert bench.venue.orders() == []
    bad = bench.venue.what_if(OrderTerms("DU1", 1, Side.BUY, D(100)), bench.now)
    assert isinstance(bad, OrderRejected)
    assert bad.reason is RejectReason.UNKNOWN_LISTING


def test_open_orders_count_against_buying_power(bench: Bench) -> None:
    price = bench.bid() - 20
    quantity = int(D(1_900_000) / price / 100) * 100
    first = bench.accepted("BUY", quantity, limit_price=price)
    assert bench.rejected("BUY", quantity, 756733).reason is RejectReason.BUYING_POWER
    bench.cancel(first.perm_id)
    bench.accepted("BUY", 1000, 756733)


def test_closing_is_always_allowed(make_bench: MakeBench) -> None:
    bench = make_bench(7, START, AccountSpec("DU1", (("USD", D(20_000)),)))
    bench.accepted("BUY", 140)
    assert bench.rejected("BUY", 140).reason is RejectReason.BUYING_POWER
    bench.accepted("SELL", 140)
    bench.wait(30)
    assert bench.position() == 0


def test_a_cash_account_neither_borrows_nor_sells_short(make_bench: MakeBench) -> None:
    bench = make_bench(7, START, AccountSpec("DU1", (("USD", D(30_000)),), margin=False))
    assert bench.rejected("SELL", 1).reason is RejectReason.BUYING_POWER
    assert bench.rejected("BUY", 200).reason is RejectReason.BUYING_POWER
    assert bench.rejected("BUY", 1, bench.find(local_symbol="ESZ6").con_id).reason is RejectReason.BUYING_POWER
    assert bench.rejected("SELL", 1000, 12087792).reason is RejectReason.BUYING_POWER
    bench.accepted("BUY", 100)
    bench.accepted("SELL", 100)


def need(*stakes: Stake) -> Decimal:
    return required(stakes, lambda _: D(1)).initial


def stake(bench: Bench, strike: int, quantity: int, price: int, right: Right = Right.CALL) -> Stake:
    listing = bench.find(**{**SPY_CALL, "strike": D(strike), "right": right})
    return Stake(listing, D(quantity), D(price), D(680))


def test_margin_of_written_options(bench: Bench, aapl: Listing) -> None:
    naked = need(stake(bench, 690, -1, 8))
    assert naked == 100 * (8 + D(136) - 10)
    assert need(stake(bench, 690, -1, 8), stake(bench, 700, 1, 5)) == 1000
    assert need(stake(bench, 690, -1, 8), stake(bench, 680, 1, 12)) == 0
    assert need(stake(bench, 690, 1, 8)) == 0
    spy = bench.find(con_id=756733)
    covered = need(stake(bench, 690, -1, 8), Stake(spy, D(100), D(680), D(0)))
    assert covered == 34_000
    puts = need(stake(bench, 670, -2, 8, Right.PUT), stake(bench, 660, 1, 5, Right.PUT))
    assert puts == 1000 + 100 * (8 + D(136) - 10)
    assert required([Stake(aapl, D(-10), D(100), D(0))], lambda _: D(1)).maintenance == 300


def test_an_unknown_account_is_an_error(bench: Bench) -> None:
    with pytest.raises(InvalidInput, match="DU77"):
        bench.venue.account("DU77")
