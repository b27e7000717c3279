"""One API client's connection: bytes on one side, messages on the other.

Owns the socket, the wire's state and what belongs to the client alone (its id, its market data type). Refuses nothing
but what the wire cannot read: everything else goes to the floor, which answers through `send` and `error`.

Invariants: a message that this version cannot carry is left out and logged, never half-written; what a client leaves
unread is bounded, and a client beyond the bound is cut off, so that it can neither slow the others nor grow memory;
nothing that a client sends raises into the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, cast

from ironbridge.errors import InvalidInput
from ironbridge.paper.limits import Limits, MessageRate
from ironbridge.paper.plan import FaultPlan
from ironbridge.paper.ticks import SharedTicks
from ironbridge.paper.unread import unreadable, unsupported
from ironbridge.wire.connection import Broken, Connection, Ended, Refused, Undecodable
from ironbridge.wire.handshake import Hello, State
from ironbridge.wire.session import ErrorMessage, StartApi
from ironbridge.wire.text import UnknownMessage
from ironbridge.wire.values import Role

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 5.0
"""How long a closing socket may take to hand over what was written before it is cut."""
HELLO_SECONDS = 30.0
"""A socket that says nothing for this long is no client; a real gateway closes it as well."""
TURN_SECONDS = 0.005
"""How long one client's requests may keep the others waiting; a single request may take longer."""
LONG_BYTES = 1 << 20
"""What a client may have left unread when a long answer to it goes on."""
WAIT = object()
"""What a job says that has nothing to do until time has moved on: its client reads slowly."""
TURN_BYTES = 1 << 20
"""Answers that may be held at once before they go to the socket, where the bound on what is unread counts them."""


class Stage(Enum):
    """How far a session has come."""

    GREETING = "greeting"
    WAITING = "waiting"
    """The version is agreed; the client has not said who it is."""
    STARTED = "started"
    ENDING = "ending"
    """All that it will hear is on its way; what it still sends is not read."""
    CLOSED = "closed"


class House(Protocol):
    """What a session needs of the gateway it belongs to."""

    faults: FaultPlan
    limits: Limits

    def greeting(self) -> str:
        """The gateway's clock as the handshake says it."""
        ...

    def handshake_delay(self) -> float: ...

    def line(self, transport: asyncio.Transport) -> asyncio.Transport:
        """The transport by which a session speaks: late, where the gateway has a latency."""
        ...

    def opened(self, session: Session) -> bool:
        """Whether the connection is taken; it is closed otherwise."""
        ...

    def start_session(self, session: Session, message: StartApi) -> None: ...

    def received(self, session: Session, message: Any) -> None: ...

    def gone(self, session: Session) -> None: ...

    def settle(self) -> None:
        """Keep what must be kept, then flush every session that has something to say."""
        ...

    def touched(self, session: Session) -> None:
        """The session has something to flush."""
        ...


