"""Limits that were set at run time, and what blocks orders until somebody releases it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "risk_limits",
        sa.Column("scope", sa.String(100), primary_key=True),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_table(
        "risk_latches",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("engaged", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
