"""Executions with their commissions, what was held before them, and where each day began."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "executions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("execution_id", sa.String(80), nullable=False, unique=True),
        sa.Column("identity", sa.String(80), nullable=False),
        sa.Column("correction", sa.Integer, nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("con_id", sa.Integer, nullable=False),
        sa.Column("symbol", sa.String(40), nullable=False),
        sa.Column("side", sa.String(4), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_index("executions_by_identity", "executions", ["identity", "correction"])
    op.create_index("executions_by_time", "executions", ["at", "number"])
    op.create_table(
        "commissions",
        sa.Column("execution_id", sa.String(80), primary_key=True),
        sa.Column("identity", sa.String(80), nullable=False),
        sa.Column("correction", sa.Integer, nullable=False),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("realized_pnl", sa.String(40)),
    )
    op.create_index("commissions_by_identity", "commissions", ["identity", "correction"])
    op.create_table(
        "openings",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("con_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_table(
        "cash_openings",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("currency", sa.String(10), primary_key=True),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "day_starts",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("whole", sa.Integer, nullable=False),
    )
