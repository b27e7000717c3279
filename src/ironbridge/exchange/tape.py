"""The market without clients: every listing's quote, prints and day at any moment, from the seed.

Time is cut into steps of 250 ms, IB's own rhythm of quotes. Whatever is asked is a function of (seed, listing, step),
so it does not matter who watches or how often the venue is advanced. By default every listing trades at any hour and
its day runs from midnight to midnight in New York; with `sessions` prices stand still outside the listing's own hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import exp, sqrt
from zoneinfo import ZoneInfo

from ironbridge.domain.instrument import Kind
from ironbridge.errors import InvalidInput
from ironbridge.exchange import calendar, catalog, chains, products, smile
from ironbridge.exchange.catalog import Seedling
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.option_track import OptionTrack
from ironbridge.exchange.recorded import RecordedTrack, Recording
from ironbridge.exchange.tracks import STEP_SECONDS, STEPS_PER_DAY, Character, SpotTrack, Track
from ironbridge.exchange.universe import Universe, schedule_of
from ironbridge.exchange.walk import BLOCK, DEPTH, Flow, Walk, keyed

STEP = timedelta(seconds=STEP_SECONDS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANCHOR = datetime(2026, 11, 20, tzinfo=UTC)
"""Catalogue prices hold here, whatever day the venue starts on, so a restart does not move the market."""
_MARKET_VOLATILITY = 0.16
_BLOCKS_PER_YEAR = smile.YEAR_SECONDS / STEP_SECONDS / BLOCK
_BLOCKS_PER_DAY = STEPS_PER_DAY / BLOCK
_FURTHEST = 1.1
"""A price never leaves its anchor by more than this in logarithms: a factor of three."""
_SHARED = {
    "SPY": "SPX", "ES": "SPX", "MES": "SPX", "QQQ": "NDX", "NQ": "NDX", "MNQ": "NDX", "GOOG": "GOOGL", "MCL": "CL",
    "MGC": "GC", "GLD": "GC", "MTN": "ZN",
}  # fmt: skip
"""Whose own movement a listing shares."""
_CARRY = {"ES": smile.RATE - 0.012, "NQ": smile.RATE - 0.007, "CL": -0.02, "GC": 0.041, "ZN": -0.006}
"""Drift of futures with maturity, a year, by full-size product."""


def step_of(now: datetime) -> int:
    return (now - _EPOCH) // STEP


def time_of(step: int) -> datetime:
    return _EPOCH + step * STEP


@dataclass(frozen=True, slots=True)
class Day:
    """The venue day around a step: its first step, the first step after it, and where the day before closed."""

    first: int
    end: int
    closed: int
    date: date


class Tape:
    """The seeded market.

    Parameters:
        seed: same seed, same market.
        universe: what is listed.
        sessions: whether listings keep their real hours.
        own: stocks of the user's, as the universe has them.
        recordings: prices to be replayed in place of seeded ones, by con id.
    """

    def __init__(
        self,
        seed: int,
        universe: Universe,
        *,
        sessions: bool = False,
        own: tuple[Seedling, ...] = (),
        recordings: Mapping[int, Recording] | None = None,
    ) -> None:
        self._seed = seed
        self._universe = universe
        self.sessions = sessions
        self._anchor = step_of(_ANCHOR) >> DEPTH
        self._tracks: dict[int, Track] = {}
        self._days: dict[calendar.Schedule, Day] = {}
        # Where the walk of a listing stands still: its newest closed stretch as (first step, end, step that holds).
        self._shut: dict[calendar.Schedule, tuple[int, int, int]] = {}
        self._open: dict[calendar.Schedule, tuple[int, int]] = {}
        self._recordings = recordings or {}
        rows = (*catalog.STOCKS, *catalog.INDICES, *catalog.PAIRS, *own)
        self._rows = {row.con_id: row for row in rows}

    def track(self, listing: Listing) -> Track:
        known = self._tracks.get(listing.con_id)
        if known is None:
            known = self._made(listing)
            self._tracks[listing.con_id] = known
        return known

    def _made(self, listing: Listing) -> Track:
        recording = self._recordings.get(listing.con_id)
        if recording is not None:
            return RecordedTrack(listing, recording, [step_of(moment.time) for moment in recording])
        return self._option(listing) if listing.kind is Kind.OPTION else self._spot(listing)

    def forget(self, con_id: int) -> None:
        """Frees a track that nobody watches; it can be made again at any time."""
        self._tracks.pop(con_id, None)

    def _spot(self, listing: Listing) -> SpotTrack:
        row = catalog.COMMODITIES[listing.symbol] if listing.kind is Kind.FUTURE else self._rows[listing.con_id]
        key = keyed(self._seed, listing.con_id)
        stock = listing.kind is Kind.STOCK
        months_out = self._months_out(listing)
        character = Character(
            key=key,
            price=row.price,
            limit=_FURTHEST,
            spread=row.spread + months_out,
            depth=max(1, row.depth >> months_out),
            lot=100 if stock else 100_000 if listing.kind is Kind.FOREX else 1,
            carry=self._carry(listing),
        )
        flow = None
        if row.daily_volume:
            mean = row.daily_volume / _BLOCKS_PER_DAY / 4**months_out
            flow = Flow(keyed(self._seed, listing.con_id, "flow"), mean, 100 if stock else 1)
        return SpotTrack(listing.min_tick, self._walk(row), character, flow, quoted=listing.kind is not Kind.INDEX)

    @staticmethod
    def _months_out(listing: Listing) -> int:
        """How much thinner a later contract trades: its year and quarter beyond the anchor's, at most 3."""
        if listing.expiry is None:
            return 0
        return min(3, max(0, (listing.expiry - _ANCHOR.date()).days // 100))

    def _walk(self, row: Seedling) -> Walk:
        yearly = sqrt(_BLOCKS_PER_YEAR)
        shared = row.beta * _MARKET_VOLATILITY
        own = sqrt(max(0.0, row.volatility**2 - shared**2))
        name = _SHARED.get(row.symbol, row.symbol)
        parts = [(keyed(self._seed, "market"), shared / yearly), (keyed(self._seed, name, "walk"), own / yearly)]
        return Walk([part for part in parts if part[1]], self._anchor)

    @staticmethod
    def _carry(listing: Listing) -> Callable[[int], float] | None:
        if listing.kind is not Kind.FUTURE or listing.expiry is None:
            return None
        rate = _CARRY[products.BY_SYMBOL[listing.symbol].full_size]
        last_day = (listing.expiry - date(1970, 1, 1)).days
        known = (0, 1.0)

        def factor(day: int) -> float:
            nonlocal known
            if known[0] != day:
                known = (day, exp(rate * max(0, last_day - day) / 365))
            return known[1]

        return factor

    def _option(self, listing: Listing) -> OptionTrack:
        series = chains.series_of(listing.con_id)
        under = self._universe.by_con_id(listing.under_con_id)
        if series is None or under is None or listing.strike is None:
            msg = f"{listing} is not an option of the venue."
            raise LookupError(msg)
        under_track = self.track(under)
        if not isinstance(under_track, SpotTrack):
            raise InvalidInput(
                f"{listing.local_symbol} has no price: those of {under.symbol} are recorded, not modelled.",
                next_step="Record the option's prices as well, or trade the underlying.",
            )
        expires = step_of(expiry_instant(listing))
        strike = float(listing.strike)
        anchor = self._rows[under.con_id].price
        days = max(1.0, (listing.expiry - _ANCHOR.date()).days) if listing.expiry else 1.0
        distance = (strike / anchor - 1) / (0.2 * sqrt(max(days, 7) / 365))
        daily = 40_000 * exp(-min(distance * distance, 12.0)) / sqrt(days) + 20
        return OptionTrack(
            listing.rule,
            under_track,
            listing.symbol,
            strike,
            expires,
            keyed(self._seed, listing.con_id),
            Flow(keyed(self._seed, listing.con_id, "flow"), daily / _BLOCKS_PER_DAY, 1),
            call=listing.right == "C",
            american=series.american,
        )

    def live_step(self, listing: Listing, step: int) -> int:
        """The step whose prices hold: the same one, or the last of the newest session while the listing is closed."""
        if not self.sessions:
            return step
        schedule = schedule_of(listing)
        opened = self._open.get(schedule)
        if opened is not None and opened[0] <= step < opened[1]:
            return step
        shut = self._shut.get(schedule)
        if shut is not None and shut[0] <= step < shut[1]:
            return shut[2]
        now = time_of(step)
        session = schedule.next_session(now)
        opens = step_of(session.opens)
        if opens <= step:
            self._open[schedule] = (opens, step_of(session.closes))
            return step
        closed = step_of(schedule.last_close(now, liquid=False))
        self._shut[schedule] = (closed, opens, closed - 1)
        return closed - 1

    def is_open(self, listing: Listing, step: int) -> bool:
        return self.live_step(listing, step) == step

    @staticmethod
    def midnight(now: datetime) -> datetime:
        """The beginning, in New York, of the day that a moment belongs to."""
        zone = ZoneInfo(calendar.NEW_YORK)
        return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)

    def next_midnight(self, now: datetime) -> datetime:
        # Thirty hours after a midnight it is the next day, however long the day in between.
        return self.midnight(self.midnight(now) + timedelta(hours=30))

    def day(self, listing: Listing, step: int) -> Day:
        """The day that a step belongs to."""
        schedule = schedule_of(listing)
        known = self._days.get(schedule)
        if known is not None and known.first <= step < known.end:
            return known
        now = time_of(step)
        if self.sessions:
            session = schedule.next_session(now)
            if session.opens > now:
                session = schedule.next_session(schedule.last_close(now, liquid=False) - STEP)
            first, day = session.opens, session.day
            following = next(s for s in schedule.sessions(session.closes) if s.opens >= session.closes)
            end = following.opens
        else:
            first, end = self.midnight(now), self.next_midnight(now)
            day = now.astimezone(ZoneInfo(calendar.NEW_YORK)).date()
        found = Day(step_of(first), step_of(end), step_of(schedule.last_close(first)) - 1, day)
        self._days[schedule] = found
        return found


def expiry_instant(listing: Listing) -> datetime:
    """When a contract that ends is settled, in UTC."""
    if listing.expiry is None:
        msg = f"{listing} does not expire."
        raise LookupError(msg)
    zone = ZoneInfo(listing.time_zone)
    settles = listing.real_expiry or listing.expiry
    if settles != listing.expiry:
        return datetime.combine(settles, time(9, 30), zone).astimezone(UTC)
    end = datetime.combine(listing.expiry, time.fromisoformat(listing.last_trade_time), zone).astimezone(UTC)
    if listing.kind is Kind.OPTION:
        session = schedule_of(listing).session(listing.expiry, liquid=True)
        # On a day of early close options end with it.
        end = min(end, session.closes) if session is not None else end
    return end


def settlement_price(tape: Tape, listing: Listing, under: Listing | None) -> Decimal:
    """What a contract is settled at: a future at its own last price, an option at its underlying's."""
    step = step_of(expiry_instant(listing)) - 1
    source = under if listing.kind is Kind.OPTION and under is not None else listing
    track = tape.track(source)
    return round(track.mid(step) / float(track.unit)) * track.unit
