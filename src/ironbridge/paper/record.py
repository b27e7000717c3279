"""`Recorder`: stands between TWS clients and a gateway, passes every byte on, and writes down what was said.

Owns the listening socket, one connection to the gateway for each client, and the file. The bytes come first: they are
passed on before they are looked at, unchanged, at the pace of the slower end, whether or not they can be understood.

Invariants: nothing that either end says, and nothing that goes wrong with the file, ends a connection or the recorder;
a file that can no longer be written to is said aloud, once, and the bytes go on. When the gateway ends a connection or
dies, its client gets all that was said and is closed; when a client ends its half, the gateway is told so and may
finish what it says.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from ironbridge.errors import ConnectFailed, IronbridgeError, StorageError
from ironbridge.paper.listening import Listener
from ironbridge.paper.masking import Masker
from ironbridge.paper.recording import Closed, Entry, Header, Opened, RecordingFile
from ironbridge.wire.values import Role

logger = logging.getLogger(__name__)

PIECE_BYTES = 1 << 16
CONNECT_SECONDS = 10.0
"""How long a gateway may take to accept a connection."""
CLOSE_SECONDS = 5.0
"""How long an end may take to read what is left for it."""

LAST_WORDS_SECONDS = 30.0
"""How long a gateway may go on after its client has ended: a real one ends at once, a hung one never."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Recorder:
    """A recording proxy. Use it as an async context manager, or `start` and `stop` it.

    Parameters:
        upstream: the gateway.
        listen: where clients connect; port 0 takes a free one, see `port`.
        path: of the file, which must not exist yet.
        mask: whether accounts, names and orders are hidden in the file.
        notice: told, in one sentence each, what a person should know.
        now: the time of day, for the header.
        steady: a steady clock in seconds, for everything else.
    """

    def __init__(
        self,
        upstream: Address,
        listen: Address,
        path: Path,
        *,
        mask: bool = True,
        notice: Callable[[str], None] = logger.warning,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.upstream = upstream
        self.path = path
        self.masked = mask
        self._listen = listen
        self._notice = notice
        self._now = now
        self._steady = steady
        self._masker = Masker() if mask else None
        self._file: RecordingFile | None = None
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._begun = 0.0
        self.clients = 0
        """How many have connected so far."""
        self.messages = 0
        """How many entries have been written."""

    @property
    def port(self) -> int:
        """Where it listens; the wanted port before it does."""
        if self._server is None or not self._server.sockets:
            return self._listen.port
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def failed(self) -> bool:
        """Whether the file could not be written to its end."""
        return self._file is None and self._begun > 0

    async def start(self) -> None:
        """Make sure of the gateway, make the file, and listen.

        Raises:
            ConnectFailed: nothing listens at the upstream address.
            StorageError: the file exists, or cannot be made.
            IronbridgeError: the address to listen on is taken.
        """
        await self._probe()
        try:
            self._server = await asyncio.start_server(self._accept, self._listen.host, self._listen.port)
        except OSError as error:
            raise IronbridgeError(
                f"The recorder cannot listen on {self._listen}: {error.strerror or error}.",
                next_step="Stop what listens there, or choose another port; 0 takes a free one.",
            ) from error
        self._begun = self._steady()
        try:
            self._file = RecordingFile(self.path, Header(self._now(), masked=self.masked))
        except StorageError:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
            raise

    async def stop(self) -> None:
        """Close every connection and the file. Stopping twice is stopping once."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for link in list(self._links):
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await server.wait_closed()
        if self._file is not None:
            self._file.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def _probe(self) -> None:
        _, writer = await self._connect()
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await writer.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(self.upstream.host, self.upstream.port, limit=PIECE_BYTES)
        except TimeoutError as error:
            why = f"it did not accept a connection within {CONNECT_SECONDS:g} seconds"
            raise self._absent(why) from error
        except OSError as error:
            raise self._absent(error.strerror or str(error)) from error

    def _absent(self, why: str) -> ConnectFailed:
        return ConnectFailed(
            f"No gateway answers at {self.upstream}: {why}.",
            next_step="Start TWS or IB Gateway with its API on, check the port (TWS 7496 or 7497, Gateway 4001 or "
            "4002), or try it against `ironbridge paper`.",
        )

    # -- one client

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        self.clients += 1
        link = _Link(self, self.clients, Listener(self.clients, self._masker))
        try:
            await link.run(reader, writer)
        except asyncio.CancelledError:
            # `stop` ends every link this way; the stream server would log the cancellation as an error.
            pass
        finally:
            self._links.discard(task)

    async def reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to the gateway for one client, or None and a notice."""
        try:
            return await self._connect()
        except ConnectFailed as error:
            self._notice(f"A client was turned away. {error.message}")
            return None

    def now(self) -> float:
        """Seconds since the recording began."""
        return self._steady() - self._begun

    def write(self, entries: list[Entry]) -> None:
        """Put entries into the file, if it can still be written to."""
        if self._file is None or not entries:
            return
        try:
            self._file.append(entries)
            self.messages += len(entries)
        except StorageError as error:
            self._file.close()
            self._file = None
            self._notice(f"Recording has ended, the connections go on. {error}")

    def notice(self, text: str) -> None:
        self._notice(text)


class _Link:
    """One client and its connection to the gateway."""

    def __init__(self, recorder: Recorder, number: int, listener: Listener) -> None:
        self._recorder = recorder
        self._number = number
        self._listener = listener
        self._deaf = False
        self._ended_by = "recorder"
        self._reason = ""

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._recorder.write([Opened(self._number, self._recorder.now())])
        upstream: asyncio.StreamWriter | None = None
        try:
            reached = await self._recorder.reach()
            if reached is None:
                self._ended_by, self._reason = "recorder", "the gateway could not be reached"
                return
            answers, upstream = reached
            await self._both_ways(
                asyncio.create_task(self._pass_on(Role.CLIENT, reader, upstream)),
                asyncio.create_task(self._pass_on(Role.SERVER, answers, writer)),
                upstream,
            )
        finally:
            at = self._recorder.now()
            self._recorder.write([*self._listener.ended(at), Closed(self._number, at, self._ended_by, self._reason)])
            await asyncio.gather(*(_finish(one) for one in (writer, upstream) if one is not None))

    async def _both_ways(
        self, requests: asyncio.Task[None], answers: asyncio.Task[None], upstream: asyncio.StreamWriter
    ) -> None:
        try:
            await asyncio.wait({requests, answers}, return_when=asyncio.FIRST_COMPLETED)
            if not answers.done():
                if upstream.can_write_eof() and not upstream.is_closing():
                    upstream.write_eof()
                await asyncio.wait({answers}, timeout=LAST_WORDS_SECONDS)
        finally:
            requests.cancel()
            answers.cancel()
            await asyncio.gather(requests, answers, return_exceptions=True)

    async def _pass_on(self, sender: Role, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(PIECE_BYTES):
                sink.write(data)
                self._hear(sender, data)
                try:
                    await sink.drain()
                except OSError as error:
                    self._end(sender.peer, error.strerror or str(error))
                    return
        except OSError as error:
            self._end(sender, error.strerror or str(error))
        else:
            self._end(sender, "")

    def _end(self, by: Role, reason: str) -> None:
        if self._ended_by == "recorder":
            self._ended_by = "client" if by is Role.CLIENT else "gateway"
            self._reason = reason

    def _hear(self, sender: Role, data: bytes) -> None:
        if self._deaf:
            return
        before = self._listener.lost
        try:
            self._recorder.write(self._listener.heard(sender, data, self._recorder.now()))
        except Exception:
            # A fault of ours in understanding must not cost the client its connection: the bytes go on unrecorded.
            self._deaf = True
            logger.exception("what client %d and the gateway say can no longer be recorded", self._number)
            self._recorder.notice(f"Client {self._number} is no longer recorded, its connection goes on; see the log.")
        if not before and self._listener.lost:
            self._recorder.notice(f"Client {self._number} cannot be read, its bytes pass: {self._listener.lost}.")


async def _finish(writer: asyncio.StreamWriter) -> None:
    """Hand over what is left and close; cut off an end that does not read."""
    try:
        writer.close()
        async with asyncio.timeout(CLOSE_SECONDS):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()
