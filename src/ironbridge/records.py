"""What is recorded for good, as Protocols: the journal of orders, and the log of who did what.

Part of `ironbridge.interfaces`, which gives these names too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from ironbridge.domain.audit import Act, Actor, AuditEntry, AuditFilter, AuditHead
from ironbridge.domain.audit_check import Verdict
from ironbridge.domain.events import Claimed, OrderEvent, Recorded
from ironbridge.domain.order import OrderRequest


class Journal(Protocol):
    """The durable record of orders (ORD-2, ORD-3, ORD-4). What a call has returned survives a kill.

    Every call raises `StorageError` where it could not do its part; then nothing was recorded.
    """

    async def claim(
        self, request: OrderRequest, client_id: int, floor: int, meanwhile: Callable[[Claimed], None] | None = None
    ) -> Claimed:
        """Take the key, the next order id (at least `floor`, above any used before) and record `OrderIntended`.

        All in one durable transaction. Where the key is taken, the intent that took it is returned, whatever its
        content, and is not `fresh`; the caller compares. `meanwhile` may be called with the claim while it is on its
        way to the disk, more than once, and also where it comes to nothing: nothing of it may leave the process.
        """
        ...

    async def claim_all(self, requests: Sequence[OrderRequest], client_id: int, floor: int) -> Sequence[Claimed]:
        """As `claim`, for orders that belong together: all keys and ids, rising in this order, or none.

        Where any of the keys is taken, the intents that took them are returned, and none is fresh.
        """
        ...

    async def reserve_id(self, client_id: int, floor: int) -> int:
        """Take the next order id for something that is not an order; none will ever have it."""
        ...

    async def append(self, events: Sequence[OrderEvent], by: Sequence[Actor] = ()) -> Sequence[Recorded]:
        """Record the events, all or none, in their order; `by` tells for each who did it, the engine where it is empty.

        Whose a claim is, the context says (`domain.audit.present_actor`).
        """
        ...

    async def halted(self) -> bool:
        """Whether the kill switch stands engaged in the very database, whatever this process has heard of it."""
        ...

    async def replay(self) -> Sequence[Recorded]:
        """Everything, in order."""
        ...

    async def since(self, sequence: int) -> Sequence[Recorded]:
        """Everything after this event, in order, whoever recorded it."""
        ...

    async def story(self, key: str) -> Sequence[Recorded]:
        """Everything about one order, in order; empty where the key is not known."""
        ...


class AuditLog(Protocol):
    """The record of who did what, when and why: only ever added to, and chained (ORD-10).

    Every call raises `StorageError` where it could not do its part.
    """

    async def record(self, *acts: Act, by: Actor | None = None) -> Sequence[AuditEntry]:
        """Record what was done, all or none, durable when this returns.

        Parameters:
            acts: in their order.
            by: whose they are; None for whoever acts here, as `domain.audit.acting` has said.
        """
        ...

    def recording(self, *acts: Act, by: Actor | None = None) -> Callable[[Any], object]:
        """What a store calls within a transaction of its own, so that what it changes and its record are one."""
        ...

    async def page(
        self, wanted: AuditFilter | None = None, *, limit: int = 100, before: int | None = None
    ) -> Sequence[AuditEntry]:
        """The newest entries first; with `before`, those with lower numbers than that."""
        ...

    def entries(self, wanted: AuditFilter | None = None) -> AsyncIterator[AuditEntry]:
        """Every entry, oldest first, read as it is asked for."""
        ...

    async def head(self) -> AuditHead:
        """Where the chain ends: keep it elsewhere to find later whether its end was cut off."""
        ...

    async def verify(self, head: AuditHead | None = None) -> Verdict:
        """Check every entry, and the order journal against them.

        Parameters:
            head: one that was kept elsewhere; None for the one in the home folder.
        """
        ...
