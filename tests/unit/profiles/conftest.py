"""Profiles over a database and an audit log of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from ironbridge.profiles import Profiles
from ironbridge.settings import load_settings
from ironbridge.store import Anchor, Database, SqlAudit, SqlProfiles
from ironbridge.testing.clock import ManualClock

Opening = Callable[..., Any]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.at(tmp_path / "ironbridge.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def audit(database: Database, tmp_path: Path) -> SqlAudit:
    return SqlAudit(database, ManualClock(), Anchor(tmp_path / "anchor"))


@pytest.fixture
def opened(database: Database, audit: SqlAudit, tmp_path: Path) -> Opening:
    """Profiles as a start with these arguments and this environment finds them."""

    async def open_(environment: dict[str, str] | None = None, **arguments: Any) -> Profiles:
        given = load_settings({"home": tmp_path, **arguments}, environment or {})
        profiles = Profiles(SqlProfiles(database), audit, ManualClock(), given)
        await profiles.open()
        return profiles

    return open_
