-- Who may do what in es. What is not written here is not allowed.

GRANT USAGE ON SCHEMA es TO es_appender, es_reader, es_projector;

GRANT EXECUTE ON FUNCTION es.append_batch(
  text[], bigint[], text[], uuid[], bytea[], integer[], integer[], text[], bigint[], text[], smallint[], bytea[], bytea[],
  timestamptz[]) TO es_appender;

GRANT SELECT ON es.stream, es.event, es.receipt, es.partition, es.event_as_json TO es_reader, es_projector;
GRANT EXECUTE ON FUNCTION es.head_at(timestamptz) TO es_reader, es_projector;
