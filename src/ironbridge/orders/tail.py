"""The journal as it grows, whoever writes to it: every event reaches the book once and in the order of the journal.

Other processes on the same journal record events between ours. What this process records itself is known at once, but
is folded only behind what others recorded before it; what others record is read within `EVERY_SECONDS`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ironbridge.domain.events import Recorded
from ironbridge.errors import StorageError
from ironbridge.interfaces import Clock, Journal

_LOG = logging.getLogger("ironbridge.orders")

EVERY_SECONDS = 0.2
"""How soon another process's news shows here; a look costs a tenth of a millisecond."""

RETRY_SECONDS = 1.0


class Tail:
    """Follows the journal.

    Parameters:
        journal: what is followed.
        clock: paces it.
        take: called with each event, in order and once. It must not block.
    """

    def __init__(self, journal: Journal, clock: Clock, take: Callable[[Recorded], None]) -> None:
        self._journal = journal
        self._clock = clock
        self._take = take
        self._held: dict[int, Recorded] = {}
        self.seen = 0
        """The last event that was taken; everything before it was too."""

    async def put(self, recorded: Sequence[Recorded]) -> None:
        """Take what this process has recorded; returns when all of it, and all before it, is taken."""
        self._hold(recorded)
        while self._held:
            try:
                await self.catch_up()
            except StorageError as error:
                _LOG.error("What another process recorded before cannot be read, and is tried again: %s", error)
                await self._clock.sleep(RETRY_SECONDS)

    async def catch_up(self) -> None:
        """Take whatever has been recorded since.

        Raises:
            StorageError: the journal cannot be read.
        """
        self._hold(await self._journal.since(self.seen))

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await self._clock.sleep(EVERY_SECONDS)
            try:
                await self.catch_up()
            except StorageError as error:
                _LOG.warning("The journal cannot be followed, and is tried again: %s", error)
                await self._clock.sleep(RETRY_SECONDS)

    def _hold(self, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if one.sequence > self.seen:
                self._held[one.sequence] = one
        while (following := self._held.pop(self.seen + 1, None)) is not None:
            self.seen += 1
            self._take(following)
