"""Scale orders: an order that goes out in parts, each at a better price than the one before.

Source: the Order class of IB's official client and of ib_async (scaleInitLevelSize and the fields after it), and IB's
"Scale Trader" pages for what goes with what.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ironbridge.domain.values import plain
from ironbridge.errors import InvalidOrder


@dataclass(frozen=True, slots=True)
class Scale:
    """How an order is split into levels.

    Parameters:
        initial_size: units of the first level.
        increment: how far each level lies beyond the one before, in price.
        next_size: units of each further level; None takes the initial size.
        profit_offset: where set, each filled part is closed again this far in profit, in price.
        auto_reset: whether what was closed so goes back into the order; needs a profit offset.
        adjust_by: by how much the starting price moves, in price, every `adjust_seconds`.
        adjust_seconds: see `adjust_by`.
        initial_position: what of the whole is held already, in units.
        initial_fill: what of the first level is filled already, in units.
        random_size: whether sizes are varied by up to half.

    Raises:
        InvalidOrder: a size or distance that is not above zero, or parts that do not go together.
    """

    initial_size: int
    increment: Decimal
    next_size: int | None = None
    profit_offset: Decimal | None = None
    auto_reset: bool = False
    adjust_by: Decimal | None = None
    adjust_seconds: int | None = None
    initial_position: int | None = None
    initial_fill: int | None = None
    random_size: bool = False

    def __post_init__(self) -> None:
        for name in ("initial_size", "increment", "next_size", "profit_offset", "adjust_seconds"):
            value = getattr(self, name)
            if value is not None and not (Decimal(value).is_finite() and value > 0):
                raise _bad(f"The {name.replace('_', ' ')} {value} of a scale is not above zero.")
        if self.adjust_by is not None and not self.adjust_by.is_finite():
            raise _bad(f"The price of a scale cannot be adjusted by {self.adjust_by}.")
        if (self.adjust_by is None) != (self.adjust_seconds is None):
            raise _bad("A scale that adjusts its price needs both: by how much, and every how many seconds.")
        if self.auto_reset and self.profit_offset is None:
            raise _bad("A scale that resets itself needs a profit offset.")
        if self.initial_fill is not None and not 0 <= self.initial_fill <= self.initial_size:
            raise _bad(f"The initial fill {self.initial_fill} of a scale is not within its first level.")

    def __str__(self) -> str:
        return f"{self.initial_size} then {self.next_size or self.initial_size} every {plain(self.increment)}"


def _bad(message: str) -> InvalidOrder:
    return InvalidOrder(message, next_step="See ironbridge.Scale for what goes with what.", field="scale")
