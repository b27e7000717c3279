"""Where the risk department keeps what it must not forget, as a Protocol; `ironbridge.store` has one in a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ironbridge.domain.risk import DailyLoss, KillSwitch, RiskLimits
from ironbridge.domain.scope import Scope

Also = Callable[[Any], object]
"""Done in the transaction of a change: its record in the audit log."""


class RiskStore(Protocol):
    """Every call raises `StorageError` where it could not do its part; then nothing has changed."""

    async def limits(self) -> Mapping[Scope, RiskLimits]:
        """Every set that was given at run time; an empty one means that its scope was freed of limits."""
        ...

    async def save_limits(self, scope: Scope, limits: RiskLimits, also: Also) -> None: ...

    async def switch(self) -> KillSwitch:
        """The kill switch as it was left."""
        ...

    async def save_switch(self, switch: KillSwitch, also: Also | None = None) -> None: ...

    async def losses(self) -> Sequence[DailyLoss]:
        """Accounts that reached their daily loss limit, of whatever day, unless they were released."""
        ...

    async def save_loss(self, loss: DailyLoss, also: Also | None = None) -> None: ...

    async def drop_loss(self, account: str, also: Also) -> None: ...
