-- Names and contacts of people. The log knows person ids only, so that this row can be erased and every proof still holds.

CREATE TABLE app.person (
  person_id text        CONSTRAINT person_pkey PRIMARY KEY,
  name      text        NOT NULL,
  phone     text        NOT NULL DEFAULT '',
  email     text        NOT NULL DEFAULT '',
  erased_at timestamptz,
  CONSTRAINT person_is_erased_whole CHECK (erased_at IS NULL OR (name = '' AND phone = '' AND email = ''))
);
