"""Profiles are kept: one current, every change to the version it was meant for, all or nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ironbridge.domain.profile import check_profile_name
from ironbridge.errors import (
    InvalidSettings,
    ProfileChanged,
    ProfileExists,
    ProfileInUse,
    ProfileNotFound,
    StorageError,
)
from ironbridge.store import Database, SqlProfiles, SqlSettings, Vault

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
VALUES = {"host": "127.0.0.1", "port": 7497, "market_data_permissions": ["NASDAQ"], "account": None}


@pytest.fixture
def profiles(database: Database) -> SqlProfiles:
    return SqlProfiles(database)


async def test_a_new_database_has_one_profile_with_nothing_set(profiles: SqlProfiles) -> None:
    current = await profiles.current()
    assert (current.name, current.values, current.version, current.current) == ("default", {}, 1, True)
    assert [each.name for each in await profiles.all()] == ["default"]


async def test_a_profile_is_made_changed_and_forgotten(
    database: Database, profiles: SqlProfiles, tmp_path: Path
) -> None:
    made = await profiles.create("tws", VALUES, NOW)
    assert (made.values, made.version, made.current) == (VALUES, 1, False)
    assert await profiles.get("tws") == made
    changed = await profiles.change("tws", {"port": 7496}, 1, NOW + timedelta(hours=1))
    assert (changed.values, changed.version) == ({"port": 7496}, 2)
    assert changed.changed_at - changed.created_at == timedelta(hours=1)
    vault = Vault(database, tmp_path / "vault.key")
    await vault.keep({"tws/password": "1", "tws2/password": "2"}, NOW)
    await profiles.delete("tws", 2)
    assert [each.name for each in await vault.kept()] == ["tws2/password"], "its login is forgotten with it"
    with pytest.raises(ProfileNotFound, match="no profile tws"):
        await profiles.get("tws")
    with pytest.raises(ProfileExists):
        await profiles.create("default", {}, NOW)


async def test_exactly_one_is_the_current_one(profiles: SqlProfiles) -> None:
    await profiles.create("tws", VALUES, NOW)
    assert (await profiles.activate("tws", None)).current
    assert [each.name for each in await profiles.all() if each.current] == ["tws"]
    assert (await profiles.current()).name == "tws"
    with pytest.raises(ProfileInUse, match="Activate another"):
        await profiles.delete("tws", None)
    await profiles.delete("default", None)
    with pytest.raises(ProfileNotFound):
        await profiles.activate("default", None)
    assert (await profiles.current()).name == "tws"


async def test_not_even_a_hand_can_make_two_current(database: Database, profiles: SqlProfiles) -> None:
    await profiles.create("tws", VALUES, NOW)

    def by_hand(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE profiles SET current = 1")

    with pytest.raises(StorageError, match="UNIQUE"):
        await database.write(by_hand)


async def test_of_two_writers_who_saw_the_same_only_the_first_is_heard(profiles: SqlProfiles) -> None:
    await profiles.create("tws", VALUES, NOW)
    outcomes = await asyncio.gather(
        *(profiles.change("tws", {"port": port}, 1, NOW) for port in range(1000, 1020)), return_exceptions=True
    )
    heard = [each for each in outcomes if not isinstance(each, BaseException)]
    refused = [each for each in outcomes if isinstance(each, ProfileChanged)]
    assert (len(heard), len(refused)) == (1, 19)
    assert await profiles.get("tws") == heard[0]
    assert "version 2 now" in str(refused[0])
    for late in (profiles.delete("tws", 1), profiles.activate("tws", 1)):
        with pytest.raises(ProfileChanged):
            await late


async def test_a_change_and_its_record_are_one(database: Database, profiles: SqlProfiles) -> None:
    def fails(connection: Connection) -> None:
        raise LookupError("the record cannot be written")

    await profiles.create("tws", VALUES, NOW)
    for change in (
        profiles.create("other", {}, NOW, fails),
        profiles.change("tws", {}, 1, NOW, fails),
        profiles.activate("tws", None, fails),
        profiles.delete("tws", None, fails),
    ):
        with pytest.raises(LookupError):
            await change
    assert [(each.name, each.version, each.current) for each in await profiles.all()] == [
        ("default", 1, True),
        ("tws", 1, False),
    ]


async def test_a_damaged_profile_is_named_and_can_be_got_rid_of(database: Database, profiles: SqlProfiles) -> None:
    def damage(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE profiles SET settings = '{' WHERE name = 'default'")

    await profiles.create("tws", VALUES, NOW)
    await database.write(damage)
    with pytest.raises(StorageError, match="profile default cannot be read") as caught:
        await profiles.current()
    assert "profiles delete default" in caught.value.next_step
    await profiles.activate("tws", None)
    with pytest.raises(StorageError, match="profile default cannot be read"):
        await profiles.activate("default", None)
    assert (await profiles.current()).name == "tws"
    await profiles.delete("default", None)
    assert [each.name for each in await profiles.all()] == ["tws"]


async def test_what_was_set_before_there_were_profiles_is_the_first_of_them(
    tmp_path: Path, aged: Callable[[Path, str], None]
) -> None:
    path = tmp_path / "old.db"
    aged(path, "0003")
    with closing(sqlite3.connect(path)) as old:
        old.execute(
            "INSERT INTO settings VALUES ('port', '7497'), ('connect_timeout', '3.5'), ('max_order_quantity', '\"5\"')"
        )
        old.commit()
    database = Database.at(path)
    await database.open()
    assert (await SqlProfiles(database).current()).values == {"port": 7497, "connection_timeout": 3.5}
    assert await SqlSettings(database).load() == {"max_order_quantity": "5"}
    await database.close()


@pytest.mark.parametrize("name", ("a", "tws-live", "gw.2", "0", "a" * 40))
def test_names_that_can_be(name: str) -> None:
    check_profile_name(name)


@pytest.mark.parametrize("name", ("", "A", "-a", ".", "a b", "a/b", "ä", "a" * 41, "a\n", "..", "%41"))
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InvalidSettings, match="cannot be a profile's name"):
        check_profile_name(name)
