"""Quantity, cost and realised profit of one position, one fill at a time. Pure.

Method: average cost with commissions in it, which is how IB's account window gives it ("average cost of opening
positions, including commissions"; realised profit is exit less entry, commissions of both netted: IBKR Knowledge Base,
article "Account Window", and TWS User's Guide, "Portfolio"). IB's statements match lots by FIFO instead, and its
average cost may move overnight for that reason; lots are for tax and are not kept here.

A fill that goes through zero closes what there was and opens the rest; its commission is shared by quantity. A
commission in another currency than the instrument's enters no cost. What depends on a cost that is not known is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """A position between two fills; None is "not known"."""

    quantity: Decimal = ZERO
    cost: Decimal | None = ZERO
    realized: Decimal | None = ZERO


@dataclass(frozen=True, slots=True)
class Step:
    """One fill: units with their sign, what they are worth (price and multiplier in it, the same sign), and its fee."""

    quantity: Decimal
    worth: Decimal
    fee: Decimal


def after(standing: Standing, step: Step) -> Standing:
    """The position after a fill."""
    held, cost, realized = standing.quantity, standing.cost, standing.realized
    if not step.quantity:
        return standing
    if held * step.quantity >= 0:
        return Standing(held + step.quantity, None if cost is None else cost + step.worth + step.fee, realized)
    closing = min(abs(step.quantity), abs(held))
    share = closing / abs(step.quantity)
    released = None if cost is None else cost * closing / abs(held)
    if released is None or realized is None:
        realized = None
    else:
        realized += -step.worth * share - released - step.fee * share
    quantity = held + step.quantity
    if not quantity:
        return Standing(ZERO, ZERO, realized)
    if share < 1:
        return Standing(quantity, (step.worth + step.fee) * (1 - share), realized)
    assert cost is None or released is not None
    return Standing(quantity, None if cost is None or released is None else cost - released, realized)


def before(quantity: Decimal, cost: Decimal | None, steps: list[Step]) -> tuple[Decimal, Decimal | None]:
    """What was held, and what it had cost, before these fills led to `quantity` and `cost`.

    What was closed wholly, or turned, leaves no trace of its cost in what came after: None.
    """
    for step in reversed(steps):
        earlier = quantity - step.quantity
        if not step.quantity:
            continue
        if not earlier:
            cost = ZERO
        elif earlier * step.quantity > 0:
            cost = None if cost is None else cost - step.worth - step.fee
        elif quantity * earlier > 0 and cost is not None:
            cost = cost / quantity * earlier  # closing a part leaves the average as it was
        else:
            cost = None
        quantity = earlier
    return quantity, cost
