-- The partitions of the log, as make_partition made them: positions first (inclusive) to past (exclusive). They join without a gap.

CREATE TABLE es.partition (
  name    text        NOT NULL CONSTRAINT partition_name_key UNIQUE,
  first   bigint      CONSTRAINT partition_pkey PRIMARY KEY,
  past    bigint      NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT partition_is_a_range CHECK (first >= 0 AND past > first)
);
