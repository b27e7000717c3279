"""The small values that everything else is written in.

Money, prices of orders and quantities are `Decimal`; a float is taken only through `decimal_of`, which reads the
shortest decimal that the float prints as, so that 0.1 means 0.1 and not 0.1000000000000000055.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum

from ironbridge.errors import InvalidInput

Number = Decimal | int | float | str
"""What a caller may write where a decimal number is meant."""


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 where the side adds to a position, -1 where it takes from it."""
        return 1 if self is Side.BUY else -1


def decimal_of(value: Number, name: str) -> Decimal:
    """The number as a finite Decimal.

    Parameters:
        value: a Decimal, int, float or decimal text.
        name: what the number is, for the error.

    Raises:
        InvalidInput: not a number, or not a finite one.
    """
    if isinstance(value, bool):
        raise InvalidInput(f"{name} must be a number, not {value!r}.")
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise InvalidInput(f"{name} must be a number, not {value!r}.") from None
    if not number.is_finite():
        raise InvalidInput(f"{name} must be a finite number, not {value!r}.")
    return number


def plain(value: Decimal) -> str:
    """The number without an exponent and without trailing zeros: 1E+2 is "100", 2.50 is "2.5"."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
