"""${message}."""

from alembic import op

from event_store.migrate import run_files

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_files(op.get_bind())
