-- The log for people who ask questions in SQL. Proofs are made over es.event's bytes, never over this.

CREATE VIEW es.event_as_json AS
SELECT position, stream, version, type, schema_version,
       convert_from(payload, 'UTF8')::jsonb AS payload,
       convert_from(meta, 'UTF8')::jsonb AS meta,
       occurred_at, recorded_at
  FROM es.event;
