"""What a field can hold besides a number or a text, and the few value types every domain shares.

Absent, unset and zero are three values. `None` is absent: the field came empty. `UNSET` is IB's own statement that
there is no value, written on the wire as the largest number of the field's type; it is kept apart from absent so
that a message decoded and encoded again is the same message, and because the two mean different things to some
clients. Neither is ever a number. `given` is for the reader who does not care which of the two it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final, TypeVar

T = TypeVar("T", int, float, Decimal, bool)


class Unset(Enum):
    """The type of `UNSET`. It is false, so that `if order.parent_id:` reads as meant."""

    UNSET = "unset"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET

Whole = int | Unset | None
"""An integer, or IB's word that there is none, or nothing at all."""
Real = float | Unset | None
"""A float of the tick path, likewise."""
Money = Decimal | Unset | None
"""A price, size or amount where money moves, likewise."""
Flag = bool | None
"""A boolean that the sender may have left empty."""


def given(value: T | Unset | None) -> T | None:
    """The value if there is one; None for both absent and unset."""
    return None if value is None or isinstance(value, Unset) else value


@dataclass(frozen=True, slots=True)
class TagValue:
    """A named parameter of an algorithm, a route or an option list."""

    tag: str
    value: str


class Role(Enum):
    """Which end of the socket speaks."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def peer(self) -> Role:
        return Role.SERVER if self is Role.CLIENT else Role.CLIENT
