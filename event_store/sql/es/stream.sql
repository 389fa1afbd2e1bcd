-- The head of each stream: its version and where its facts lie. A cache of the log that append_batch keeps; the only rows of es
-- that are ever updated, and only upwards.

CREATE TABLE es.stream (
  stream         text COLLATE "C" CONSTRAINT stream_pkey PRIMARY KEY CONSTRAINT stream_is_named CHECK (stream <> ''),
  version        bigint NOT NULL,  -- Of its last fact: the number of its facts.
  first_position bigint NOT NULL,  -- With last_position: which partitions a reader of this stream can leave out.
  last_position  bigint NOT NULL,
  CONSTRAINT stream_is_ordered CHECK (first_position >= 0 AND last_position >= first_position + version - 1 AND version >= 1)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);  -- No indexed column changes: updates stay on their page.

CREATE TRIGGER stream_only_grows BEFORE UPDATE ON es.stream
  FOR EACH ROW
  WHEN (new.stream <> old.stream OR new.first_position <> old.first_position
        OR new.version <= old.version OR new.last_position <= old.last_position)
  EXECUTE FUNCTION es.forbid();
CREATE TRIGGER stream_stays BEFORE DELETE ON es.stream FOR EACH ROW EXECUTE FUNCTION es.forbid();
CREATE TRIGGER stream_is_not_truncated BEFORE TRUNCATE ON es.stream FOR EACH STATEMENT EXECUTE FUNCTION es.forbid();
-- ALWAYS: also in a session that calls itself a replica.
ALTER TABLE es.stream ENABLE ALWAYS TRIGGER stream_only_grows;
ALTER TABLE es.stream ENABLE ALWAYS TRIGGER stream_stays;
ALTER TABLE es.stream ENABLE ALWAYS TRIGGER stream_is_not_truncated;
