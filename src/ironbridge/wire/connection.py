"""`Connection`: one TWS connection without its socket, in either role.

Bytes go in by `receive_data` and `receive_eof`, events come out of `events_received`; messages go in by `send`, bytes
come out of `data_to_send`. No socket, no clock: the shell around it owns both, and closes the socket when `state` is
CLOSED and `data_to_send` is empty.

A client says `hello()`. A server answers the event `Hello` with `accept(time)`. From then on events are messages of
the peer, whole and decoded, or:

- `UnknownMessage`: a message whose id means nothing at this version; the stream goes on.
- `Undecodable`: a message that could not be read, with the reason; the stream goes on.
- `Refused`: no version suits both ends; the connection is closed.
- `Broken`: what came is not this protocol, or its framing is lost; the connection is closed.
- `Ended`: the peer closed; always the last event of a connection that ended by itself.

Receiving never raises: what a peer sends is never a reason for the shell to fall over. Sending raises InvalidInput
for what cannot be said, before a byte of it is queued.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ironbridge.errors import InvalidInput, ProtocolError
from ironbridge.wire.framing import (
    MAX_ANSWER_BYTES,
    MAX_FIELDS,
    MAX_REQUEST_BYTES,
    FrameReader,
    FrameTooLong,
    frame,
)
from ironbridge.wire.handshake import (
    MAGIC,
    MAX_HELLO_BYTES,
    Hello,
    Move,
    ServerVersion,
    State,
    hello_bytes,
    moved,
    parse_hello,
    parse_server_version,
    server_version_bytes,
)
from ironbridge.wire.registry import MAX_VERSION, MIN_VERSION, MessageCodec, codec_for
from ironbridge.wire.values import Role


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A message that could not be read. `payload` is all of it, the length left out."""

    payload: bytes
    error: ProtocolError

    @property
    def fields(self) -> tuple[str, ...]:
        """Its fields, as far as they can be told apart."""
        return tuple(self.payload.decode("utf-8", "backslashreplace").split("\0", MAX_FIELDS))


@dataclass(frozen=True, slots=True)
class Refused:
    """No version suits both ends: theirs and ours, lowest and highest."""

    hello: Hello
    ours: Hello


@dataclass(frozen=True, slots=True)
class Broken:
    """The stream cannot be read any further."""

    error: ProtocolError


@dataclass(frozen=True, slots=True)
class Ended:
    """The peer closed. `pending` bytes of an unfinished message are lost."""

    pending: int = 0


Event = Any
"""A message of the peer, or one of Hello, ServerVersion, UnknownMessage, Undecodable, Refused, Broken, Ended."""


