#!/bin/sh
# Makes the passwords of docker-compose.yml, once. What is there is kept, so calling it again is harmless.
#
# The folder can only be entered by its owner; the files in it are readable, since each is mounted by itself into a container whose
# user has another number.
set -eu
cd -- "$(dirname -- "$0")/.."
umask 077
mkdir -p deploy/secrets
chmod 700 deploy/secrets

password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

if ! [ -f deploy/secrets/database_owner_password ]; then
    password >deploy/secrets/database_owner_password
fi
if ! [ -f deploy/secrets/database_owner_url ]; then
    printf 'postgresql://dukao:%s@db:5432/dukao' "$(cat deploy/secrets/database_owner_password)" >deploy/secrets/database_owner_url
fi
if ! [ -f deploy/secrets/database_url ]; then
    printf 'postgresql://dukao_app:%s@db:5432/dukao' "$(password)" >deploy/secrets/database_url
fi
chmod 444 deploy/secrets/*
if ! grep -q '^TEMPORAL_DB_PASSWORD=' .env 2>/dev/null; then
    printf 'TEMPORAL_DB_PASSWORD=%s\n' "$(password)" >>.env
fi
