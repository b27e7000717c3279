"""One reader's place in the streams: what it has not read yet, bounded whatever it does (MKT-5).

The rule for slow readers: of quotes the newest of each line wins and the rest is counted in `conflated`; of gaps the
unread ones of a line become one that spans them all, of refusals and of notices the newest counts. So a reader is never
told less than it must know, and never keeps more than a few items for each line it reads.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Self

from ironbridge.domain.market import MarketEvent, MarketGap, MarketRefused
from ironbridge.marketdata.line import Line, Told


class Reader:
    """The unread events of one consumer."""

    def __init__(self) -> None:
        self.conflated = 0
        """Changes that were overtaken by a newer one before they were read."""
        self._changed: dict[Line, None] = {}
        self._told: dict[Line, list[Told]] = {}
        self._wake = asyncio.Event()
        self._ended = False

    def mark(self, line: Line) -> None:
        if line in self._changed:
            self.conflated += 1
        else:
            self._changed[line] = None
            self._wake.set()

    def tell(self, line: Line, event: Told) -> None:
        told = self._told.setdefault(line, [])
        if isinstance(event, MarketGap):
            for place, other in enumerate(told):
                if isinstance(other, MarketGap):
                    event = replace(event, since=min(event.since, other.since))
                    self.conflated += len(told) - place
                    del told[place:]
                    break
        else:
            kept = [other for other in told if type(other) is not type(event)]
            self.conflated += len(told) - len(kept)
            told[:] = kept
            if isinstance(event, MarketRefused) and line in self._changed:
                del self._changed[line]
                self.conflated += 1
        told.append(event)
        self._wake.set()

    def forget(self, line: Line) -> None:
        """The line is read no more; what was unread of it is dropped."""
        self._changed.pop(line, None)
        self._told.pop(line, None)

    def take(self) -> MarketEvent | None:
        """The next event, or None where all is read: what must not be missed before quotes."""
        if self._told:
            line = next(iter(self._told))
            told = self._told[line]
            event = told.pop(0)
            if not told:
                del self._told[line]
            return event
        if self._changed:
            line = next(iter(self._changed))
            del self._changed[line]
            return line.quote()
        return None

    @property
    def unread(self) -> int:
        """How many events are kept."""
        return len(self._changed) + sum(map(len, self._told.values()))

    def end(self) -> None:
        """Nothing more will come: the reader ends after what is unread."""
        self._ended = True
        self._wake.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> MarketEvent:
        while True:
            event = self.take()
            if event is not None:
                return event
            if self._ended:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
