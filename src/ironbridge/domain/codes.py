"""What IB's message codes mean, as types: for an order, for a request, for the session (ORD-7, I-05).

One code says different things of different things it comes for. For an order it has a `Meaning`; for a request an
`Effect`, by the request's `Purpose`; and some speak of the session whatever id they carry. `domain.code_table` is the
table. A code does not end an order that IB has already taken, except where it is the end itself; one that refuses an
order ends it only while nothing has been heard of it; and what the table does not know ends nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Meaning(StrEnum):
    """What a code says of the order it comes with."""

    ADVISORY = "advisory"
    """Information or a warning: the order goes on."""
    REFUSES = "refuses"
    """The order is refused, whatever it was before."""
    REFUSES_NEW = "refuses_new"
    """A new order is refused. Of one that IB has already taken, it says that some request about it was."""
    DOUBTFUL = "doubtful"
    """Refused as it was sent, and yet an order may live under its id: ask."""
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel_refused"
    """A cancel failed: ask how the order stands."""
    NOT_FOUND = "not_found"
    """IB knows no order under the id: ask."""
    NOT_OF_ORDERS = "not_of_orders"
    """Known, and said of other things; with an order it changes nothing."""
    UNRECOGNISED = "unrecognised"
    """Not in the table; it changes nothing, is counted, and a person is told once."""


ENDS = frozenset({Meaning.REFUSES, Meaning.REFUSES_NEW, Meaning.CANCELLED})
"""Meanings that can end an order."""


_REFUSALS = frozenset({Meaning.REFUSES, Meaning.REFUSES_NEW, Meaning.DOUBTFUL, Meaning.NOT_FOUND})
"""An order that is none is refused by what refuses an order."""


class Purpose(Enum):
    """What a request is for: one code means different things to different requests."""

    CONTRACTS = auto()
    EXECUTIONS = auto()
    VALUES = auto()
    """The values of an account."""
    LINE = auto()
    """A market-data line."""
    WHAT_IF = auto()
    """A question that is sent as an order and is none, with an order's id."""
    LIST = auto()
    """A request without an id: open orders, completed orders, positions, account, time, market rule."""
    HISTORY = auto()
    """Bars and ticks of the past."""


class Effect(Enum):
    NOTICE = auto()
    """Something was said; the request goes on."""
    NOTHING = auto()
    """The request is answered: there is nothing of the kind."""
    REFUSED = auto()
    """The request is over, refused."""


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What one code means, and what a person does about it.

    Parameters:
        code: IB's number.
        meaning: what it says of an order.
        next_step: what a person does; empty where nothing is to be done.
        words: what it is about, in a few words.
        refuses: requests that it ends, refused.
        answers: requests that it answers with "there is none".
        of_session: it speaks of the session, whatever id it carries.
    """

    code: int
    meaning: Meaning
    next_step: str = ""
    words: str = ""
    refuses: frozenset[Purpose] = frozenset()
    answers: frozenset[Purpose] = frozenset()
    of_session: bool = False

    def effect(self, purpose: Purpose) -> Effect:
        """What it does to a request of this purpose."""
        if purpose in self.answers:
            return Effect.NOTHING
        if purpose is Purpose.WHAT_IF and self.meaning in _REFUSALS:
            return Effect.REFUSED
        return Effect.REFUSED if purpose in self.refuses else Effect.NOTICE

    @property
    def explained(self) -> str:
        """All of it in sentences, for people."""
        told = [f"{self.code}: {self.words or 'not known to Ironbridge'}.", _SAID[self.meaning]]
        if self.of_session:
            told.append("It speaks of the session, whatever order or request it comes with.")
        for purposes, verb in ((self.refuses, "ends"), (self.answers, "answers with nothing found")):
            if purposes:
                named = ", ".join(sorted(_NAMED[purpose] for purpose in purposes))
                told.append(f"It {verb}: {named}.")
        return " ".join([*told, self.next_step]).rstrip()


_SAID = {
    Meaning.ADVISORY: "With an order it is information: the order goes on.",
    Meaning.REFUSES: "It ends an order: refused.",
    Meaning.REFUSES_NEW: "It refuses a new order; one that IB has taken already goes on.",
    Meaning.DOUBTFUL: "It refuses an order and leaves a doubt: IB is asked before anything is concluded.",
    Meaning.CANCELLED: "It ends an order: cancelled.",
    Meaning.CANCEL_REFUSED: "A cancel was refused: the order goes on, and IB is asked how it stands.",
    Meaning.NOT_FOUND: "IB knows no order under that id: the order is unknown until IB, asked in full, has told.",
    Meaning.NOT_OF_ORDERS: "It is not about orders, and ends none.",
    Meaning.UNRECOGNISED: "It ends nothing. It is logged and counted, and raises one alert.",
}

_NAMED = {
    Purpose.CONTRACTS: "contract requests",
    Purpose.EXECUTIONS: "requests for executions",
    Purpose.VALUES: "requests for account values",
    Purpose.LINE: "market-data streams",
    Purpose.WHAT_IF: "what-if questions",
    Purpose.LIST: "requests for lists",
    Purpose.HISTORY: "historical requests",
}
