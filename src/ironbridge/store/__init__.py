"""What is kept: orders, audit, contracts, settings, connection log. The only importer of SQLAlchemy and Alembic."""

from ironbridge.store.anchor import Anchor, AnchorKeeper
from ironbridge.store.audit import SqlAudit
from ironbridge.store.connection_log import SqlConnectionLog
from ironbridge.store.contracts import SqlContractCache
from ironbridge.store.engine import Database
from ironbridge.store.journal import SqlJournal
from ironbridge.store.settings import SqlSettings

__all__ = [
    "Anchor",
    "AnchorKeeper",
    "Database",
    "SqlAudit",
    "SqlConnectionLog",
    "SqlContractCache",
    "SqlJournal",
    "SqlSettings",
]
