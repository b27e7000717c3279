"""A market-data feed in memory that does what a test tells it.

Owns the broker's side of market-data lines: which are open, by number, and where their ticks go. Like the real one it
sends nothing by itself, forgets every line with its session, never uses a number twice, and takes ticks and refusals in
the order given. It keeps the account's limit as a strict gateway does: one line too many is refused with 101.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.market import DataKind, TickField
from ironbridge.errors import NotConnected
from ironbridge.interfaces import TickSink


def contract_for(instrument: Instrument, con_id: int) -> Contract:
    """A resolved contract with plain rules: a tick of 0.01, single units, always open."""
    resolved = Instrument(
        instrument.kind,
        instrument.symbol,
        instrument.exchange or "CME",
        instrument.currency,
        instrument.primary_exchange,
        instrument.expiry,
        instrument.strike,
        instrument.right,
        instrument.multiplier,
        instrument.trading_class,
        instrument.local_symbol or instrument.symbol,
        con_id,
    )
    return Contract(
        instrument=resolved,
        long_name=f"{instrument.symbol} Inc",
        min_tick=Decimal("0.01"),
        increments=(),
        size_increment=Decimal(1),
        min_size=Decimal(1),
        multiplier=instrument.multiplier or Decimal(1),
        order_types=frozenset({"MKT", "LMT", "STP"}),
        valid_exchanges=(resolved.exchange,),
        time_zone="America/New_York",
        trading_hours="",
        liquid_hours="",
        under_con_id=0,
        resolved_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


@dataclass(frozen=True, slots=True)
class OpenLine:
    contract: Contract
    sink: TickSink


class FakeFeed:
    """An `ironbridge.interfaces.MarketFeed` for tests.

    Parameters:
        limit: lines of the account; one more is refused with 101.
    """

    def __init__(self, limit: int = 100) -> None:
        self.connected = True
        self.lines: dict[int, OpenLine] = {}
        self.asked: Counter[int] = Counter()
        """How often a line was asked for, by con_id."""
        self.closed: list[int] = []
        self.most = 0
        """The most lines that were ever open at once."""
        self._limit = limit
        self._numbers = 0
        self._may_send = asyncio.Event()
        self._may_send.set()
        self._waiting = 0
        self._arrived = asyncio.Event()

    async def open_line(self, contract: Contract, sink: TickSink) -> int:
        await self._admit()
        self._numbers += 1
        self.asked[contract.con_id] += 1
        if len(self.lines) >= self._limit:
            sink.refused(101, "Max number of tickers has been reached")
            return self._numbers
        self.lines[self._numbers] = OpenLine(contract, sink)
        self.most = max(self.most, len(self.lines))
        return self._numbers

    async def close_line(self, line: int) -> None:
        if line not in self.lines:
            return
        await self._admit()
        if self.lines.pop(line, None) is not None:
            self.closed.append(line)

    async def _admit(self) -> None:
        """Wait as for the pacer, then fail where there is no session."""
        self._waiting += 1
        self._arrived.set()
        try:
            await self._may_send.wait()
        finally:
            self._waiting -= 1
        if not self.connected:
            raise NotConnected("The fake feed has no session.")

    def hold(self) -> None:
        """Let requests wait, as a full pacer does."""
        self._may_send.clear()

    def release(self) -> None:
        """Let every waiting request go."""
        self._may_send.set()

    async def until_waiting(self, count: int = 1) -> None:
        """Return once `count` requests wait to be sent."""
        while self._waiting < count:
            self._arrived.clear()
            await self._arrived.wait()

    def lose(self) -> None:
        """The session ends: every line is gone and nothing can be sent."""
        self.connected = False
        self.lines.clear()

    def restore(self) -> None:
        """There is a session again, with no line in it."""
        self.connected = True

    @property
    def streaming(self) -> list[int]:
        """The con_ids of all open lines, in order; one twice is a line too many."""
        return sorted(line.contract.con_id for line in self.lines.values())

    def sinks(self, con_id: int) -> list[TickSink]:
        """Where the ticks of a contract go."""
        return [line.sink for line in self.lines.values() if line.contract.con_id == con_id]

    def tick(self, con_id: int, field: TickField, value: float | None, size: float | None = None) -> None:
        """One tick on every line of the contract."""
        for sink in self.sinks(con_id):
            sink.tick(field, value, size)

    def quote(self, con_id: int, bid: float | None, ask: float | None, last: float | None = None) -> None:
        """Both sides, a hundred units each, and perhaps a trade."""
        self.tick(con_id, TickField.BID, bid, 100)
        self.tick(con_id, TickField.ASK, ask, 100)
        if last is not None:
            self.tick(con_id, TickField.LAST, last, 10)

    def kind(self, con_id: int, kind: DataKind) -> None:
        for sink in self.sinks(con_id):
            sink.kind(kind)

    def notice(self, con_id: int, code: int, text: str) -> None:
        """Say something of every line of the contract that does not end it."""
        for sink in self.sinks(con_id):
            sink.notice(code, text)

    def refuse(self, con_id: int, code: int, text: str) -> None:
        """End every line of the contract with an error."""
        for number, line in tuple(self.lines.items()):
            if line.contract.con_id == con_id:
                del self.lines[number]
                line.sink.refused(code, text)
