"""Requests that wait for their answer.

Owns the rule that silence is never an answer (I-04): a request ends with its End message, with a refusal, with the end
of the link, or with `RequestTimeout`; its items are handed out only in the first case.

Requests with an id are told apart by it. The others are told apart by kind alone, so only one of a kind is under way
at a time, and one that was given up leaves a debt: its End may still come, and must not complete the next one with
what little has arrived by then. `owes` says so, and the caller first waits for an answer that IB gives in order after
it (`IbGateway` uses the server's time), then forgives the debt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ironbridge.errors import IronbridgeError, NotConnected, RequestRejected, RequestTimeout, SessionLost
from ironbridge.ib.codes import Effect, Purpose, effect


class Ask(StrEnum):
    """The requests that carry no id."""

    OPEN_ORDERS = "open orders"
    COMPLETED_ORDERS = "completed orders"
    POSITIONS = "positions"
    ACCOUNT = "account values"
    TIME = "the server's time"


ANSWERS: dict[int, tuple[Hashable, ...]] = {
    5: (Ask.OPEN_ORDERS,), 53: (Ask.OPEN_ORDERS,), 61: (Ask.POSITIONS,), 62: (Ask.POSITIONS,),
    101: (Ask.COMPLETED_ORDERS,), 102: (Ask.COMPLETED_ORDERS,), 6: (Ask.ACCOUNT,), 7: (Ask.ACCOUNT,),
    49: (Ask.TIME,),
}  # fmt: skip
"""Which answers an unreadable message of this id may have been a part of."""
ANSWERS_BY_ID = frozenset({10, 11, 18, 52, 55})
"""Messages that answer requests with an id; which one cannot be told when the message cannot be read."""


@dataclass(slots=True)
class _Pending:
    subject: str
    purpose: Purpose
    answer: asyncio.Future[None]
    items: list[Any] = field(default_factory=list)
    said: str = ""
    complete: bool = False


class Requests:
    """The requests of one link."""

    def __init__(self) -> None:
        self._pending: dict[Hashable, _Pending] = {}
        self._turns: dict[Hashable, asyncio.Lock] = {}
        self._owed: set[Hashable] = set()
        self._ended: str | None = None

    def turn(self, key: Hashable) -> asyncio.Lock:
        """Held by the one request of this kind that may be under way."""
        return self._turns.setdefault(key, asyncio.Lock())

    def owes(self, key: Hashable) -> bool:
        return key in self._owed

    def forgive(self, key: Hashable) -> None:
        self._owed.discard(key)

    async def run(
        self, key: Hashable, subject: str, purpose: Purpose, send: Callable[[], None], seconds: float
    ) -> list[Any]:
        """Send and wait for the End.

        Raises:
            NotConnected: the link has ended before; nothing was sent.
            SessionLost: it ended meanwhile.
            RequestTimeout: no End within so many seconds.
            RequestRejected: IB refused.
            ProtocolError: a part of the answer could not be read, so that it is not whole.
        """
        if self._ended is not None:
            raise NotConnected(f"The session has ended: {self._ended}")
        pending = _Pending(subject, purpose, asyncio.get_running_loop().create_future())
        self._pending[key] = pending
        sent = False
        try:
            send()
            sent = True
            async with asyncio.timeout(seconds):
                await pending.answer
        except TimeoutError:
            said = f" IB had said: {pending.said}" if pending.said else ""
            raise RequestTimeout(
                f"IB did not answer in full about {subject} within {seconds:g} s.{said}",
                next_step="Nothing is known, and it is not read as none: ask again, and look at the gateway.",
                received=len(pending.items),
            ) from None
        finally:
            self._pending.pop(key, None)
            if sent and not pending.complete and isinstance(key, Ask):
                self._owed.add(key)
            pending.answer.cancel()
        return pending.items

    def add(self, key: Hashable, item: Any) -> None:
        """One item of an answer; without a request it was unasked news, and is none here."""
        pending = self._pending.get(key)
        if pending is not None:
            pending.items.append(item)

    def finish(self, key: Hashable) -> None:
        """The End message of `key` has come."""
        pending = self._pending.get(key)
        if pending is None:
            self._owed.discard(key)
        else:
            pending.complete = True
            if not pending.answer.done():
                pending.answer.set_result(None)

    def said(self, key: Hashable, code: int, text: str) -> bool:
        """An error message with a request's id. Returns whether it ended the request."""
        pending = self._pending.get(key)
        if pending is None:
            return False
        match effect(pending.purpose, code):
            case Effect.NOTHING:
                pending.items.clear()
                self.finish(key)
            case Effect.REFUSED:
                self._fail(
                    pending, RequestRejected(f"IB refused {pending.subject}: {text} ({code})", code=code, text=text)
                )
            case Effect.NOTICE:
                pending.said = f"{text} ({code})"
                return False
        return True

    def overheard(self, code: int, text: str) -> None:
        """An error without an id: it may be the reason why a request without an id stays silent, and is quoted then."""
        for key, pending in self._pending.items():
            if isinstance(key, Ask):
                pending.said = f"{text} ({code})"

    def spoil(self, keys: Iterable[Hashable], error: IronbridgeError) -> None:
        """A message that may belong to these answers could not be read: they can never be whole."""
        for key in keys:
            pending = self._pending.get(key)
            if pending is not None:
                self._fail(pending, error)

    def ids(self) -> list[int]:
        """The ids of the requests under way."""
        return [key for key in self._pending if isinstance(key, int)]

    def end(self, reason: str) -> None:
        """The link is gone: every request ends, its fate unknown."""
        if self._ended is not None:
            return
        self._ended = reason
        for pending in self._pending.values():
            self._fail(
                pending,
                SessionLost(
                    f"The session ended while IB was asked about {pending.subject}: {reason}",
                    next_step="Ask again when the session is ready.",
                ),
            )

    @staticmethod
    def _fail(pending: _Pending, error: IronbridgeError) -> None:
        if not pending.answer.done():
            pending.answer.set_exception(error)

    def __len__(self) -> int:
        return len(self._pending)
