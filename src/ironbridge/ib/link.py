"""One socket to a gateway: frames in, messages out.

Owns the transport, the handshake and the framing; ib_async's `Client` writes the requests and its `Decoder` reads the
messages, while ib_async's own receive loop, throttle and state are not used: it copies the rest of its buffer for each
message, puts no bound on a frame, and waits its whole time-out when the gateway hangs up on the greeting.

Invariants: `on_end` is called exactly once, after the last message; nothing is written once the transport closes; a
message that cannot be read is a `Fault`, never silence (I-20).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from ib_async.client import Client
from ib_async.decoder import Decoder

from ironbridge.errors import ConnectFailed, NotConnected, ProtocolError
from ironbridge.ib.codes import BAD_LENGTH, BAD_MESSAGE, BAD_TICK, MARKET_DATA, UNKNOWN_MESSAGE
from ironbridge.ib.greeting import Greeting, no_socket, zone_of
from ironbridge.ib.receiver import Receiver
from ironbridge.wire.framing import FrameReader, FrameTooLong, frame, split_fields

GRACE = 1.0
"""Seconds that a closing socket gets to hand over what is written; a half-open peer never takes it."""

TICK = 1
"""The id of a price tick."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A message that could not be read."""

    code: int
    message_id: int | None
    text: str


