"""Asks the gateway for the time, again and again: the proof that behind the open socket somebody answers (I-10).

Owns what is measured on the way: round trip and clock skew. It judges one thing only, an answer that did not come in
time; an end of the link or a refusal is told elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from ironbridge.errors import IronbridgeError
from ironbridge.interfaces import Clock, Link
from ironbridge.session.deadline import within
from ironbridge.session.status import SupervisorOptions


class Heartbeat:
    """The measurements of all sessions so far, and the beat of the present one.

    Parameters:
        broker: is asked for its time.
        clock: measures.
        beaten: told after each beat that was answered.
    """

    def __init__(self, broker: Link, clock: Clock, beaten: Callable[[], None] = lambda: None) -> None:
        self._broker = broker
        self._clock = clock
        self._beaten = beaten
        self.last: datetime | None = None
        self.round_trip_ms: float | None = None
        self.clock_skew: float | None = None
        self.count = 0
        self.missed = 0
        self.paused = False
        """Whether a person has stopped the beats: a link that is half-open is then not found."""
        self._changed = asyncio.Event()

    def pause(self) -> None:
        """No more beats until `resume`."""
        self.paused = True
        self._changed.set()

    def resume(self) -> None:
        """Beat again, the first time at once; where it beats already nothing changes."""
        if self.paused:
            self.paused = False
            self._changed.set()

    def retime(self) -> None:
        """The options have changed: the wait that is under way is measured by the new ones."""
        self._changed.set()

    async def run(self, options: Callable[[], SupervisorOptions]) -> str:
        """Beat until a beat is missed; returns the reason. The options are read anew for each beat."""
        while True:
            await self._until_due(options)
            limit = options().heartbeat_timeout
            try:
                await within(self._clock, limit, self._beat())
            except TimeoutError:
                self.missed += 1
                return f"the gateway did not answer a heartbeat within {limit:g} s, though its socket is open"
            except IronbridgeError:
                # The link ended meanwhile, which is a report of its own, or IB answered with a refusal, and so lives.
                continue

    async def _until_due(self, options: Callable[[], SupervisorOptions]) -> None:
        began = self._clock.monotonic()
        while not self.paused:
            wait = began + options().heartbeat_interval - self._clock.monotonic()
            if wait <= 0:
                return
            self._changed.clear()
            try:
                await within(self._clock, wait, self._changed.wait())
            except TimeoutError:
                return
        while self.paused:
            self._changed.clear()
            await self._changed.wait()

    async def _beat(self) -> None:
        sent = self._clock.monotonic()
        theirs = await self._broker.server_time()
        took = self._clock.monotonic() - sent
        self.last = self._clock.now()
        self.round_trip_ms = took * 1000
        # IB tells whole seconds, cut off: its true time lies up to a second later.
        ahead = (theirs - self.last).total_seconds()
        self.clock_skew = ahead if ahead > 0 else min(ahead + 1.0, 0.0)
        self.count += 1
        self._beaten()
