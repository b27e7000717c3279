"""One market-data line: the stream of one contract, shared by everybody who reads it (MKT-2).

Owns the line's state and what may be relied on of its numbers, which the feed puts into a `TopOfBook`. That is replaced
whenever the line is opened anew, so that nothing from before a cut can pass for new, and a late tick of an old opening
reaches nobody.

Per tick next to nothing happens: a number is put in its place and, once for a batch, the line is noted as changed.
Judging prices and building `Quote` objects waits until the batch is in, or somebody looks.
"""

from __future__ import annotations

from asyncio import Lock
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.market import DataKind, MarketGap, MarketNoticed, MarketRefused, Quote, TickField
from ironbridge.errors import IronbridgeError
from ironbridge.interfaces import Clock
from ironbridge.marketdata.carriers import Carrier
from ironbridge.marketdata.quality import Flaw, Level, complete, flaws_of, quality_of, weigh
from ironbridge.marketdata.top import TopOfBook


class LineState(StrEnum):
    DECLARED = "declared"
    """Wanted; not asked for, because there is no session or the asking failed."""
    OPENING = "opening"
    OPEN = "open"
    REFUSED = "refused"
    """The broker will not send it; asked for again with the next reader or session."""
    CLOSED = "closed"
    """Nobody wants it; the object is not used again."""


S = LineState

TRANSITIONS: dict[LineState, frozenset[LineState]] = {
    S.DECLARED: frozenset({S.OPENING, S.CLOSED}),
    S.OPENING: frozenset({S.OPEN, S.REFUSED, S.DECLARED, S.CLOSED}),
    S.OPEN: frozenset({S.REFUSED, S.DECLARED, S.CLOSED}),
    S.REFUSED: frozenset({S.OPENING, S.DECLARED, S.CLOSED}),
    S.CLOSED: frozenset(),
}


class IllegalLineMove(IronbridgeError):
    slug = "illegal-line-move"


Told = MarketGap | MarketRefused | MarketNoticed
"""What a reader must not miss."""

LONGEST_PAUSE = 600.0
"""Seconds: however long a stream has been silent, it is asked for again at least so often."""
LIVELY = 10.0
"""A stream that says something so many seconds after it was asked for speaks by itself: IB always sends the present
prices first."""

_FROZEN = frozenset({DataKind.FROZEN, DataKind.DELAYED_FROZEN})


class Watcher(Protocol):
    """What a line tells its readers."""

    def mark(self, line: Line) -> None:
        """The line has a newer quote."""

    def tell(self, line: Line, event: Told) -> None:
        """Something that must not be missed."""

    def end(self) -> None:
        """Nothing more will come of any line."""


