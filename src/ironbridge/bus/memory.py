"""A topic within one process and one event loop.

Owns the rule for slow readers: a publisher never waits, a reader's backlog is bounded, and a reader that falls further
behind is told so (`SlowConsumer`) rather than handed a stream with a hole in it. Streams where only the newest counts
(quotes) conflate before they come here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, Self, TypeVar

from ironbridge.errors import SlowConsumer

T = TypeVar("T")


class MemoryTopic(Generic[T]):
    """Fan-out to readers that each keep their own bounded backlog."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._readers: set[MemorySubscription[T]] = set()

    def publish(self, item: T) -> None:
        """Hand `item` to every reader."""
        for reader in self._readers:
            reader.offer(item)

    def subscribe(self, limit: int = 10_000) -> MemorySubscription[T]:
        """A new reader, from now on, that may fall `limit` items behind."""
        reader: MemorySubscription[T] = MemorySubscription(self._name, limit, self._readers.discard)
        self._readers.add(reader)
        return reader

    def close(self) -> None:
        """End every reader after what it has already been offered."""
        for reader in tuple(self._readers):
            reader.finish()

    def __repr__(self) -> str:
        return f"<MemoryTopic {self._name}: {len(self._readers)} readers>"


class MemorySubscription(Generic[T]):
    """One reader. Use it as a context manager, or close it."""

    def __init__(self, name: str, limit: int, forget: Callable[[MemorySubscription[T]], None]) -> None:
        self._name = name
        self._limit = limit
        self._forget = forget
        self._backlog: deque[T] = deque()
        self._wake = asyncio.Event()
        self._missed = 0
        self._finished = False

    def offer(self, item: T) -> None:
        if self._missed or len(self._backlog) >= self._limit:
            self._missed += 1
        else:
            self._backlog.append(item)
        self._wake.set()

    def finish(self) -> None:
        self._finished = True
        self._wake.set()

    def close(self) -> None:
        """Stop reading; what is unread is dropped."""
        self._forget(self)
        self._backlog.clear()
        self.finish()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._backlog:
            if self._missed:
                missed, self._missed = self._missed, 0
                raise SlowConsumer(
                    f"This reader of {self._name} fell {self._limit} items behind and missed {missed}.",
                    next_step="Read the present state afresh and go on from there.",
                    missed=missed,
                )
            if self._finished:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._backlog.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
