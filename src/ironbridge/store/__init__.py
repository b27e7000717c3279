"""What is kept: orders, contracts, settings, the connection log. The only importer of SQLAlchemy and Alembic."""

from ironbridge.store.connection_log import SqlConnectionLog
from ironbridge.store.contracts import SqlContractCache
from ironbridge.store.engine import Database
from ironbridge.store.journal import SqlJournal
from ironbridge.store.settings import SqlSettings

__all__ = ["Database", "SqlConnectionLog", "SqlContractCache", "SqlJournal", "SqlSettings"]
