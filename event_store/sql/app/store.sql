-- What this store is for; at most one row. A demonstration never becomes a company's own record, nor the other way round.

CREATE TABLE app.store (
  id         boolean     NOT NULL DEFAULT true CONSTRAINT store_pkey PRIMARY KEY CONSTRAINT store_is_one CHECK (id),
  kind       text        NOT NULL CONSTRAINT store_kind CHECK (kind IN ('demonstration', 'own')),
  company    text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
