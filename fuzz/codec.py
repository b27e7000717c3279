"""The codec's harness: one input, any bytes; it returns, or it has found something.

What must hold, for both roles and every version: a payload decodes to a message or raises the one named error; what
was decoded and can be said again is the same message when it is read again; a connection never raises on what it
receives, keeps no more than one frame, and tells the same events however the stream was cut.
"""

from __future__ import annotations

from typing import Any

from fuzz.choices import Choices
from fuzz.messages import ANSWERS, REQUESTS, VERSIONS, payload
from ironbridge.errors import InvalidInput, ProtocolError
from ironbridge.wire import Broken, Connection, Hello, Role, State, Undecodable, codec_for, frame

STREAM_BYTES = 1 << 16
"""Enough of a stream for one input."""


class Codec:
    """The harness. It has no state."""

    def one(self, data: bytes) -> None:
        choices = Choices(data)
        if choices.one_in(8):
            stream(choices)
        else:
            message(choices)

    def close(self) -> None:
        """Nothing to put away."""


def message(choices: Choices) -> None:
    sender = choices.one_of((Role.CLIENT, Role.SERVER))
    version = choices.one_of(VERSIONS)
    codec = codec_for(version)
    raw = payload(choices, REQUESTS if sender is Role.CLIENT else ANSWERS, version)
    try:
        heard = codec.decode(raw, sender)
    except ProtocolError as error:
        assert not error.fatal
        return
    try:
        said = codec.encode(heard, sender)
    except InvalidInput:
        return  # An unknown message, a request newer than the version: read, and not for us to say.
    again = codec.decode(said, sender)
    assert again == heard or codec.encode(again, sender) == said, (heard, again)


def stream(choices: Choices) -> None:
    role = choices.one_of((Role.SERVER, Role.CLIENT))
    version = choices.one_of(VERSIONS)
    greeting = b"API\0" + frame(f"v100..{version}".encode()) if role is Role.SERVER else frame(b"%d\0now\0" % version)
    forms = REQUESTS if role is Role.SERVER else ANSWERS
    early, cut = choices.one_in(4), 1 + choices.below(200)
    first, last = choices.raw(24), choices.raw(24)
    data = bytearray()
    while choices.left and len(data) < STREAM_BYTES:
        data += choices.raw(24) if choices.one_in(12) else frame(payload(choices, forms, version))
    if early:
        # Noise before the hello, or everything at once, before the hello is answered: it must not raise, no more.
        told(role, first, [greeting, bytes(data), last])
        told(role, b"", [bytes(greeting + data + last)])
        return
    whole = told(role, greeting, [bytes(data)])
    pieces = told(role, greeting, [bytes(data[at : at + cut]) for at in range(0, len(data), cut)])
    assert whole == pieces, (whole, pieces)


def told(role: Role, greeting: bytes, pieces: list[bytes]) -> list[Any]:
    """What a connection makes of a stream; a hello is answered when its bytes have been taken, as a server does."""
    connection = Connection(role)
    if role is Role.CLIENT:
        connection.hello()
    told: list[Any] = []
    for piece in (greeting, *pieces):
        connection.receive_data(piece)
        for event in connection.events_received():
            told.append(without_error(event))
            if isinstance(event, Hello) and connection.state is State.NEGOTIATING:
                connection.accept("20261120 15:00:00 UTC")
    connection.receive_eof()
    told += connection.events_received()
    assert connection.state is State.CLOSED
    assert len(connection.data_to_send()) < STREAM_BYTES
    return told


def without_error(event: Any) -> Any:
    """The event without what differs with the pieces in which the bytes came: an error is no value."""
    return type(event) if isinstance(event, Broken) else event.payload if isinstance(event, Undecodable) else event
