"""The settings that are changed while the service runs, kept by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from ironbridge.errors import InvalidSettings
from ironbridge.store.engine import Database
from ironbridge.store.tables import SETTINGS


class SqlSettings:
    """Names and JSON values in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> dict[str, Any]:
        """Everything that is kept."""
        rows = await self._database.read(lambda connection: connection.execute(select(SETTINGS)).all())
        return {name: msgspec.json.decode(value) for name, value in rows}

    async def save(self, values: Mapping[str, Any], also: Callable[[Connection], object] | None = None) -> None:
        """Keep these values, all or none; names that are not given stay as they are.

        Parameters:
            values: by name.
            also: done in the same transaction, as the record of the change is.

        Raises:
            InvalidSettings: a value that JSON cannot hold.
        """
        try:
            rows = [{"name": name, "value": msgspec.json.encode(value).decode()} for name, value in values.items()]
        except (TypeError, msgspec.MsgspecError) as error:
            raise InvalidSettings(f"The settings cannot be kept: {error}.") from None

        def replace(connection: Connection) -> None:
            connection.execute(delete(SETTINGS).where(SETTINGS.c.name.in_([row["name"] for row in rows])))
            if rows:
                connection.execute(insert(SETTINGS), rows)
            if also is not None:
                also(connection)

        await self._database.write(replace)
