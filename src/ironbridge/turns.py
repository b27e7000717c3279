"""Whose turn it is to send to IB, as Protocols (CON-7): messages by lane, requests for the past, streams that are few.

Part of `ironbridge.interfaces`, which gives these names too.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager
from enum import IntEnum
from typing import Protocol

from ironbridge.domain.pacing import HistoryAsk


class Lane(IntEnum):
    """Which message goes first when the pace is full (CON-7): the lower number."""

    CANCEL = 0
    ORDER = 1
    CONTROL = 2
    DATA = 3


class Pacer(Protocol):
    """Admits every message that goes to IB."""

    async def admit(self, lane: Lane) -> None:
        """Return when one message of this lane may be sent. Cancelling the wait gives its place up."""
        ...

    def foresee(self, messages: int) -> None:
        """So many messages, if not more, are about to be asked for: all of them are to be out as soon as can be."""
        ...

    def violated(self, text: str) -> None:
        """IB said (error 100) that the pace was too fast; `text` are its words, which name its limit."""
        ...


class HistoryPlace(Protocol):
    """The right to send one historical request."""

    def sent(self) -> None:
        """Call it as the bytes go, with no await in between: IB's windows count from then."""
        ...


class HistoryPacer(Protocol):
    """Admits every request for the past (CON-7), before `Pacer` admits its message."""

    def turn(self, ask: HistoryAsk) -> AbstractAsyncContextManager[HistoryPlace]:
        """Wait until the request may go, and hold its place while it is unanswered: to the end of the block.

        Cancelling the wait, or leaving the block unsent, gives the place up and costs nothing.
        """
        ...

    def violated(self, text: str) -> None:
        """IB said (162, pacing violation) that the pace was too fast."""
        ...


class StreamPlaces(Protocol):
    """Admits streams of which an account may have few at one time: depth, tick by tick (CON-7)."""

    async def take(self, instrument: Hashable) -> None:
        """Take a place; waits where the same instrument was asked for a moment ago.

        Raises:
            LineLimitReached: every place is taken; nothing was sent.
        """
        ...

    def release(self, instrument: Hashable) -> None:
        """Give a place back. One that is not held is no error."""
        ...
