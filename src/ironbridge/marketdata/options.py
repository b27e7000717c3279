"""How market data behaves, as one value that is checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.errors import InvalidSettings


@dataclass(frozen=True, slots=True)
class MarketDataOptions:
    """See `MarketData`, which takes these one by one.

    Raises:
        InvalidSettings: a value that cannot be meant.
    """

    stale_after: float
    linger: float
    watch_every: float

    def __post_init__(self) -> None:
        for name in ("stale_after", "watch_every"):
            if not getattr(self, name) > 0:
                raise InvalidSettings(f"{name} must be above zero, not {getattr(self, name)}.")
        if not self.linger >= 0:
            raise InvalidSettings(f"linger must not be below zero, as {self.linger} is.")
