"""A venue on a bench: one call an order, time only when a test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ironbridge.domain.values import Side
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.commands import CancelOrder, Command, ModifyOrder, OrderKind, OrderTerms, PlaceOrder
from ironbridge.exchange.events import Event, OrderAccepted, OrderFilled, OrderRejected, OrderSnapshot
from ironbridge.exchange.listing import ContractQuery, Listing
from ironbridge.exchange.venue import Venue, VenueOptions

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
AAPL = 265598


@dataclass
class Bench:
    venue: Venue
    now: datetime = START
    events: list[Event] = field(default_factory=list)
    orders: int = 0

    def tell(self, command: Command) -> list[Event]:
        events = self.venue.apply(command, self.now)
        self.events += events
        return events

    def place(self, side: str, quantity: Any, con_id: int = AAPL, *, client: int = 1, **terms: Any) -> list[Event]:
        self.orders += 1
        for name in ("limit_price", "stop_price", "trail_amount", "trail_percent", "limit_offset", "cash_quantity"):
            if terms.get(name) is not None:
                terms[name] = Decimal(terms[name])
        terms.setdefault("account", "DU1")
        if "kind" not in terms and "limit_price" in terms:
            terms["kind"] = OrderKind.LIMIT
        made = OrderTerms(con_id=con_id, side=Side(side), quantity=Decimal(quantity), **terms)
        return self.tell(PlaceOrder(client, self.orders, made))

    def accepted(self, side: str, quantity: Any, con_id: int = AAPL, **terms: Any) -> OrderSnapshot:
        """The order after all that its placing brought."""
        events = self.place(side, quantity, con_id, **terms)
        first = next((e for e in events if isinstance(e, OrderAccepted | OrderRejected)), None)
        assert isinstance(first, OrderAccepted), first
        return self.order(first.order.perm_id)

    def rejected(self, side: str, quantity: Any, con_id: int = AAPL, **terms: Any) -> OrderRejected:
        [event] = self.place(side, quantity, con_id, **terms)
        assert isinstance(event, OrderRejected), event
        return event

    def order(self, perm_id: int) -> OrderSnapshot:
        order = self.venue.order(perm_id)
        assert order is not None
        return order

    def cancel(self, perm_id: int) -> list[Event]:
        return self.tell(CancelOrder(perm_id))

    def modify(self, perm_id: int, terms: OrderTerms) -> list[Event]:
        return self.tell(ModifyOrder(perm_id, terms))

    def wait(self, seconds: float) -> list[Event]:
        self.now += timedelta(seconds=seconds)
        events = self.venue.advance(self.now)
        self.events += events
        return events

    def until(self, moment: datetime) -> list[Event]:
        return self.wait((moment - self.now).total_seconds())

    def fills(self, perm_id: int = 0) -> list[OrderFilled]:
        return [e for e in self.events if isinstance(e, OrderFilled) and perm_id in {0, e.order.perm_id}]

    def bid(self, con_id: int = AAPL) -> Decimal:
        bid = self.venue.quote(con_id).bid
        assert bid is not None
        return bid

    def ask(self, con_id: int = AAPL) -> Decimal:
        ask = self.venue.quote(con_id).ask
        assert ask is not None
        return ask

    def find(self, **query: Any) -> Listing:
        [listing] = self.venue.find(ContractQuery(**query))
        return listing

    def position(self, con_id: int = AAPL, account: str = "DU1") -> Decimal:
        held = {p.con_id: p.quantity for p in self.venue.account(account).positions}
        return held.get(con_id, Decimal(0))


MakeBench = Callable[..., Bench]


@pytest.fixture(scope="session")
def make_bench() -> MakeBench:
    def make(seed: int = 7, start: datetime = START, *accounts: AccountSpec, **options: Any) -> Bench:
        specs = accounts or (AccountSpec("DU1"), AccountSpec("DU2"))
        return Bench(Venue(seed, specs, start, options=VenueOptions(**options)), start)

    return make


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()
