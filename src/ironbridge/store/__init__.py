"""What is kept: orders, audit, contracts, profiles, secrets, the connection log.

The only importer of SQLAlchemy and Alembic, and of cryptography.
"""

from ironbridge.store.anchor import Anchor, AnchorKeeper
from ironbridge.store.audit import SqlAudit
from ironbridge.store.codes import SqlCodeRules
from ironbridge.store.connection_log import SqlConnectionLog
from ironbridge.store.contracts import SqlContractCache
from ironbridge.store.engine import Database
from ironbridge.store.executions import SqlExecutions
from ironbridge.store.journal import SqlJournal
from ironbridge.store.leases import SqlLeases
from ironbridge.store.profiles import SqlProfiles
from ironbridge.store.risk import SqlRiskStore
from ironbridge.store.settings import SqlSettings
from ironbridge.store.vault import Vault

__all__ = [
    "Anchor",
    "AnchorKeeper",
    "Database",
    "SqlAudit",
    "SqlCodeRules",
    "SqlConnectionLog",
    "SqlContractCache",
    "SqlExecutions",
    "SqlJournal",
    "SqlLeases",
    "SqlProfiles",
    "SqlRiskStore",
    "SqlSettings",
    "Vault",
]
