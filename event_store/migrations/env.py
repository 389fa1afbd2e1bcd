"""Alembic's way in. It is given a connection whose transaction ``event_store.migrate`` opened and ends; there is no other way."""

from alembic import context

from event_store.migrate import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
