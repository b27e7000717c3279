"""Profiles, and what was changed at run time before there were any as the first of them; credentials."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOVED = (
    "host", "port", "client_id", "account", "market_data_type", "connection_timeout", "request_timeout",
    "answer_timeout", "heartbeat_interval", "stale_after", "messages_per_second", "market_data_lines", "depth_streams",
    "tick_by_tick_streams", "history_requests", "history_open", "auto_connect", "active", "retry_attempts",
    "market_data_permissions", "backups", "failback", "breaker_failures", "breaker_cooldown", "data_sessions",
    "daily_restart", "gateway_zone", "weekly_login",
)


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
    )
    where = sa.text("current")
    op.create_index(
        "profiles_one_current", "profiles", ["current"], unique=True, sqlite_where=where, postgresql_where=where
    )
    op.create_table(
        "credentials",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
    )
    _first()


def _first() -> None:
    connection = op.get_bind()
    settings = sa.table("settings", sa.column("name"), sa.column("value"))
    kept = {name: json.loads(value) for name, value in connection.execute(sa.select(settings))}
    if "connect_timeout" in kept:  # what it was called then
        kept["connection_timeout"] = kept.pop("connect_timeout")
    connection.execute(sa.delete(settings).where(settings.c.name.in_([*MOVED, "connect_timeout"])))
    now = datetime.now(UTC).isoformat()
    profiles = sa.table(
        "profiles", *map(sa.column, ("name", "version", "settings", "created_at", "changed_at")),
        sa.column("current", sa.Boolean),
    )
    connection.execute(
        sa.insert(profiles).values(
            name="default",
            version=1,
            current=True,
            settings=json.dumps({name: kept[name] for name in MOVED if name in kept}),
            created_at=now,
            changed_at=now,
        )
    )
