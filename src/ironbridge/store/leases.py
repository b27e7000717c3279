"""Leases: each API client id has one owner among the processes of a home (I-12, I-19).

Orders belong to a client id, and so does the right to send under it and to record what becomes of its orders. An owner
that ended, or was killed, leaves the id free; one that is stuck loses it to whoever asks. Each taking raises the id's
fencing token, and every claim and event of the journal checks the token within its own transaction: what an old owner
still wants to write is refused there, whatever it believes. Before it sends it looks at its lease (`require`): one that
it has not seen confirmed within `SURE_SECONDS`, as after it was stopped, is none.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select

from ironbridge.domain.audit import ENGINE, Act, Deed
from ironbridge.errors import HomeInUse, LeaseLost, StorageError
from ironbridge.home import STUCK_SECONDS, Presence
from ironbridge.interfaces import Clock
from ironbridge.store.audit import extend
from ironbridge.store.engine import Database
from ironbridge.store.tables import LEASES

_LOG = logging.getLogger("ironbridge.store")

CONFIRM_SECONDS = 0.5
SURE_SECONDS = STUCK_SECONDS / 2
"""Well before another process may take the id over from one that is stuck."""

NONE = -1
"""No client id."""

_ROW = select(LEASES).where(LEASES.c.client_id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class Owner:
    """Another process that has a client id."""

    program: str
    pid: int

    def __str__(self) -> str:
        return f"{self.program} (process {self.pid})"


class SqlLeases:
    """The client ids of this process.

    Parameters:
        database: opened by its owner.
        presence: this process on its home.
        program: who this is, in words for others.
        clock: time.
        lost: called where a lease is found to be another's now.
    """

    def __init__(
        self,
        database: Database,
        presence: Presence,
        program: str,
        clock: Clock,
        lost: Callable[[int, str], None] = lambda _id, _why: None,
    ) -> None:
        self._database = database
        self._presence = presence
        self._program = program
        self._clock = clock
        self.lost = lost
        self._tokens: dict[int, int] = {}
        self._confirmed = clock.monotonic()
        self._others: dict[int, Owner] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to confirm what is held, and to see what others hold."""
        await self.confirm()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="leases")

    async def stop(self) -> None:
        """Let every id go."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        with suppress(StorageError):
            await self.keep_only()

    async def hold(self, client_id: int) -> None:
        """Own a client id from now on; one that is held already stays.

        Raises:
            HomeInUse: another process owns it, and lives.
            StorageError: it could not be written.
        """
        if client_id in self._tokens:
            await self.confirm()
            if client_id in self._tokens:
                return
        now = self._clock.now()

        def take(connection: Connection) -> int:
            row = connection.execute(_ROW, {"id": client_id}).one_or_none()
            if row is not None and row.owner and self._presence.alive(row.owner):
                raise HomeInUse(
                    f"Client id {client_id} is owned by {row.program} (process {row.pid}) on {self._presence.home}.",
                    next_step="Give this process a client id of its own (client_id=..., --client-id, IBKR_CLIENT_ID): "
                    "it shares the home and its keys.",
                )
            token = 1 if row is None else row.token + 1
            connection.execute(delete(LEASES).where(LEASES.c.client_id == client_id))
            mine = {"owner": self._presence.name, "program": self._program, "pid": os.getpid()}
            connection.execute(
                insert(LEASES).values(client_id=client_id, token=token, taken_at=now.isoformat(), **mine)
            )
            if row is not None and row.owner:
                text = f"from {row.program} (process {row.pid}), which has ended or is stuck; fencing token {token}"
                act = Act(Deed.SESSION_TAKEN_OVER, f"client id {client_id}", text)
                extend(connection, [(ENGINE, act)], now)
            return token

        self._presence.beat()
        self._tokens[client_id] = await self._database.write(take)
        self._confirmed = self._clock.monotonic()

    async def keep_only(self, *client_ids: int) -> None:
        """Let go of every id but these."""
        dropped = [known for known in self._tokens if known not in client_ids]

        def free(connection: Connection) -> None:
            for one in dropped:
                held = (LEASES.c.client_id == one) & (LEASES.c.owner == self._presence.name)
                connection.execute(LEASES.update().where(held).values(owner="", program="", pid=0))

        if dropped:
            await self._database.write(free)
        for one in dropped:
            self._tokens.pop(one, None)

    def require(self, client_id: int) -> None:
        """Return only where this process owns the id beyond doubt.

        Raises:
            LeaseLost: it does not, or cannot be sure at this moment.
        """
        if client_id not in self._tokens:
            raise LeaseLost(f"This process does not own client id {client_id}.", next_step=_NEXT)
        if self._clock.monotonic() - self._confirmed > SURE_SECONDS:
            raise LeaseLost(
                f"Whether this process still owns client id {client_id} is not known: it stood still, or the database "
                "could not be read.",
                next_step="It is being looked up; try again in a second.",
            )

    def token(self, client_id: int) -> int | None:
        """The fencing token under which this process owns the id, None where it does not."""
        return self._tokens.get(client_id)

    @property
    def fence(self) -> tuple[int, int | None]:
        """The client id under which this process writes, and its token: the one it took last."""
        return next(reversed(self._tokens.items()), (NONE, None))

    def elsewhere(self, client_id: int) -> Owner | None:
        """The other process that owns the id, None where none does."""
        return self._others.get(client_id)

    async def confirm(self) -> None:
        """Look at the leases: what is still ours, what is others'.

        Raises:
            StorageError: they cannot be read.
        """
        asked = self._clock.monotonic()
        self._presence.beat()
        rows = await self._database.read(lambda connection: connection.execute(select(LEASES)).all())
        others = {}
        for row in rows:
            if row.owner and row.owner != self._presence.name and self._presence.alive(row.owner):
                others[row.client_id] = Owner(row.program, row.pid)
            known = self._tokens.get(row.client_id)
            if known is not None and known < row.token:
                del self._tokens[row.client_id]
                self._gone(row.client_id, f"{row.program} (process {row.pid})" if row.owner else "another process")
        self._others = others
        self._confirmed = asked

    def _gone(self, client_id: int, owner: str) -> None:
        why = f"Client id {client_id} was taken over by {owner}: this process sends nothing more under it."
        _LOG.critical(why)
        self.lost(client_id, why)

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(CONFIRM_SECONDS)
            try:
                await self.confirm()
            except StorageError as error:
                _LOG.warning("The leases cannot be confirmed: %s", error)


_NEXT = "Another process took it over: look at what is open there, or connect again under a client id of your own."
