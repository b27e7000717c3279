"""What a trade does to positions: a combination is traded in its own units, and held in those of its legs."""

from __future__ import annotations

from ironbridge.domain.instrument import Instrument, Kind
from ironbridge.domain.values import Side


def moves_of(instrument: Instrument, side: Side) -> dict[int, int]:
    """What a trade of one unit does to positions: units by con_id, of a combination by those of its legs.

    Legs of one contract that undo each other move nothing, and are left out.
    """
    if instrument.kind is not Kind.COMBO:
        return {instrument.con_id: side.sign}
    moved: dict[int, int] = {}
    for leg in instrument.legs:
        moved[leg.con_id] = moved.get(leg.con_id, 0) + side.sign * leg.side.sign * leg.ratio
    return {con_id: units for con_id, units in moved.items() if units}
