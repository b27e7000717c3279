"""Everything that goes to IB passes here: one governor for messages, history, lines and streams (CON-7).

Owns that the parts share one set of limits and one view of their use. Who sends takes the part that it needs, by its
Protocol of `interfaces`; who shows takes `usage`.
"""

from __future__ import annotations

from collections.abc import Callable

from ironbridge.domain.alerts import Alert
from ironbridge.domain.gateways import ORDERS
from ironbridge.domain.pacing import Limit, PacingStatus
from ironbridge.interfaces import Clock, Topic
from ironbridge.session.history_pace import HistoryPace
from ironbridge.session.limits import TICK_BY_TICK_SPACING, Limits
from ironbridge.session.pacing import SlidingWindowPacer
from ironbridge.session.places import LimitedStreams
from ironbridge.session.usage import Counted, Usage


class Governor:
    """The pace of one session.

    Parameters:
        clock: measures all windows.
        limits: of the account.
        changes: told the use of every limit when it changes.
        alerts: told each limit that is nearly used up.
        session: whose pace this is.

    Attributes:
        messages: `interfaces.Pacer`.
        history: `interfaces.HistoryPacer`.
        depth, tick_by_tick: `interfaces.StreamPlaces`.
        usage: how much is used.
    """

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        changes: Topic[PacingStatus],
        alerts: Topic[Alert],
        session: str = ORDERS,
    ) -> None:
        self.limits = limits
        self.usage = Usage(clock, changes, alerts, session)
        note = self.usage.note
        self.messages = SlidingWindowPacer(clock, limits.messages, changed=note)
        self.history = HistoryPace(clock, limits, changed=note)
        self.depth = LimitedStreams(Limit.DEPTH, limits.depth, clock, changed=note)
        self.tick_by_tick = LimitedStreams(
            Limit.TICK_BY_TICK, limits.tick_by_tick, clock, TICK_BY_TICK_SPACING, changed=note
        )

    def follow(self, lines: Callable[[], int]) -> None:
        """Begin to show the use; `lines` counts the market-data lines that are open."""
        self.usage.follow(
            self.messages,
            self.history,
            Counted(Limit.LINES, lambda: self.limits.lines, lines),
            self.depth,
            self.tick_by_tick,
        )

    def configure(self, limits: Limits) -> None:
        """Keep other limits from now on, for what waits already too."""
        self.limits = limits
        self.messages.configure(limits.messages)
        self.history.configure(limits)
        self.depth.configure(limits.depth)
        self.tick_by_tick.configure(limits.tick_by_tick)
        self.usage.note()

    def __repr__(self) -> str:
        return f"<Governor {self.messages!r}, {self.history!r}>"
