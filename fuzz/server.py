"""The gateway's harness: sessions of one real `PaperGateway`, fed without sockets so that it is fast.

One input is one hostile connection, or several: it greets, or does not, says anything in any order, and may be cut in
the middle. What must hold after each: nothing was raised into the loop and nothing logged as an error (every internal
fault ends in the log, so none hides behind an error message); a hostile session that is over has left nothing behind;
and a well-behaved client beside it is still there and gets its answer. A gateway is thrown away after some thousands of
inputs: orders live at the venue for good, and what they take must not be mistaken for a leak.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from fuzz.choices import Choices
from fuzz.messages import REQUESTS, VERSIONS, payload
from ironbridge.paper import Limits, Pacing, PaperClock, PaperGateway
from ironbridge.paper.session import Session
from ironbridge.wire import Connection, CurrentTime, ReqCurrentTime, Role, StartApi, codec_for, frame

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LIFETIME = 2000
"""Inputs that one gateway lives for."""
SECONDS = (0.25, 0.25, 1.0, 1.0, 10.0, 60.0, 3600.0)
"""How far the gateway's clock moves on after every eighth input or so."""
WITNESS = 999
INPUT_BYTES = 1 << 16


class Link(asyncio.Transport):
    """A transport without a socket: what the session writes is kept, and a close is told at once, as asyncio would."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self.session: Session | None = None
        self.written = bytearray()
        self.over = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.over

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        if not self.over:
            self.over = True
            assert self.session is not None
            self._loop.call_soon(self.session.connection_lost, None)

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        """The gateway has ended its side; a hostile client goes on talking until it is cut."""

    def pause_reading(self) -> None:
        """Nothing reads but the harness."""

    def resume_reading(self) -> None:
        """Likewise."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name == "peername" else default


class Complaints(logging.Handler):
    """Errors in the log are findings."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(logging.Formatter().format(record))


class Server:
    """The harness: a loop of its own, a gateway, and a well-behaved client of it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._complaints = Complaints()
        for name in ("ironbridge", "asyncio"):
            logging.getLogger(name).addHandler(self._complaints)
            logging.getLogger(name).propagate = False
        self._inputs = 0
        self._gateway: PaperGateway | None = None

    def one(self, data: bytes) -> None:
        self._loop.run_until_complete(self._one(data))

    def close(self) -> None:
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _one(self, data: bytes) -> None:
        if self._inputs % LIFETIME == 0:
            await self._renew()
        self._inputs += 1
        assert self._gateway is not None
        choices = Choices(data)
        for _ in range(1 + choices.below(3)):
            await self._hostile(choices)
        if data[-1:] < b"\x20":
            self._clock.step(timedelta(seconds=SECONDS[len(data) % len(SECONDS)]))
            self._gateway.step()
        await self._bear_witness()
        assert not self._complaints.found, "\n".join(self._complaints.found)
        assert self._gateway.clients == (WITNESS,), self._gateway

    async def _hostile(self, choices: Choices) -> None:
        assert self._gateway is not None
        link = Link(self._loop)
        session = link.session = Session(self._gateway)
        session.connection_made(link)
        version = choices.one_of(VERSIONS)
        if choices.one_in(16):
            session.data_received(choices.raw(64))
        else:
            session.data_received(b"API\0" + frame(f"v100..{version}".encode()))
        if not choices.one_in(16):
            session.data_received(frame(codec_for(version).encode(StartApi(choices.below(4)), Role.CLIENT)))
        size = 0
        while choices.left and not link.over and size < INPUT_BYTES and not choices.one_in(40):
            raw = payload(choices, REQUESTS, version)
            whole = choices.raw(32) if choices.one_in(32) else frame(raw)
            size += len(whole)
            at = choices.below(len(whole) + 1) if choices.one_in(8) else len(whole)
            for piece in (whole[:at], whole[at:]):
                if not link.over and piece:
                    session.data_received(piece)
            if choices.one_in(8):
                await asyncio.sleep(0)
        if not link.over:
            session.eof_received()
            link.abort()
        await asyncio.sleep(0)

    async def _bear_witness(self) -> None:
        self._witness.send(ReqCurrentTime())
        self._link.written.clear()
        assert self._link.session is not None
        self._link.session.data_received(self._witness.data_to_send())
        self._witness.receive_data(bytes(self._link.written))
        events = self._witness.events_received()
        assert any(isinstance(event, CurrentTime) for event in events), events
        await asyncio.sleep(0)

    async def _renew(self) -> None:
        await self._end()
        limits = Limits(pacing=Pacing.OFF)
        self._clock = PaperClock(START)
        self._gateway = PaperGateway(port=0, clock=self._clock, limits=limits, step=3600.0)
        await self._gateway.start()
        self._link = Link(self._loop)
        session = self._link.session = Session(self._gateway)
        session.connection_made(self._link)
        self._witness = Connection(Role.CLIENT)
        self._witness.hello()
        session.data_received(self._witness.data_to_send())
        self._witness.receive_data(bytes(self._link.written))
        self._witness.send(StartApi(WITNESS))
        session.data_received(self._witness.data_to_send())

    async def _end(self) -> None:
        if self._gateway is not None:
            await self._gateway.stop()
            await asyncio.sleep(0)
            self._gateway = None
