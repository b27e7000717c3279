"""Frames: a four-byte big-endian length and that many bytes of payload.

Owns the split of a byte stream into payloads, and of a payload into fields. Invariant: every byte is copied a bounded
number of times however the stream was cut, and no more is ever kept than one frame of the allowed size. A length
beyond the limit means that what follows is no longer this protocol, so it is fatal.
"""

from __future__ import annotations

from ironbridge.errors import ProtocolError

LENGTH_BYTES = 4
MAX_ANSWER_BYTES = 0xFFFFFF
"""The official client's own limit for one message; the longest known answer, the scanner's XML, is about 2 MB."""
MAX_REQUEST_BYTES = 1 << 20
"""A client's longest message is an advisor configuration in XML; a mebibyte holds thousands of accounts."""
MAX_FIELDS = 1 << 20
"""An answer of 100,000 historical bars has 800,000 fields; more than this is not an answer to any request."""


class FrameReader:
    """Cuts a stream into payloads.

    Parameters:
        limit: the longest payload to accept, in bytes.
    """

    __slots__ = ("_limit", "_missing", "_rest")

    def __init__(self, limit: int = MAX_ANSWER_BYTES) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._missing = LENGTH_BYTES

    @property
    def pending(self) -> int:
        """Bytes kept of a frame that has not come whole."""
        return len(self._rest)

    def allow(self, limit: int) -> None:
        """Change the limit for the frames from here on."""
        self._limit = limit

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that are whole now. Raises a fatal ProtocolError for a length beyond the limit.

        The error carries the frames before it: they were sent and are not lost.
        """
        if len(self._rest) + len(data) < self._missing:
            # A long frame in many pieces: appending is cheap, looking again would not be.
            self._rest += data
            return []
        buffer = bytes(self._rest) + data if self._rest else data
        payloads: list[bytes] = []
        start, size = 0, len(buffer)
        needed = LENGTH_BYTES
        while size - start >= LENGTH_BYTES:
            body = start + LENGTH_BYTES
            length = int.from_bytes(buffer[start:body], "big")
            if length > self._limit:
                raise FrameTooLong(payloads, length, self._limit, buffer[start : start + 64])
            end = body + length
            if end > size:
                needed = LENGTH_BYTES + length
                break
            payloads.append(buffer[body:end])
            start = end
        self._rest = bytearray(buffer[start:])
        self._missing = needed
        return payloads


class FrameTooLong(ProtocolError):
    """A length that no message has. `payloads` are the whole frames that came before it in the same bytes."""

    def __init__(self, payloads: list[bytes], length: int, limit: int, raw: bytes) -> None:
        super().__init__(
            f"A frame announces {length} bytes; the longest allowed is {limit}.",
            fatal=True,
            raw=raw,
            next_step="The peer does not speak the TWS protocol, or bytes were lost: connect again.",
        )
        self.payloads = payloads


def frame(payload: bytes) -> bytes:
    """The payload with its length in front."""
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


def split_fields(payload: bytes) -> list[str]:
    """The fields of a payload, each of which ends with a NUL.

    Bytes that are not UTF-8 come through as backslash escapes: one bad character in a headline must not cost the
    message.
    """
    count = payload.count(b"\0")
    if count == 0 or payload[-1]:
        raise ProtocolError("A message does not end its last field with a NUL.", raw=payload)
    if count > MAX_FIELDS:
        raise ProtocolError(f"A message has {count} fields; the most allowed is {MAX_FIELDS}.", raw=payload)
    fields = payload.decode("utf-8", "backslashreplace").split("\0")
    del fields[-1]
    return fields


def join_fields(fields: list[str]) -> bytes:
    """The payload of these fields."""
    return ("\0".join(fields) + "\0").encode("utf-8", "backslashreplace")
