"""The audit log: who did what, when and why, as a chain in which no entry can be changed unseen (ORD-10).

Each entry carries the SHA-256 of its predecessor's hash and of itself, over one canonical text (`digest`): to change,
remove, insert or move one is to break the chain at a place that can be named (`domain.audit_check`). What only a
predecessor's hash protects, the last entry lacks; so the head of the chain is also kept outside the database.

Who acts is known where a way in is entered (REST, command line, a program) and needed far below. It travels in a
context variable that every task inherits from the one that made it: `acting` sets it, `present_actor` reads it. What
the engine or the broker does of itself names its actor outright and never inherits one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from operator import itemgetter
from typing import Any

GENESIS = "0" * 64
"""What stands for the predecessor's hash in the first entry."""

LONGEST_SUBJECT = 200
LONGEST_TEXT = 2000
"""Longer words are cut: they may come from outside, and an entry must never fail for its length."""


class ActorKind(StrEnum):
    USER = "user"
    """A person, through the console, the command line or REST."""
    PROGRAM = "program"
    """A program that uses the library."""
    SYSTEM = "system"
    """The engine of itself, or what the broker said."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    Parameters:
        kind: what sort of actor.
        name: which one.
        via: the way in, such as "rest", "console", "cli", "library".
        why: the reason that was given, empty where none was.
    """

    kind: ActorKind
    name: str
    via: str = ""
    why: str = ""


ENGINE = Actor(ActorKind.SYSTEM, "engine")
BROKER = Actor(ActorKind.SYSTEM, "broker")
LIBRARY = Actor(ActorKind.PROGRAM, "program", "library")
"""Who acts where nobody has said: the program that holds the library."""

_PRESENT: ContextVar[Actor] = ContextVar("ironbridge-actor", default=LIBRARY)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Everything done in the block, and in tasks begun there, is this actor's."""
    token = _PRESENT.set(actor)
    try:
        yield
    finally:
        _PRESENT.reset(token)


def present_actor() -> Actor:
    """Who acts here."""
    return _PRESENT.get()


class Deed(StrEnum):
    """What was done: a noun and a verb in the past. Order events are `order.` and the trigger or event."""

    ORDER_SUBMITTED = "order.submitted"
    ORDER_REFUSED = "order.refused"
    """Refused here, by the risk gate; nothing was sent."""
    ORDER_RESOLVED = "order.resolved"
    """An unknown order was closed by hand."""
    DUPLICATE_CANCELLED = "order.duplicate_cancelled"
    RECONCILED = "orders.reconciled"
    """Somebody had the broker asked how orders stand; what that repaired is in the orders' own events."""
    SETTINGS_CHANGED = "settings.changed"
    PROFILE_CHANGED = "profile.changed"
    PROFILE_ACTIVATED = "profile.activated"
    CREDENTIALS_CHANGED = "credentials.changed"
    LIMITS_CHANGED = "limits.changed"
    KILL_SWITCH_ENGAGED = "kill_switch.engaged"
    KILL_SWITCH_RELEASED = "kill_switch.released"
    LOSS_REACHED = "daily_loss.reached"
    LOSS_RELEASED = "daily_loss.released"
    USER_SIGNED_IN = "user.signed_in"
    USER_SIGNED_OUT = "user.signed_out"
    SIGN_IN_FAILED = "user.sign_in_failed"
    USER_CHANGED = "user.changed"
    TOKEN_CHANGED = "token.changed"  # noqa: S105 - a deed's name
    SESSION_CONNECT = "session.connect"
    SESSION_DISCONNECT = "session.disconnect"
    SESSION_TAKEN_OVER = "session.taken_over"
    CODE_OVERRIDDEN = "code.overridden"
    CODE_RESTORED = "code.restored"
    CODE_UNKNOWN = "code.unknown"
    POSITION_CLOSED = "position.closed"
    POSITIONS_ACKNOWLEDGED = "positions.acknowledged"
    ENGINE_STARTED = "engine.started"
    ENGINE_STOPPED = "engine.stopped"
    AUDIT_EXPORTED = "audit.exported"
    JOURNAL_ADOPTED = "journal.adopted"
    """The order journal as it was when the audit began; `details.digest` is the SHA-256 of its rows in order."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something to be recorded.

    Parameters:
        what: what was done, of `Deed` where it is one of those.
        subject: what it was done to: an order's key, a setting, an account.
        text: it in words, for people.
        details: particulars as JSON, such as the value before and after. Never a secret.
        sequence: the journal's event that this is about, None for others.
    """

    what: str
    subject: str = ""
    text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the log, as it is kept. `details` is canonical JSON text; `previous` and `hash` are hexadecimal."""

    number: int
    at: datetime
    actor: Actor
    what: str
    subject: str
    text: str
    details: str
    sequence: int | None
    previous: str
    hash: str

    @property
    def particulars(self) -> dict[str, Any]:
        """The details, read."""
        read: dict[str, Any] = json.loads(self.details)
        return read

    @property
    def head(self) -> AuditHead:
        """The chain's head while this is its last entry."""
        return AuditHead(self.number, self.hash)

    def __str__(self) -> str:
        by = f"{self.actor.name} ({self.actor.via})" if self.actor.via else self.actor.name
        why = f" because: {self.actor.why}" if self.actor.why else ""
        return " ".join(f"{self.number} {self.at.isoformat()} {by} {self.what} {self.subject} {self.text}{why}".split())


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the chain ends: with this, kept elsewhere, a tail that was cut off or made anew is found."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


