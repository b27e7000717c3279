"""Requests for bars: once, or kept up to date; and trading schedules, which are asked for in the same way.

Owns the queries in progress. A query is worked off in slices between which the gateway serves everybody else. IB's
limits on such queries hold where the gateway is strict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ironbridge.exchange.events import Event
from ironbridge.paper.bar_spans import BarSpan
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.history_pace import HistoryPace
from ironbridge.paper.history_query import SCHEDULE, Query, no_data
from ironbridge.paper.limits import Pacing
from ironbridge.paper.listings import Listings
from ironbridge.paper.moments import text_of
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal
from ironbridge.wire.history import (
    CancelHistoricalData,
    HistoricalData,
    HistoricalDataUpdate,
    HistoricalSchedule,
    HistoricalSession,
    ReqHistoricalData,
)

UPDATES = timedelta(seconds=5)
"""How often the bar in progress is said again."""
SHORT_BAR = timedelta(seconds=30)
"""Bars up to this are paced strictly; IB has relaxed the limits for longer ones."""


@dataclass(slots=True, eq=False)
class Running:
    """A query that is being answered or kept up to date."""

    session: Session
    query: Query
    answered: bool = False
    due: datetime | None = None


class HistoryDesk:
    """The desk for bars.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._running: dict[tuple[Session, int], Running] = {}
        self._paces: dict[Session, HistoryPace] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {ReqHistoricalData: self.ask, CancelHistoricalData: self.cancel}

    def ask(self, session: Session, message: ReqHistoricalData) -> None:
        if (session, message.req_id) in self._running:
            raise Refusal(322, "Error processing request.-'bM' : cause - Duplicate ticker id")
        listing = self._listings.one(message.contract)
        query = Query(self._floor.venue, listing, message, session.version)
        self._check_limits(session, query)
        if query.what == SCHEDULE:
            self._schedule(session, query)
            return
        wanted = query.spans()
        running = self._running[session, message.req_id] = Running(session, query)
        self._floor.begin(session, message.req_id, self._answer(running, wanted))

    def _check_limits(self, session: Session, query: Query) -> None:
        limits, message = self._floor.limits, query.message
        waiting = sum(1 for run in self._running.values() if run.session is session and not run.answered)
        if limits.pacing is not Pacing.OFF and waiting >= limits.history_open:
            raise Refusal(
                322,
                "Error processing request.-'bM' : cause - "
                f"Only {limits.history_open} simultaneous API historical data requests allowed.",
            )
        if not limits.pacing.enforced:
            return
        short = isinstance(query.size, timedelta) and query.size <= SHORT_BAR
        pace = self._paces.setdefault(session, HistoryPace(limits.history_window))
        key = (query.listing.con_id, message.contract.exchange, query.what)
        same = (*key, message.end, message.bar_size, message.duration, message.use_rth, message.keep_up_to_date)
        weight = 2 if query.what == "BID_ASK" else 1
        if pace.violated(session.seconds(), same, key, weight=weight) and short:
            raise Refusal(162, "Historical Market Data Service error message:Historical data request pacing violation")

    def _answer(self, running: Running, wanted: Sequence[BarSpan]) -> Iterator[None]:
        query, session = running.query, running.session
        req_id = query.message.req_id
        key = (session, req_id)
        bars = []
        for bar in query.bars(wanted):
            bars.append(bar)
            yield
            if self._running.get(key) is not running:
                return
        running.answered = True
        if not bars:
            del self._running[key]
            refusal = no_data(query.listing, query.message.what_to_show)
            session.error(req_id, refusal.code, refusal.text)
            return
        begin = wanted[0].begin
        session.send(
            HistoricalData(req_id, text_of(begin, session.version), text_of(query.end, session.version), tuple(bars))
        )
        if query.message.keep_up_to_date:
            running.due = self._floor.now() + UPDATES
        else:
            del self._running[key]

    def _schedule(self, session: Session, query: Query) -> None:
        sessions = query.timetable.sessions(query.end, query.duration)
        zone = query.zone
        found = tuple(
            HistoricalSession(zone.text(each.opens), zone.text(each.closes), f"{each.day:%Y%m%d}") for each in sessions
        )
        session.send(
            HistoricalSchedule(
                query.message.req_id,
                found[0].start if found else "",
                found[-1].end if found else "",
                zone.name,
                found,
            )
        )

    def cancel(self, session: Session, message: CancelHistoricalData) -> None:
        running = self._running.pop((session, message.req_id), None)
        if running is None:
            raise Refusal(366, f"No historical data query found for ticker id:{message.req_id}")
        if not running.answered or running.due is not None:
            raise Refusal(
                162,
                f"Historical Market Data Service error message:API historical data query cancelled: {message.req_id}",
            )

    # -- kept up to date

    def happened(self, events: Sequence[Event]) -> None:
        """The bar in progress is read from the tape, not built of events."""

    def step(self, now: datetime) -> None:
        if not self._floor.upstream.connected:
            return
        for running in list(self._running.values()):
            if running.due is not None and now >= running.due:
                running.due = now + UPDATES
                self._update(running, now)

    def _update(self, running: Running, now: datetime) -> None:
        query = running.query
        newest = [span for span in query.spans(now) if span.begin >= query.end or span.windows[-1][1] > query.end][-2:]
        # The bar that has just ended is said once more, whole, before the one that has begun.
        for bar in query.bars(newest):
            running.session.send(HistoricalDataUpdate(query.message.req_id, bar))

    def left(self, session: Session) -> None:
        self._paces.pop(session, None)
        for key in [key for key in self._running if key[0] is session]:
            del self._running[key]
