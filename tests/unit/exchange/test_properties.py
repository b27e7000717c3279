"""What holds whatever clients do: money and positions add up, books never cross, time decides."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ironbridge.domain.instrument import Kind
from ironbridge.domain.values import Side
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.commands import (
    CancelOrder,
    Command,
    ModifyOrder,
    OrderKind,
    OrderTerms,
    PlaceOrder,
    TimeInForce,
)
from ironbridge.exchange.events import CommissionCharged, Event, OrderFilled, OrderStatus
from ironbridge.exchange.listing import ContractQuery
from ironbridge.exchange.venue import Venue

from .conftest import AAPL, START

GS, EUR, SPY = 4627828, 12087792, 756733
SPECS = (AccountSpec("DU1"), AccountSpec("DU2", (("USD", Decimal(5_000_000)), ("EUR", Decimal(100_000)))))
KINDS = (
    OrderKind.RELATIVE,
    OrderKind.MARKET_IF_TOUCHED,
    OrderKind.PEG_MIDPOINT,
    OrderKind.MARKET,
    OrderKind.LIMIT,
    OrderKind.LIMIT,
    OrderKind.STOP,
    OrderKind.TRAIL,
    OrderKind.STOP_LIMIT,
)

LIMITED = {OrderKind.LIMIT, OrderKind.STOP_LIMIT, OrderKind.RELATIVE, OrderKind.PEG_MIDPOINT}
STOPPED = {OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.MARKET_IF_TOUCHED}


def listed(venue: Venue) -> list[int]:
    es = venue.find(ContractQuery(symbol="ES", kind=Kind.FUTURE))[0].con_id
    option = venue.find(ContractQuery(symbol="SPY", kind=Kind.OPTION, expiry="20261218", strike=Decimal(680)))[0].con_id
    return [AAPL, GS, EUR, es, option]


actions = st.tuples(
    st.sampled_from(["place", "place", "place", "cancel", "modify", "wait"]),
    st.integers(0, 4),
    st.sampled_from(list(Side)),
    st.integers(1, 900),
    st.sampled_from(KINDS),
    st.integers(-12, 12),
    st.sampled_from(list(TimeInForce)[:4]),
    st.integers(0, 600),
)
scripts = st.lists(actions, min_size=1, max_size=25)


class Run:
    """A script of actions on a venue, with everything that came of it."""

    def __init__(self, seed: int = 7) -> None:
        self.venue = Venue(seed, SPECS, START)
        self.listings = listed(self.venue)
        self.now = START
        self.events: list[Event] = []
        self.placed = 0

    def play(self, script: list[Any]) -> "Run":
        for action in script:
            self.act(*action)
        return self

    def act(
        self, what: str, index: int, side: Side, size: int, kind: OrderKind, away: int, tif: TimeInForce, time: int
    ) -> None:
        if what == "wait":
            self.now += timedelta(seconds=time)
            self.events += self.venue.advance(self.now)
            return
        live = self.venue.orders()
        if what != "place" and live:
            order = live[size % len(live)]
            if what == "cancel":
                self.tell(CancelOrder(order.perm_id))
            else:
                self.tell(ModifyOrder(order.perm_id, replace(order.terms, quantity=Decimal(size))))
            return
        self.placed += 1
        self.tell(PlaceOrder(index % 2, self.placed, self.terms(index, side, size, kind, away, tif)))

    def terms(self, index: int, side: Side, size: int, kind: OrderKind, away: int, tif: TimeInForce) -> OrderTerms:
        con_id = self.listings[index]
        listing = self.venue.listing(con_id)
        assert listing is not None
        quote = self.venue.quote(con_id)
        near = quote.ask or listing.min_tick
        price = max(listing.min_tick, listing.rule.nearest(near + away * listing.rule.step_at(near)))
        quantity = Decimal(size if listing.kind is Kind.STOCK else size * 100 if con_id == EUR else 1 + size % 20)
        return OrderTerms(
            account=f"DU{1 + size % 2}",
            con_id=con_id,
            side=side,
            quantity=quantity,
            kind=kind,
            limit_price=price if kind in LIMITED else None,
            stop_price=price if kind in STOPPED else None,
            trail_amount=listing.min_tick * 8 if kind is OrderKind.TRAIL else None,
            tif=tif if kind in {OrderKind.MARKET, OrderKind.LIMIT} else TimeInForce.GTC,
        )

    def tell(self, command: Command) -> None:
        self.events += self.venue.apply(command, self.now)
        self.check_books()

    def check_books(self) -> None:
        for con_id in self.listings:
            book = self.venue.book(con_id, 20)
            assert not (book.bids and book.asks) or book.bids[0].price < book.asks[0].price
            assert all(level.size > 0 for level in (*book.bids, *book.asks))
            quote = self.venue.quote(con_id)
            assert quote.bid is None or quote.ask is None or quote.bid < quote.ask


@given(scripts)
@settings(deadline=None, max_examples=40)
def test_money_and_positions_are_the_sum_of_the_fills(script: list[Any]) -> None:
    run = Run().play(script)
    cash = {spec.name: dict(spec.cash) for spec in SPECS}
    held: dict[tuple[str, int], Decimal] = {}
    future_fills: dict[str, Decimal] = {}
    for event in run.events:
        if isinstance(event, OrderFilled):
            fill = event.execution
            listing = run.venue.listing(fill.con_id)
            assert listing is not None
            signed = fill.side.sign * fill.quantity
            held[fill.account, fill.con_id] = held.get((fill.account, fill.con_id), Decimal(0)) + signed
            worth = signed * fill.price * listing.multiplier
            if listing.kind is Kind.FUTURE:
                future_fills[fill.account] = future_fills.get(fill.account, Decimal(0)) - worth
                continue
            if listing.kind is Kind.FOREX:
                cash[fill.account][listing.symbol] = cash[fill.account].get(listing.symbol, Decimal(0)) + signed
            cash[fill.account][listing.currency] -= worth
        elif isinstance(event, CommissionCharged):
            cash[event.account][event.currency] -= event.amount
    for name in ("DU1", "DU2"):
        view = run.venue.account(name)
        positions = {p.con_id: p.quantity for p in view.positions}
        assert positions == {con_id: q for (account, con_id), q in held.items() if account == name and q}
        es = next((p for p in view.positions if p.con_id == run.listings[3]), None)
        # A future has paid all but what is still pending since its last fill or settlement.
        open_value = es.quantity * es.market_price * 50 if es is not None else Decimal(0)
        paid = future_fills.get(name, Decimal(0)) + open_value - view.futures_pnl
        assert abs(dict(view.cash)["USD"] - cash[name]["USD"] - paid) < Decimal("0.01")
        assert dict(view.cash).get("EUR", 0) == cash[name].get("EUR", 0)


@given(scripts)
@settings(deadline=None, max_examples=30)
def test_no_fill_is_worse_than_its_limit_or_off_the_grid(script: list[Any]) -> None:
    run = Run().play(script)
    totals: dict[int, Decimal] = {}
    for event in run.events:
        if not isinstance(event, OrderFilled):
            continue
        fill, order = event.execution, event.order
        listing = run.venue.listing(fill.con_id)
        assert listing is not None
        assert listing.rule.conforms(fill.price)
        if order.limit_price is not None and order.terms.kind is not OrderKind.MARKET:
            assert fill.side.sign * (fill.price - order.limit_price) <= 0
        totals[order.perm_id] = totals.get(order.perm_id, Decimal(0)) + fill.quantity
        assert order.filled == totals[order.perm_id] <= order.terms.quantity
        assert (order.status is OrderStatus.FILLED) == (order.remaining == 0)


@given(scripts)
@settings(deadline=None, max_examples=20)
def test_the_same_commands_give_the_same_events(script: list[Any]) -> None:
    first, second = Run(3).play(script), Run(3).play(script)
    assert first.events == second.events
    assert [e.sequence for e in first.events] == sorted(e.sequence for e in first.events)
    times = [e.time for e in first.events]
    assert times == sorted(times)


@given(scripts, st.integers(1, 7))
@settings(deadline=None, max_examples=20)
def test_cutting_time_differently_gives_the_same_fills(script: list[Any], pieces: int) -> None:
    cut: list[Any] = []
    for action in script:
        if action[0] == "wait":
            each, rest = divmod(action[-1], pieces)
            cut += [(*action[:-1], each)] * pieces + [(*action[:-1], rest)]
        else:
            cut.append(action)
    whole, parts = Run(5).play(script), Run(5).play(cut)
    assert [e for e in whole.events if isinstance(e, OrderFilled)] == [
        e for e in parts.events if isinstance(e, OrderFilled)
    ]


@given(scripts)
@settings(deadline=None, max_examples=15)
def test_a_jump_misses_nothing_that_single_steps_would_see(script: list[Any]) -> None:
    """Long waits search for the next event; waits of a second look at every step."""
    steps: list[Any] = []
    for action in script:
        waits = action[0] == "wait"
        steps += [(*action[:-1], 1)] * action[-1] if waits else [action]
    jumps, stepped = Run(5).play(script), Run(5).play(steps)
    assert [e for e in jumps.events if isinstance(e, OrderFilled)] == [
        e for e in stepped.events if isinstance(e, OrderFilled)
    ]


@given(scripts, scripts)
@settings(deadline=None, max_examples=20)
def test_a_venue_goes_on_from_its_kept_state_as_if_nothing_had_been(before: list[Any], after: list[Any]) -> None:
    run = Run(9).play(before)
    state = json.loads(json.dumps(run.venue.export_state()))
    copy = Run(9)
    copy.venue, copy.now, copy.placed = Venue.import_state(state), run.now, run.placed
    assert copy.venue.orders() == run.venue.orders()
    assert copy.venue.executions() == run.venue.executions()
    assert [copy.venue.account(n) for n in copy.venue.accounts] == [run.venue.account(n) for n in run.venue.accounts]
    run.events.clear()
    assert copy.play(after).events == run.play(after).events


@given(st.integers(0, 50))
@settings(deadline=None, max_examples=10)
def test_watching_changes_nothing(seed: int) -> None:
    watched, alone = Venue(seed, SPECS, START), Venue(seed, SPECS, START)
    watched.watch(SPY)
    for second in range(0, 120, 3):
        now = START + timedelta(seconds=second)
        watched.advance(now)
    alone.advance(START + timedelta(seconds=117))
    assert watched.quote(SPY) == alone.quote(SPY)
    assert watched.book(SPY, 5) == alone.book(SPY, 5)
