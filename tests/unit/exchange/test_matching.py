"""Market and limit orders against the book."""

from dataclasses import replace
from decimal import Decimal

from ironbridge.exchange.commands import OrderKind, OrderTerms, TimeInForce
from ironbridge.exchange.events import (
    CancelReason,
    CommissionCharged,
    Liquidity,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderSnapshot,
    OrderStatus,
    PositionChanged,
)

from .conftest import AAPL, Bench

SHARES = Decimal(100)


def test_a_market_order_takes_the_book_level_by_level(bench: Bench) -> None:
    asks = bench.venue.book(AAPL, 3).asks
    quantity = asks[0].size + asks[1].size + 1
    events = bench.place("BUY", quantity)
    assert [type(e) for e in events[:4]] == [OrderAccepted, OrderFilled, CommissionCharged, PositionChanged]
    assert [(f.execution.price, f.execution.quantity) for f in bench.fills()] == [
        (asks[0].price, asks[0].size),
        (asks[1].price, asks[1].size),
        (asks[2].price, Decimal(1)),
    ]
    assert bench.fills()[-1].order.status is OrderStatus.FILLED
    assert bench.position() == quantity
    assert all(f.execution.liquidity is Liquidity.REMOVED for f in bench.fills())


def test_what_is_taken_is_gone_for_a_while(bench: Bench) -> None:
    top = bench.venue.book(AAPL, 1).asks[0]
    bench.place("BUY", top.size)
    assert bench.ask() > top.price
    bench.wait(10)
    assert bench.venue.book(AAPL, 10).asks[0].size > 0


def test_a_large_market_order_goes_on_taking_as_liquidity_comes(bench: Bench) -> None:
    order = bench.accepted("BUY", 5000)
    assert order.status is OrderStatus.WORKING
    assert 0 < order.filled < 5000
    bench.wait(60)
    assert bench.order(order.perm_id).status is OrderStatus.FILLED
    assert sum(f.execution.quantity for f in bench.fills()) == 5000


def test_a_marketable_limit_pays_the_markets_price_not_its_own(bench: Bench) -> None:
    ask = bench.ask()
    bench.accepted("BUY", 50, limit_price=ask + 5)
    assert [f.execution.price for f in bench.fills()] == [ask]


def test_a_limit_order_takes_no_worse_than_its_limit_and_rests(bench: Bench) -> None:
    asks = bench.venue.book(AAPL, 2).asks
    order = bench.accepted("BUY", asks[0].size + 7, limit_price=asks[0].price)
    assert (order.status, order.filled, order.remaining) == (OrderStatus.WORKING, asks[0].size, 7)
    book = bench.venue.book(AAPL, 1)
    assert book.bids[0].price == asks[0].price
    assert book.bids[0].orders == 1
    assert book.bids[0].price < book.asks[0].price


def test_a_passive_order_fills_at_its_own_price_when_the_market_comes_through(bench: Bench) -> None:
    limit = bench.bid() - Decimal("0.10")
    order = bench.accepted("BUY", 200, limit_price=limit, tif=TimeInForce.GTC)
    assert order.filled == 0
    for _ in range(5000):
        bench.wait(5)
        if bench.order(order.perm_id).filled:
            break
    fills = bench.fills(order.perm_id)
    assert fills, "the market never came"
    assert {f.execution.price for f in fills} == {limit}
    assert {f.execution.liquidity for f in fills} == {Liquidity.ADDED}


def test_a_touch_fills_nothing(bench: Bench) -> None:
    """A bid that joins the market's own bid is behind it: it waits until that price is gone."""
    order = bench.accepted("BUY", 100, limit_price=bench.bid())
    for _ in range(200):
        events = bench.wait(0.25)
        if bench.order(order.perm_id).filled:
            fill = next(e for e in events if isinstance(e, OrderFilled))
            quote = bench.venue.quote(AAPL)
            assert quote.ask is not None
            gone = quote.bid is None or quote.bid < fill.execution.price
            assert gone or quote.last is None or quote.last < fill.execution.price
            return
        assert bench.venue.quote(AAPL).ask > order.limit_price


