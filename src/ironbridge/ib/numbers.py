"""Numbers as IB sends them, into numbers as we mean them.

IB writes "not set" as 1.7976931348623157e308, NaN, infinity or 2147483647. Invariant: none of these leaves this package
as a number (I-14). Floats become Decimal through the shortest text that they print as, so 0.1 is 0.1.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation

from ironbridge.errors import ProtocolError

SENTINEL = 1e300
"""Nothing that trades has a price, size or amount of this order; 1.797e308 and infinity lie above it."""
UNSET_INT = 2**31 - 1


class PlainDecimal(Decimal):
    """A number that ib_async may compare and that writes itself in full, without an exponent."""

    __slots__ = ()

    def __str__(self) -> str:
        return format(self, "f")


def plain_text(value: Decimal) -> str:
    """The number in full, without an exponent."""
    return format(value, "f")


def known(value: float | None) -> bool:
    """Whether IB has set this float."""
    return value is not None and not math.isnan(value) and abs(value) < SENTINEL


def optional_decimal(value: float | str | Decimal | None) -> Decimal | None:
    """The number, or None where IB has not set it.

    Raises:
        ProtocolError: text that is no number.
    """
    if value is None or value == "":
        return None
    try:
        number = _exact(value) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        raise ProtocolError(f"{value!r} stands where IB sends a number.") from None
    if not number.is_finite() or abs(number) >= Decimal(SENTINEL):
        return None
    return number


def required_decimal(value: float | str | Decimal | None, name: str) -> Decimal:
    """The number of a field that makes no sense without one.

    Raises:
        ProtocolError: the field is unset or no number.
    """
    number = optional_decimal(value)
    if number is None:
        raise ProtocolError(f"IB sent no {name} ({value!r}).")
    return number


def optional_int(value: int) -> int | None:
    return None if value == UNSET_INT else value


def _exact(value: float) -> Decimal:
    """Whole floats without their ".0": ten shares are 10."""
    return Decimal(int(value)) if value.is_integer() and abs(value) < SENTINEL else Decimal(repr(value))
