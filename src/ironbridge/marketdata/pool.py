"""The lines that are read, and what the broker is asked so that it streams exactly these (MKT-2).

A reader's wish outlives every session; lines are what the broker is asked for to fulfil it, one for each contract
however many read it. The invariant: after `synchronise`, and while nothing is interrupted, the broker streams the
contracts that somebody reads and, for the linger, those that somebody has just read, and no others. It refuses, before
anything is sent, what the account has no line left for.

What is to be closed is decided at once; the sending is done by whoever opens next, or by `tend`. Closes go out before
opens, so that the account's limit holds at every moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ironbridge.domain.hours import is_open
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.errors import LineLimitReached, NotConnected, RequestRejected, SessionLost
from ironbridge.interfaces import Clock, MarketFeed
from ironbridge.marketdata.line import Line, LineState
from ironbridge.marketdata.options import MarketDataOptions
from ironbridge.marketdata.reader import Reader

_log = logging.getLogger(__name__)

CLOSED_PAUSE = 60.0
"""Seconds between two looks at whether a closed market has opened."""
RENEWALS = 10
"""Silent streams that are asked for anew at one look: the watch over the others must go on."""


class LinePool:
    """Every line, shared by its readers.

    Parameters:
        feed: the broker's streams.
        resolve: from an instrument to its contract.
        clock: stamps what arrives.
        options: the limit, the linger and the time after which silence is STALE.
    """

    def __init__(
        self,
        feed: MarketFeed,
        resolve: Callable[[Instrument], Awaitable[Contract]],
        clock: Clock,
        options: MarketDataOptions,
    ) -> None:
        self.live = False
        """Whether there is a session that lines can be opened in."""
        self.reason = "the session has not begun"
        """Why there is none."""
        self.asked_again = 0
        """How often a silent stream was asked for anew."""
        self._feed = feed
        self._resolve = resolve
        self._clock = clock
        self.options = options
        self._lines: dict[int, Line] = {}
        self._names: dict[Instrument, Line] = {}
        self._changed: list[Line] = []
        self._batch = (clock.now(), clock.monotonic())
        self._void: set[int] = set()
        self._closing = asyncio.Lock()
        self._synchronising = asyncio.Lock()
        self._ended = False

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._lines.values())

    def find(self, instrument: Instrument) -> Line | None:
        """The line of an instrument as somebody asked for it, or as resolved."""
        return self._names.get(instrument) or self._lines.get(instrument.con_id)

    async def attach(self, instrument: Instrument, reader: Reader) -> Line:
        """Let `reader` read the instrument's line; opens it where there is a session.

        Cancelled or failing, it leaves nothing behind.
        """
        contract = await self._resolve(instrument)
        if self._ended:
            raise NotConnected(f"There is no market data for {instrument}: {self.reason}.")
        line = self._lines.get(contract.con_id)
        if line is None:
            self._make_room(contract)
            line = self._lines[contract.con_id] = Line(contract, self._clock, self._touched)
        was_there = reader in line.readers
        line.readers.add(reader)
        line.names.add(instrument)
        self._names[instrument] = line
        try:
            await self._open(line)
        except BaseException:
            # Cancelled or failed, the caller will not read: its place is given up whatever the reason.
            if not was_there:
                self.detach(line, reader)
            raise
        if line.heard_of and not was_there:
            reader.mark(line)
        return line

    def detach(self, line: Line, reader: Reader) -> None:
        """`reader` reads the line no more; when the last one leaves, an open line begins to linger."""
        line.readers.discard(reader)
        reader.forget(line)
        if line.readers or line.state is LineState.CLOSED:
            return
        line.idle_since = self._clock.monotonic()
        if line.state is not LineState.OPEN:
            self._retire(line)

    async def synchronise(self) -> None:
        """Open every line that is read and not open, and tell its readers how long it was not there.

        Raises:
            IronbridgeError: a line could not be asked for, or the session was interrupted again meanwhile. Lines that
                are open stay so, and the next call goes on with the rest.
        """
        async with self._synchronising:
            if self._ended:
                return
            self.live = True
            await self._close_void()
            for line in self.lines:
                if not line.readers:
                    self._retire(line)
                elif self.live:
                    await self._open(line)
            if not self.live:
                raise SessionLost(
                    f"Market data was interrupted while it was being restored: {self.reason}.",
                    next_step="It is restored when the session is back.",
                )

    def interrupted(self, reason: str) -> None:
        """No line can be relied on until `synchronise`."""
        self.live = False
        self.reason = reason
        for line in self.lines:
            self._give_up(line.interrupt(reason))

    async def tend(self) -> None:
        """Find silent lines, let go of those that have lingered, and end what nobody waits for."""
        now = self._clock.monotonic()
        for line in self.lines:
            if not line.readers and now - line.idle_since >= self.options.linger:
                self._retire(line)
            elif line.grow_stale(now, self.options.stale_after):
                line.announce()
        if self._void and self.live:
            await self._close_void()
        for line in self._silent(now)[:RENEWALS]:
            if self.live and line.silent(self._clock.monotonic()):
                await self._renew(line)

    def _silent(self, now: float) -> list[Line]:
        """The streams to be asked for anew: nothing comes of them, and for all that is known their market is open."""
        found = []
        for line in self.lines:
            if not (self.live and line.readers and line.silent(now)):
                continue
            if is_open(line.contract, self._clock.now()) is False:
                line.rest(now + CLOSED_PAUSE)
            else:
                found.append(line)
        return found

    async def _renew(self, line: Line) -> None:
        """Ask anew for a stream that has fallen silent (I-07)."""
        now = self._clock.monotonic()
        self.asked_again += 1
        self._give_up(line.renew(now, self.options.stale_after))
        try:
            await self._open(line)
        finally:
            line.lapse("the stream was silent and could not be asked for anew")

    async def end(self) -> None:
        """End every reader after what it has not read yet, and close all lines."""
        was_live, self.live, self._ended = self.live, False, True
        self.reason = "market data has been stopped"
        for line in self.lines:
            for reader in line.readers:
                reader.end()
            self._retire(line)
        if was_live:
            await self._close_void()

    async def _open(self, line: Line) -> None:
        async with line.opening:
            if self._void or self._closing.locked():
                await self._close_void()
            if not (self.live and line.askable):
                return
            book = line.begin()
            try:
                number = await self._feed.open_line(line.contract, book)
            except RequestRejected as error:
                book.refused(error.code, error.text)
            except BaseException:
                # Whatever kept the request from going out, a cancelled wait included, the line is not being opened.
                line.failed(book)
                raise
            else:
                if not line.opened(book, number):
                    self._give_up(number)

    def _make_room(self, contract: Contract) -> None:
        limit = self.options.line_limit
        if len(self._lines) < limit:
            return
        idle = [line for line in self._lines.values() if not line.readers]
        if not idle:
            raise LineLimitReached(
                f"All {limit} market-data lines of the account are taken; {contract.instrument} would be one more.",
                next_step="Stop reading another instrument, or set the line limit to what your account has.",
                limit=limit,
            )
        self._retire(min(idle, key=lambda line: line.idle_since))

    def _retire(self, line: Line) -> None:
        self._lines.pop(line.contract.con_id, None)
        for name in line.names:
            self._names.pop(name, None)
        self._give_up(line.close())

    def _give_up(self, number: int | None) -> None:
        if number is not None:
            self._void.add(number)

    async def _close_void(self) -> None:
        """End the streams that nobody waits for any more."""
        async with self._closing:
            while self._void:
                number = self._void.pop()
                try:
                    await self._feed.close_line(number)
                except (NotConnected, SessionLost, RequestRejected) as error:
                    # With its session a stream is over; one that IB does not know is over too.
                    _log.debug("line %d is already gone: %s", number, error)
                except BaseException:
                    # It may still be streaming, so it stays to be closed: a cancelled wait loses no line.
                    self._void.add(number)
                    raise

    def _touched(self, line: Line) -> None:
        if not self._changed:
            self._batch = (self._clock.now(), self._clock.monotonic())
            asyncio.get_running_loop().call_soon(self._flush)
        self._changed.append(line)

    def _flush(self) -> None:
        """One batch of ticks is in: judge it and wake its readers."""
        changed, self._changed = self._changed, []
        now, monotonic = self._batch
        for line in changed:
            line.book.changed = False
            line.settle(now, monotonic)
            line.mend()
            line.announce()

    def __repr__(self) -> str:
        return f"<LinePool {'live' if self.live else 'interrupted'}: {len(self._lines)} lines>"
