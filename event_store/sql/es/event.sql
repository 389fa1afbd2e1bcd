-- The log. One row a fact, in the order of its position, which has no gap. A row says everything about its fact: no other table is
-- needed to read it.
--
-- payload and meta are bytea and not jsonb because the bytes that are hashed must be the bytes that are stored. event_as_json shows
-- them as jsonb.
--
-- UNIQUE (stream, version) cannot stand here, because a partitioned table's constraints must include position. Each partition has
-- it, the append's lock guarantees it across partitions, and a reader counts.

CREATE TABLE es.event (
  position       bigint      NOT NULL,
  stream         text        COLLATE "C" NOT NULL,
  version        bigint      NOT NULL,
  type           text        COLLATE "C" NOT NULL,
  schema_version smallint    NOT NULL,
  payload        bytea       NOT NULL,
  meta           bytea       NOT NULL,
  occurred_at    timestamptz NOT NULL,  -- When it was so in the world.
  recorded_at    timestamptz NOT NULL,  -- When it came into the log; never goes back.
  CONSTRAINT event_pkey PRIMARY KEY (position),
  CONSTRAINT event_is_counted CHECK (position >= 0 AND version >= 1 AND schema_version >= 1)
) PARTITION BY RANGE (position);

-- FOR EACH ROW, because a statement trigger here would let "UPDATE es.event_000000000000" through. Row triggers reach partitions.
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON es.event FOR EACH ROW EXECUTE FUNCTION es.forbid();
-- TRUNCATE has statement triggers only: make_partition gives each partition its own.
CREATE TRIGGER event_is_not_truncated BEFORE TRUNCATE ON es.event FOR EACH STATEMENT EXECUTE FUNCTION es.forbid();
ALTER TABLE es.event ENABLE ALWAYS TRIGGER event_is_append_only;
ALTER TABLE es.event ENABLE ALWAYS TRIGGER event_is_not_truncated;
