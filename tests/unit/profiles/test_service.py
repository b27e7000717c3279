"""What counts, where it comes from, what a change needs, and what is recorded of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from ironbridge.errors import (
    InvalidSettings,
    ProfileChanged,
    ProfileInUse,
    ProfileNotFound,
    SettingFixed,
    StorageError,
)
from ironbridge.settings import Settings
from ironbridge.store import Database, SqlAudit
from ironbridge.store.lane import BUSY_SECONDS


async def test_each_value_counts_by_the_nearest_source_and_says_which(opened, tmp_path: Path) -> None:
    profiles = await opened()
    everywhere = {"port": 1, "client_id": 1, "account": "DU1", "retry_attempts": 1}
    await profiles.change("default", everywhere)
    (tmp_path / "ironbridge.toml").write_text('account = "DU2"\nclient_id = 2\nport = 2\n')
    profiles = await opened({"IBKR_CLIENT_ID": "3", "IBKR_PORT": "3"}, port=4)
    settings = profiles.settings
    assert (settings.port, settings.client_id, settings.account, settings.retry_attempts) == (4, 3, "DU2", 1)
    assert [str(settings.source(name)) for name in (*everywhere, "active")] == [
        "an argument",
        "the environment variable IBKR_CLIENT_ID",
        f"the file {tmp_path / 'ironbridge.toml'}",
        "the profile default",
        "the default",
    ]
    assert set(profiles.overridden(profiles.current)) == {"port", "client_id", "account"}


@pytest.mark.parametrize("where", ("argument", "environment", "file"))
async def test_what_a_nearer_source_sets_is_refused_with_its_place(opened, tmp_path: Path, where: str) -> None:
    if where == "file":
        (tmp_path / "ironbridge.ini").write_text("[ironbridge]\nport = 7497\n")
    profiles = await opened(
        {"IBKR_PORT": "7497"} if where == "environment" else {}, **({"port": 7497} if where == "argument" else {})
    )
    places = {"argument": "an argument", "environment": "IBKR_PORT", "file": "ironbridge.ini"}
    with pytest.raises(SettingFixed, match=places[where]) as caught:
        await profiles.change("default", {"port": 7496, "retry_attempts": 3})
    assert caught.value.details["fields"] == ["port"]
    assert "start again" in caught.value.next_step
    assert profiles.current.values == {}, "all or nothing"
    await profiles.change("default", {"port": 7497, "retry_attempts": 3})
    await profiles.create("other", {"port": 7496})
    assert set(profiles.overridden(await profiles.get("other"))) == {"port"}
    assert profiles.settings_of(await profiles.get("other")).port == 7497


@pytest.mark.parametrize(
    ("values", "words"),
    (
        ({"port": 0}, "port"),
        ({"port": "http"}, "port"),
        ({"hots": "x"}, "hots is no setting of a profile"),
        ({"live_account": "U1"}, "live_account is no setting of a profile"),
        ({"home": "/x"}, "home is no setting of a profile"),
        ({"market_data_type": 9}, "market_data_type"),
        ({"backups": "10.0.0.2:4002"}, "backups"),
        ({"gateway_zone": "Mars"}, "gateway_zone"),
        ({"auto_connect": "perhaps"}, "auto_connect"),
        ({"host": "a b"}, "host"),
        ({"account": "DU 1"}, "account"),
    ),
)
async def test_what_cannot_be_meant_is_named_and_nothing_is_changed(opened, values: dict[str, Any], words: str) -> None:
    profiles = await opened()
    with pytest.raises(InvalidSettings, match=words):
        await profiles.change("default", values)
    with pytest.raises(InvalidSettings, match=words):
        await profiles.create("other", values)
    assert [(each.name, each.version) for each in await profiles.all()] == [("default", 1)]


async def test_a_value_is_kept_as_it_is_meant_and_none_takes_it_back(opened) -> None:
    profiles = await opened()
    changed = await profiles.change(
        "default", {"port": "7497", "auto_connect": "no", "host": " gw ", "market_data_permissions": "NASDAQ, ARCA"}
    )
    assert changed.values == {
        "port": 7497,
        "auto_connect": False,
        "host": "gw",
        "market_data_permissions": ["NASDAQ", "ARCA"],
    }
    back = await profiles.change("default", {"port": None, "host": None, "auto_connect": None})
    assert back.values == {"market_data_permissions": ["NASDAQ", "ARCA"]}
    assert (profiles.settings.port, profiles.settings.embedded) == (4002, True)
    assert (await profiles.change("default", {"host": None})).version == back.version, "nothing changed"


async def test_to_activate_puts_another_ones_settings_to_use(opened) -> None:
    profiles = await opened()
    told: list[tuple[int, int]] = []
    profiles.applied = lambda before, after: told.append((before.port, after.port))
    await profiles.create("tws", {"host": "127.0.0.1", "port": 7497})
    await profiles.create("copy", {"port": 7000}, copy_of="tws")
    assert (await profiles.get("copy")).values == {"host": "127.0.0.1", "port": 7000}
    await profiles.change("tws", {"client_id": 5})
    assert told == [], "it is not in use"
    await profiles.activate("tws")
    assert (profiles.current.name, profiles.settings.port, profiles.settings.client_id) == ("tws", 7497, 5)
    assert str(profiles.settings.source("port")) == "the profile tws"
    assert told == [(4002, 7497)]
    with pytest.raises(ProfileInUse, match="current"):
        await profiles.delete("tws")
    await profiles.delete("default")
    profiles.in_session = lambda profile: profile.name == "copy"
    with pytest.raises(ProfileInUse, match="present session"):
        await profiles.delete("copy")
    for missing in (
        profiles.activate("default"),
        profiles.delete("default"),
        profiles.change("default", {"port": 1}),
        profiles.create("new", copy_of="default"),
    ):
        with pytest.raises(ProfileNotFound):
            await missing
    assert (await opened()).current.name == "tws", "a start finds it"


async def test_a_profile_that_does_not_stand_beside_what_is_given_is_not_activated(opened) -> None:
    profiles = await opened()
    values = {"host": "10.0.0.1", "account": "DU1", "backups": ["10.0.0.2:4002"]}
    await profiles.create("pair", values)
    await profiles.activate("pair")
    with pytest.raises(InvalidSettings, match="backups") as caught:
        await opened({"IBKR_HOST": "10.0.0.2"})
    assert "ironbridge settings unset backups" in caught.value.next_step


async def test_what_a_newer_version_has_put_there_is_named_and_can_be_taken_out(opened, database: Database) -> None:
    def by_another(connection: Connection) -> None:
        connection.exec_driver_sql("""UPDATE profiles SET settings = '{"port": 7497, "warp": 9}'""")

    profiles = await opened()
    await database.write(by_another)
    with pytest.raises(InvalidSettings, match="warp is not a setting") as caught:
        await opened()
    assert "ironbridge settings unset warp" in caught.value.next_step
    with pytest.raises(InvalidSettings):
        await profiles.change("default", {"warp": 10})
    assert (await profiles.change("default", {"warp": None})).values == {"port": 7497}
    assert (await opened()).settings.port == 7497


async def test_of_two_who_changed_the_same_the_second_is_told(opened) -> None:
    profiles = await opened()
    seen = profiles.current.version
    outcomes = await asyncio.gather(
        *(profiles.change("default", {"client_id": n}, version=seen) for n in range(2, 12)), return_exceptions=True
    )
    assert [type(each) for each in outcomes].count(ProfileChanged) == 9
    assert profiles.current.version == seen + 1
    with pytest.raises(ProfileChanged):
        await profiles.activate("default", version=seen)
    await asyncio.gather(profiles.change("default", {"port": 7000}), profiles.change("default", {"retry_attempts": 4}))
    assert (profiles.settings.port, profiles.settings.retry_attempts) == (7000, 4), "no change lost"


async def test_every_change_is_recorded_with_what_it_was_and_what_it_is(opened, audit: SqlAudit) -> None:
    profiles = await opened()
    await profiles.change("default", {"port": 7497, "client_id": 3})
    await profiles.change("default", {"port": 7496})
    await profiles.create("other", {"port": 4001})
    await profiles.activate("other")
    await profiles.delete("default")
    entries = [entry async for entry in audit.entries()]
    assert [(entry.what, entry.subject, entry.text) for entry in entries] == [
        ("profile.changed", "default", "changed: client_id, port"),
        ("profile.changed", "default", "changed: port"),
        ("profile.changed", "other", "created: port"),
        ("profile.activated", "other", "in place of default"),
        ("profile.changed", "default", "deleted"),
    ]
    assert entries[1].particulars == {"port": {"before": 7497, "after": 7496}}
    assert entries[1].actor.via == "library"
    assert not (await audit.verify()).findings


async def test_a_database_that_cannot_be_written_changes_nothing(opened, database: Database, audit: SqlAudit) -> None:
    def sealed(connection: Connection) -> None:
        connection.exec_driver_sql(
            "CREATE TRIGGER no BEFORE UPDATE ON profiles "
            "BEGIN SELECT RAISE(ABORT, 'database disk image is malformed'); END"
        )

    profiles = await opened()
    told: list[Settings] = []
    profiles.applied = lambda _, after: told.append(after)
    await database.write(sealed)
    with pytest.raises(StorageError, match="malformed"):
        await profiles.change("default", {"port": 7497})
    assert (profiles.settings.port, profiles.current.version, told) == (4002, 1, [])
    assert [entry async for entry in audit.entries()] == [], "no record of what did not happen"
    assert BUSY_SECONDS < 10, "a locked database is an error within what a caller waits"
