"""Those who follow one order: each gets every update of it, in order, from when it began to follow.

Beside the topic of all orders' changes, so that a thousand waiting callers do not each look at every order's news.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Self

from ironbridge.domain.order_state import OrderUpdate
from ironbridge.errors import SlowConsumer

FOLLOW_LIMIT = 10_000
"""Updates of one order that a follower may leave unread: far more than an order has, short of filling the memory."""


class Followers:
    """Who follows which order."""

    def __init__(self) -> None:
        self._by_key: dict[str, set[Follower]] = {}

    def publish(self, update: OrderUpdate) -> None:
        """Hand the update to those who follow its order."""
        for follower in self._by_key.get(update.order.key, ()):
            follower.offer(update)

    def follow(self, key: str) -> Follower:
        """Follow the order from now on, for the length of a `with` block."""
        follower = Follower(self, key)
        self._by_key.setdefault(key, set()).add(follower)
        return follower

    def forget(self, follower: Follower) -> None:
        followers = self._by_key.get(follower.key)
        if followers is not None:
            followers.discard(follower)
            if not followers:
                del self._by_key[follower.key]

    def __len__(self) -> int:
        return sum(len(followers) for followers in self._by_key.values())


class Follower:
    """One follower's unread updates."""

    def __init__(self, followers: Followers, key: str) -> None:
        self.key = key
        self._followers = followers
        self._unread: deque[OrderUpdate] = deque()
        self._overrun = False
        self._wake = asyncio.Event()

    def offer(self, update: OrderUpdate) -> None:
        if len(self._unread) < FOLLOW_LIMIT:
            self._unread.append(update)
        else:
            self._overrun = True
        self._wake.set()

    async def next(self) -> OrderUpdate:
        """The next update.

        Raises:
            SlowConsumer: more were left unread than are kept.
        """
        while not self._unread:
            if self._overrun:
                self._overrun = False
                raise SlowConsumer(
                    f"This reader left {FOLLOW_LIMIT} updates of the order {self.key!r} unread and missed some.",
                    next_step="Read the order as it stands and go on from there.",
                )
            self._wake.clear()
            await self._wake.wait()
        return self._unread.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._followers.forget(self)
