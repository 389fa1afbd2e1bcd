#!/bin/sh
# Runs once, when the server's data folder is first made: a role of its own for Temporal, which may make its two databases and sees
# nothing of ours.
set -eu

psql -v ON_ERROR_STOP=1 -v password="$TEMPORAL_DB_PASSWORD" -v ours="$POSTGRES_DB" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'password';
REVOKE CONNECT ON DATABASE :"ours" FROM PUBLIC;
SQL
