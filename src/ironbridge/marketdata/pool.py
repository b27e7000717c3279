"""The lines that are read, and what the broker is asked so that it streams exactly these (MKT-2).

A reader's wish outlives every session; lines are what the broker is asked for to fulfil it, one for each contract
however many read it. The invariant: after `synchronise`, and while nothing is interrupted, the broker streams the
contracts that somebody reads and, for the linger, those that somebody has just read, and no others. It refuses, before
anything is sent, what the account has no line left for.

What is to be closed is decided at once; the sending is done by whoever opens next, or by `tend`. Closes go out before
opens, so that the account's limit holds at every moment. Where there are several sessions, `carriers` decides which one
a line goes over; when one dies the lines that can move are opened in another, by whoever waits for `moved`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from ironbridge.domain.hours import is_open
from ironbridge.domain.instrument import Contract, Instrument, Kind
from ironbridge.errors import IronbridgeError, LineLimitReached, NotConnected, RequestRejected, SessionLost
from ironbridge.interfaces import Clock
from ironbridge.marketdata.carriers import Carrier, carriers_for, checked_limit, choose, moves
from ironbridge.marketdata.line import Line, LineState
from ironbridge.marketdata.options import MarketDataOptions
from ironbridge.marketdata.reader import Reader

_log = logging.getLogger(__name__)

CLOSED_PAUSE = 60.0
"""Seconds between two looks at whether a closed market has opened."""
STOPPED = "market data has been stopped"
RENEWALS = 10
"""Silent streams that are asked for anew at one look: the watch over the others must go on."""


class LinePool:
    """Every line, shared by its readers.

    Parameters:
        carriers: the sessions that they go over; more can be added.
        resolve: from an instrument to its contract.
        clock: stamps what arrives.
        options: the linger and the time after which silence is STALE.
    """

    def __init__(
        self,
        carriers: Sequence[Carrier],
        resolve: Callable[[Instrument], Awaitable[Contract]],
        clock: Clock,
        options: MarketDataOptions,
    ) -> None:
        self.carriers = list(carriers)
        self.asked_again = 0
        """How often a silent stream was asked for anew."""
        self.moved = asyncio.Event()
        """Set when lines have moved to another session and are to be opened there."""
        self._resolve = resolve
        self._clock = clock
        self.options = options
        self._lines: dict[int, Line] = {}
        self._names: dict[Instrument, Line] = {}
        self._changed: list[Line] = []
        self._batch = (clock.now(), clock.monotonic())
        self._void: set[tuple[Carrier, int]] = set()
        self._to_open: set[Line] = set()
        self._closing = asyncio.Lock()
        self._synchronising: dict[Carrier, asyncio.Lock] = {}
        self._ended = False

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._lines.values())

    @property
    def live(self) -> bool:
        """Whether there is a session that lines can be opened in."""
        return any(each.live for each in self.carriers)

    def obstacle(self, kind: Kind) -> str | None:
        """Why no line of this kind can be opened now; None where one can."""
        fit = carriers_for(kind, self.carriers)
        return None if any(each.live for each in fit) else "; ".join(dict.fromkeys(each.reason for each in fit))

    def find(self, instrument: Instrument) -> Line | None:
        """The line of an instrument as somebody asked for it, or as resolved."""
        return self._names.get(instrument) or self._lines.get(instrument.con_id)

    async def attach(self, instrument: Instrument, reader: Reader) -> Line:
        """Let `reader` read the instrument's line; opens it where there is a session.

        Cancelled or failing, it leaves nothing behind.
        """
        contract = await self._resolve(instrument)
        if self._ended:
            raise NotConnected(f"There is no market data for {instrument}: {STOPPED}.")
        line = self._lines.get(contract.con_id)
        if line is None:
            home = self._room_for(contract)
            home.held += 1
            line = self._lines[contract.con_id] = Line(contract, self._clock, self._touched, home)
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

    async def synchronise(self, carrier: Carrier) -> None:
        """This session lives: open every line in it that is read, and tell its readers how long it was not there.

        Lines that wait for another session that does not live come here too, as far as there is room.

        Raises:
            IronbridgeError: a line could not be asked for, or the session was interrupted again meanwhile. Lines that
                are open stay so, and the next call goes on with the rest.
        """
        async with self._synchronising.setdefault(carrier, asyncio.Lock()):
            if self._ended or carrier not in self.carriers:
                return
            carrier.live = True
            await self._close_void()
            self._move()
            for line in self.lines:
                if line.home is not carrier:
                    continue
                if not line.readers:
                    self._retire(line)
                elif carrier.live:
                    await self._open(line)
            if not carrier.live:
                raise SessionLost(
                    f"Market data was interrupted while it was being restored: {carrier.reason}.",
                    next_step="It is restored when the session is back.",
                )

    def interrupted(self, carrier: Carrier, reason: str) -> None:
        """No line of this session can be relied on until `synchronise`, or until it has moved to another."""
        carrier.live = False
        carrier.reason = reason
        for line in self.lines:
            if line.home is carrier:
                self._give_up(carrier, line.interrupt(reason))
        self._move()

    def withdraw(self, carrier: Carrier, reason: str) -> None:
        """This session is no more: its lines go to others that live; those without room wait until there is some."""
        self.interrupted(carrier, reason)
        self.carriers.remove(carrier)
        for line in self.lines:
            if line.home is carrier and not line.readers:
                self._retire(line)

    def _move(self) -> None:
        """Let lines whose session does not live go to one that does."""
        waiting = [line for line in self._lines.values() if line.readers and not line.home.live]
        chosen = moves([(line.instrument.kind, line.home) for line in waiting], self.carriers)
        for line, home in zip(waiting, chosen, strict=True):
            if home is not None:
                line.home.held -= 1
                home.held += 1
                line.home = home
                self._to_open.add(line)
        if self._to_open:
            self.moved.set()

    async def open_moved(self) -> None:
        """Open the lines that have moved; one that cannot be opened now is tried again by `tend`."""
        self.moved.clear()
        for line in tuple(self._to_open):
            try:
                await self._open(line)
            except IronbridgeError as error:
                _log.debug("%s could not be opened in %s yet: %s", line.instrument, line.home.name, error)
            else:
                self._to_open.discard(line)

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
        self._move()
        if self._to_open:
            await self.open_moved()
        for line in self._silent(now)[:RENEWALS]:
            if line.home.live and line.silent(self._clock.monotonic()):
                await self._renew(line)

    def _silent(self, now: float) -> list[Line]:
        """The streams to be asked for anew: nothing comes of them, and for all that is known their market is open."""
        found = []
        for line in self.lines:
            if not (line.home.live and line.readers and line.silent(now)):
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
        self._give_up(line.home, line.renew(now, self.options.stale_after))
        try:
            await self._open(line)
        finally:
            line.lapse("the stream was silent and could not be asked for anew")

    async def end(self) -> None:
        """End every reader after what it has not read yet, and close all lines."""
        was_live, self._ended = self.live, True
        for carrier in self.carriers:
            carrier.live, carrier.reason = False, STOPPED
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
            while (home := line.home).live and line.askable:
                book = line.begin()
                try:
                    number = await home.feed.open_line(line.contract, book)
                except RequestRejected as error:
                    book.refused(error.code, error.text)
                except BaseException as error:
                    # Whatever kept the request from going out, a cancelled wait included, the line is not being opened.
                    line.failed(book)
                    if line.home is home or not isinstance(error, NotConnected | SessionLost):
                        raise
                    continue  # the session died meanwhile, and the line has moved to another
                else:
                    if not line.opened(book, number):
                        self._give_up(home, number)
                return

    def _room_for(self, contract: Contract) -> Carrier:
        """The session for one more line; one that lingers unread makes room where all are taken."""
        kind = contract.instrument.kind
        fit = carriers_for(kind, self.carriers)
        for living in (True, False):
            # In one that does not live the line waits: better than none, and worse than an unread one's place.
            here = [each for each in fit if each.live is living]
            if (home := choose(kind, here, living=living)) is not None:
                return home
            unread = [line for line in self._lines.values() if not line.readers and line.home in here]
            if unread:
                longest = min(unread, key=lambda line: line.idle_since)
                self._retire(longest)
                return longest.home
        limit = sum(each.limit for each in fit)
        whose = "of the account" if len(fit) == 1 else f"of the sessions {', '.join(each.name for each in fit)}"
        raise LineLimitReached(
            f"All {limit} market-data lines {whose} are taken; {contract.instrument} would be one more.",
            next_step="Stop reading another instrument, or set the line limit to what your account has.",
            limit=limit,
        )

    def _retire(self, line: Line) -> None:
        if self._lines.get(line.contract.con_id) is line:
            del self._lines[line.contract.con_id]
            line.home.held -= 1
        for name in line.names:
            self._names.pop(name, None)
        self._to_open.discard(line)
        self._give_up(line.home, line.close())

    def _give_up(self, carrier: Carrier, number: int | None) -> None:
        if number is not None:
            self._void.add((carrier, number))

    async def _close_void(self) -> None:
        """End the streams that nobody waits for any more."""
        async with self._closing:
            while self._void:
                carrier, number = self._void.pop()
                try:
                    await carrier.feed.close_line(number)
                except (NotConnected, SessionLost, RequestRejected) as error:
                    # With its session a stream is over; one that IB does not know is over too.
                    _log.debug("line %d is already gone: %s", number, error)
                except BaseException:
                    # It may still be streaming, so it stays to be closed: a cancelled wait loses no line.
                    self._void.add((carrier, number))
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


class SessionLines:
    """The lines of one session, as its supervisor sees them: `interfaces.Synchroniser`.

    Parameters:
        pool: all lines.
        carrier: the session.
    """

    def __init__(self, pool: LinePool, carrier: Carrier) -> None:
        self._pool = pool
        self._carrier = carrier

    def allow(self, limit: int) -> None:
        """So many lines from now on; those beyond a lower limit stay open until their readers leave."""
        self._carrier.limit = checked_limit(limit)

    async def synchronise(self) -> None:
        await self._pool.synchronise(self._carrier)

    def interrupted(self, reason: str) -> None:
        self._pool.interrupted(self._carrier, reason)

    def withdraw(self) -> None:
        """The session is no more; its readers go on where there is room, with a gap."""
        self._pool.withdraw(self._carrier, "its session was taken out of the settings")
