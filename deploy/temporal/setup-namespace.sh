#!/bin/sh
# Makes the namespace, or brings it to what embedded/temporal.py also sets: 90 days of retention and our search attributes.
# Harmless to run again.
set -eu

export TEMPORAL_ADDRESS
namespace=$TEMPORAL_NAMESPACE
unset TEMPORAL_NAMESPACE

until temporal operator cluster health >/dev/null 2>&1; do sleep 2; done

if temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$namespace" --retention 90d
else
    temporal operator namespace create --namespace "$namespace" --retention 90d
fi

# A new namespace is known everywhere only after some seconds.
tries=60
until present=$(temporal operator search-attribute list --namespace "$namespace"); do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 1
done
for attribute in \
    CycleId:Keyword Stage:Keyword OwnerOrg:Keyword Supervisor:Keyword Attention:KeywordList DueAt:Datetime StageEnteredAt:Datetime; do
    name=${attribute%%:*}
    if ! printf '%s\n' "$present" | grep -qw "$name"; then
        temporal operator search-attribute create --namespace "$namespace" --name "$name" --type "${attribute##*:}"
    fi
done
