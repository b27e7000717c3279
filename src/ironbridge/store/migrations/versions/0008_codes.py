"""The owner's own rules about IB's codes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "code_rules",
        sa.Column("code", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("meaning", sa.String(40), nullable=False),
        sa.Column("next_step", sa.Text, nullable=False),
    )
