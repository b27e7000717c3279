"""Keeps a daily-P&L stream for each position that is held, and none for one that is not.

Owns what is followed on the present session; `begin` forgets it, since streams end with their session. What cannot be
had at one moment is asked for again at the next change or session: nothing depends on it but a number being there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from ironbridge.errors import IronbridgeError

logger = logging.getLogger(__name__)

MOST = 100
"""Positions whose P&L is followed at one time; each costs a message when it begins. The account's own sum has all."""

Key = tuple[str, int]
"""Account and con_id."""


class PnlSource(Protocol):
    """The part of `interfaces.Broker` that streams P&L."""

    async def follow_pnl(self, account: str, con_id: int | None = None) -> None: ...

    async def unfollow_pnl(self, account: str, con_id: int | None = None) -> None: ...


class PositionStreams:
    """The streams of single positions.

    Parameters:
        source: the broker.
        held: the positions that are held now.
    """

    def __init__(self, source: PnlSource, held: Callable[[], list[Key]]) -> None:
        self._source = source
        self._held = held
        self._followed: set[Key] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="P&L of positions")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def begin(self) -> None:
        """A session begins: nothing is followed on it yet."""
        self._followed.clear()
        self._changed.set()

    def changed(self) -> None:
        """What is held may be different now."""
        self._changed.set()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._bring_up_to_date()
            except IronbridgeError as error:
                logger.info("The P&L of single positions is not followed: %s", error)

    async def _bring_up_to_date(self) -> None:
        wanted = set(self._held()[:MOST])
        for key in sorted(self._followed - wanted):
            self._followed.discard(key)
            await self._source.unfollow_pnl(*key)
        for key in sorted(wanted - self._followed):
            self._followed.add(key)
            try:
                await self._source.follow_pnl(*key)
            except BaseException:
                self._followed.discard(key)
                raise
