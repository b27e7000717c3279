"""The life of an order: the table is the only way to move.

IB tells of an order in several voices (open order, status, execution, error) that come twice, late and out of order
(I-16). Each is first read as a `Trigger`; the table says where it leads from each state. A trigger that tells
nothing new leaves the state as it is and is in the table too; one that is not in the table is a mistake of ours and
raises. A fill is a fact wherever it comes from: it is taken in every state, the ended ones included.
"""

from __future__ import annotations

from enum import StrEnum

from ironbridge.errors import OrderError


class OrderState(StrEnum):
    INTENDED = "intended"
    """Durable here; not known to have left."""
    SENT = "sent"
    """Handed to the socket; no answer yet."""
    ACCEPTED = "accepted"
    """IB has it and holds it: not yet working at the exchange (PendingSubmit, PreSubmitted)."""
    WORKING = "working"
    """At the exchange (Submitted)."""
    INACTIVE = "inactive"
    """IB has it, it does not work, and it may work again (Inactive without a rejection)."""
    CANCELLING = "cancelling"
    """A cancel is on its way."""
    UNKNOWN = "unknown"
    """Sent or perhaps sent, and not known to be anywhere: being reconciled."""
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    """The intent was given up: it is known that nothing left this process."""
    CLOSED = "closed"
    """A person has closed an order whose fate could not be found out: nobody says that it is anywhere."""


class Trigger(StrEnum):
    SENT = "sent"
    HELD = "held"
    """Open at IB: PendingSubmit or PreSubmitted."""
    WORKING = "working"
    """Open at IB: Submitted."""
    DEACTIVATED = "deactivated"
    CANCEL_REQUESTED = "cancel_requested"
    CANCEL_REFUSED = "cancel_refused"
    """The cancel failed; the order stands as it was."""
    PART_FILLED = "part_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    LOST = "lost"
    """No answer in time, or the session ended while one was awaited."""
    NEVER_SENT = "never_sent"
    """Proof that nothing left."""
    FOUND_OPEN = "found_open"
    """IB, asked afresh, holds open what was believed to be ended. An echo never says this; only reconciling does."""
    CLOSED_BY_HAND = "closed_by_hand"
    """A person has looked elsewhere and takes the order for ended."""


S = OrderState
T = Trigger

TERMINAL = frozenset({S.FILLED, S.CANCELLED, S.REJECTED, S.NOT_SENT, S.CLOSED})
"""States that end an order. A late fill may still move one to FILLED (I-16)."""

LIVE = frozenset({S.SENT, S.ACCEPTED, S.WORKING, S.INACTIVE, S.CANCELLING, S.UNKNOWN})
"""States in which the order may be alive at the broker."""

_OPEN = {T.HELD: S.ACCEPTED, T.WORKING: S.WORKING, T.DEACTIVATED: S.INACTIVE}
_ENDS = {T.FILLED: S.FILLED, T.CANCELLED: S.CANCELLED, T.REJECTED: S.REJECTED}


def _stays(state: OrderState, *triggers: Trigger) -> dict[Trigger, OrderState]:
    return dict.fromkeys(triggers, state)


TRANSITIONS: dict[OrderState, dict[Trigger, OrderState]] = {
    # Reports may come in INTENDED: the process was killed between the bytes and the record that they went (I-17).
    S.INTENDED: {T.SENT: S.SENT, T.NEVER_SENT: S.NOT_SENT, T.LOST: S.UNKNOWN, T.PART_FILLED: S.WORKING,
                 T.CANCEL_REQUESTED: S.CANCELLING, **_OPEN, **_ENDS},
    S.SENT: {T.LOST: S.UNKNOWN, T.PART_FILLED: S.WORKING, T.CANCEL_REQUESTED: S.CANCELLING,
             **_OPEN, **_ENDS, **_stays(S.SENT, T.SENT)},
    S.ACCEPTED: {T.LOST: S.UNKNOWN, T.PART_FILLED: S.WORKING, T.CANCEL_REQUESTED: S.CANCELLING,
                 **_OPEN, **_ENDS, **_stays(S.ACCEPTED, T.SENT, T.CANCEL_REFUSED)},
    S.WORKING: {T.LOST: S.UNKNOWN, T.CANCEL_REQUESTED: S.CANCELLING, T.DEACTIVATED: S.INACTIVE,
                **_ENDS, **_stays(S.WORKING, T.SENT, T.PART_FILLED, T.CANCEL_REFUSED, T.WORKING, T.HELD)},
    S.INACTIVE: {T.LOST: S.UNKNOWN, T.PART_FILLED: S.WORKING, T.CANCEL_REQUESTED: S.CANCELLING,
                 **_OPEN, **_ENDS, **_stays(S.INACTIVE, T.SENT, T.CANCEL_REFUSED)},
    # An open status in CANCELLING is an echo from before the cancel; only its refusal brings the order back.
    S.CANCELLING: {T.LOST: S.UNKNOWN, T.CANCEL_REFUSED: S.WORKING,
                   **_ENDS, **_stays(S.CANCELLING, T.SENT, T.HELD, T.WORKING, T.DEACTIVATED, T.PART_FILLED,
                                     T.CANCEL_REQUESTED)},
    # Only an order of which nothing is known can be closed by hand: any other is ended by what IB says.
    S.UNKNOWN: {T.NEVER_SENT: S.NOT_SENT, T.CLOSED_BY_HAND: S.CLOSED, T.CANCEL_REQUESTED: S.CANCELLING,
                T.PART_FILLED: S.WORKING, **_OPEN, **_ENDS, **_stays(S.UNKNOWN, T.SENT, T.LOST, T.CANCEL_REFUSED)},
    S.FILLED: _stays(S.FILLED, *Trigger),
    # A late fill that completes the order wins over its cancel, its rejection and our belief that it never left.
    # IB refuses with a status and an error in either order; where the status is Cancelled, the error says what it was.
    S.CANCELLED: {**_stays(S.CANCELLED, *Trigger), T.FILLED: S.FILLED, T.REJECTED: S.REJECTED, T.FOUND_OPEN: S.WORKING},
    S.REJECTED: {**_stays(S.REJECTED, *Trigger), T.FILLED: S.FILLED, T.FOUND_OPEN: S.WORKING},
    # What IB reports of an order that we thought never left is the truth: it lives.
    S.NOT_SENT: {**_stays(S.NOT_SENT, T.SENT, T.NEVER_SENT, T.LOST, T.CANCEL_REQUESTED, T.CANCEL_REFUSED,
                          T.CLOSED_BY_HAND),
                 T.PART_FILLED: S.WORKING, T.FOUND_OPEN: S.WORKING, **_OPEN, **_ENDS},
    # And so of one that a person took for ended.
    S.CLOSED: {**_stays(S.CLOSED, T.SENT, T.NEVER_SENT, T.LOST, T.CANCEL_REQUESTED, T.CANCEL_REFUSED,
                        T.CLOSED_BY_HAND),
               T.PART_FILLED: S.WORKING, T.FOUND_OPEN: S.WORKING, **_OPEN, **_ENDS},
}  # fmt: skip


class IllegalTransition(OrderError):
    """A trigger that the table does not have."""

    slug = "illegal-transition"


def advance(state: OrderState, trigger: Trigger) -> OrderState:
    """The state that `trigger` leads to.

    Raises:
        IllegalTransition: the table has no such move.
    """
    try:
        return TRANSITIONS[state][trigger]
    except KeyError:
        raise IllegalTransition(f"An order that is {state.name} cannot take {trigger.name}.") from None
