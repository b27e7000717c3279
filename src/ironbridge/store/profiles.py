"""Profiles in SQL: each a row, its settings one JSON document.

That exactly one is the current one is held by an index (never two) and by this module (never none: the current one is
not deleted, and becomes another only in the transaction that makes the other current). Every change names the version
that it changes, so that of two writers who saw the same one only the first is heard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from ironbridge.domain.profile import Profile
from ironbridge.errors import ProfileChanged, ProfileExists, ProfileInUse, ProfileNotFound, StorageError
from ironbridge.store.engine import Database
from ironbridge.store.tables import CREDENTIALS
from ironbridge.store.tables import PROFILES as TABLE

Also = Callable[[Any], object]
"""Done in the same transaction: the record of the change."""


class SqlProfiles:
    """An `ironbridge.profiles.stores.ProfileStore` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Profile]:
        """Every profile, by name."""
        query = select(TABLE).order_by(TABLE.c.name)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_profile(row) for row in rows]

    async def get(self, name: str) -> Profile:
        """One profile.

        Raises:
            ProfileNotFound: there is none of that name.
        """
        return await self._database.read(lambda connection: _profile(_row(connection, name)))

    async def current(self) -> Profile:
        """The one whose settings are in use."""
        query = select(TABLE).where(TABLE.c.current)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().one_or_none())
        if row is None:
            raise StorageError(
                "The database has no current profile.",
                next_step="The file was edited; restore it from a copy, or activate one: "
                "`ironbridge settings profiles activate default`.",
            )
        return _profile(row)

    async def create(self, name: str, values: Mapping[str, Any], at: datetime, also: Also | None = None) -> Profile:
        """Keep a new profile.

        Raises:
            ProfileExists: the name is taken.
        """
        profile = Profile(name, dict(values), 1, current=False, created_at=at, changed_at=at)

        def work(connection: Connection) -> Profile:
            if connection.execute(select(TABLE.c.name).where(TABLE.c.name == name)).scalar() is not None:
                raise ProfileExists(
                    f"There is a profile {name} already.", next_step="Change that one, or choose a name."
                )
            stamp = at.isoformat()
            connection.execute(
                insert(TABLE).values(
                    name=name, version=1, current=False, settings=_encoded(values), created_at=stamp, changed_at=stamp
                )
            )
            _with(connection, also)
            return profile

        return await self._database.write(work)

    async def change(
        self, name: str, values: Mapping[str, Any], version: int, at: datetime, also: Also | None = None
    ) -> Profile:
        """Replace the settings of a profile.

        Raises:
            ProfileNotFound: there is none of that name.
            ProfileChanged: it is not in that version any more.
        """

        def work(connection: Connection) -> Profile:
            _check_version(_row(connection, name), version)
            connection.execute(
                update(TABLE)
                .where(TABLE.c.name == name)
                .values(settings=_encoded(values), version=version + 1, changed_at=at.isoformat())
            )
            _with(connection, also)
            return _profile(_row(connection, name))

        return await self._database.write(work)

    async def activate(self, name: str, version: int | None, also: Also | None = None) -> Profile:
        """Make it the current one, in place of the one before.

        Raises:
            ProfileNotFound: there is none of that name.
            ProfileChanged: it is not in that version; None takes any.
        """

        def work(connection: Connection) -> Profile:
            row = _row(connection, name)
            if version is not None:
                _check_version(row, version)
            found = _profile(row)  # one that cannot be read must not become the current one
            connection.execute(update(TABLE).where(TABLE.c.current).values(current=False))
            connection.execute(update(TABLE).where(TABLE.c.name == name).values(current=True))
            if not found.current:
                _with(connection, also)
            return _profile(_row(connection, name))

        return await self._database.write(work)

    async def delete(self, name: str, version: int | None, also: Also | None = None) -> None:
        """Forget a profile, and the login that is kept for it.

        Raises:
            ProfileNotFound: there is none of that name.
            ProfileInUse: it is the current one.
            ProfileChanged: it is not in that version; None takes any.
        """

        def work(connection: Connection) -> None:
            row = _row(connection, name)
            if row["current"]:
                raise ProfileInUse(f"{name} is the current profile.", next_step="Activate another one first.")
            if version is not None:
                _check_version(row, version)
            connection.execute(delete(TABLE).where(TABLE.c.name == name))
            of_it = CREDENTIALS.c.name.startswith(f"{name}/", autoescape=True)
            connection.execute(delete(CREDENTIALS).where(of_it))
            _with(connection, also)

        await self._database.write(work)


def _row(connection: Connection, name: str) -> RowMapping:
    row = connection.execute(select(TABLE).where(TABLE.c.name == name)).mappings().one_or_none()
    if row is None:
        raise ProfileNotFound(
            f"There is no profile {name[:60]}.", next_step="`ironbridge settings profiles` lists those there are."
        )
    return row


def _check_version(row: RowMapping, version: int) -> None:
    if row["version"] != version:
        raise ProfileChanged(
            f"The profile {row['name']} is in version {row['version']} now, and this was meant for version {version}.",
            next_step="Look at what it holds now, and make your change again.",
            version=row["version"],
        )


def _profile(row: RowMapping) -> Profile:
    name = row["name"]
    try:
        values = msgspec.json.decode(row["settings"], type=dict[str, Any])
        created, changed = (datetime.fromisoformat(row[column]) for column in ("created_at", "changed_at"))
    except (msgspec.MsgspecError, ValueError) as error:
        raise StorageError(
            f"The profile {name} cannot be read: {error}.",
            next_step=f"The file is damaged or was edited: restore it from a copy, or activate another profile and "
            f"delete this one: `ironbridge settings profiles delete {name}`.",
        ) from error
    return Profile(name, values, row["version"], bool(row["current"]), created, changed)


def _encoded(values: Mapping[str, Any]) -> str:
    return msgspec.json.encode(dict(values)).decode()


def _with(connection: Connection, also: Also | None) -> None:
    if also is not None:
        also(connection)
