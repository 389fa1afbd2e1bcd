"""The record (es), what cannot be rebuilt beside it (app), and the read models' room (rm).

From here on the files of tables are never changed: a later version alters. Files of functions and views may be changed together
with a later version that runs them again.
"""

from alembic import op

from event_store.migrate import run_files

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROOMS = {  # Who owns it, and its files in the order they need each other.
    None: ("es/roles", "es/schema", "app/schema", "rm/schema"),
    "es_owner": (
        "es/forbid",
        "es/stream",
        "es/event",
        "es/partition",
        "es/make_partition",
        "es/first_partitions",
        "es/receipt",
        "es/verdict",
        "es/append_batch",
        "es/head_at",
        "es/event_as_json",
        "es/grants",
    ),
    "app_owner": ("app/store", "app/person", "app/account", "app/session", "app/inbox", "app/grants"),
}


def upgrade() -> None:
    """Make everything, each room as its owner."""
    for owner, files in ROOMS.items():
        run_files(op.get_bind(), *files, owner=owner)