class Session(asyncio.Protocol):
    """One client."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._connection = Connection(Role.SERVER)
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._rate = MessageRate(house.limits)
        self._held: deque[tuple[int, Any]] = deque()
        self._inbox: deque[tuple[float, Any]] = deque()
        self._turn: asyncio.Handle | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._raw = bytearray()
        self.stage = Stage.GREETING
        self.client_id: int | None = None
        self.data_type = 1
        self.peer = ""
        self.hung = False
        self.deaf = False
        """Market data is withheld from it by a fault."""

    def __repr__(self) -> str:
        return f"<Session {self.client_id} {self.peer} {self.stage.value}>"

    @property
    def version(self) -> int:
        return self._connection.version

    @property
    def started(self) -> bool:
        return self.stage is Stage.STARTED

    @property
    def unread(self) -> int:
        """Bytes that were handed to the socket and that the client has not taken."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    # -- to the client

    def send(self, message: Any) -> None:
        """Say something, subject to the faults that are armed."""
        if self.stage is not Stage.STARTED or self.hung:
            return
        faults = self._house.faults
        for delivery in faults.answers(self.client_id, message):
            if delivery.seconds > 0:
                self._later(delivery.seconds, delivery.message)
            elif delivery.behind > 0:
                self._held.append((delivery.behind, delivery.message))
            else:
                self._put(delivery.message)
        faults.passed(message)

    def send_ticks(self, req_id: int, ticks: SharedTicks) -> None:
        """Say ticks that others hear as well, encoded once for all of them."""
        if self.stage is not Stage.STARTED or self.hung:
            return
        if self._held or not self._house.faults.idle:
            for message in ticks.messages(req_id):
                self.send(message)
            return
        self._connection.send_encoded(ticks.encoded(req_id, self.version))
        self._house.touched(self)

    def send_in_parts(self, message: Any) -> Iterator[object]:
        """Say something long without keeping others waiting: one slice of work after the other, see `Floor.begin`."""
        # Two long answers at once are too much for the bound on what a client may leave unread.
        while self.unread > LONG_BYTES:
            yield WAIT
        if self.stage is not Stage.STARTED or self.hung or self._held or not self._house.faults.idle:
            self.send(message)
            return
        try:
            yield from self._connection.send_in_parts(message)
        except InvalidInput as error:
            logger.warning("left out for %r: %s", self, error)
            return
        self._house.touched(self)

    def error(self, number: int, code: int, text: str, *, advanced: str = "") -> None:
        """An error, warning or notice; `number` is a request's or an order's id, or -1."""
        self.send(ErrorMessage(number, code, text, advanced))

    def refuse(self, message: ErrorMessage) -> None:
        """Say why there is no session, and end the connection."""
        self._put(message)
        self.close(message.text)

    def send_raw(self, data: bytes) -> None:
        """Bytes as they are: for faults alone."""
        self._raw += self._connection.data_to_send() + data
        self._house.touched(self)

    def _put(self, message: Any) -> None:
        if self._connection.state is State.CLOSED and self.stage is Stage.STARTED:
            return  # The client has hung up; the socket has not told yet.
        try:
            self._connection.send(message)
        except InvalidInput as error:
            logger.warning("left out for %r: %s", self, error)
            return
        self._house.touched(self)
        if self._held:
            due = [held for behind, held in self._held if behind <= 1]
            self._held = deque((behind - 1, held) for behind, held in self._held if behind > 1)
            for held in due:
                self._put(held)

    def _later(self, seconds: float, message: Any) -> None:
        def deliver() -> None:
            self._timers.discard(timer)
            if self.stage is Stage.STARTED and not self.hung:
                self._put(message)
                self._house.settle()

        timer = self._loop.call_later(seconds, deliver)
        self._timers.add(timer)

    def flush(self) -> None:
        """Hand what was said to the socket; cut off a client that has left too much unread."""
        transport = self._transport
        if transport is None or transport.is_closing() or self.stage is Stage.ENDING:
            return
        data = bytes(self._raw) + self._connection.data_to_send() if self._raw else self._connection.data_to_send()
        self._raw.clear()
        if not data:
            return
        transport.write(data)
        unread = self.unread
        if unread > self._house.limits.unread_bytes:
            logger.warning("%r is cut off: it has left %d bytes unread", self, unread)
            transport.abort()

    def close(self, reason: str) -> None:
        """Say what is queued and end the connection.

        A socket that is closed while bytes from its client are unread is reset, and the client may lose the last words
        to it, which tell why. So this side ends first, and what comes is thrown away until the other side has ended.
        """
        transport = self._transport
        if self.stage in {Stage.ENDING, Stage.CLOSED} or transport is None or transport.is_closing():
            return
        logger.info("%r is closed: %s", self, reason)
        self.flush()
        self.stage = Stage.ENDING
        transport.write_eof()
        # A client that does not read, or does not end, would keep the socket for ever.
        self._timers.add(self._loop.call_later(SETTLE_SECONDS, transport.abort))

    def cut(self) -> None:
        """End the connection at once, as a dying machine does."""
        if self._transport is not None:
            self._transport.abort()

    def hang(self) -> None:
        """Read nothing and say nothing from now on; the socket stays."""
        self.hung = True
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        if self.hung and self._transport is not None and not self._transport.is_closing():
            self.hung = False
            self._transport.resume_reading()

    # -- from the client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = self._house.line(cast("asyncio.Transport", transport))
        peer = transport.get_extra_info("peername")
        self.peer = f"{peer[0]}:{peer[1]}" if peer else "?"
        if not self._house.opened(self):
            self._transport.abort()
            return
        self._timers.add(self._loop.call_later(HELLO_SECONDS, self._overdue))

    def _overdue(self) -> None:
        if self.stage is Stage.GREETING and not self.hung:
            self.close("it has not said hello")

    def data_received(self, data: bytes) -> None:
        if self.stage is Stage.ENDING:
            return
        self._connection.receive_data(data)
        at = self._loop.time()
        self._inbox.extend((at, event) for event in self._connection.events_received())
        if self._turn is None:
            self._take_turn()

    def _take_turn(self) -> None:
        """Handle what has come, for as long as one client may keep the others waiting; the rest is another turn's."""
        self._turn = None
        until = self._loop.time() + TURN_SECONDS
        try:
            while self._inbox:
                self._take(*self._inbox.popleft())
                if self._loop.time() >= until or self._connection.queued > TURN_BYTES:
                    break
            self._house.settle()
        except Exception:
            # The last line: a fault of ours in one client's request must not reach the loop or the other clients.
            logger.exception("%r is cut off: its request could not be handled", self)
            self.cut()
        transport = self._transport
        if transport is None or transport.is_closing():
            self._inbox.clear()
        elif self.stage is Stage.ENDING:
            self._inbox.clear()
            transport.resume_reading()
        elif self._inbox:
            transport.pause_reading()
            self._turn = self._loop.call_soon(self._take_turn)
        elif not self.hung:
            transport.resume_reading()

    def eof_received(self) -> None:
        self._connection.receive_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        logger.debug("%r is gone: %s", self, exc or "closed")
        self.stage = Stage.CLOSED
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._held.clear()
        self._inbox.clear()
        self._house.gone(self)

    def _take(self, at: float, event: Any) -> None:
        match event:
            case Hello():
                delay = self._house.handshake_delay()
                if delay > 0:
                    self._timers.add(self._loop.call_later(delay, self._answer_hello))
                else:
                    self._answer_hello()
            case Undecodable():
                self._unreadable(event)
            case Refused():
                self.close(f"it speaks versions {event.hello.min_version}..{event.hello.max_version} only")
            case Broken():
                self.close(str(event.error))
            case Ended():
                pass
            case _:
                self._request(at, event)

    def _answer_hello(self) -> None:
        if self.stage is Stage.GREETING and self._connection.state is State.NEGOTIATING:
            self._connection.accept(self._house.greeting())
            self.stage = Stage.WAITING
            self.flush()

    def _request(self, at: float, message: Any) -> None:
        if self.stage in {Stage.ENDING, Stage.CLOSED} or self.hung:
            return
        if self.stage is Stage.WAITING:
            if isinstance(message, StartApi):
                self._house.start_session(self, message)
                if self.started:
                    self._house.faults.passed(message)
            else:
                logger.info("%r spoke before it said who it is: %s", self, type(message).__name__)
            return
        excess = self._rate.count(at)
        if excess is not None and self._house.limits.pacing.enforced:
            self.error(
                -1,
                100,
                f"Max rate of messages per second has been exceeded:max={self._house.limits.messages} "
                f"rec={excess.count} ({excess.number})",
            )
            if excess.number >= self._house.limits.violations:
                self.close("it broke the message rate too often")
            return
        if isinstance(message, UnknownMessage):
            self.send(unsupported(message, self.version))
            return
        if self._house.faults.ignores(self.client_id, message):
            return
        self._house.received(self, message)
        self._house.faults.passed(message)

    def _unreadable(self, event: Undecodable) -> None:
        logger.warning("%r sent what cannot be read: %s", self, event.error)
        if self.stage is Stage.STARTED:
            self.send(unreadable(event))

    def seconds(self) -> float:
        """The machine's steady clock, in which a client's pace is measured."""
        return self._loop.time()

    @property
    def violations(self) -> int:
        """How often it sent more in a second than the limit allows."""
        return self._rate.violations


def clock_text(moment: datetime, zone: str) -> str:
    """A moment as the handshake says it: `20231021 13:28:15 EST`."""
    return f"{moment:%Y%m%d %H:%M:%S} {zone}"
