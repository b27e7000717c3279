"""Market-data lines: who watches what, and what each has heard.

Owns the lines of all sessions. Ticks of one step are coalesced: a line hears the newest quote and only what changed in
it since the last it heard. A line ends with its request, its session, or an 1101 (then without a word). Lines whose
quotes do not come as events (delayed ones, combinations) are looked at once in each of the venue's steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ironbridge.exchange.events import Event, Quote, QuoteChanged, TradePrinted
from ironbridge.exchange.tape import step_of
from ironbridge.paper.admission import Admission
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.limits import Pacing
from ironbridge.paper.lines import DataType, Line, blank_sides
from ironbridge.paper.listings import Listings
from ironbridge.paper.option_ticks import OptionTicks
from ironbridge.paper.session import Session
from ironbridge.paper.texts import text_of_code
from ironbridge.paper.ticks import SharedTicks, Tick, ticks_between
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.market import (
    CancelMktData,
    MarketDataType,
    ReqMarketDataType,
    ReqMktData,
    TickReqParams,
    TickSnapshotEnd,
)

BBO_EXCHANGE = "9c0001"
"""The exchange map that recorded US lines carry."""
SNAPSHOT_PERMISSIONS = 3


class QuoteDesk:
    """The market-data desk.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._admission = Admission(floor, listings)
        self._options = OptionTicks(floor)
        self._lines: dict[tuple[Session, int], Line] = {}
        self._by_contract: dict[int, list[Line]] = {}
        self._drawn: dict[Line, None] = {}
        self._looked = 0

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqMktData: self.open,
            CancelMktData: self.cancel,
            ReqMarketDataType: self.data_type,
        }

    # -- requests

    def open(self, session: Session, message: ReqMktData) -> None:
        if (session, message.req_id) in self._lines:
            raise Refusal(322, "Error processing request.-'bT' : cause - Duplicate ticker id")
        line = self._admission.line(session, message)
        if message.snapshot or message.regulatory_snapshot:
            if message.generic_ticks:
                raise invalid("bT", "Snapshot market data subscription is not applicable to generic ticks")
            self._snapshot(line)
            return
        limits = self._floor.limits
        if limits.pacing is not Pacing.OFF and self.count(session) >= limits.lines:
            raise Refusal(101, "Max number of tickers has been reached")
        con_id = line.listing.con_id
        if line.source is None:
            quote = self._floor.venue.watch(con_id)
            self._by_contract.setdefault(con_id, []).append(line)
        else:
            quote = line.source.quote()
            self._drawn[line] = None
        self._lines[session, message.req_id] = line
        self._begin(line)
        if self._flows(line):
            self._hear(line, quote)
            self._say(line, line.generic.first(quote, line.listing))

    def _begin(self, line: Line) -> None:
        session, req_id = line.session, line.req_id
        if line.unpaid:
            session.error(req_id, 10167, text_of_code(10167))
        if line.shown is not DataType.LIVE:
            session.send(MarketDataType(req_id, int(line.shown)))
        session.send(TickReqParams(req_id, float(line.listing.min_tick), BBO_EXCHANGE, SNAPSHOT_PERMISSIONS))

    def _snapshot(self, line: Line) -> None:
        self._begin(line)
        if self._flows(line):
            self._hear(line, self._newest(line))
        line.session.send(TickSnapshotEnd(line.req_id))

    def cancel(self, session: Session, message: CancelMktData) -> None:
        line = self._lines.get((session, message.req_id))
        if line is None:
            raise Refusal(300, f"Can't find EId with tickerId:{message.req_id}")
        self._end(line)

    def data_type(self, session: Session, message: ReqMarketDataType) -> None:
        if message.market_data_type not in set(DataType):
            raise invalid("bV", f"Invalid market data type: {message.market_data_type}")
        session.data_type = message.market_data_type

    # -- what happens

    def happened(self, events: Sequence[Event]) -> None:
        if not self._by_contract or not self._floor.upstream.carries_market_data():
            return
        newest: dict[int, Quote] = {}
        trades: dict[int, list[TradePrinted]] = {}
        for event in events:
            if isinstance(event, QuoteChanged):
                newest[event.quote.con_id] = event.quote
            elif isinstance(event, TradePrinted):
                trades.setdefault(event.con_id, []).append(event)
        for con_id, quote in newest.items():
            self._spread(con_id, quote)
        for con_id, printed in trades.items():
            for line in self._by_contract.get(con_id, ()):
                if line.generic.trades and self._flows(line):
                    self._say(line, line.generic.on_trades(printed, line.heard))

    def _spread(self, con_id: int, quote: Quote) -> None:
        """Tell every line of a listing, while data flows; changes are worked out once for all that know the same."""
        known: dict[tuple[int, bool], SharedTicks] = {}
        for line in self._by_contract.get(con_id, ()):
            if line.session.deaf:
                continue
            if not line.generic.quotes:
                line.heard = quote
                continue
            if line.shut:
                self._tell(line, quote)
                continue
            key = (id(line.heard), line.delayed)
            ticks = known.get(key)
            if ticks is None:
                changed = ticks_between(line.heard, quote, delayed=line.delayed)
                changed += self._options.ticks(line.listing, quote, delayed=line.delayed, force=line.heard is None)
                ticks = known[key] = SharedTicks(changed)
            line.heard = quote
            line.session.send_ticks(line.req_id, ticks)

    def _hear(self, line: Line, quote: Quote) -> None:
        """Say everything: the line begins."""
        if line.blank and line.generic.quotes:
            self._say(line, blank_sides(delayed=line.delayed))
        self._tell(line, quote)

    def _tell(self, line: Line, quote: Quote) -> None:
        """Say to one line what it does not know yet."""
        before, line.heard = line.heard, line.seen(quote)
        if not line.generic.quotes:
            return
        changed = ticks_between(before, line.heard, delayed=line.delayed)
        if changed:
            moment = None if line.source is None else line.source.moment()
            changed += self._options.ticks(line.listing, line.heard, delayed=line.delayed, force=True, moment=moment)
            self._say(line, changed)

    def _say(self, line: Line, ticks: Sequence[Tick]) -> None:
        for tick in ticks:
            line.session.send(tick.message(line.req_id))

    def _newest(self, line: Line) -> Quote:
        return self._floor.venue.quote(line.listing.con_id) if line.source is None else line.source.quote()

    def _flows(self, line: Line) -> bool:
        return not line.session.deaf and self._floor.upstream.carries_market_data()

    def step(self, now: datetime) -> None:
        step = step_of(now)
        if step == self._looked:
            return
        self._looked = step
        if self._floor.venue.options.real_sessions:
            self._open_and_close()
        for line in self._drawn:
            self._draw(line)

    def _open_and_close(self) -> None:
        """Tell the lines whose market has opened or closed."""
        for line in self._lines.values():
            shut = self._admission.is_shut(line)
            if shut == line.shut:
                continue
            before, line.shut = line.shown, shut
            if not self._flows(line):
                continue
            if line.shown is not before:
                line.session.send(MarketDataType(line.req_id, int(line.shown)))
            self._tell(line, self._newest(line))

    def _draw(self, line: Line) -> None:
        if self._flows(line):
            self._tell(line, self._newest(line))

    def refresh(self) -> None:
        """Tell every line that may hear again what it has missed."""
        if not self._floor.upstream.carries_market_data():
            return
        for con_id in list(self._by_contract):
            self._spread(con_id, self._floor.venue.quote(con_id))
        for line in self._drawn:
            self._draw(line)

    # -- endings

    def left(self, session: Session) -> None:
        for line in list(self.lines(session)):
            self._end(line)

    def forget_all(self) -> None:
        """Every line is gone without a word: what an 1101 means."""
        for line in list(self._lines.values()):
            self._end(line)

    def lines(self, session: Session | None = None) -> Iterator[Line]:
        """The open lines, of one session or of all."""
        return (line for line in self._lines.values() if session is None or line.session is session)

    def count(self, session: Session) -> int:
        return sum(1 for _ in self.lines(session))

    def _end(self, line: Line) -> None:
        del self._lines[line.session, line.req_id]
        if line.source is not None:
            del self._drawn[line]
            return
        lines = self._by_contract[line.listing.con_id]
        lines.remove(line)
        if not lines:
            del self._by_contract[line.listing.con_id]
        self._floor.venue.unwatch(line.listing.con_id)
