#!/bin/sh
# Makes and upgrades Temporal's two databases. Harmless to run again: what exists is left, only missing versions are applied.
set -eu

export SQL_PASSWORD="$POSTGRES_PWD"
schema=/etc/temporal/schema/postgresql/v12

until nc -z "$POSTGRES_SEEDS" "$DB_PORT"; do sleep 1; done

tool() {
    database=$1
    shift
    temporal-sql-tool --plugin "$DB" --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" --db "$database" "$@"
}

bring_up_to_date() { # DATABASE FOLDER
    tool "$1" create || true  # It may be there already; if it could not be made, the next line fails and says why.
    tool "$1" setup-schema -v 0.0  # Leaves a later version alone.
    tool "$1" update-schema -d "$schema/$2/versioned"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
