"""The owner's own rules about IB's codes, kept by code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, delete, insert, select

from ironbridge.domain.codes import Meaning
from ironbridge.store.engine import Database
from ironbridge.store.tables import CODE_RULES


class SqlCodeRules:
    """Codes, their meanings and what to do, in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> Mapping[int, tuple[Meaning, str]]:
        """Everything that is kept."""
        rows = await self._database.read(lambda connection: connection.execute(select(CODE_RULES)).all())
        return {row.code: (Meaning(row.meaning), row.next_step) for row in rows}

    async def save(self, code: int, meaning: Meaning, next_step: str, also: Callable[[Connection], object]) -> None:
        """Keep a rule in place of the one before; `also` is done in the same transaction."""

        def replace(connection: Connection) -> None:
            connection.execute(delete(CODE_RULES).where(CODE_RULES.c.code == code))
            connection.execute(insert(CODE_RULES).values(code=code, meaning=meaning.value, next_step=next_step))
            also(connection)

        await self._database.write(replace)

    async def drop(self, code: int, also: Callable[[Connection], object]) -> None:
        """Keep no rule about the code any more."""

        def remove(connection: Connection) -> None:
            connection.execute(delete(CODE_RULES).where(CODE_RULES.c.code == code))
            also(connection)

        await self._database.write(remove)
