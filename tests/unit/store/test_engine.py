"""The database opens, migrates, closes, and says in words why it cannot."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from ironbridge.errors import InvalidSettings, StorageError
from ironbridge.store import Database, SqlSettings
from ironbridge.store.migrations import REVISIONS
from ironbridge.store.tables import METADATA


def test_the_listed_revisions_are_those_in_the_folder_and_lead_to_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", "ironbridge.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == REVISIONS
    assert scripts.get_current_head() == REVISIONS[-1]


async def test_the_migrations_make_the_tables_that_the_code_speaks_of(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    assert await database.read(differences) == []


async def test_what_commits_is_on_the_disk(database: Database) -> None:
    def pragmas(connection: Connection) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names)

    assert await database.write(pragmas) == ("wal", 2, 1)
    assert await database.read(pragmas) == ("wal", 2, 1)


async def test_opening_again_finds_what_was_kept(tmp_path: Path) -> None:
    for round_ in range(3):
        database = Database.at(tmp_path / "kept.db")
        await database.open()
        settings = SqlSettings(database)
        assert await settings.load() == ({} if round_ == 0 else {"round": round_ - 1})
        await settings.save({"round": round_})
        await database.close()


async def test_work_that_raises_leaves_nothing(database: Database) -> None:
    def half(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO settings VALUES ('a', '1')")
        raise LookupError("midway")

    with pytest.raises(LookupError):
        await database.write(half)
    assert await SqlSettings(database).load() == {}


async def test_work_that_fails_among_others_costs_itself_alone(database: Database) -> None:
    def keep(name: str) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            connection.exec_driver_sql("INSERT INTO settings VALUES (?, '1')", (name,))
            if name == "bad":
                raise LookupError("midway")

        return work

    names = ("a", "b", "bad", "c", "a")
    results = await asyncio.gather(*(database.write(keep(name)) for name in names), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), type(None), LookupError, type(None), StorageError]
    assert await SqlSettings(database).load() == {"a": 1, "b": 1, "c": 1}


async def test_closing_waits_for_what_was_asked(tmp_path: Path) -> None:
    database = Database.at(tmp_path / "late.db")
    await database.open()
    saves = [asyncio.ensure_future(SqlSettings(database).save({f"n{n}": n})) for n in range(20)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*saves)
    again = Database.at(tmp_path / "late.db")
    await again.open()
    assert len(await SqlSettings(again).load()) == 20
    await again.close()


async def test_writers_take_turns_and_readers_see_whole_transactions(database: Database) -> None:
    def add(connection: Connection) -> None:
        row = connection.exec_driver_sql("SELECT value FROM settings WHERE name = 'n'").scalar()
        connection.exec_driver_sql("INSERT OR REPLACE INTO settings VALUES ('n', ?)", (str(int(row or 0) + 1),))

    await asyncio.gather(*(database.write(add) for _ in range(100)))
    assert await SqlSettings(database).load() == {"n": 100}


async def test_a_cancelled_caller_does_not_tear_a_transaction(database: Database) -> None:
    settings = SqlSettings(database)
    writing = asyncio.ensure_future(settings.save({"a": 1, "b": 2}))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await settings.save({"c": 3})
    assert await settings.load() in ({"a": 1, "b": 2, "c": 3}, {"c": 3})


async def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8" + bytes(4000))
    with pytest.raises(StorageError, match=r"photo.jpg failed: file is not a database.*something else"):
        await Database.at(file).open()


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"unable to open.*folder exists"):
        await Database.at(tmp_path / "no" / "such.db").open()


async def test_a_database_from_a_newer_version(tmp_path: Path) -> None:
    database = Database.at(tmp_path / "new.db")
    await database.open()
    await database.close()
    connection = sqlite3.connect(tmp_path / "new.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match=r"revision 9999.*newer version"):
        await Database.at(tmp_path / "new.db").open()


async def test_a_database_that_another_program_holds(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ironbridge.store.lane.BUSY_SECONDS", 0.01)
    second = Database.at(tmp_path / "ironbridge.db")
    other = sqlite3.connect(tmp_path / "ironbridge.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match=r"locked.*Another program holds it"):
        await second.open()
    other.close()


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = Database.at(tmp_path / "closed.db")
    await database.open()
    await database.close()
    await database.close()
    with pytest.raises(StorageError, match="closed"):
        await SqlSettings(database).load()


@pytest.mark.parametrize(
    ("url", "says"),
    (
        ("nonsense", "is not a database URL"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "must be a file"),
        ("postgresql://db/ironbridge", "postgresql is not supported"),
    ),
)
def test_urls_that_cannot_be(url: str, says: str) -> None:
    with pytest.raises(InvalidSettings, match=says):
        Database(url)


def test_the_asyncio_spelling_of_the_url_is_taken_too(tmp_path: Path) -> None:
    assert repr(Database(f"sqlite+aiosqlite:///{tmp_path}/x.db")) == f"<Database {tmp_path}/x.db>"


def test_a_present_database_opens_without_loading_alembic(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import asyncio, sys, pathlib\n"
        "from ironbridge.store import Database\n"
        "async def main():\n"
        "    database = Database.at(pathlib.Path(sys.argv[1]))\n"
        "    await database.open()\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)\n"
    )
    seen = [
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "x.db")],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert seen == ["True", "False"]


async def test_nothing_is_left_behind_for_the_next_engine(tmp_path: Path) -> None:
    database = Database.at(tmp_path / "wal.db")
    await database.open()
    await SqlSettings(database).save({"a": 1})
    await database.close()
    engine = create_engine(f"sqlite:///{tmp_path}/wal.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT value FROM settings").scalar() == "1"
    engine.dispose()
    assert not (tmp_path / "wal.db-wal").exists()
