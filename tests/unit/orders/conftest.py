"""An order service among stand-ins, with everything around it within reach."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from zlib import crc32

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.domain.instrument import Contract, Instrument, PriceIncrement, Stock
from ironbridge.domain.market import Quote
from ironbridge.domain.order_state import Order, OrderUpdate
from ironbridge.domain.risk import RiskLimits, RiskPolicy
from ironbridge.interfaces import Journal
from ironbridge.orders import OrderOptions, OrderService
from ironbridge.risk import RiskGate
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fakes import FakeBroker
from ironbridge.testing.standins import FakeSession, KnownFacts, MemoryJournal

AAPL = Stock("AAPL")


def _contract(instrument: Instrument = AAPL) -> Contract:
    words = (instrument.symbol, instrument.expiry, instrument.strike, instrument.right)
    con_id = 265598 if instrument.symbol == "AAPL" else crc32(repr(words).encode())
    return Contract(
        instrument=replace(instrument, con_id=con_id),
        long_name="APPLE INC",
        min_tick=Decimal("0.01"),
        increments=(PriceIncrement(Decimal(0), Decimal("0.0001")), PriceIncrement(Decimal(1), Decimal("0.01"))),
        size_increment=Decimal(1),
        min_size=Decimal(1),
        multiplier=Decimal(1),
        order_types=frozenset({"MKT", "LMT", "STP", "STPLMT"}),
        valid_exchanges=("SMART", "NASDAQ", "CME", "NYMEX"),
        time_zone="US/Eastern",
        trading_hours="",
        liquid_hours="",
        under_con_id=0,
        resolved_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


@dataclass
class Desk:
    clock: ManualClock
    broker: FakeBroker
    session: FakeSession
    journal: Journal
    gate: RiskGate
    orders: OrderService
    updates: list[OrderUpdate]
    quotes: dict[Instrument, Quote]

    def order(self, key: str) -> Order:
        return self.orders.get(key)

    async def settle(self) -> None:
        """Let everything that has been said be taken in."""
        await self.clock.settle()


@asynccontextmanager
async def _open_desk(
    *,
    clock: ManualClock | None = None,
    broker: FakeBroker | None = None,
    session: FakeSession | None = None,
    journal: Journal | None = None,
    limits: RiskLimits | None = None,
    options: OrderOptions | None = None,
) -> AsyncIterator[Desk]:
    """A running service; hand over a broker and a journal of another to begin where it ended."""
    clock = clock or ManualClock()
    broker = broker or FakeBroker(clock)
    session = session or FakeSession()
    journal = journal or MemoryJournal(clock)
    facts = KnownFacts()
    gate = RiskGate(RiskPolicy.of(limits or RiskLimits()), clock, facts)
    quotes: dict[Instrument, Quote] = {}
    updates: list[OrderUpdate] = []
    topic: MemoryTopic[OrderUpdate] = MemoryTopic("orders")
    keys = iter(f"made-{n}" for n in range(1_000_000))

    async def resolve(instrument: Instrument) -> Contract:
        return _contract(instrument)

    async def quote(instrument: Instrument) -> Quote | None:
        return next((quotes[each] for each in quotes if each.symbol == instrument.symbol), None)

    orders = OrderService(
        broker, journal, session, gate, resolve, quote, clock, topic, options, new_key=lambda: next(keys)
    )
    with topic.subscribe() as reader:
        await orders.start()
        try:
            desk = Desk(clock, broker, session, journal, gate, orders, updates, quotes)
            reader.offer = updates.append  # type: ignore[method-assign]  # reads as they are published
            yield desk
        finally:
            await orders.stop()


@pytest.fixture
def open_desk() -> Callable[..., AbstractAsyncContextManager[Desk]]:
    return _open_desk


@pytest.fixture
def contract() -> Callable[..., Contract]:
    return _contract


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with _open_desk() as desk:
        yield desk
