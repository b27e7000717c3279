"""Which session carries which market-data line (CON-8): decided here, in plain functions; `pool` acts on it.

The rules, in this order:

- A session that names the instrument's kind comes before one that names none. The order session carries what no data
  session is for, and is no refuge for the others: what befalls market data never touches it.
- Of several the one with the most free lines, so that they fill evenly and one loss costs least.
- A line stays where it is while its session lives. When that dies the line moves to another session that is for it and
  has a line free; where there is none it waits for its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ironbridge.domain.instrument import Kind
from ironbridge.errors import InvalidSettings
from ironbridge.interfaces import MarketFeed


class Carrier:
    """A session that market-data lines can go over.

    Parameters:
        name: of the session.
        feed: its streams.
        limit: market-data lines that it has.
        kinds: the kinds of instruments that it is for; empty for all.
        spare: whether it carries only what no other session is for, as the order session does.

    Raises:
        InvalidSettings: a session without lines.
    """

    __slots__ = ("feed", "held", "kinds", "limit", "live", "name", "reason", "spare")

    def __init__(
        self, name: str, feed: MarketFeed, limit: int, kinds: frozenset[Kind] = frozenset(), *, spare: bool = False
    ) -> None:
        self.name = name
        self.feed = feed
        self.limit = checked_limit(limit)
        self.kinds = kinds
        self.spare = spare
        self.live = False
        """Whether lines can be opened in it."""
        self.reason = "the session has not begun"
        """Why they cannot."""
        self.held = 0
        """Lines that are placed in it."""

    @property
    def free(self) -> int:
        return self.limit - self.held

    def __repr__(self) -> str:
        return f"<Carrier {self.name} {'live' if self.live else 'not live'}: {self.held}/{self.limit}>"


def checked_limit(limit: int) -> int:
    """The limit, where a session can have it; else it raises `InvalidSettings`."""
    if not limit > 0:
        raise InvalidSettings(f"line_limit must be above zero, not {limit}.")
    return limit


def carriers_for(kind: Kind, carriers: Sequence[Carrier]) -> list[Carrier]:
    """The sessions that may carry this kind, the better first; those alike in their order."""
    by_kind = [each for each in carriers if kind in each.kinds]
    general = [each for each in carriers if not each.kinds and not each.spare]
    return [*by_kind, *general] or [each for each in carriers if each.spare]


def choose(
    kind: Kind, carriers: Sequence[Carrier], taken: Mapping[Carrier, int] | None = None, *, living: bool = True
) -> Carrier | None:
    """The session with a free line for one more of this kind; None where there is none.

    Parameters:
        kind: of the instrument.
        carriers: all sessions.
        taken: lines that are taken besides those that each holds.
        living: among those that live, or among the others.
    """

    def free(each: Carrier) -> int:
        return each.free - (taken or {}).get(each, 0)

    fit = [each for each in carriers_for(kind, carriers) if each.live is living and free(each) > 0]
    # By kind before general; within each the most free lines, and the first of those.
    return max(fit, key=lambda each: (kind in each.kinds, free(each)), default=None)


def moves(waiting: Iterable[tuple[Kind, Carrier]], carriers: Sequence[Carrier]) -> list[Carrier | None]:
    """For each line that is at a session that does not live: where it goes; None to wait where it is.

    Parameters:
        waiting: the kind and the present session of each, those that come first being placed first.
        carriers: all sessions; their `held` is as before the moves.
    """
    taken: Counter[Carrier] = Counter()
    found: list[Carrier | None] = []
    for kind, home in waiting:
        chosen = None if home.live else choose(kind, carriers, taken)
        if chosen is not None:
            taken[chosen] += 1
        found.append(chosen)
    return found