class Connection:
    """One connection, sans IO.

    Parameters:
        role: which end this is.
        min_version: the lowest version to speak.
        max_version: the highest.
        options: connect options that a client's hello carries.
    """

    def __init__(
        self,
        role: Role,
        *,
        min_version: int = MIN_VERSION,
        max_version: int = MAX_VERSION,
        options: str = "",
    ) -> None:
        if not MIN_VERSION <= min_version <= max_version <= MAX_VERSION:
            raise InvalidInput(
                f"Versions {min_version}..{max_version} are not within {MIN_VERSION}..{MAX_VERSION}.",
                next_step="Choose a range that this codec speaks.",
            )
        self.role = role
        self.state = State.GREETING
        self._ours = Hello(min_version, max_version, options)
        self._theirs: Hello | None = None
        self._codec: MessageCodec | None = None
        self._reader = FrameReader(MAX_HELLO_BYTES if role is Role.SERVER else MAX_ANSWER_BYTES)
        self._magic = bytearray()
        self._events: list[Event] = []
        self._out: list[bytes] = []
        self._queued = 0

    def __repr__(self) -> str:
        version = f" at {self.version}" if self._codec else ""
        return f"<Connection {self.role.value} {self.state.value}{version}>"

    @property
    def version(self) -> int:
        """The negotiated version; 0 before there is one."""
        return self._codec.version if self._codec else 0

    # -- receiving

    def receive_data(self, data: bytes) -> None:
        """Take what came. Never raises; nothing is kept once the connection is closed."""
        if self.state is State.CLOSED or not data:
            return
        try:
            if self.role is Role.SERVER and self.state is State.GREETING:
                data = self._take_magic(data)
            payloads = self._reader.feed(data)
        except FrameTooLong as error:
            self._take_payloads(error.payloads)
            self._break(error)
        except ProtocolError as error:
            self._break(error)
        else:
            self._take_payloads(payloads)

    def receive_eof(self) -> None:
        """The peer has closed."""
        if self.state is not State.CLOSED:
            self._move(Move.END)
            self._events.append(Ended(self._reader.pending + len(self._magic) % len(MAGIC)))

    def events_received(self) -> list[Event]:
        """What has come since the last call, in order."""
        events, self._events = self._events, []
        return events

    # -- sending

    def hello(self) -> None:
        """Say hello. A client's first move."""
        if self.role is not Role.CLIENT:
            raise InvalidInput("A server does not say hello.")
        self._move(Move.HELLO)
        self._queue(hello_bytes(self._ours))

    def accept(self, time: str) -> int:
        """Answer a client's hello with a version and the time. Returns the version.

        Parameters:
            time: the server's clock and zone, `20231021 13:28:15 EST`.
        """
        if self.role is not Role.SERVER or self._theirs is None:
            raise InvalidInput("There is no hello to accept.")
        version = min(self._ours.max_version, self._theirs.max_version)
        self._open(version)
        self._queue(server_version_bytes(ServerVersion(version, time)))
        return version

    def send(self, message: Any) -> None:
        """Queue a message. Raises InvalidInput for one that cannot be said; then nothing is queued."""
        if self._codec is None or self.state is not State.OPEN:
            raise InvalidInput(
                f"{type(message).__name__} cannot be sent on a connection that is {self.state.value}.",
                next_step="Nothing was sent; connect first.",
            )
        self._queue(frame(self._codec.encode(message, self.role)))

    def send_in_parts(self, message: Any) -> Iterator[None]:
        """The same, with pauses in which others may be served. Whatever is sent meanwhile comes first."""
        if self._codec is None or self.state is not State.OPEN:
            return self.send(message)
        payload = bytearray()
        for part in self._codec.encode_in_parts(message, self.role):
            payload += part
            yield
        if self.state is State.OPEN:
            self._queue(frame(bytes(payload)))
        return None

    def send_encoded(self, messages: bytes) -> None:
        """Queue whole messages that are bytes already: what is said to many alike is encoded once."""
        if self.state is State.OPEN:
            self._queue(messages)

    def data_to_send(self) -> bytes:
        """What is to be written to the socket, once."""
        data = b"".join(self._out)
        self._out.clear()
        self._queued = 0
        return data

    @property
    def queued(self) -> int:
        """Bytes that `data_to_send` would give now."""
        return self._queued

    def _queue(self, data: bytes) -> None:
        self._out.append(data)
        self._queued += len(data)

    # -- moving

    def _take_magic(self, data: bytes) -> bytes:
        missing = len(MAGIC) - len(self._magic)
        if missing > 0:
            self._magic += data[:missing]
            if not MAGIC.startswith(self._magic):
                raise ProtocolError(
                    f"The first bytes are not a TWS client's hello: {bytes(self._magic) + data[missing:64]!r}.",
                    fatal=True,
                    raw=bytes(self._magic) + data[missing:],
                )
        return data[missing:] if missing > 0 else data

    def _take_payloads(self, payloads: list[bytes]) -> None:
        peer = self.role.peer
        events = self._events
        for payload in payloads:
            if self.state is State.OPEN and self._codec is not None:
                try:
                    events.append(self._codec.decode(payload, peer))
                except ProtocolError as error:
                    events.append(Undecodable(payload, error))
            elif self.state is not State.CLOSED:
                self._take_greeting(payload)

    def _take_greeting(self, payload: bytes) -> None:
        try:
            if self.role is Role.CLIENT:
                self._take_server_version(payload)
            else:
                self._take_hello(payload)
        except ProtocolError as error:
            self._break(error)

    def _take_hello(self, payload: bytes) -> None:
        if self.state is State.NEGOTIATING:
            raise ProtocolError("A client spoke before its hello was answered.", fatal=True, raw=payload)
        theirs = parse_hello(payload)
        self._theirs = theirs
        self._move(Move.HELLO)
        self._reader.allow(MAX_REQUEST_BYTES)
        ours = self._ours
        if theirs.min_version > ours.max_version or theirs.max_version < ours.min_version:
            self._move(Move.REFUSE)
            self._events.append(Refused(theirs, ours))
        else:
            self._events.append(theirs)

    def _take_server_version(self, payload: bytes) -> None:
        if self.state is State.GREETING:
            raise ProtocolError("A server spoke before the hello.", fatal=True, raw=payload)
        choice = parse_server_version(payload)
        if not self._ours.min_version <= choice.version <= self._ours.max_version:
            self._move(Move.REFUSE)
            self._events.append(Refused(Hello(choice.version, choice.version), self._ours))
        else:
            self._open(choice.version)
            self._events.append(choice)

    def _open(self, version: int) -> None:
        self._move(Move.ACCEPT)
        self._codec = codec_for(version)

    def _break(self, error: ProtocolError) -> None:
        if self.state is State.CLOSED:
            return  # What came before it in the same bytes has ended the connection already.
        self._move(Move.BREAK)
        self._events.append(Broken(error))

    def _move(self, move: Move) -> None:
        self.state = moved(self.state, move)
