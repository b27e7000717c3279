"""How market data behaves, as one value that is checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.errors import InvalidSettings


@dataclass(frozen=True, slots=True)
class MarketDataOptions:
    """How the hub behaves.

    Parameters:
        stale_after: seconds of silence after which a line is STALE.
        line_limit: market-data lines of the account; IB gives 100 to begin with.
        linger: seconds that a line stays open after its last reader has left, so that repeated calls share it.
        watch_every: seconds between two looks at silence and lingering lines.

    Raises:
        InvalidSettings: a value that cannot be meant.
    """

    stale_after: float = 30.0
    line_limit: int = 100
    linger: float = 5.0
    watch_every: float = 1.0

    def __post_init__(self) -> None:
        for name in ("stale_after", "line_limit", "watch_every"):
            if not getattr(self, name) > 0:
                raise InvalidSettings(f"{name} must be above zero, not {getattr(self, name)}.")
        if not self.linger >= 0:
            raise InvalidSettings(f"linger must not be below zero, as {self.linger} is.")
