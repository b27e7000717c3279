"""Requests for bars: once, or kept up to date; and trading schedules, which are asked for in the same way.

Owns the queries in progress. A query is worked off in slices between which the gateway serves everybody else. IB's
limits on such queries hold where the gateway is strict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ironbridge.exchange.events import Event
from ironbridge.paper.entitlements import no_past_bars
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.history_follow import Follow
from ironbridge.paper.history_pace import HistoryPace
from ironbridge.paper.history_query import SCHEDULE, Query, no_data
from ironbridge.paper.limits import Pacing
from ironbridge.paper.listings import Listings
from ironbridge.paper.moments import ZONE, text_of
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal
from ironbridge.wire.history import (
    CancelHistoricalData,
    HistoricalBar,
    HistoricalData,
    HistoricalDataUpdate,
    HistoricalSchedule,
    HistoricalSession,
    ReqHistoricalData,
)

SHORT_BAR = timedelta(seconds=30)
"""Bars up to this are paced strictly; IB has relaxed the limits for longer ones."""


@dataclass(slots=True, eq=False)
class Running:
    """A query that is being answered or kept up to date."""

    session: Session
    query: Query
    follow: Follow | None = None


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
        # A venue that is open at any hour has been so from here on.
        self._opened = None if floor.venue.options.real_sessions else floor.venue.now

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {ReqHistoricalData: self.ask, CancelHistoricalData: self.cancel}

    def ask(self, session: Session, message: ReqHistoricalData) -> None:
        if (session, message.req_id) in self._running:
            raise Refusal(322, "Error processing request.-'bM' : cause - Duplicate ticker id")
        listing = self._listings.one(message.contract)
        query = Query(self._floor.venue, listing, message, session.version, self._opened)
        self._check_limits(session, query)
        if query.what != SCHEDULE:
            self._floor.entitlements.demand_live(listing, no_past_bars(listing))
        if not self._floor.upstream.carries_history():
            raise Refusal(162, "Historical Market Data Service error message:HMDS server disconnect occurred.")
        running = self._running[session, message.req_id] = Running(session, query)
        work = self._schedule if query.what == SCHEDULE else self._answer
        self._floor.begin(session, message.req_id, work(running))

    def _check_limits(self, session: Session, query: Query) -> None:
        limits, message = self._floor.limits, query.message
        waiting = sum(1 for run in self._running.values() if run.session is session)
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

    def _answer(self, running: Running) -> Iterator[object]:
        query, session, req_id = running.query, running.session, running.query.message.req_id
        key = (session, req_id)
        bars: list[HistoricalBar] = []
        try:
            for bar in query.answer():
                if bar is not None:
                    bars.append(bar)
                yield None
                if self._running.get(key) is not running:
                    return
            if not bars and not query.keeps:
                raise no_data(query.listing, query.message.what_to_show)
            begin = query.duration.before(query.end, ZONE)
            answer = HistoricalData(
                req_id, text_of(begin, session.version), text_of(query.end, session.version), tuple(bars)
            )
            for waiting in session.send_in_parts(answer):
                yield waiting
                if self._running.get(key) is not running:
                    return
            if query.keeps:
                running.follow = Follow(query, query.end)
        finally:
            if running.follow is None and self._running.get(key) is running:
                del self._running[key]

    def _schedule(self, running: Running) -> Iterator[object]:
        query, session, req_id = running.query, running.session, running.query.message.req_id
        zone, found = query.zone, []
        try:
            for each in query.timetable.sessions_back(query.end, query.duration):
                whole = query.session(each.day)
                found.append(HistoricalSession(zone.text(whole.opens), zone.text(whole.closes), f"{each.day:%Y%m%d}"))
                yield None
                if self._running.get((session, req_id)) is not running:
                    return
            if not found:
                raise no_data(query.listing, query.message.what_to_show)
            answer = HistoricalSchedule(req_id, found[-1].start, found[0].end, zone.name, tuple(found[::-1]))
            yield from session.send_in_parts(answer)
        finally:
            if self._running.get((session, req_id)) is running:
                del self._running[session, req_id]

    def cancel(self, session: Session, message: CancelHistoricalData) -> None:
        running = self._running.pop((session, message.req_id), None)
        if running is None:
            raise Refusal(366, f"No historical data query found for ticker id:{message.req_id}")
        raise Refusal(
            162, f"Historical Market Data Service error message:API historical data query cancelled: {message.req_id}"
        )

    # -- kept up to date

    def happened(self, events: Sequence[Event]) -> None:
        """The bar in progress is read from the tape, not built of events."""

    def step(self, now: datetime) -> None:
        if not self._floor.upstream.carries_market_data():
            return
        for running in self._running.values():
            follow, session = running.follow, running.session
            if follow is not None and not session.deaf and follow.due(now):
                for bar in follow.updates(now):
                    session.send(HistoricalDataUpdate(running.query.message.req_id, bar))

    def forget_all(self) -> None:
        """What is kept up to date ends without a word: what an 1101 means."""
        for key in [key for key, running in self._running.items() if running.follow is not None]:
            del self._running[key]

    def left(self, session: Session) -> None:
        self._paces.pop(session, None)
        for key in [key for key in self._running if key[0] is session]:
            del self._running[key]
