"""The life of a modification: the second table of an order, beside its own.

A modification never moves the order it is of: where it fails, the order lives on as it was. To IB it is a placeOrder
under the order's own id, and IB's answer names neither the modification nor its end; it is read from the terms that IB
shows the order with, and from the errors that say no. So it too can be UNKNOWN, and is never sent again: while the link
behind the gateway is lost a second one may become a second order (I-03).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ironbridge.domain.order import OrderSpec
from ironbridge.errors import OrderError


class ModifyState(StrEnum):
    REQUESTED = "requested"
    """Durable here; not known to have left."""
    SENT = "sent"
    """Handed to the socket; no answer yet."""
    ACCEPTED = "accepted"
    """IB has shown the order with the new terms: they are in force."""
    REFUSED = "refused"
    """IB has said no, or holds the order as it was: the terms before are in force."""
    OVERTAKEN = "overtaken"
    """The order ended first."""
    NOT_SENT = "not_sent"
    """It is known that nothing left this process."""
    UNKNOWN = "unknown"
    """Sent or perhaps sent, and not answered: being reconciled."""


class ModifyTrigger(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"
    LOST = "lost"
    """No answer in time, or the session ended while one was awaited."""
    NEVER_SENT = "never_sent"


S = ModifyState
T = ModifyTrigger

PENDING = frozenset({S.REQUESTED, S.SENT, S.UNKNOWN})
"""States in which the outcome is not known."""

_ENDS = {T.ACCEPTED: S.ACCEPTED, T.REFUSED: S.REFUSED, T.OVERTAKEN: S.OVERTAKEN}

MODIFY_TRANSITIONS: dict[ModifyState, dict[ModifyTrigger, ModifyState]] = {
    # Answers may come in REQUESTED: the process was killed between the bytes and the record that they went (I-17).
    S.REQUESTED: {T.SENT: S.SENT, T.NEVER_SENT: S.NOT_SENT, T.LOST: S.UNKNOWN, **_ENDS},
    S.SENT: {T.SENT: S.SENT, T.LOST: S.UNKNOWN, **_ENDS},
    S.UNKNOWN: {T.SENT: S.UNKNOWN, T.LOST: S.UNKNOWN, T.NEVER_SENT: S.NOT_SENT, **_ENDS},
    # What is settled stays: terms that IB shows later and that are others are a `TermsChanged`.
    S.ACCEPTED: dict.fromkeys(T, S.ACCEPTED),
    # But for a no that was only concluded: the change took after all, late.
    S.REFUSED: {**dict.fromkeys(T, S.REFUSED), T.ACCEPTED: S.ACCEPTED},
    S.NOT_SENT: dict.fromkeys(T, S.NOT_SENT),
    # The end of the order and the answer to its modification come in either order.
    S.OVERTAKEN: {**dict.fromkeys(T, S.OVERTAKEN), T.ACCEPTED: S.ACCEPTED, T.REFUSED: S.REFUSED},
}


class IllegalModification(OrderError):
    """A trigger that the table does not have."""

    slug = "illegal-modification"


def advance_modification(state: ModifyState, trigger: ModifyTrigger) -> ModifyState:
    """The state that `trigger` leads to.

    Raises:
        IllegalModification: the table has no such move.
    """
    try:
        return MODIFY_TRANSITIONS[state][trigger]
    except KeyError:
        raise IllegalModification(f"A modification that is {state.name} cannot take {trigger.name}.") from None


@dataclass(frozen=True, slots=True)
class Modification:
    """One change that was asked for, and what became of it.

    Parameters:
        number: 1 for the order's first, and so on.
        spec: the whole order as it is to be.
        before: the terms in force when it was asked for.
        state: where it stands.
        requested_at: when the intent became durable.
        updated_at: when it last moved.
        token: the caller's name for it, empty where none was given.
        reason: why it is in its state, in words.
        code: IB's code, where one was given.
    """

    number: int
    spec: OrderSpec
    before: OrderSpec
    state: ModifyState
    requested_at: datetime
    updated_at: datetime
    token: str = ""
    reason: str = ""
    code: int | None = None

    @property
    def pending(self) -> bool:
        """Whether its outcome is not known."""
        return self.state in PENDING

    def __str__(self) -> str:
        return f"{self.spec} (change {self.number} {self.state.replace('_', ' ')})"
