"""A database in a folder of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ironbridge.store import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.at(tmp_path / "ironbridge.db")
    await database.open()
    yield database
    await database.close()
