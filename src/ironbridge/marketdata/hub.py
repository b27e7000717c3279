"""Market data for everybody: one quote, a stream of quotes, and the watch that notices silence (MKT-1 to MKT-3).

Owns what callers see and the task that looks after the lines; which lines there are is `pool`'s business. A stream is
never silent about what it is: every quote says how far it may be relied on, a cut is an event in every stream that it
cut, a refusal carries IB's words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.gateways import ORDERS
from ironbridge.domain.instrument import Contract, Instrument, Kind
from ironbridge.domain.market import DataKind, MarketNoticed, MarketRefused, Quality, Quote
from ironbridge.errors import InvalidInput, IronbridgeError, NotConnected, RequestTimeout
from ironbridge.interfaces import Clock, MarketFeed, Topic
from ironbridge.marketdata.carriers import Carrier, checked_limit
from ironbridge.marketdata.deadline import before
from ironbridge.marketdata.line import LineState
from ironbridge.marketdata.options import MarketDataOptions
from ironbridge.marketdata.pool import STOPPED, LinePool, SessionLines
from ironbridge.marketdata.quality import Flaw
from ironbridge.marketdata.reader import Reader
from ironbridge.marketdata.refusals import error_of, next_step
from ironbridge.marketdata.stream import MarketStream

_log = logging.getLogger(__name__)

SHOWN = 5
"""Instruments that an alert names."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One line as it stands.

    Parameters:
        instrument: what it streams, resolved.
        state: whether the broker sends it.
        readers: how many read it; 0 while it lingers.
        quality: what its present quote may be relied on for.
        kind: live, delayed or frozen.
        time: when something last came.
        sequence: how often it has changed.
        flaws: bad prices so far, by kind.
        refusal: IB's refusal, where the state is REFUSED.
        said: what IB last said of it, while nothing has come since.
        asked_again: how often it was asked for anew because it was silent.
        session: the session that carries it.
    """

    instrument: Instrument
    state: LineState
    readers: int
    quality: Quality
    kind: DataKind
    time: datetime
    sequence: int
    flaws: tuple[tuple[Flaw, int], ...]
    refusal: MarketRefused | None
    said: MarketNoticed | None
    asked_again: int
    session: str = ORDERS


class MarketData:
    """Quotes and streams of quotes.

    Parameters:
        feed: the streams of the order session, which carries what no other session is for (see `add_session`).
        resolve: from an instrument to its contract, as `contracts.Resolver.identify` does.
        clock: stamps quotes and drives time-outs and staleness.
        stale_after: seconds of silence after which a stream is STALE.
        line_limit: market-data lines of the account; IB gives 100 to begin with.
        linger: seconds that a line stays open after its last reader has left, so that repeated calls share it.
        watch_every: seconds between two looks at silence and lingering lines.
        alerts: told of streams that stay silent though they were asked for anew, or of which IB says why.

    Raises:
        InvalidSettings: a value that cannot be meant.
    """

    def __init__(
        self,
        feed: MarketFeed,
        resolve: Callable[[Instrument], Awaitable[Contract]],
        clock: Clock,
        *,
        stale_after: float = 30.0,
        line_limit: int = 100,
        linger: float = 5.0,
        watch_every: float = 1.0,
        alerts: Topic[Alert] | None = None,
    ) -> None:
        self._alerts = alerts
        self._clock = clock
        self._options = MarketDataOptions(stale_after, linger, watch_every)
        self._main = Carrier(ORDERS, feed, line_limit, spare=True)
        self._pool = LinePool([self._main], resolve, clock, self._options)
        self._tasks: list[asyncio.Task[None]] = []

    def add_session(self, name: str, feed: MarketFeed, line_limit: int, kinds: frozenset[Kind]) -> SessionLines:
        """One more session for market data; what is returned is to be told when it lives and when it does not.

        Parameters:
            name: of the session.
            feed: its streams.
            line_limit: its market-data lines.
            kinds: the kinds of instruments that it is for; empty for all that no other session names.
        """
        carrier = Carrier(name, feed, line_limit, kinds)
        self._pool.carriers.append(carrier)
        return SessionLines(self._pool, carrier)

    def configure(self, *, stale_after: float, line_limit: int) -> None:
        """Use other bounds from now on; lines beyond a lower limit stay open until their readers leave.

        Parameters:
            stale_after: as at the start.
            line_limit: of the order session.

        Raises:
            InvalidSettings: a value that cannot be meant.
        """
        self._options = replace(self._options, stale_after=stale_after)
        self._pool.options = self._options
        self._main.limit = checked_limit(line_limit)

    async def start(self) -> None:
        """Begin to watch for silence and for lines that nobody reads any more."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._keep_watch(), name="market data watch"),
                asyncio.create_task(self._keep_moving(), name="market data moves"),
            ]

    async def stop(self) -> None:
        """End every stream after what it has not read yet, and give all lines up."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._pool.end()
        except IronbridgeError as error:
            _log.warning("lines could not be closed at the end: %s", error)

    async def quote(self, instrument: Instrument, timeout: float = 10.0) -> Quote:  # noqa: ASYNC109 - follows our clock
        """The first quote with both sides (of an index: its level); the line lingers for the next call.

        A quote that is whole but SUSPECT is waited out, and given as such at the end of the time-out.

        Parameters:
            instrument: what to quote.
            timeout: seconds to wait, looking the instrument up included.

        Raises:
            RequestTimeout: not in time; it says what came.
            RequestRejected: IB refuses the stream, with its code and words and what to do.
            InstrumentNotFound, AmbiguousInstrument: it means no one contract.
            LineLimitReached: every line of the account is taken.
            NotConnected: there is no session, or it has lost IB.
        """
        if not timeout > 0:
            raise InvalidInput(f"The time-out must be above zero seconds, not {timeout}.")
        if self._pool.obstacle(instrument.kind) is not None:
            raise self._no_data(instrument)
        reader = Reader()
        try:
            return await before(
                self._clock,
                timeout,
                self._first_quote(instrument, reader),
                late=lambda: self._at_the_end(instrument, timeout),
            )
        finally:
            for line in self._pool.lines:
                if reader in line.readers:
                    self._pool.detach(line, reader)

    async def _first_quote(self, instrument: Instrument, reader: Reader) -> Quote:
        line = await self._pool.attach(instrument, reader)
        while True:
            if line.refusal is not None:
                raise error_of(line.refusal)
            if line.whole and line.quote().quality in {Quality.GOOD, Quality.STALE}:
                return line.quote()
            try:
                await anext(reader)
            except StopAsyncIteration:
                raise self._no_data(instrument) from None

    def _at_the_end(self, instrument: Instrument, seconds: float) -> Quote:
        line = self._pool.find(instrument)
        if line is not None and line.whole and line.quote().quality is Quality.SUSPECT:
            return line.quote()
        if (obstacle := self._pool.obstacle(instrument.kind)) is not None:
            came = f"the stream was cut ({obstacle})"
        elif line is None:
            came = "the contract was still being looked up"
        elif line.state is LineState.OPENING:
            came = "the request was still waiting to be sent"
        else:
            came = line.what_came()
        raise RequestTimeout(
            f"No quote of {instrument} with both sides within {seconds:g} s: {came}.",
            next_step="The market may be closed or one-sided; subscribe to take what there is, or ask again later.",
        )

    def _no_data(self, instrument: Instrument) -> NotConnected:
        return NotConnected(
            f"There is no market data for {instrument}: {self._pool.obstacle(instrument.kind) or STOPPED}.",
            next_step="Wait until the session is ready and ask again.",
        )

    def subscribe(self, *instruments: Instrument) -> MarketStream:
        """A stream of the instruments' events: enter it with ``async with``, read it with ``async for``.

        More instruments can be added while it is read. The subscription outlives every loss: each stream is told of
        the gap (`MarketGap`), and goes on.
        """
        return MarketStream(self._pool, instruments)

    def last(self, instrument: Instrument) -> Quote | None:
        """The present quote of an instrument that somebody reads, as asked for or as resolved; None of any other."""
        line = self._pool.find(instrument)
        return line.quote() if line is not None and line.heard_of else None

    def watching(self) -> tuple[Watched, ...]:
        """Every line, as it stands."""
        return tuple(
            Watched(
                line.instrument,
                line.state,
                len(line.readers),
                quote.quality,
                quote.kind,
                quote.time,
                quote.sequence,
                tuple(sorted(line.flaws.items())),
                line.refusal,
                line.said,
                line.asked_again,
                line.home.name,
            )
            for line, quote in [(line, line.quote()) for line in self._pool.lines]
        )

    async def synchronise(self) -> None:
        """Restore every stream of the order session; each one that was cut says for how long.

        Raises:
            IronbridgeError: not all could be restored; the next call goes on with the rest.
        """
        await self._pool.synchronise(self._main)

    def interrupted(self, reason: str) -> None:
        """The order session ended, or lost IB: every quote that it carries is from before until `synchronise`."""
        self._pool.interrupted(self._main, reason)

    @property
    def lines_open(self) -> int:
        """Market-data lines that are taken, in all sessions."""
        return len(self._pool.lines)

    def lines_in(self, session: str) -> int:
        """Market-data lines that are taken in one session."""
        return sum(each.held for each in self._pool.carriers if each.name == session)

    @property
    def asked_again(self) -> int:
        """How often a silent stream was asked for anew, since the start."""
        return self._pool.asked_again

    def _warn(self) -> None:
        """Tell of the streams that have just been found dead: once for all of them, and once each (I-07)."""
        found = [line for line in self._pool.lines if line.dead and not line.alarmed]
        if not found:
            return
        for line in found:
            line.alarmed = True
        words = {f"{line.said.text} ({line.said.code})": next_step(line.said.code) for line in found if line.said}
        said = f" IB said: {'; '.join(words)}." if words else ""
        named = ", ".join(str(line.instrument) for line in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        alert = Alert(
            self._clock.now(),
            "market-data-silent",
            AlertSeverity.WARNING,
            f"No market data comes for {named}{more}, though the session is up.{said}",
            " ".join(dict.fromkeys(words.values())) or "Look at the gateway's data connections; it is asked for again.",
        )
        _log.warning("%s", alert)
        if self._alerts is not None:
            self._alerts.publish(alert)

    async def _keep_watch(self) -> None:
        while True:
            await self._clock.sleep(self._options.watch_every)
            try:
                await self._pool.tend()
                self._warn()
            except IronbridgeError as error:
                _log.warning("market data lines could not be tended: %s", error)
            except Exception:
                # The watch is the only one to notice silence: whatever happens to one look, it looks again.
                _log.exception("the watch over market data failed once")

    async def _keep_moving(self) -> None:
        while True:
            await self._pool.moved.wait()
            try:
                await self._pool.open_moved()
            except Exception:
                # The others that moved wait for this task: whatever happens to one round, there is another.
                _log.exception("market data could not be opened in another session")

    def __repr__(self) -> str:
        return repr(self._pool).replace("LinePool", "MarketData")
