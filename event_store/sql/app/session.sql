-- Who is signed in. Only the SHA-256 of a session's token is kept: who reads this table cannot use it.

CREATE TABLE app.session (
  token_sha256 bytea       CONSTRAINT session_pkey PRIMARY KEY CONSTRAINT session_token_is_sha256 CHECK (octet_length(token_sha256) = 32),
  login        text        NOT NULL CONSTRAINT session_login_fkey REFERENCES app.account ON DELETE CASCADE,
  csrf         text        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at   timestamptz NOT NULL,
  client       text        NOT NULL DEFAULT ''
);
CREATE INDEX session_login_idx ON app.session (login);
CREATE INDEX session_expires_at_idx ON app.session (expires_at);