class Link(asyncio.Protocol):
    """One connection, used once.

    Parameters:
        receiver: called by the decoder for each message.
        greeting: filled while the session opens.
        on_end: called once when the socket is gone, with the reason.
        on_fault: called for each message that could not be read.
        fast_lane: is shown each message first, and returns whether it has dealt with it; None shows none.
    """

    def __init__(
        self,
        receiver: Receiver,
        greeting: Greeting,
        on_end: Callable[[str], None],
        on_fault: Callable[[Fault], None],
        fast_lane: Callable[[bytes], bool] | None,
    ) -> None:
        self._receiver = receiver
        self._greeting = greeting
        self._on_end = on_end
        self._on_fault = on_fault
        self._fast_lane = fast_lane
        self._frames = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._gone = asyncio.Event()
        self._reason = ""
        self._fields: list[str] = []
        self._decoder = _decoder(receiver, self._unreadable)
        self.encoder = _encoder(receiver, self.write)
        """ib_async's `Client`: its request methods write to this link."""
        self.messages = 0

    @property
    def alive(self) -> bool:
        """Whether what is written now goes to the socket."""
        return self._transport is not None and not self._transport.is_closing()

    async def open(self, seconds: float) -> None:
        """Connect and greet; each of the two within so many seconds.

        Raises:
            ConnectFailed: naming the step that failed. The socket is closed.
        """
        endpoint = self._greeting.endpoint
        loop = asyncio.get_running_loop()
        try:
            try:
                async with asyncio.timeout(seconds):
                    await loop.create_connection(lambda: self, endpoint.host, endpoint.port)
            except OSError as error:
                raise no_socket(endpoint, error, seconds) from error
            try:
                async with asyncio.timeout(seconds):
                    await self._greeting.opened
            except TimeoutError:
                raise self._greeting.silent(seconds) from None
            if not self.alive:
                self._greeting_lost()
        except BaseException:
            # Whatever ends the attempt, a cancellation too: no socket is left behind, and no error without a reader.
            self._greeting.abandon()
            self.abort("the attempt to connect ended")
            raise

    def close(self, reason: str) -> None:
        """Begin to close; `wait_closed` sees it through."""
        if self._transport is not None:
            self._reason = self._reason or reason
            self._transport.close()

    def abort(self, reason: str) -> None:
        if self._transport is not None:
            self._reason = self._reason or reason
            self._transport.abort()

    async def wait_closed(self) -> None:
        """Return when the socket is gone, by force after `GRACE` seconds."""
        if self._transport is None:
            return
        try:
            async with asyncio.timeout(GRACE):
                await self._gone.wait()
        except TimeoutError:
            self._transport.abort()
            await self._gone.wait()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        versions = f"v{Client.MinClientVersion}..{Client.MaxClientVersion}"
        self._transport.write(b"API\0" + frame(versions.encode()))

    def data_received(self, data: bytes) -> None:
        broken: FrameTooLong | None = None
        try:
            payloads = self._frames.feed(data)
        except FrameTooLong as error:
            payloads, broken = error.payloads, error
        self.messages += len(payloads)
        fast_lane = self._fast_lane if self._greeting.server_version else None
        for payload in payloads:
            try:
                if fast_lane is not None and fast_lane(payload):
                    continue
            except Exception as error:
                # A tick's consumer failed: its mistake must not end the link, and is not the gateway's.
                self._on_fault(Fault(BAD_TICK, TICK, f"A tick could not be delivered: {error!r:.200}"))
                continue
            self._read(payload)
        if broken is not None:
            self._on_fault(Fault(BAD_LENGTH, None, broken.message))
            self._refuse(broken.message)

    def connection_lost(self, exc: Exception | None) -> None:
        self._reason = self._reason or (f"the connection broke: {exc}" if exc else "the gateway closed it")
        self._gone.set()
        self._greeting.ended(self._reason)
        self._on_end(self._reason)

    # reading

    def _read(self, payload: bytes) -> None:
        try:
            self._fields = split_fields(payload)
        except ProtocolError as error:
            self._on_fault(Fault(BAD_MESSAGE, None, error.message))
            return
        if not self._greeting.server_version:
            self._handshake(self._fields)
        else:
            self._decoder.interpret(self._fields)

    def _handshake(self, fields: list[str]) -> None:
        if not self.alive:
            return  # already refused; what came in the same bytes changes nothing
        try:
            version, connection_time = int(fields[0]), fields[1]
        except (ValueError, IndexError):
            self._refuse(f"the answer to the greeting is not the TWS protocol: {fields!r:.80}")
            return
        lowest, highest = Client.MinClientVersion, Client.MaxClientVersion
        if not lowest <= version <= highest:
            self._refuse(f"the gateway speaks version {version}, and {lowest} to {highest} are understood here")
            return
        self._greeting.version(version)
        self._receiver.ib.TimezoneTWS = zone_of(connection_time)
        self._decoder.serverVersion = version
        self.encoder._serverVersion = version  # noqa: SLF001 - the encoder has no other way to be told; ib_async is pinned
        self.encoder.connState = Client.CONNECTED
        self.encoder.clientId = self._greeting.endpoint.client_id
        self.encoder.startApi()

    def _unreadable(self) -> None:
        """The decoder, or our receiver under it, raised on the message at hand."""
        error = sys.exc_info()[1]
        name = self._fields[0] if self._fields else ""
        message_id = int(name) if name.isascii() and name.isdigit() else None
        if message_id not in self._decoder.handlers:
            self._on_fault(Fault(UNKNOWN_MESSAGE, message_id, f"Message {name!r:.20} is unknown."))
            return
        code = BAD_TICK if message_id in MARKET_DATA else BAD_MESSAGE
        self._on_fault(Fault(code, message_id, f"Message {name!r:.20} could not be read: {error!r:.200}"))

    # ends

    def _refuse(self, reason: str) -> None:
        """What comes is not the protocol: nothing after it can be trusted."""
        where = f"{self._greeting.endpoint.host}:{self._greeting.endpoint.port}"
        self._greeting.fail(
            ConnectFailed(
                f"{where} cannot be talked to: {reason.rstrip('.')}.",
                next_step="Check that TWS or IB Gateway has this port, and that it is up to date.",
            )
        )
        self.abort(reason)

    def _greeting_lost(self) -> None:
        raise ConnectFailed(
            f"The gateway at {self._greeting.endpoint} closed the connection as it opened.",
            next_step="Try again; if it stays so, look at the gateway's API log.",
        )

    def encoded(self, request: Callable[[Any], None]) -> bytes:
        """What a request to the encoder would write, without writing it."""
        written: list[bytes] = []
        outlet, self.encoder.conn = self.encoder.conn, _Outlet(written.append)
        try:
            request(self.encoder)
        finally:
            self.encoder.conn = outlet
        return b"".join(written)

    def write(self, data: bytes) -> None:
        """Hand the bytes to the socket.

        Raises:
            NotConnected: it is closed; nothing was sent.
        """
        if self._transport is None or self._transport.is_closing():
            raise NotConnected("The socket is closed; nothing was sent.", next_step="Wait until the session is ready.")
        self._transport.write(data)


def _decoder(receiver: Receiver, unreadable: Callable[[], None]) -> Any:
    decoder: Any = Decoder(receiver, 0)  # type: ignore[arg-type]  # ours stands in for ib_async's Wrapper
    decoder.logger = _FaultLog(unreadable)
    return decoder


def _encoder(receiver: Receiver, write: Callable[[bytes], None]) -> Any:
    encoder: Any = Client(receiver)  # type: ignore[no-untyped-call]  # ib_async leaves it unannotated
    encoder.conn = _Outlet(write)
    encoder.MaxRequests = 0
    return encoder


class _Outlet:
    """What ib_async's Client takes for its connection."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.sendMsg = write


class _FaultLog:
    """What ib_async's Decoder takes for its logger: it logs what it catches and goes on; here it is counted instead."""

    def __init__(self, report: Callable[[], None]) -> None:
        self._report = report

    def exception(self, _message: str) -> None:
        self._report()