class Line:
    """The shared stream of one contract.

    Parameters:
        contract: what it streams.
        clock: stamps what arrives.
        touched: called with the line when the first tick of a batch has come.
        home: the session that it goes over.
    """

    __slots__ = (
        "_before", "_begun", "_cached", "_clock", "_last", "_mid", "_mute", "_next_ask", "_settled", "_stale",
        "_suspect", "alarmed", "asked_again", "book", "contract", "flaws", "gap", "heard", "home", "idle_since",
        "names", "number", "opening", "readers", "refusal", "said", "state", "time", "touched", "vain",
    )  # fmt: skip

    def __init__(self, contract: Contract, clock: Clock, touched: Callable[[Line], None], home: Carrier) -> None:
        self.contract = contract
        self.home = home
        self.touched = touched
        self.state = S.DECLARED
        self.number: int | None = None
        self.readers: set[Watcher] = set()
        self.names: set[Instrument] = set()
        self.opening = Lock()
        self.gap: tuple[datetime, str] | None = None
        self.refusal: MarketRefused | None = None
        self.said: MarketNoticed | None = None
        """What the broker last said of the stream, while nothing has come since."""
        self.asked_again = 0
        """How often it was asked for anew because it was silent."""
        self.vain = 0
        """How often in a row without the stream speaking by itself since."""
        self.alarmed = False
        self.flaws: Counter[Flaw] = Counter()
        self.time = clock.now()
        self.heard = self.idle_since = clock.monotonic()
        self.book = TopOfBook(self, 0)
        self._clock = clock
        self._settled = 0
        self._mid = self._last = Level()
        self._stale = self._suspect = False
        self._cached: Quote | None = None
        self._before: list[float | None] | None = None
        """What a silent stream had said: shown, as STALE, until the one asked for in its place says something."""
        self._mute = False
        """Whether even the present prices did not come when it was last asked for anew."""
        self._begun = self._next_ask = float("-inf")

    @property
    def instrument(self) -> Instrument:
        return self.contract.instrument

    @property
    def askable(self) -> bool:
        """Whether the broker may be asked for it now."""
        return self.state in {S.DECLARED, S.REFUSED}

    def begin(self) -> TopOfBook:
        """The line is being asked for: a fresh book for what will come."""
        self._move(S.OPENING)
        self.book.detach()
        kind = self.book.source
        self.book = TopOfBook(self, self.book.sequence + 1)
        self.refusal = None
        self.heard = self._begun = self._clock.monotonic()
        self._settled = self.book.sequence
        self._mid = self._last = Level()
        self._stale, self._suspect = self._before is not None, False
        if self._before is None:
            self.time = self._clock.now()
        else:
            self.book.source = kind
        return self.book

    def opened(self, book: TopOfBook, number: int) -> bool:
        """The broker has taken the request made with `book`; False where nobody waits for that stream any more."""
        if self.book is not book or self.state is not S.OPENING:
            return False
        self._move(S.OPEN)
        self.number = number
        self.mend()
        return True

    def failed(self, book: TopOfBook) -> None:
        """The request made with `book` did not go out, or nobody waited for it."""
        if self.book is book and self.state is S.OPENING:
            self._move(S.DECLARED)
            book.detach()

    def touch(self) -> None:
        """The first tick of a batch has come."""
        self.touched(self)

    def rest(self, until: float) -> None:
        """Do not ask anew before then."""
        self._next_ask = until

    @property
    def dead(self) -> bool:
        """Whether it is silent and, as far as can be told, not because nothing happens at its market."""
        return self.state is S.OPEN and self._stale and (self._mute or self.said is not None)

    def silent(self, monotonic: float) -> bool:
        """Whether it is time to ask anew for a stream that has fallen silent. A frozen one has nothing more to say."""
        return self.state is S.OPEN and self._stale and monotonic >= self._next_ask and self.book.source not in _FROZEN

    def renew(self, monotonic: float, pause: float) -> int | None:
        """Part with a silent stream, to be asked for anew; the next time not before `pause`, doubled each time in vain.

        Returns the number that the line had.
        """
        self._move(S.DECLARED)
        self.book.detach()
        self._mute = self._before is not None
        self._before = list(self._values)
        self._next_ask = monotonic + min(pause * 2.0**self.vain, LONGEST_PAUSE)
        self.asked_again += 1
        self.vain += 1
        number, self.number = self.number, None
        return number

    def lapse(self, reason: str) -> None:
        """It could not be asked for anew: from now on there is a gap."""
        if self.state is S.DECLARED and self.gap is None:
            self.gap = (self._clock.now(), reason)
            self._keep_what_was()
            self._bump()
            self.announce()

    def notice(self, code: int, text: str) -> None:
        """The broker said something of the stream that does not end it."""
        if self.state in {S.OPENING, S.OPEN}:
            self.said = MarketNoticed(self.instrument, code, text)
            self.tell(self.said)

    def refuse(self, code: int, text: str) -> None:
        """The broker will not send this stream."""
        if self.state not in {S.OPENING, S.OPEN}:
            return
        self._move(S.REFUSED)
        self._keep_what_was()
        self.number = None
        self.refusal = MarketRefused(self.instrument, code, text)
        self._bump()
        self.tell(self.refusal)

    def interrupt(self, reason: str) -> int | None:
        """The session is gone: what is shown is from before. Returns the number that the line had."""
        number, self.number = self.number, None
        if self.state is S.DECLARED:
            return number
        self._move(S.DECLARED)
        self._keep_what_was()
        if self.gap is None:
            self.gap = (self._clock.now(), reason)
        self._bump()
        self.announce()
        return number

    def mend(self) -> None:
        """Where the stream is back, tell how long it was not there: once, and before anything new."""
        if self.gap is not None and self.state in {S.OPENING, S.OPEN}:
            (since, reason), self.gap = self.gap, None
            self.tell(MarketGap(self.instrument, since, self._clock.now(), reason))

    def close(self) -> int | None:
        """Nobody wants it any more. Returns the number that the line had."""
        self._move(S.CLOSED)
        self.book.detach()
        number, self.number = self.number, None
        return number

    def settle(self, now: datetime, monotonic: float) -> None:
        """Judge what has come since the last time; it came at `now`."""
        book = self.book
        if book.sequence == self._settled:
            return
        self._settled = book.sequence
        self.time = now
        self.heard = monotonic
        self._stale = False
        self._before = self.said = None
        self._mute = False
        if monotonic - self._begun > LIVELY:
            self.vain, self.alarmed = 0, False
        kind = self.contract.instrument.kind
        values = book.values
        bid, ask, last = values[TickField.BID], values[TickField.ASK], values[TickField.LAST]
        found = flaws_of(kind, bid, ask, last)
        mid = None if bid is None or ask is None else (bid + ask) / 2
        self._mid, off_mid = weigh(kind, self._mid, mid)
        self._last, off_last = weigh(kind, self._last, last)
        outlying = off_mid or off_last
        self._suspect = bool(found) or outlying
        if self._suspect:
            self.flaws.update(found)
            self.flaws[Flaw.OUTLIER] += outlying
        if book.sentinels:
            self.flaws[Flaw.SENTINEL] += book.sentinels
            book.sentinels = 0

    def grow_stale(self, monotonic: float, limit: float) -> bool:
        """Whether the line has just been found silent for `limit` seconds."""
        if self.state is not S.OPEN or self._stale or self.book.changed or monotonic - self.heard < limit:
            return False
        self._stale = True
        self._bump()
        return True

    def quote(self) -> Quote:
        """The present top of the book; the same object until something changes."""
        book = self.book
        if book.sequence != self._settled:
            self.settle(self._clock.now(), self._clock.monotonic())
        if self._cached is not None and self._cached.sequence == book.sequence:
            return self._cached
        _, bid, ask, last, bid_size, ask_size, last_size, volume, open_, high, low, close, _ = self._values
        instrument = self.contract.instrument
        self._cached = Quote(
            instrument,
            self.time,
            bid=bid,
            bid_size=None if bid is None else bid_size,
            ask=ask,
            ask_size=None if ask is None else ask_size,
            last=last,
            last_size=None if last is None else last_size,
            volume=volume,
            open=open_,
            high=high,
            low=low,
            close=close,
            kind=book.source,
            quality=quality_of(
                interrupted=self.state is S.REFUSED or (self.state is S.DECLARED and self.gap is not None),
                stale=self._stale,
                whole=complete(instrument.kind, bid, ask, last),
                suspect=self._suspect,
            ),
            sequence=book.sequence,
        )
        return self._cached

    @property
    def heard_of(self) -> bool:
        """Whether there is anything to show."""
        return any(value is not None for value in self._values)

    @property
    def whole(self) -> bool:
        """Whether both sides are there; of an index, its level."""
        values = self._values
        bid, ask, last = values[TickField.BID], values[TickField.ASK], values[TickField.LAST]
        return complete(self.instrument.kind, bid, ask, last)

    def what_came(self) -> str:
        """What the line has said so far, for people."""
        values = self._values
        named = (("bid", TickField.BID), ("ask", TickField.ASK), ("last", TickField.LAST), ("close", TickField.CLOSE))
        came = [f"{name} {values[field]:g}" for name, field in named if values[field] is not None]
        words = f"; IB said: {self.said.text} ({self.said.code})" if self.said else ""
        return (f"only {', '.join(came)} came" if came else "no price came") + words

    @property
    def _values(self) -> list[float | None]:
        return self.book.values if self._before is None else self._before

    def announce(self) -> None:
        for reader in self.readers:
            reader.mark(self)

    def tell(self, event: Told) -> None:
        for reader in self.readers:
            reader.tell(self, event)

    def _keep_what_was(self) -> None:
        """Part with the stream: what it still says changes nothing here."""
        before = self.book
        before.detach()
        self.book = TopOfBook(self, before.sequence)
        self.book.values = list(before.values if self._before is None else self._before)
        self._before = None
        self.book.source = before.source

    def _bump(self) -> None:
        """Something other than a tick has changed what the quote says."""
        if self.book.sequence != self._settled:
            self.settle(self._clock.now(), self._clock.monotonic())
        self.book.sequence += 1
        self._settled = self.book.sequence

    def _move(self, after: LineState) -> None:
        if after not in TRANSITIONS[self.state]:
            raise IllegalLineMove(f"A line of {self.instrument} that is {self.state.name} cannot become {after.name}.")
        self.state = after

    def __repr__(self) -> str:
        return f"<Line {self.instrument} {self.state}, {len(self.readers)} readers>"
