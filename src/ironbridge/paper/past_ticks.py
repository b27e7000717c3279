"""Requests for single ticks of the past.

Ticks are looked for in the hours in which the listing trades, forward from the start or back from the end that the
client gives. The look is bounded: a listing that has traded nothing in so many sessions has no ticks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.past import PastQuote, PastTrade
from ironbridge.exchange.universe import schedule_of
from ironbridge.paper.bar_spans import Timetable
from ironbridge.paper.entitlements import no_past_ticks
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.history_query import first_date, last_moment, no_data
from ironbridge.paper.listings import Listings
from ironbridge.paper.market_centers import condition_of, place_of_trade
from ironbridge.paper.moments import parse_moment
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal
from ironbridge.wire.ticks import (
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
    ReqHistoricalTicks,
)

MOST_TICKS = 1000
MOST_SESSIONS = 20
"""How many sessions are looked through."""
FAILED = 10187


class PastTickDesk:
    """The desk for them.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._opened = None if floor.venue.options.real_sessions else floor.venue.now
        self._asked: set[tuple[Session, int]] = set()

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {ReqHistoricalTicks: self.ticks}

    def happened(self, events: Sequence[Event]) -> None:
        """The past does not change."""

    def step(self, now: datetime) -> None:
        """Nor is it waited for."""

    def left(self, session: Session) -> None:
        self._asked = {key for key in self._asked if key[0] is not session}

    def ticks(self, session: Session, message: ReqHistoricalTicks) -> None:
        key = (session, message.req_id)
        if key in self._asked:
            raise Refusal(322, "Error processing request.-'bN' : cause - Duplicate ticker id")
        listing = self._listings.one(message.contract)
        what = message.what_to_show.upper()
        if what not in {"TRADES", "BID_ASK", "MIDPOINT"}:
            raise failed(f"Invalid tick type {message.what_to_show}")
        if not 0 < message.number_of_ticks <= MOST_TICKS:
            raise failed(f"Number of ticks must be 1 to {MOST_TICKS}")
        if bool(message.start.strip()) == bool(message.end.strip()):
            raise failed("Either start time or end time must be given")
        if (what == "TRADES" and listing.kind is Kind.FOREX) or (what != "TRADES" and listing.kind is Kind.INDEX):
            raise no_data(listing, message.what_to_show)
        self._floor.entitlements.demand_live(listing, no_past_ticks(listing))
        if not self._floor.upstream.carries_history():
            raise Refusal(162, "Historical Market Data Service error message:HMDS server disconnect occurred.")
        windows, forward = self._windows(message, listing)
        self._asked.add(key)
        self._floor.begin(session, message.req_id, self._answer(key, message, listing, windows, forward=forward))

    def _windows(
        self, message: ReqHistoricalTicks, listing: Listing
    ) -> tuple[Iterator[tuple[datetime, datetime]], bool]:
        """Where to look, in the order of looking, and whether that is forward."""
        try:
            moment = parse_moment(message.start or message.end)
        except ValueError:
            raise failed("Invalid date, time or time-zone") from None
        opened = None if message.use_rth else self._opened
        first = first_date(listing)
        table = Timetable(schedule_of(listing), liquid=bool(message.use_rth), since=opened, first=first)
        now = last_moment(listing, self._floor.now())
        if message.start.strip():
            sessions, forward = table.ahead(max(moment, first), now), True
        else:
            sessions, forward = table.back(min(now, moment)), False
        end = now if forward else min(now, moment)
        return ((each.opens, min(each.closes, end)) for each in islice(sessions, MOST_SESSIONS)), forward

    def _answer(
        self,
        key: tuple[Session, int],
        message: ReqHistoricalTicks,
        listing: Listing,
        windows: Iterator[tuple[datetime, datetime]],
        *,
        forward: bool,
    ) -> Iterator[None]:
        past, what, number = self._floor.venue.past, message.what_to_show.upper(), message.number_of_ticks
        answer: Callable[[list[Any]], object]
        looking: Iterator[list[Any]]
        if what == "TRADES":
            looking = past.find_trades(listing, windows, number, forward=forward)
            answer = _Answer(message.req_id, listing).trades
        elif what == "BID_ASK":
            told = "prices" if message.ignore_size else "all"
            looking = past.find_quotes(listing, windows, number, forward=forward, told=told)
            answer = _Answer(message.req_id, listing).quotes
        else:
            looking = past.find_quotes(listing, windows, number, forward=forward, told="midpoint")
            answer = _Answer(message.req_id, listing).midpoints
        found: list[Any] = []
        try:
            for newest in looking:
                found = newest
                yield
                if key not in self._asked:
                    return
            key[0].send(answer(found))
        finally:
            self._asked.discard(key)


class _Answer:
    """How ticks are written.

    Parameters:
        req_id: of the request.
        listing: whose ticks.
    """

    def __init__(self, req_id: int, listing: Listing) -> None:
        self._req_id = req_id
        self._listing = listing

    def trades(self, found: Sequence[PastTrade]) -> HistoricalTicksLast:
        listing = self._listing
        return HistoricalTicksLast(
            self._req_id,
            tuple(
                HistoricalTickLast(
                    _seconds(each.time),
                    0,
                    each.price,
                    each.size,
                    place_of_trade(listing, Decimal(str(each.price))),
                    condition_of(listing, each.size),
                )
                for each in found
            ),
        )

    def quotes(self, found: Sequence[PastQuote]) -> HistoricalTicksBidAsk:
        return HistoricalTicksBidAsk(
            self._req_id,
            tuple(
                HistoricalTickBidAsk(_seconds(each.time), 0, each.bid, each.ask, each.bid_size, each.ask_size)
                for each in found
            ),
        )

    def midpoints(self, found: Sequence[PastQuote]) -> HistoricalTicks:
        return HistoricalTicks(
            self._req_id,
            tuple(HistoricalTick(_seconds(each.time), round((each.bid + each.ask) / 2, 8), 0) for each in found),
        )


def failed(why: str) -> Refusal:
    return Refusal(FAILED, f"Failed to request historical ticks:{why}")


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
