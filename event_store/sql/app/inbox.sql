-- Commands received at the door, noted before anything else is done with them: what was received in time is in time, even if all
-- servers stop in the next moment. A row is settled when its answer is known.

CREATE TABLE app.inbox (
  command_id  uuid        NOT NULL,
  stream      text        COLLATE "C" NOT NULL,
  type        text        NOT NULL,
  body        jsonb       NOT NULL,
  asked       jsonb       NOT NULL,
  received_at timestamptz NOT NULL,
  settled_at  timestamptz,
  status      text        NOT NULL DEFAULT 'received',
  answer      jsonb,
  CONSTRAINT inbox_pkey PRIMARY KEY (stream, command_id)
);
CREATE INDEX inbox_unsettled_idx ON app.inbox (received_at) WHERE settled_at IS NULL;
