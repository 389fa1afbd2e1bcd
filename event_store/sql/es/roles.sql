-- The roles of the record: groups without a login, each able to do one thing. They belong to the whole cluster, so making them
-- again, from another database or at the same moment, changes nothing.
--
--   es_owner      owns the schema; nobody signs in as it
--   es_appender   may call append_batch, and nothing else: no INSERT, UPDATE, DELETE or TRUNCATE anywhere in es
--   es_reader     may read the log
--   es_projector  may read the log, and owns the read models (schema rm)
--   app_owner     owns the schema app
--   app_writer    may read and write the tables of app

DO $$
DECLARE
  v_role text;
BEGIN
  FOREACH v_role IN ARRAY ARRAY['es_owner', 'es_appender', 'es_reader', 'es_projector', 'app_owner', 'app_writer'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_role) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;  -- Another database of this cluster was first.
    END;
    -- Who migrates without being a superuser must be able to act as the owners. Asked first: two GRANTs at once would collide.
    IF NOT pg_has_role(current_user, v_role, CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', v_role);
    END IF;
  END LOOP;
END
$$;
