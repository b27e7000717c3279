"""The audit log, and triggers that refuse every change of it and of the order journal.

A journal from before the log is vouched for by one first entry, with a digest over all of its rows.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

FIELDS = ("number", "at", "actor_kind", "actor", "via", "why", "what", "subject", "text", "details", "sequence")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("via", sa.String(200), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("audit_by_subject", "audit", ["subject", "number"])
    op.create_index("audit_by_sequence", "audit", ["sequence"])
    _adopt()
    for table, number in (("audit", "number"), ("order_events", "sequence")):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
            )
        # REPLACE deletes without asking the trigger above, and an INSERT could fill a place of its own choice.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN NEW.{number} <> (SELECT COALESCE(MAX({number}), 0) + 1 FROM {table}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
        )


def _adopt() -> None:
    connection = op.get_bind()
    together, last, count = sha256(), 0, 0
    query = "SELECT sequence, at, key, kind, version, payload FROM order_events ORDER BY sequence"
    for row in connection.exec_driver_sql(query):
        together.update(sha256("".join(f"{value}\0" for value in row).encode()).hexdigest().encode())
        last, count = row[0], count + 1
    if not count:
        return
    details = json.dumps({"digest": together.hexdigest(), "events": count}, sort_keys=True, separators=(",", ":"))
    values = (
        1, datetime.now(UTC).isoformat(), "system", "engine", "", "", "journal.adopted", "",
        f"the order journal as it was when the audit log began: events 1 to {last}", details, last,
    )  # fmt: skip
    entry = dict(zip(FIELDS, values, strict=True)) | {"previous": "0" * 64}
    content = json.dumps([entry["previous"], *values], separators=(",", ":"))
    entry["hash"] = sha256(content.encode("ascii")).hexdigest()
    names = ", ".join(entry)
    marks = ", ".join("?" * len(entry))
    connection.exec_driver_sql(f"INSERT INTO audit ({names}) VALUES ({marks})", tuple(entry.values()))
