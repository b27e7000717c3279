"""How orders belong together: a bracket's children to their entry, members of a one-cancels-all group to each other.

To IB a group is nothing but fields of its orders: a parent's id, a group's name, and whether an order is to be
transmitted at once. Here each order of a group carries its links, so that the group is known again from the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Role(StrEnum):
    """What an order is in its group; children's keys end in it."""

    ENTRY = "entry"
    TAKE_PROFIT = "tp"
    STOP_LOSS = "sl"
    MEMBER = "member"
    """One of a one-cancels-all group."""


class OcaType(IntEnum):
    """What a fill does to the other orders of a one-cancels-all group; IB's numbers (ocaType)."""

    CANCEL_WITH_BLOCK = 1
    """They are cancelled, and only one of the group works at a time, so that no two can fill."""
    REDUCE_WITH_BLOCK = 2
    """They become smaller by what was filled, and only one of the group works at a time."""
    REDUCE_NO_BLOCK = 3
    """They become smaller by what was filled; two can fill at the same moment."""


@dataclass(frozen=True, slots=True)
class Links:
    """What an order is tied to.

    Parameters:
        group: the key of its group, empty for an order by itself.
        role: what it is there.
        parent: the key of the order whose fill sets it to work, empty for none.
        oca_group: the name of its one-cancels-all group at IB, empty for none.
        oca_type: what a fill does to the others of that group.
        is_staged: it is sent untransmitted: TWS keeps it, and the group's last order transmits it (transmit=false).
    """

    group: str = ""
    role: Role | None = None
    parent: str = ""
    oca_group: str = ""
    oca_type: OcaType | None = None
    is_staged: bool = False


UNLINKED = Links()
