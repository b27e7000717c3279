"""A database in a folder of the test's own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from ironbridge.store import Database, migrations

Aged = Callable[[Path, str], None]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.at(tmp_path / "ironbridge.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def aged() -> Aged:
    """Makes an empty database at a path in the shape of an older revision."""

    def make(path: Path, revision: str) -> None:
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            migrations.upgrade(connection, revision)
        engine.dispose()

    return make
