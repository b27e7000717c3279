"""The states of a connection, as data: which there are and which may follow which (CON-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ironbridge.domain.gateways import ORDERS
from ironbridge.errors import InvalidInput, IronbridgeError


class SessionState(StrEnum):
    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    """Socket and API are up; nothing is known yet."""
    SYNCING = "syncing"
    """Orders, positions and subscriptions are being reconciled. Nothing new is sent."""
    READY = "ready"
    DEGRADED = "degraded"
    """Something is partial: a farm down, upstream lost, an answer overdue."""
    RECONNECTING = "reconnecting"
    FAILED = "failed"
    """Given up, or refused for a reason that time will not mend; a person must act."""


S = SessionState

TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    S.DISCONNECTED: frozenset({S.CONNECTING}),
    S.CONNECTING: frozenset({S.CONNECTED, S.RECONNECTING, S.FAILED, S.DISCONNECTED}),
    S.CONNECTED: frozenset({S.SYNCING, S.RECONNECTING, S.FAILED, S.DISCONNECTED}),
    S.SYNCING: frozenset({S.READY, S.DEGRADED, S.RECONNECTING, S.FAILED, S.DISCONNECTED}),
    S.READY: frozenset({S.DEGRADED, S.SYNCING, S.RECONNECTING, S.DISCONNECTED}),
    S.DEGRADED: frozenset({S.READY, S.SYNCING, S.RECONNECTING, S.DISCONNECTED}),
    S.RECONNECTING: frozenset({S.CONNECTING, S.FAILED, S.DISCONNECTED}),
    S.FAILED: frozenset({S.CONNECTING, S.DISCONNECTED}),
}


class IllegalSessionMove(IronbridgeError):
    slug = "illegal-session-move"


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """The connection moved, and why."""

    at: datetime
    before: SessionState
    after: SessionState
    reason: str
    session: str = ORDERS
    """Which of the sessions it was, where there are several."""


def check_move(before: SessionState, after: SessionState) -> None:
    """Raise unless the table has the move.

    Raises:
        IllegalSessionMove: naming both ends.
    """
    if after not in TRANSITIONS[before]:
        raise IllegalSessionMove(f"A session that is {before.name} cannot become {after.name}.")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a gateway listens and as whom we come."""

    host: str
    port: int
    client_id: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port} as client {self.client_id}"


@dataclass(frozen=True, slots=True)
class Route:
    """The gateways of one session, the one to prefer first; it comes to each as the same client (CON-8).

    Raises:
        InvalidInput: one is there twice, or under another client id: that could not manage the session's orders.
    """

    primary: Endpoint
    backups: tuple[Endpoint, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.gateways)) < len(self.gateways) or len({each.client_id for each in self.gateways}) > 1:
            raise InvalidInput(f"The gateways {', '.join(map(str, self.gateways))} are no primary and its backups.")

    @property
    def gateways(self) -> tuple[Endpoint, ...]:
        return (self.primary, *self.backups)

    def __str__(self) -> str:
        return f"{self.primary}{f', {len(self.backups)} backups' if self.backups else ''}"


def as_route(where: Route | Endpoint) -> Route:
    """A gateway alone is a route without backups."""
    return where if isinstance(where, Route) else Route(where)


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What the gateway said at the start of the session."""

    server_version: int
    accounts: tuple[str, ...]
    next_order_id: int
    connected_at: datetime