def test_clients_meet_each_other_inside_the_spread(bench: Bench) -> None:
    gs = 4627828
    bid, ask = bench.bid(gs), bench.ask(gs)
    inside = bid + Decimal("0.03")
    assert inside < ask
    resting = bench.accepted("SELL", 10, gs, limit_price=inside, client=1, account="DU1")
    taker = bench.accepted("BUY", 10, gs, client=2, account="DU2")
    assert bench.order(resting.perm_id).status is OrderStatus.FILLED
    mine, theirs = bench.fills(taker.perm_id)[0].execution, bench.fills(resting.perm_id)[0].execution
    assert mine.price == theirs.price == inside
    assert (mine.contra, theirs.contra) == (resting.perm_id, taker.perm_id)
    assert (bench.position(gs, "DU2"), bench.position(gs, "DU1")) == (10, -10)


def test_time_decides_between_clients_at_one_price(bench: Bench) -> None:
    gs = 4627828
    inside = bench.bid(gs) + Decimal("0.03")
    first = bench.accepted("SELL", 10, gs, limit_price=inside)
    second = bench.accepted("SELL", 10, gs, limit_price=inside, client=2, account="DU2")
    better = bench.accepted("SELL", 10, gs, limit_price=inside - Decimal("0.01"))
    bench.accepted("BUY", 25, gs)
    filled = [bench.order(o.perm_id).filled for o in (better, first, second)]
    assert filled == [10, 10, 5]


def test_a_smaller_quantity_keeps_its_place_and_a_larger_one_loses_it(bench: Bench) -> None:
    gs = 4627828
    inside = bench.bid(gs) + Decimal("0.03")
    first = bench.accepted("SELL", 10, gs, limit_price=inside)
    second = bench.accepted("SELL", 10, gs, limit_price=inside)
    bench.modify(first.perm_id, replace_quantity(first, 8))
    bench.accepted("BUY", 5, gs)
    assert [bench.order(o.perm_id).filled for o in (first, second)] == [5, 0]
    bench.modify(first.perm_id, replace_quantity(first, 20))
    bench.accepted("BUY", 5, gs)
    assert [bench.order(o.perm_id).filled for o in (first, second)] == [5, 5]


def replace_quantity(order: OrderSnapshot, quantity: int) -> OrderTerms:
    return replace(order.terms, quantity=Decimal(quantity))


def test_ioc_takes_what_there_is_and_cancels_the_rest(bench: Bench) -> None:
    size = bench.venue.book(AAPL, 1).asks[0].size
    order = bench.accepted("BUY", size + 100, limit_price=bench.ask(), tif=TimeInForce.IOC)
    assert (order.status, order.filled) == (OrderStatus.CANCELLED, size)
    [cancelled] = [e for e in bench.events if isinstance(e, OrderCancelled)]
    assert cancelled.reason is CancelReason.IMMEDIATE
    assert bench.position() == size


def test_fok_fills_all_or_nothing(bench: Bench) -> None:
    levels = bench.venue.book(AAPL, 2).asks
    total = levels[0].size + levels[1].size
    limit = levels[1].price
    killed = bench.accepted("BUY", total + 1, limit_price=limit, tif=TimeInForce.FOK)
    assert (killed.status, killed.filled) == (OrderStatus.CANCELLED, 0)
    filled = bench.accepted("BUY", total, limit_price=limit, tif=TimeInForce.FOK)
    assert (filled.status, filled.filled) == (OrderStatus.FILLED, total)


def test_market_to_limit_rests_at_the_price_of_its_fill(bench: Bench) -> None:
    order = bench.accepted("BUY", 6000, kind=OrderKind.MARKET_TO_LIMIT)
    assert order.status is OrderStatus.WORKING
    assert order.limit_price == bench.fills()[-1].execution.price
    assert bench.venue.book(AAPL, 1).bids[0].price == order.limit_price


def test_a_hidden_order_is_not_in_the_book_but_trades(bench: Bench) -> None:
    gs = 4627828
    inside = bench.bid(gs) + Decimal("0.03")
    hidden = bench.accepted("SELL", 10, gs, limit_price=inside, display_size=Decimal(0))
    assert bench.ask(gs) > inside
    bench.accepted("BUY", 10, gs, client=2, account="DU2")
    assert bench.order(hidden.perm_id).status is OrderStatus.FILLED


def test_all_or_none_waits_for_the_whole(bench: Bench) -> None:
    top = bench.venue.book(AAPL, 1).asks[0]
    order = bench.accepted("BUY", top.size + 1, limit_price=top.price, all_or_none=True)
    assert order.filled == 0
    bench.wait(600)
    assert bench.order(order.perm_id).filled in {0, top.size + 1}
