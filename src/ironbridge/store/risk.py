"""What the risk department must not forget: limits set at run time, the kill switch, losses of the day.

A change and its record in the audit log are one transaction, so that there is never one without the other. The kill
switch is asked by `journal` in the very transaction that would make an intent durable: while it is engaged, no process
on this database can send a new order, whatever that process has heard of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select

from ironbridge.domain.risk import DailyLoss, KillSwitch, RiskLimits
from ironbridge.domain.scope import Scope
from ironbridge.errors import IronbridgeError, StorageError
from ironbridge.store.engine import Database
from ironbridge.store.tables import KILL_SWITCH, RISK_LATCHES, RISK_LIMITS

T = TypeVar("T")
Also = Callable[[Connection], object]

_LOSS = "loss:"


class SqlRiskStore:
    """An `ironbridge.risk.desk.RiskStore` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def limits(self) -> dict[Scope, RiskLimits]:
        """Every set that was given at run time; an empty one means that its scope was freed of limits."""
        rows = await self._database.read(lambda connection: connection.execute(select(RISK_LIMITS)).all())
        return {Scope.parse(scope): _read(payload, RiskLimits) for scope, payload in rows}

    async def save_limits(self, scope: Scope, limits: RiskLimits, also: Also) -> None:
        """Keep a scope's limits, in place of those it had."""
        row = {"scope": str(scope), "payload": _text(limits)}
        await self._database.write(lambda connection: _replace(connection, RISK_LIMITS, row, also))

    async def switch(self) -> KillSwitch:
        """The kill switch as it was left."""
        rows = await self._latches()
        return _read(rows[KILL_SWITCH], KillSwitch) if KILL_SWITCH in rows else KillSwitch()

    async def save_switch(self, switch: KillSwitch, also: Also | None = None) -> None:
        """Keep how the kill switch stands."""
        row = {"name": KILL_SWITCH, "engaged": int(switch.engaged), "payload": _text(switch)}
        await self._database.write(lambda connection: _replace(connection, RISK_LATCHES, row, also))

    async def losses(self) -> list[DailyLoss]:
        """Accounts that reached their daily loss limit, of whatever day, unless they were released."""
        rows = await self._latches()
        return [_read(payload, DailyLoss) for name, payload in rows.items() if name.startswith(_LOSS)]

    async def save_loss(self, loss: DailyLoss, also: Also | None = None) -> None:
        """Keep that an account has reached its limit; an older day of the account is forgotten."""
        row = {"name": _LOSS + loss.account, "engaged": 1, "payload": _text(loss)}
        await self._database.write(lambda connection: _replace(connection, RISK_LATCHES, row, also))

    async def drop_loss(self, account: str, also: Also) -> None:
        """Forget that the account has reached its limit."""

        def work(connection: Connection) -> None:
            connection.execute(delete(RISK_LATCHES).where(RISK_LATCHES.c.name == _LOSS + account))
            also(connection)

        await self._database.write(work)

    async def _latches(self) -> Mapping[str, str]:
        query = select(RISK_LATCHES.c.name, RISK_LATCHES.c.payload)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {name: str(payload) for name, payload in rows}


def _replace(connection: Connection, table: Table, row: Mapping[str, Any], also: Also | None) -> None:
    (key,) = table.primary_key
    connection.execute(delete(table).where(key == row[key.name]))
    connection.execute(insert(table), row)
    if also is not None:
        also(connection)


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _read(payload: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, IronbridgeError) as error:
        raise StorageError(
            f"What is kept of risk cannot be read: {error}.",
            next_step="It was written by a newer version, or the file was edited: restore it from a copy.",
        ) from error
