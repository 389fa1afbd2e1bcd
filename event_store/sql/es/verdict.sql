-- What became of one request of append_batch. For appended and duplicate the receipt follows; for conflict and guard-moved actual
-- is the version that was found; for key-reused nothing more is said, because the first answer is another command's.

CREATE TYPE es.verdict AS (
  status      text,
  actual      bigint,
  facts_in    text,
  version     bigint,
  position    bigint,
  count       integer,
  recorded_at timestamptz
);
