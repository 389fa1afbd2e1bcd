-- What the append-only triggers call. It stops accidents by anybody, the owner and superusers included. It does not stop an owner
-- who drops the trigger first: that is what the seals outside the database are for.

CREATE FUNCTION es.forbid() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '% on %.% is forbidden: the record is append-only / 台账只增不改，禁止执行', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege',
          HINT = 'Record a correcting event instead / 请以更正事件补记';
END
$$;
