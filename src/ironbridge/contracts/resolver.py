"""From what an owner calls an instrument to what the broker knows of it, asked for once (INS-1, INS-2).

Owns the answers: in memory, and durably through the cache. Two things age differently. A contract's identity never
changes; its trading rules (tick sizes, hours, order types) are good for a day. So `resolve`, which orders go by, asks
again when they are older, and fails where it cannot; `identify`, which streams and displays go by, takes the old answer
where the broker cannot be asked.

However many ask for one instrument at once, the broker is asked once, and all of them get that answer or that error. A
"no" is kept for a few seconds only: a listing may come any day, a burst of callers may not cost a request each.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from ironbridge.contracts.choice import choose
from ironbridge.contracts.combos import combination
from ironbridge.domain.instrument import Contract, Instrument, Kind
from ironbridge.errors import (
    AmbiguousInstrument,
    InstrumentNotFound,
    NotConnected,
    RequestTimeout,
    SessionLost,
    StorageError,
)
from ironbridge.interfaces import Clock, ContractCache

_log = logging.getLogger(__name__)

MAX_AGE = timedelta(hours=24)
"""How long trading rules are good for: IB gives hours for some days ahead and changes tick rules overnight."""

NO_FOR = 10.0
"""Seconds for which "there is no such instrument" is believed."""

MEMORY = 20_000
"""Contracts kept in memory, the least recently used let go first: room for several whole option chains."""


class ContractSource(Protocol):
    """The part of `interfaces.Broker` that knows contracts."""

    async def contracts(self, instrument: Instrument) -> Sequence[Contract]: ...


@dataclass(frozen=True, slots=True)
class _No:
    """A negative answer and until when it is believed."""

    error: InstrumentNotFound | AmbiguousInstrument
    until: float


class Resolver:
    """Resolves instruments.

    Parameters:
        source: the broker.
        cache: where answers are kept for good.
        clock: ages them.
        max_age: how long trading rules are good for.
    """

    def __init__(
        self, source: ContractSource, cache: ContractCache, clock: Clock, *, max_age: timedelta = MAX_AGE
    ) -> None:
        self._source = source
        self._cache = cache
        self._clock = clock
        self._max_age = max_age
        self._known: OrderedDict[Instrument, Contract] = OrderedDict()
        self._refused: dict[Instrument, _No] = {}
        self._asking: dict[Instrument, asyncio.Future[Contract]] = {}

    async def resolve(self, instrument: Instrument) -> Contract:
        """The contract, with trading rules that are no older than `max_age`.

        Raises:
            InstrumentNotFound: the broker knows no such thing.
            AmbiguousInstrument: it could be several; the error lists them.
            NotConnected, SessionLost, RequestTimeout, RequestRejected: the broker could not be asked.
        """
        known = self._known.get(instrument)
        if known is not None and self._fresh(known):
            self._known.move_to_end(instrument)
            return known
        while True:
            asking = self._asking.get(instrument)
            if asking is None:
                return await self._lead(instrument)
            await asyncio.wait({asking})
            if not asking.cancelled():
                return asking.result()

    async def identify(self, instrument: Instrument) -> Contract:
        """The contract, with trading rules as old as they may be where the broker cannot be asked now.

        Raises:
            InstrumentNotFound, AmbiguousInstrument: as `resolve`.
            NotConnected, SessionLost, RequestTimeout, RequestRejected: it has never been resolved, and cannot be now.
        """
        try:
            return await self.resolve(instrument)
        except (NotConnected, SessionLost, RequestTimeout):
            aged = self._known.get(instrument)
            if aged is None:
                raise
            return aged

    def known(self, instrument: Instrument) -> Contract | None:
        """What is known of it now, however old, without asking anybody."""
        return self._known.get(instrument)

    async def _lead(self, instrument: Instrument) -> Contract:
        """Ask for all who want it now. If this caller is cancelled, the next one asks."""
        asking: asyncio.Future[Contract] = asyncio.get_running_loop().create_future()
        self._asking[instrument] = asking
        try:
            contract = await self._find(instrument)
        except asyncio.CancelledError:
            asking.cancel()
            raise
        except Exception as error:
            # Whatever went wrong is the answer of everyone who waits, or they would hang.
            asking.set_exception(error)
            asking.exception()
            raise
        else:
            asking.set_result(contract)
            return contract
        finally:
            del self._asking[instrument]

    async def _find(self, instrument: Instrument) -> Contract:
        if instrument.kind is Kind.COMBO:
            made = await combination(instrument, self.resolve, self._clock.now())
            self._remember(instrument, made)
            return made
        no = self._refused.get(instrument)
        if no is not None and self._clock.monotonic() < no.until:
            raise no.error.with_traceback(None)
        if instrument not in self._known:
            kept = await self._load(instrument)
            if kept is not None:
                self._remember(instrument, kept)
        known = self._known.get(instrument)
        if known is not None and self._fresh(known):
            return known
        try:
            contract = choose(instrument, await self._source.contracts(instrument))
        except (InstrumentNotFound, AmbiguousInstrument) as error:
            self._believe(instrument, error)
            raise
        self._remember(instrument, contract)
        await self._save(instrument, contract)
        return contract

    def _believe(self, instrument: Instrument, error: InstrumentNotFound | AmbiguousInstrument) -> None:
        now = self._clock.monotonic()
        self._refused = {asked: no for asked, no in self._refused.items() if now < no.until}
        self._refused[instrument] = _No(error, now + NO_FOR)
        self._known.pop(instrument, None)

    def _remember(self, instrument: Instrument, contract: Contract) -> None:
        for name in (instrument, contract.instrument):
            self._known[name] = contract
            self._known.move_to_end(name)
        while len(self._known) > MEMORY:
            self._known.popitem(last=False)

    async def _load(self, instrument: Instrument) -> Contract | None:
        try:
            return await self._cache.load(instrument)
        except StorageError as error:
            _log.warning("the contract cache cannot be read, so the broker is asked: %s", error)
            return None

    async def _save(self, instrument: Instrument, contract: Contract) -> None:
        try:
            await self._cache.save(instrument, contract)
        except StorageError as error:
            _log.warning("%s is resolved but not kept: %s", instrument, error)

    def _fresh(self, contract: Contract) -> bool:
        return self._clock.now() - contract.resolved_at < self._max_age

    def __repr__(self) -> str:
        return f"<Resolver: {len(self._known)} known, {len(self._asking)} being asked for>"
