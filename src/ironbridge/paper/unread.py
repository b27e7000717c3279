"""What is answered to a message that is no request: one that cannot be read, or one that the version does not have.

Error 320 in either case, as a real gateway says it. About which id is the question: an error under a live order's id
ends that order for many clients, so an id is only named where it surely is one.
"""

from __future__ import annotations

from ironbridge.wire.connection import Undecodable
from ironbridge.wire.session import ErrorMessage
from ironbridge.wire.text import UnknownMessage

_UNVERSIONED = frozenset(
    {"3", "20", "22", "73", "76", "78", "79", "80", "81", "82", "83", "84", "85", "86", "87", "88"}
)


def request_id(fields: tuple[str, ...]) -> int:
    """The id that a message which cannot be read was probably about: its first field, or the one after a version."""
    kind = fields[0] if fields else ""
    # Digits of other scripts are digits for Python, and none for its int().
    numbered = kind.isascii() and kind.isdigit() and len(kind) < 10
    at = 1 if kind in _UNVERSIONED or (numbered and int(kind) >= 90) else 2
    text = fields[at] if len(fields) > at else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def unreadable(event: Undecodable) -> ErrorMessage:
    """The answer to a message whose fields make no request."""
    fields = event.fields
    kind = fields[0] if fields else "?"
    text = f"Error reading request:Message type {kind}. Unable to parse data. {event.error.message}"
    return ErrorMessage(request_id(fields), 320, text)


def unsupported(message: UnknownMessage, version: int) -> ErrorMessage:
    """The answer to a kind of message that a connection of this version does not have.

    Of one that a later version has, the layout is known and so is the id that waits for an answer. Of any other, a
    field that looks like an id may be anything: it is about nothing (-1).
    """
    kind, needs = message.fields[0], message.needs
    text = f"Error reading request:Message type {kind} is not supported"
    if not needs:
        return ErrorMessage(-1, 320, f"{text}.")
    return ErrorMessage(
        request_id(message.fields), 320, f"{text}; it needs version {needs} and this connection has {version}."
    )
