"""Orders before the gate, with everything that it may know within reach."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ironbridge.domain.account import Position
from ironbridge.domain.instrument import Contract, Instrument, Stock
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.order import OrderRequest, OrderSpec
from ironbridge.domain.order_state import Order
from ironbridge.domain.risk import RiskLimits, RiskPolicy
from ironbridge.domain.scope import Scope
from ironbridge.risk import RiskGate
from ironbridge.testing.clock import START, ManualClock
from ironbridge.testing.standins import KnownFacts

AAPL = replace(Stock("AAPL"), con_id=265598)
MSFT = replace(Stock("MSFT"), con_id=272093)


def contract_of(instrument: Instrument = AAPL, **changes) -> Contract:
    plain = Contract(
        instrument=instrument,
        long_name="",
        min_tick=Decimal("0.01"),
        increments=(),
        size_increment=Decimal(1),
        min_size=Decimal(1),
        multiplier=instrument.multiplier or Decimal(1),
        order_types=frozenset(),
        valid_exchanges=("SMART",),
        time_zone="US/Eastern",
        trading_hours="20260302:0400-20260302:2000;20260303:0400-20260303:2000;20260304:CLOSED",
        liquid_hours="20260302:0930-20260302:1600;20260303:0930-20260303:1600;20260304:CLOSED",
        under_con_id=0,
        resolved_at=START,
    )
    return replace(plain, **changes)


class Bench:
    """A gate, and short words for what is put before it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.facts = KnownFacts()
        self.refused: list[str] = []
        self.gate = RiskGate(RiskPolicy(), self.clock, self.facts)
        self.gate.guard(refused=lambda _request, error: self.refused.append(error.rule))
        self._keys = 0

    def limit(self, scope: str = "all", **limits) -> None:
        wanted = RiskLimits(**{name: _number(value) for name, value in limits.items()})
        self.gate.policy = self.gate.policy.with_limits(Scope.parse(scope), wanted)

    def request(self, spec: OrderSpec, instrument: Instrument = AAPL, *, key: str = "", **words) -> OrderRequest:
        self._keys += 1
        words = {"account": "DU1", "strategy": "", **words}
        return OrderRequest(key or f"k{self._keys}", instrument, spec, **words)

    def check(self, spec: OrderSpec, instrument: Instrument = AAPL, *, quote=None, contract=None, **words):
        further = {name: words.pop(name) for name in ("replacing", "pending") if name in words}
        request = self.request(spec, instrument, **words)
        return self.gate.check(request, contract or contract_of(instrument), quote, **further)

    def open(self, spec: OrderSpec, instrument: Instrument = AAPL, **words) -> Order:
        """An order that is open at the broker, as the gate has been told."""
        state = words.pop("state", OrderState.WORKING)
        fills = words.pop("fills", ())
        request = self.request(spec, instrument, **words)
        now = self.clock.now()
        order = Order(request.key, self._keys, 1, request, state, now, now, self._keys, fills=fills)
        self.gate.note(order)
        return order

    def hold(self, quantity: int, instrument: Instrument = AAPL, *, price: str | None = "100", account: str = "DU1"):
        value = None if price is None else Decimal(price)
        worth = None if value is None else value * quantity * (instrument.multiplier or 1)
        self.facts.rows.append(Position(account, instrument, Decimal(quantity), Decimal(1), value, worth))


def _number(value):
    return Decimal(value) if isinstance(value, str) and value[0].isdigit() else value


@pytest.fixture
def bench() -> Bench:
    return Bench()
