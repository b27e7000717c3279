"""What is kept, as tables.

The shape of a database is what its migrations made of it; these tables are how the code speaks of that shape, and a
test holds the two together. `order_events` is only ever added to. Moments are ISO 8601 text in UTC and documents are
JSON text, so that a file opened by hand explains itself.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text

METADATA = MetaData()

ORDER_EVENTS = Table(
    "order_events",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Index("order_events_by_key", "key", "sequence"),
)

ORDER_KEYS = Table(
    "order_keys",
    METADATA,
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("client_id", Integer, nullable=False),
    Column("order_id", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    UniqueConstraint("client_id", "order_id", name="order_keys_one_id"),
)
"""One row for each key ever used: the lock that makes a key one order."""

LEASES = Table(
    "leases",
    METADATA,
    Column("client_id", Integer, primary_key=True, autoincrement=False),
    Column("token", Integer, nullable=False),
    Column("owner", String(40), nullable=False),
    Column("program", String(200), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("taken_at", String(32), nullable=False),
)
"""Which process owns each client id; empty where none does. The token rises with each taking."""

ORDER_IDS = Table(
    "order_ids",
    METADATA,
    Column("client_id", Integer, primary_key=True, autoincrement=False),
    Column("mark", Integer, nullable=False),
)
"""The highest order id that each client id has used: it never goes back (I-02, I-12)."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("via", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("what", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("sequence", Integer),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_by_subject", "subject", "number"),
    Index("audit_by_sequence", "sequence"),
)
"""Who did what; only ever added to, as `order_events` is: triggers refuse every change."""

CODE_RULES = Table(
    "code_rules",
    METADATA,
    Column("code", Integer, primary_key=True, autoincrement=False),
    Column("meaning", String(40), nullable=False),
    Column("next_step", Text, nullable=False),
)
"""The owner's own rules about IB's codes, which count before the table's."""

CONTRACTS = Table(
    "contracts",
    METADATA,
    Column("instrument", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
)

SETTINGS = Table(
    "settings",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)

CONNECTION_LOG = Table(
    "connection_log",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("what", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("before", String(40), nullable=False),
    Column("severity", String(10), nullable=False),
)
"""What has happened to the connection; old entries are dropped."""

PROFILES = Table(
    "profiles",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("settings", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("changed_at", String(32), nullable=False),
)
"""Named sets of settings; `settings` holds those that are set."""
Index(
    "profiles_one_current",
    PROFILES.c.current,
    unique=True,
    sqlite_where=text("current"),
    postgresql_where=text("current"),
)

CREDENTIALS = Table(
    "credentials",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("token", Text, nullable=False),
    Column("changed_at", String(32), nullable=False),
)
"""Secrets, each encrypted; the key is not in the database."""
EXECUTIONS = Table(
    "executions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("execution_id", String(80), nullable=False, unique=True),
    Column("identity", String(80), nullable=False),
    Column("correction", Integer, nullable=False),
    Column("account", String(32), nullable=False),
    Column("con_id", Integer, nullable=False),
    Column("symbol", String(40), nullable=False),
    Column("side", String(4), nullable=False),
    Column("at", String(32), nullable=False),
    Column("ref", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Index("executions_by_identity", "identity", "correction"),
    Index("executions_by_time", "at", "number"),
)
"""Every execution in every correction, kept for good: only ever added to."""

COMMISSIONS = Table(
    "commissions",
    METADATA,
    Column("execution_id", String(80), primary_key=True),
    Column("identity", String(80), nullable=False),
    Column("correction", Integer, nullable=False),
    Column("amount", String(40), nullable=False),
    Column("currency", String(10), nullable=False),
    Column("realized_pnl", String(40)),
    Index("commissions_by_identity", "identity", "correction"),
)

OPENINGS = Table(
    "openings",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("con_id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
)
"""What was held before the first execution that is known."""

CASH_OPENINGS = Table(
    "cash_openings",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("currency", String(10), primary_key=True),
    Column("amount", String(40), nullable=False),
    Column("at", String(32), nullable=False),
)

DAY_STARTS = Table(
    "day_starts",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("currency", String(10), nullable=False),
    Column("amount", String(40), nullable=False),
    Column("at", String(32), nullable=False),
    Column("whole", Integer, nullable=False),
)
"""Net liquidation as each account's present day began."""


RISK_LIMITS = Table(
    "risk_limits",
    METADATA,
    Column("scope", String(100), primary_key=True),
    Column("payload", Text, nullable=False),
)
"""One set of risk limits for each scope that was given one at run time."""

RISK_LATCHES = Table(
    "risk_latches",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("engaged", Integer, nullable=False),
    Column("payload", Text, nullable=False),
)
"""What blocks orders until somebody releases it: the kill switch, and accounts at their daily loss limit."""

KILL_SWITCH = "kill-switch"
"""The kill switch's name there: the journal asks after it within each claim."""
