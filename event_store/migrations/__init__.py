"""Forward-only migrations, run by ``event_store.migrate``."""
