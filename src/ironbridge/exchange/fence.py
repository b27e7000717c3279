"""When an option may come near a price, told from its underlying.

An option's price follows its underlying's and falls with time. Over a short stretch, the spot prices at which the
option is surely beyond a price are found at both ends and the more careful one taken; the underlying's walk then tells
exactly when it may leave them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

_HOUR = 14_400
_MINUTE = 240
_HALVINGS = 40

Value = Callable[[float, int], float]
"""An option's value at a spot price and a step."""


def stretches(first: int, last: int, expires: int) -> list[tuple[int, int]]:
    """Cuts an interval into stretches over which time takes little of the option's value."""
    found = []
    last = min(last, expires)
    while first <= last:
        until = min(last, first + min(_HOUR, max(_MINUTE, (expires - first) // 8)))
        found.append((first, until))
        first = until + 1
    return found


def spot_at(
    value: Value, price: float, margin: float, steps: tuple[int, int], strike: float, *, call: bool, above: bool
) -> float:
    """The spot beyond which the option is surely above (or below) a price by the margin, at both steps."""
    rises = call == above
    if not -inf < price < inf:
        return -inf if rises else inf
    target = price + margin if above else price - margin
    found = []
    for step in steps:
        low, high = strike / 8, strike * 8
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if (value(middle, step) > target) == call:
                high = middle
            else:
                low = middle
        found.append(high if rises else low)
    return max(found) if rises else min(found)
