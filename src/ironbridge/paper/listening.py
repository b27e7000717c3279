"""Understands both directions of one connection by listening: bytes in, entries of a recording out.

Sans IO and without a clock. It follows the greeting from both sides, so that the version is known, and cuts the two
streams into messages. Invariant: it never raises on what it hears, and keeps no more than one message of each
direction. Where a stream is not this protocol, or is spoken at a version that this codec does not read, the bytes are
entries of their own (`Unread`) with the reason, and stay so to the end of that direction.
"""

from __future__ import annotations

from ironbridge.errors import ProtocolError
from ironbridge.paper.masking import Masker
from ironbridge.paper.recording import Agreed, Entry, Greeted, Said, Unread
from ironbridge.wire.framing import (
    LENGTH_BYTES,
    MAX_ANSWER_BYTES,
    MAX_REQUEST_BYTES,
    FrameReader,
    FrameTooLong,
    frame,
    split_fields,
)
from ironbridge.wire.handshake import MAGIC, parse_hello, parse_server_version
from ironbridge.wire.values import Role

MAX_FRAMED_VERSION = 200
"""From 201 on a message's id is four raw bytes and its body moves to protobuf: there are no fields to cut it into."""


class Listener:
    """One connection, listened to.

    Parameters:
        link: its number in the recording.
        masker: hides what must not be written; None hides nothing.
    """

    def __init__(self, link: int, masker: Masker | None) -> None:
        self._link = link
        self._masker = masker
        self._version = 0
        self._missing_magic = MAGIC
        self._readers = {Role.CLIENT: FrameReader(MAX_REQUEST_BYTES), Role.SERVER: FrameReader(MAX_ANSWER_BYTES)}
        self._greeted: set[Role] = set()
        self._lost: dict[Role, str] = {}

    @property
    def version(self) -> int:
        """The negotiated version; 0 before there is one."""
        return self._version

    @property
    def lost(self) -> str:
        """Why one of the directions cannot be read any more; empty while both can."""
        return next(iter(self._lost.values()), "")

    def heard(self, sender: Role, data: bytes, at: float) -> list[Entry]:
        """What these bytes bring, in order."""
        entries: list[Entry] = []
        if sender is Role.CLIENT and self._missing_magic and sender not in self._lost:
            data = self._take_magic(data)
        if not data:
            return entries
        if sender in self._lost:
            entries.append(self._unread(sender, data, at, self._lost[sender]))
            return entries
        reader = self._readers[sender]
        kept = reader.pending
        try:
            payloads = reader.feed(data)
        except FrameTooLong as error:
            self._take(sender, error.payloads, at, entries)
            whole = sum(LENGTH_BYTES + len(payload) for payload in error.payloads)
            self._lose(sender, error, data[max(0, whole - kept) :], at, entries)
        else:
            self._take(sender, payloads, at, entries)
        return entries

    def ended(self, at: float) -> list[Entry]:
        """What is left of messages that never came whole."""
        return [
            self._unread(role, b"", at, f"the connection ended {reader.pending} bytes into a message")
            for role, reader in self._readers.items()
            if reader.pending and role not in self._lost
        ]

    def _take_magic(self, data: bytes) -> bytes:
        size = min(len(self._missing_magic), len(data))
        if not self._missing_magic.startswith(data[:size]):
            self._lost[Role.CLIENT] = "the stream does not begin with a TWS client's hello"
            seen = MAGIC[: len(MAGIC) - len(self._missing_magic)]
            self._missing_magic = b""
            return seen + data
        self._missing_magic = self._missing_magic[size:]
        return data[size:]

    def _take(self, sender: Role, payloads: list[bytes], at: float, entries: list[Entry]) -> None:
        for payload in payloads:
            if sender in self._lost:
                entries.append(self._unread(sender, frame(payload), at, self._lost[sender]))
            elif sender in self._greeted:
                self._take_message(sender, payload, at, entries)
            else:
                self._take_greeting(sender, payload, at, entries)

    def _take_greeting(self, sender: Role, payload: bytes, at: float, entries: list[Entry]) -> None:
        try:
            if sender is Role.CLIENT:
                hello = parse_hello(payload)
                entries.append(Greeted(self._link, at, hello.min_version, hello.max_version, hello.options))
            else:
                choice = parse_server_version(payload)
                self._version = choice.version
                entries.append(Agreed(self._link, at, choice.version, choice.time))
                if choice.version > MAX_FRAMED_VERSION:
                    reason = f"version {choice.version} is not text: this codec reads messages up to version 178"
                    self._lost = dict.fromkeys(Role, reason)
        except ProtocolError as error:
            self._lose(sender, error, frame(payload), at, entries)
        self._greeted.add(sender)

    def _take_message(self, sender: Role, payload: bytes, at: float, entries: list[Entry]) -> None:
        try:
            fields = split_fields(payload)
        except ProtocolError as error:
            entries.append(self._unread(sender, payload, at, error.message))
            return
        if self._masker is not None:
            fields = self._masker.masked(fields, sender, self._version)
        entries.append(Said(self._link, at, sender, tuple(fields)))

    def _lose(self, sender: Role, error: ProtocolError, data: bytes, at: float, entries: list[Entry]) -> None:
        # The message of the error quotes bytes, which masking must not let through.
        self._lost[sender] = "the stream is not this protocol" if self._masker else error.message
        entries.append(self._unread(sender, data, at, self._lost[sender]))

    def _unread(self, sender: Role, data: bytes, at: float, reason: str) -> Unread:
        raw = None if self._masker is not None and data else data
        return Unread(self._link, at, sender, len(data), raw, reason)
