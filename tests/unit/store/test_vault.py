"""Secrets: encrypted in the file, revealed to the program alone, and their keys changed without losing one."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ironbridge.errors import CredentialNotFound, VaultLocked
from ironbridge.store import Database, Vault

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECRET = "pässwörd-42"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "vault.key"


def keys_in(file: Path) -> list[bytes]:
    return file.read_bytes().split()


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def mode_of(file: Path) -> int:
    return file.stat().st_mode & 0o777


@pytest.fixture
def vault(database: Database, keys: Path) -> Vault:
    return Vault(database, keys)


async def test_a_secret_comes_back_and_is_nowhere_to_be_read(vault: Vault, tmp_path: Path, keys: Path) -> None:
    await vault.keep({"default/password": SECRET, "default/username": "trader"}, NOW)
    assert await vault.reveal("default/password") == SECRET
    assert [(each.name, each.changed_at) for each in await vault.kept("default/")] == [
        ("default/password", NOW),
        ("default/username", NOW),
    ]
    assert SECRET not in repr(await vault.kept())
    found = files_of(tmp_path)
    assert {"ironbridge.db", "vault.key"} <= set(found)
    for name, content in found.items():
        assert SECRET.encode() not in content, name
        assert b"trader" not in content, name
    assert mode_of(keys) == 0o600


async def test_what_is_not_there_is_said(vault: Vault) -> None:
    with pytest.raises(CredentialNotFound):
        await vault.reveal("default/password")
    await vault.forget("default/password")
    assert await vault.kept() == []


async def test_a_prefix_is_no_pattern(vault: Vault) -> None:
    await vault.keep({"a_b/x": "1", "acb/x": "2", "%/x": "3"}, NOW)
    assert [each.name for each in await vault.kept("a_b/")] == ["a_b/x"]
    assert [each.name for each in await vault.kept("%")] == ["%/x"]


async def test_keys_are_changed_and_the_old_ones_are_of_no_use(vault: Vault, database: Database, keys: Path) -> None:
    await vault.keep({"a": "1", "b": "2"}, NOW)
    (old,) = keys_in(keys)

    def token(connection: Connection) -> str:
        return str(connection.exec_driver_sql("SELECT token FROM credentials WHERE name = 'a'").scalar())

    before = await database.read(token)
    assert await asyncio.gather(vault.rotate(), vault.rotate()) == [2, 2]
    assert await database.read(token) != before
    (new,) = keys_in(keys)
    assert new != old
    assert await vault.reveal("a") == "1"
    Vault(database, keys)._write([old])
    with pytest.raises(VaultLocked, match="its key is not in the key file"):
        await vault.reveal("a")


async def test_a_change_of_keys_that_was_cut_short_loses_nothing(vault: Vault, keys: Path) -> None:
    await vault.keep({"a": "1"}, NOW)

    def cut(connection: Connection) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await vault.rotate(cut)
    assert len(keys_in(keys)) == 2, "the new key and the old one"
    assert await vault.reveal("a") == "1"
    await vault.rotate()
    assert await vault.reveal("a") == "1"


@pytest.mark.parametrize(
    ("spoil", "words"),
    (
        (lambda keys: keys.unlink(), "There is no"),
        (lambda keys: keys.write_bytes(b"nonsense\n"), "does not hold keys"),
        (lambda keys: keys.write_bytes(b""), "does not hold keys"),
        (lambda keys: keys.chmod(0o644), "Others can read"),
    ),
)
async def test_without_its_keys_it_is_locked_and_says_so(vault: Vault, keys: Path, spoil, words: str) -> None:
    await vault.keep({"a": SECRET}, NOW)
    spoil(keys)
    with pytest.raises(VaultLocked, match=words) as caught:
        await vault.reveal("a")
    assert caught.value.next_step
    assert SECRET not in str(caught.value)


async def test_a_damaged_secret_is_named(vault: Vault, tmp_path: Path) -> None:
    await vault.keep({"a": SECRET}, NOW)
    with sqlite3.connect(tmp_path / "ironbridge.db") as file:
        file.execute("UPDATE credentials SET token = 'x' || token")
    file.close()
    with pytest.raises(VaultLocked, match="credential a cannot be decrypted"):
        await vault.reveal("a")
    with pytest.raises(VaultLocked):
        await vault.rotate()
