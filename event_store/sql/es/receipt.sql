-- The answers given, for ever: one row for each accepted append, with or without facts. (stream, key) is what the command is known
-- by; facts_in is the stream its facts went to, which for a refusal is another one.
--
-- With count 0 version and position are those of the moment: the facts' stream's version and the log's last position (-1: empty).

CREATE TABLE es.receipt (
  stream      text        COLLATE "C" NOT NULL,
  key         uuid        NOT NULL,
  digest      bytea       NOT NULL CONSTRAINT receipt_digest_is_sha256 CHECK (octet_length(digest) = 32),
  facts_in    text        COLLATE "C" NOT NULL,
  version     bigint      NOT NULL,
  position    bigint      NOT NULL,
  count       integer     NOT NULL CONSTRAINT receipt_counts CHECK (count >= 0),
  recorded_at timestamptz NOT NULL,
  CONSTRAINT receipt_pkey PRIMARY KEY (stream, key)  -- Stream first: the index stays local to the streams that are busy.
);

CREATE TRIGGER receipt_is_append_only BEFORE UPDATE OR DELETE ON es.receipt FOR EACH ROW EXECUTE FUNCTION es.forbid();
CREATE TRIGGER receipt_is_not_truncated BEFORE TRUNCATE ON es.receipt FOR EACH STATEMENT EXECUTE FUNCTION es.forbid();
ALTER TABLE es.receipt ENABLE ALWAYS TRIGGER receipt_is_append_only;
ALTER TABLE es.receipt ENABLE ALWAYS TRIGGER receipt_is_not_truncated;
