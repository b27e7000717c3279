"""Run by Alembic, never imported: applies the revisions on the connection that `migrations.upgrade` hands over."""

from alembic import context

from ironbridge.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
