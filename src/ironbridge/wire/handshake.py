r"""The greeting: `API\0`, the client's range of versions, the server's choice, and the table of connection states.

A connection moves only by the table; what is not in it raises and names both ends. The bytes of the greeting are the
only ones that are not frames of fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ironbridge.errors import InvalidInput, ProtocolError
from ironbridge.wire.framing import frame

MAGIC: Final = b"API\0"
MAX_HELLO_BYTES = 1024
"""A range of versions and a few connect options; a longer hello is something else that found the port."""

_HELLO = re.compile(r"v(\d{1,5})(?:\.\.(\d{1,5}))?(?: (.*))?", re.ASCII | re.DOTALL)


class State(Enum):
    """Where a connection stands, in either role."""

    GREETING = "greeting"
    """The client's hello has not been said."""
    NEGOTIATING = "negotiating"
    """The hello is said, the server's choice is not."""
    OPEN = "open"
    """A version is agreed; messages flow."""
    CLOSED = "closed"
    """The stream ended, or its framing did, or no version suits both."""


class Move(Enum):
    """What moves a connection."""

    HELLO = "hello"
    ACCEPT = "accept"
    REFUSE = "refuse"
    END = "end"
    BREAK = "break"


TRANSITIONS: Final[dict[tuple[State, Move], State]] = {
    (State.GREETING, Move.HELLO): State.NEGOTIATING,
    (State.GREETING, Move.END): State.CLOSED,
    (State.GREETING, Move.BREAK): State.CLOSED,
    (State.NEGOTIATING, Move.ACCEPT): State.OPEN,
    (State.NEGOTIATING, Move.REFUSE): State.CLOSED,
    (State.NEGOTIATING, Move.END): State.CLOSED,
    (State.NEGOTIATING, Move.BREAK): State.CLOSED,
    (State.OPEN, Move.END): State.CLOSED,
    (State.OPEN, Move.BREAK): State.CLOSED,
}


def moved(state: State, move: Move) -> State:
    """The state after a move. Raises InvalidInput where the table has none."""
    try:
        return TRANSITIONS[state, move]
    except KeyError:
        raise InvalidInput(f"A connection that is {state.value} cannot {move.value}.") from None


@dataclass(frozen=True, slots=True)
class Hello:
    """The client's range of versions and its connect options, `+PACEAPI` for one."""

    min_version: int
    max_version: int
    options: str = ""

    @property
    def paced(self) -> bool:
        """Whether the client asks the gateway to queue what comes too fast instead of refusing it."""
        return "+PACEAPI" in self.options.split()


@dataclass(frozen=True, slots=True)
class ServerVersion:
    """The server's choice, and its clock as text: `20231021 13:28:15 EST`."""

    version: int
    time: str


def hello_bytes(hello: Hello) -> bytes:
    options = f" {hello.options}" if hello.options else ""
    return MAGIC + frame(f"v{hello.min_version}..{hello.max_version}{options}".encode("ascii"))


def parse_hello(payload: bytes) -> Hello:
    match = _HELLO.fullmatch(payload.decode("ascii", "backslashreplace"))
    if match is None:
        raise ProtocolError(f"The hello is not v<min>..<max>: {payload[:64]!r}.", fatal=True, raw=payload)
    lowest = int(match[1])
    highest = int(match[2]) if match[2] else lowest
    if lowest > highest:
        raise ProtocolError(f"The hello offers versions {lowest}..{highest}.", fatal=True, raw=payload)
    return Hello(lowest, highest, (match[3] or "").rstrip("\0"))


def server_version_bytes(choice: ServerVersion) -> bytes:
    return frame(f"{choice.version}\0{choice.time}\0".encode())


def parse_server_version(payload: bytes) -> ServerVersion:
    parts = payload.split(b"\0")
    if len(parts) != 3 or parts[2] or not (parts[0].isdigit() and len(parts[0]) < 6):
        raise ProtocolError(
            f"The server's first answer is not a version and a time: {payload[:64]!r}.",
            fatal=True,
            raw=payload,
            next_step="Check that host and port are those of TWS or IB Gateway.",
        )
    return ServerVersion(int(parts[0]), parts[1].decode("utf-8", "backslashreplace"))
