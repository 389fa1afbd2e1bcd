-- Local accounts. password_hash is argon2id; failed counts wrong passwords since the last right one.

CREATE TABLE app.account (
  login         text        CONSTRAINT account_pkey PRIMARY KEY,
  person_id     text        NOT NULL CONSTRAINT account_person_id_fkey REFERENCES app.person,
  roles         text[]      NOT NULL DEFAULT '{}',
  password_hash text        NOT NULL,
  must_change   boolean     NOT NULL DEFAULT false,
  disabled_at   timestamptz,
  failed        integer     NOT NULL DEFAULT 0 CONSTRAINT account_failed_counts CHECK (failed >= 0),
  locked_until  timestamptz,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX account_person_id_idx ON app.account (person_id);
