"""When orders may trade and until when they live, and the alarms that follow from it.

By default the venue is open at any hour; with the tape's sessions, orders wait for their listing's own hours: liquid
ones, or the whole session for orders that allow it. A day order ends with its day: at midnight in New York, or with
real sessions when the session that it can trade in closes.
"""

from __future__ import annotations

import heapq
from datetime import datetime
from enum import IntEnum

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.commands import OrderKind, OrderTerms, TimeInForce
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.tape import Tape, expiry_instant, step_of, time_of
from ironbridge.exchange.universe import schedule_of

OPENING = frozenset({OrderKind.MARKET_ON_OPEN, OrderKind.LIMIT_ON_OPEN})
CLOSING = frozenset({OrderKind.MARKET_ON_CLOSE, OrderKind.LIMIT_ON_CLOSE})


class AlarmKind(IntEnum):
    """In the order in which alarms of one instant ring."""

    DAY = 0
    EXPIRY = 1
    ORDER = 2


class Hours:
    """Time at the venue.

    Parameters:
        tape: whose sessions hold.
        now: the venue's time; it only goes forward.
    """

    def __init__(self, tape: Tape, now: datetime) -> None:
        self.tape = tape
        self.now = now
        self._alarms: list[tuple[datetime, AlarmKind, int]] = []
        self._set: set[tuple[datetime, AlarmKind, int]] = set()
        self._rung: set[tuple[datetime, AlarmKind, int]] = set()
        self._rung_at = now

    @property
    def step(self) -> int:
        return step_of(self.now)

    def alarm(self, at: datetime, perm_id: int) -> None:
        """Rings for an order at an instant; twice the same is once."""
        self._push((at, AlarmKind.ORDER, perm_id))

    def expect_expiry(self, listing: Listing) -> None:
        self._push((expiry_instant(listing), AlarmKind.EXPIRY, listing.con_id))

    def expect_day(self) -> None:
        """Rings when the venue's next day begins."""
        self._push((self.tape.next_midnight(self.now), AlarmKind.DAY, 0))

    def _push(self, entry: tuple[datetime, AlarmKind, int]) -> None:
        # What has rung does not ring again at the same instant, however often an order that heard it asks for it anew:
        # that would be without end, and nothing has changed between.
        if entry not in self._set and not (self._rung_at == self.now and entry in self._rung):
            self._set.add(entry)
            heapq.heappush(self._alarms, entry)

    def next_alarm(self) -> datetime | None:
        return self._alarms[0][0] if self._alarms else None

    def pop(self) -> tuple[datetime, AlarmKind, int]:
        entry = heapq.heappop(self._alarms)
        self._set.discard(entry)
        if self._rung_at != self.now:
            self._rung.clear()
            self._rung_at = self.now
        self._rung.add(entry)
        return entry

    def is_over(self, listing: Listing) -> bool:
        """Whether the contract has ended."""
        return listing.expiry is not None and expiry_instant(listing) <= self.now

    def auction_of(self, terms: OrderTerms, listing: Listing) -> datetime | None:
        """When the auction is that an order waits for: the next regular opening or closing; None if it is for none."""
        opening = terms.kind in OPENING or terms.tif is TimeInForce.OPG
        if not opening and terms.kind not in CLOSING:
            return None
        for session in schedule_of(listing).sessions(self.now, liquid=True):
            moment = session.opens if opening else session.closes
            if moment > self.now:
                return moment
        return None

    def is_liquid(self, listing: Listing) -> bool:
        """Whether the listing is in its regular hours; always, unless real sessions are kept."""
        return not self.tape.sessions or schedule_of(listing).is_open(self.now, liquid=True)

    def next_pause(self, terms: OrderTerms, listing: Listing) -> datetime | None:
        """When an order that can trade now must stop, None for never."""
        if not self.tape.sessions:
            return None
        return schedule_of(listing).next_session(self.now, liquid=self._liquid_only(terms, listing)).closes

    def may_trade(self, terms: OrderTerms, listing: Listing) -> bool:
        if not self.tape.sessions:
            return True
        return schedule_of(listing).is_open(self.now, liquid=self._liquid_only(terms, listing))

    @staticmethod
    def _liquid_only(terms: OrderTerms, listing: Listing) -> bool:
        """Futures and currencies trade all of their session; others only their liquid hours, unless told otherwise."""
        return not terms.outside_hours and listing.kind not in {Kind.FUTURE, Kind.FOREX}

    def next_chance(self, terms: OrderTerms, listing: Listing) -> datetime:
        """When the session opens that the order waits for."""
        return schedule_of(listing).next_session(self.now, liquid=self._liquid_only(terms, listing)).opens

    def end_of(self, terms: OrderTerms, listing: Listing) -> datetime | None:
        """When the order's life ends by itself, None for never."""
        if terms.tif is TimeInForce.GTD:
            return terms.good_till
        if terms.tif is TimeInForce.GTC or self.auction_of(terms, listing) is not None:
            return None
        if self.tape.sessions:
            liquid = self._liquid_only(terms, listing)
            return schedule_of(listing).next_session(self.now, liquid=liquid).closes
        return time_of(self.tape.day(listing, self.step).end)
