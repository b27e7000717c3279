"""What a consumer of market data holds: a stream of events of the instruments it has named."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol, Self

from ironbridge.domain.instrument import Instrument
from ironbridge.domain.market import MarketEvent
from ironbridge.marketdata.line import Line
from ironbridge.marketdata.reader import Reader


class Lines(Protocol):
    """Where a stream's lines come from."""

    async def attach(self, instrument: Instrument, reader: Reader) -> Line: ...

    def detach(self, line: Line, reader: Reader) -> None: ...


class MarketStream:
    """An async context manager and iterator of `MarketEvent`, made by `MarketData.subscribe`.

    Events name the instrument as the broker resolved it; `asked` leads back to what was asked for. The present quote
    of a line that is already open comes first. One task reads a stream; others may add and drop instruments.
    """

    def __init__(self, lines: Lines, instruments: tuple[Instrument, ...]) -> None:
        self._source = lines
        self._first = instruments
        self._reader = Reader()
        self._lines: dict[Instrument, Line] = {}
        self._closed = False

    async def add(self, *instruments: Instrument) -> None:
        """Read these too; all of them or, where one fails, none.

        Raises:
            InstrumentNotFound, AmbiguousInstrument: it means no one contract.
            LineLimitReached: every line of the account is taken.
            NotConnected: the broker cannot be asked what an instrument is.
        """
        wanted = [instrument for instrument in dict.fromkeys(instruments) if instrument not in self._lines]
        try:
            async with asyncio.TaskGroup() as tasks:
                for instrument in wanted:
                    tasks.create_task(self._add(instrument))
        except ExceptionGroup as group:
            self.drop(*wanted)
            raise group.exceptions[0] from None
        except BaseException:
            # Cancelled: those that had come are given up with those that had not.
            self.drop(*wanted)
            raise
        if self._closed:
            self.close()

    async def _add(self, instrument: Instrument) -> None:
        self._lines[instrument] = await self._source.attach(instrument, self._reader)

    def drop(self, *instruments: Instrument) -> None:
        """Read these no more. One that is not read is no error."""
        for instrument in instruments:
            line = self._lines.pop(instrument, None)
            if line is not None and line not in self._lines.values():
                self._source.detach(line, self._reader)

    def close(self) -> None:
        """End the stream and give its lines up."""
        self._closed = True
        self.drop(*self._lines)
        self._reader.end()

    @property
    def asked(self) -> Mapping[Instrument, Instrument]:
        """From the resolved instrument that events name to the one that was asked for."""
        return MappingProxyType({line.instrument: instrument for instrument, line in self._lines.items()})

    @property
    def conflated(self) -> int:
        """Changes that this stream's reader was too slow to see one by one."""
        return self._reader.conflated

    @property
    def unread(self) -> int:
        """Events that wait to be read: at most a few for each instrument."""
        return self._reader.unread

    async def __aenter__(self) -> Self:
        try:
            await self.add(*self._first)
        except BaseException:
            # A stream that could not be entered is never left, so it ends here, cancelled or failed.
            self.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> MarketEvent:
        return await anext(self._reader)

    def __repr__(self) -> str:
        return f"<MarketStream of {len(self._lines)} instruments, {self.unread} unread>"
