"""What is kept: the order journal, resolved contracts, settings. The only importer of SQLAlchemy and Alembic."""

from ironbridge.store.contracts import SqlContractCache
from ironbridge.store.engine import Database
from ironbridge.store.journal import SqlJournal
from ironbridge.store.settings import SqlSettings

__all__ = ["Database", "SqlContractCache", "SqlJournal", "SqlSettings"]
