"""The steps that bring a database to its present shape, oldest first.

The list of revisions stands here as data, so that a database that is already there is known at once, without loading
Alembic: that costs half a second, and start-up is when an order desk is blind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every revision there is; the last is the head. A test compares it with the files in `versions`."""


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the database to the head, or to a revision on the way, within the connection's own transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ironbridge.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
