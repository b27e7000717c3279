"""What can happen to a session, and what can be done next: the words between `Pilot` and `Supervisor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from ironbridge.domain.session import Route, SessionInfo
from ironbridge.errors import IronbridgeError


@dataclass(frozen=True, slots=True)
class ConnectAsked:
    """Be connected: where a session is up it stays, unless its primary is to be another."""

    route: Route | None = None


@dataclass(frozen=True, slots=True)
class ReconnectAsked:
    route: Route | None = None
    reason: str = "a reconnect was asked for"


@dataclass(frozen=True, slots=True)
class FailbackAsked:
    """Go back to the primary; `force` though orders are in flight."""

    force: bool = False


@dataclass(frozen=True, slots=True)
class DisconnectAsked:
    reason: str = "a disconnect was asked for"


@dataclass(frozen=True, slots=True)
class Opened:
    info: SessionInfo


@dataclass(frozen=True, slots=True)
class OpenFailed:
    error: IronbridgeError


@dataclass(frozen=True, slots=True)
class Waited:
    """The wait before the next attempt is over."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """A notice of IB about the session."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Synchronised:
    pass


@dataclass(frozen=True, slots=True)
class SynchroniseFailed:
    who: str
    error: Exception


@dataclass(frozen=True, slots=True)
class BeatMissed:
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A step to close is done."""


Event = (
    ConnectAsked | ReconnectAsked | FailbackAsked | DisconnectAsked | Opened | OpenFailed | Waited | LinkLost | Said
    | Synchronised | SynchroniseFailed | BeatMissed | Closed
)  # fmt: skip


class Do(Enum):
    REST = auto()
    OPEN = auto()
    """Connect; whatever link there was is closed first."""
    WAIT = auto()
    """Close what is left of the link, then let `after` seconds pass."""
    SYNCHRONISE = auto()
    """After `after` seconds."""
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done, in place of whatever is being done."""

    do: Do
    after: float = 0.0


REST = Step(Do.REST)