EMPTY = AuditHead(0, GENESIS)
"""The head of a log without entries."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is None or empty does not narrow.

    Parameters:
        since, until: from the first moment on, and before the second.
        actor: the actor's name.
        what: a deed, or the beginning of several up to a dot: "order" for all about orders.
        subject: exactly this subject.
        words: entries whose subject, text or reason contain this.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""
    what: str = ""
    subject: str = ""
    words: str = ""


def canonical(details: Mapping[str, Any]) -> str:
    """JSON in one form only: sorted names, no spaces, ASCII. What JSON does not have is written as text."""
    return _SORTED(details)


def digest(raw: Mapping[str, Any]) -> str:
    """The hash of an entry, from its fields as text and numbers.

    SHA-256 over the ASCII bytes of a JSON array without spaces: previous hash, number, moment (ISO 8601), actor's kind,
    name and way in, reason, deed, subject, text, details (canonical JSON text), sequence.
    """
    return sha256(_PLAIN(_HASHED(raw)).encode("ascii")).hexdigest()


HASHED = (
    "previous", "number", "at", "actor_kind", "actor", "via", "why", "what", "subject", "text", "details", "sequence",
)  # fmt: skip
"""The fields under the hash, in order."""

# Made once: `json.dumps` makes an encoder for each call that asks for a form of its own.
_HASHED = itemgetter(*HASHED)
_PLAIN = json.JSONEncoder(separators=(",", ":")).encode
_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode


def sealed(head: AuditHead, at: datetime, actor: Actor, act: Act) -> dict[str, Any]:
    """The raw entry that follows `head`: its fields as they are kept, hash included."""
    raw = {
        "number": head.number + 1,
        "at": at.isoformat(),
        "actor_kind": actor.kind.value,
        "actor": _cut(actor.name, LONGEST_SUBJECT),
        "via": _cut(actor.via, LONGEST_SUBJECT),
        "why": _cut(actor.why, LONGEST_TEXT),
        "what": str(act.what),
        "subject": _cut(act.subject, LONGEST_SUBJECT),
        "text": _cut(act.text, LONGEST_TEXT),
        "details": canonical(act.details),
        "sequence": act.sequence,
        "previous": head.hash,
    }
    raw["hash"] = digest(raw)
    return raw


def entry_of(raw: Mapping[str, Any]) -> AuditEntry:
    """A raw entry, read. Raises ValueError or KeyError where its fields are not what they must be."""
    return AuditEntry(
        raw["number"],
        datetime.fromisoformat(raw["at"]),
        Actor(ActorKind(raw["actor_kind"]), raw["actor"], raw["via"], raw["why"]),
        raw["what"],
        raw["subject"],
        raw["text"],
        raw["details"],
        raw["sequence"],
        raw["previous"],
        raw["hash"],
    )


def _cut(text: str, most: int) -> str:
    if not text.isascii():
        # Half a character, as broken text from outside may hold, has no UTF-8 and so no place in a database.
        text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= most else text[: most - 1] + "…"
